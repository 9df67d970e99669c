// The agent's own answer, in JSON: libvirt gives it where it has more filesystems than it can give as fields.
// References: QEMU docs/interop/qemu-ga-ref (guest-get-fsinfo: GuestFilesystemInfo, GuestDiskAddress); libvirt
// src/remote/remote_protocol.x (REMOTE_DOMAIN_GUEST_INFO_PARAMS_MAX)
import { driveAddress, pciAddress } from '../../guests/libvirt/disk-address.js';
import type { Fields } from '../../guests/libvirt/job-protocol.js';
import { isObject, parseJson } from '../../validation/json.js';

/** Of virtio a disk has an address of its own; of others its controller has. */
const OF_ITS_OWN: ReadonlySet<unknown> = new Set(['virtio', 'nvme']);

/**
 * The same fields as libvirt makes of it, in the order of mounting, with `address` in the place of `alias`.
 * @param most so many mounts, and disks of each, are looked at: an answer of 4 MiB may name a million.
 * @throws FormatError INVALID, LIMIT
 */
export function rawFields(
  text: string,
  most: { readonly mounts: number; readonly disks: number },
): Fields {
  const answer = parseJson(text, "the agent's answer");
  const all = isObject(answer) && Array.isArray(answer.return) ? answer.return : [];
  const entries = all
    .slice(-most.mounts)
    .reverse()
    .flatMap((one: unknown, index) => {
      if (!isObject(one)) return [];
      const { name, mountpoint, type, disk } = one;
      const own = { name, mountpoint, fstype: type };
      const sizes = { 'total-bytes': one['total-bytes'], 'used-bytes': one['used-bytes'] };
      const disks = Array.isArray(disk) ? disk.slice(0, most.disks).filter(isObject) : [];
      return [
        ...Object.entries({ ...own, ...sizes, 'disk.count': disks.length }),
        ...disks.flatMap((each, number) => prefixed(`disk.${number}.`, diskFields(each))),
      ].flatMap(([key, value]) => {
        const isKnown = typeof value === 'string' || typeof value === 'number';
        return isKnown ? [[`fs.${index}.${key}`, value] as const] : [];
      });
    });
  return Object.fromEntries([['fs.count', all.length], ...entries]);
}

function prefixed(prefix: string, fields: Readonly<Record<string, unknown>>) {
  return Object.entries(fields).map(([key, value]) => [prefix + key, value] as const);
}

function diskFields(disk: Readonly<Record<string, unknown>>) {
  return { serial: disk.serial, address: addressOf(disk) };
}

/** null: Windows did not tell it all, and has -1 in its place. */
function addressOf(disk: Readonly<Record<string, unknown>>): string | null {
  const controller = disk['pci-controller'];
  if (!isObject(controller)) return null;
  const place = ['domain', 'bus', 'slot', 'function'].map((name) => controller[name]);
  const unit = ['bus', 'target', 'unit'].map((name) => disk[name]);
  if (!place.every(isPlace)) return null;
  const pci = pciAddress(place);
  if (OF_ITS_OWN.has(disk['bus-type'])) return pci;
  return unit.every(isPlace) ? driveAddress(pci, unit) : null;
}

function isPlace(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
