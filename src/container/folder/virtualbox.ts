// VirtualBox: NAME.vbox tells which image each controller has now, a snapshot's difference for example, and the media
// registry in it where that lies.
// References: VirtualBox src/VBox/Main/xml/Settings.cpp, doc/manual "Where VirtualBox stores its files" and
// src/VBox/Main/xml/VirtualBox-settings.xsd.
import { FormatError, UnsupportedError } from '../../errors.js';
import { printable } from '../../validation/guest.js';
import {
  attribute,
  element,
  elements,
  parseDocument,
  type XmlElement,
} from '../../validation/xml.js';
import { described, type MachineDisk, type MachineKind } from './folder.js';

const ENDING = '.vbox';
/** Our words for the formats of the registry. */
const FORMATS: Readonly<Record<string, string>> = {
  vdi: 'vdi',
  vmdk: 'vmdk',
  vhd: 'vpc',
  vhdx: 'vhdx',
  parallels: 'parallels',
  qcow: 'qcow2',
  qed: 'qed',
  raw: 'raw',
};
/** Snapshots over snapshots. */
const MAX_MEDIA = 10_000;

export const virtualBox: MachineKind = {
  title: 'a VirtualBox machine',
  find: (folder) => described(folder, ENDING),
  async disks(folder, description) {
    const root = parseDocument(await folder.text(description));
    const machine = element(root, 'Machine');
    if (root.name !== 'VirtualBox' || machine === null) {
      const message = `virtualbox: ${printable(description)} describes no machine of VirtualBox's`;
      throw new FormatError('INVALID', message);
    }
    const media = mediaOf(element(element(machine, 'MediaRegistry'), 'HardDisks'));
    return attachedTo(machine).map((uuid) => diskOf(uuid, media, description));
  },
};

/** The hard disks of the registry by their UUIDs, those of snapshots too. */
function mediaOf(top: XmlElement | null): ReadonlyMap<string, XmlElement> {
  const media = new Map<string, XmlElement>();
  const waiting = [...elements(top, 'HardDisk')];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    media.set(attribute(next, 'uuid')?.toLowerCase() ?? '', next);
    waiting.push(...elements(next, 'HardDisk'));
    if (media.size > MAX_MEDIA) {
      throw new FormatError('LIMIT', `virtualbox: the machine has more than ${MAX_MEDIA} images`);
    }
  }
  return media;
}

/** The UUIDs of the hard disks that the machine has now. Before version 1.15 the controllers were beside the hardware. */
function attachedTo(machine: XmlElement): readonly string[] {
  return [machine, element(machine, 'Hardware')]
    .flatMap((parent) => elements(element(parent, 'StorageControllers'), 'StorageController'))
    .flatMap((controller) => elements(controller, 'AttachedDevice'))
    .filter((device) => attribute(device, 'type') === 'HardDisk')
    .flatMap((device) => attribute(element(device, 'Image'), 'uuid')?.toLowerCase() ?? []);
}

function diskOf(uuid: string, media: ReadonlyMap<string, XmlElement>, namer: string): MachineDisk {
  const medium = media.get(uuid);
  const location = attribute(medium ?? null, 'location');
  if (medium === undefined || location === null) {
    const message = `virtualbox: the machine has the disk ${printable(uuid)}, and ${printable(namer)} does not say where it lies`;
    const problem = new FormatError('MISSING_DEVICE', message, { data: { uuid: printable(uuid) } });
    return { names: [uuid], format: 'auto', namer, problem };
  }
  const format = FORMATS[attribute(medium, 'format')?.toLowerCase() ?? ''] ?? 'auto';
  const disk = { names: [location], format, namer };
  const isEncrypted = elements(medium, 'Property').some(
    (property) => attribute(property, 'name') === 'CRYPT/KeyStore',
  );
  if (!isEncrypted) return disk;
  const message = `virtualbox: ${printable(location)} is encrypted by VirtualBox`;
  return { ...disk, problem: new UnsupportedError('ENCRYPTED', message) };
}
