// UTM: NAME.utm holds config.plist, which names the machine's drives, and Data/ (before version 4 Images/) with them.
// References: UTM Configuration/UTMQemuConfigurationDrive.swift, UTMAppleConfigurationDrive.swift,
// UTMLegacyQemuConfiguration+Drives.m; Apple, PropertyList-1.0.dtd.
import { FormatError, UnsupportedError } from '../../errors.js';
import { element, elements, parseDocument, XmlElement } from '../../validation/xml.js';
import type { MachineDisk, MachineKind } from './folder.js';

const DESCRIPTION = 'config.plist';
const FOLDERS = ['Data', 'Images'];
/** Only this one, which says nothing: others are refused by the parser. */
const DOCTYPE = /<!DOCTYPE plist PUBLIC "[^"[\]<>]*" "[^"[\]<>]*"\s*>/u;

export const utm: MachineKind = {
  title: 'a UTM machine',
  find({ path, files, folders }) {
    const isUtm = /\.utm$/iu.test(path) || FOLDERS.some((name) => folders.has(name));
    return files.has(DESCRIPTION) && isUtm ? DESCRIPTION : null;
  },
  async disks(folder) {
    const text = await folder.text(DESCRIPTION);
    if (text.startsWith('bplist')) {
      const message = `utm: ${DESCRIPTION} is a binary property list; \`plutil -convert xml1 ${DESCRIPTION}\` makes it a text`;
      throw new UnsupportedError('UNSUPPORTED_FORMAT', message);
    }
    const root = parseDocument(text.replace(DOCTYPE, ''));
    const top = element(root, 'dict');
    if (root.name !== 'plist' || top === null) {
      throw new FormatError('INVALID', `utm: ${DESCRIPTION} is no property list with a dictionary`);
    }
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

/** The value of a key of a dictionary, whose keys and values stand by turns. */
function valueIn(dictionary: XmlElement, key: string): XmlElement | null {
  const children = dictionary.children.filter(
    (node): node is XmlElement => node instanceof XmlElement,
  );
  const at = children.findIndex((child) => child.name === 'key' && child.text === key);
  return at === -1 ? null : (children[at + 1] ?? null);
}

function textIn(dictionary: XmlElement, key: string): string | null {
  const value = valueIn(dictionary, key);
  return value?.name === 'string' && value.text !== '' ? value.text : null;
}
