// UTM: NAME.utm holds config.plist, which names the machine's drives, and Data/ (before version 4 Images/) with them.
// References: UTM Configuration/UTMQemuConfigurationDrive.swift, UTMAppleConfigurationDrive.swift,
// UTMLegacyQemuConfiguration+Drives.m.
import { parsePropertyList, textIn, valueIn } from '../../validation/plist.js';
import { elements, type XmlElement } from '../../validation/xml.js';
import type { MachineDisk, MachineKind } from './folder.js';

const DESCRIPTION = 'config.plist';
const FOLDERS = ['Data', 'Images'];

export const utm: MachineKind = {
  title: 'a UTM machine',
  find({ path, files, folders }) {
    const isUtm = /\.utm$/iu.test(path) || FOLDERS.some((name) => folders.has(name));
    return files.has(DESCRIPTION) && isUtm ? DESCRIPTION : null;
  },
  async disks(folder) {
    const top = parsePropertyList(await folder.text(DESCRIPTION), `utm: ${DESCRIPTION}`);
    const isApple = textIn(top, 'Backend') === 'Apple';
    return ['Drive', 'Drives'].flatMap((key) =>
      elements(valueIn(top, key), 'dict').flatMap((drive) => diskOf(drive, isApple)),
    );
  },
};

function diskOf(drive: XmlElement, isApple: boolean): readonly MachineDisk[] {
  const name = textIn(drive, 'ImageName') ?? textIn(drive, 'ImagePath');
  const type = textIn(drive, 'ImageType')?.toLowerCase() ?? 'disk';
  // CDs, firmware and kernels are no disks; a drive without an image is empty.
  if (name === null || type !== 'disk') return [];
  const format = /\.qcow2$/iu.test(name) ? 'qcow2' : isApple ? 'raw' : 'auto';
  return [{ names: FOLDERS.map((folder) => `${folder}/${name}`), format, namer: DESCRIPTION }];
}
