// VMware: NAME.vmx has a line for each property of the machine, of its controllers' disks too. The disk that is named is the
// newest of a chain of snapshots.
// References: open-vm-tools lib/dict (lines, |XX escapes); libvirt src/vmx/vmx.c virVMXParseDisk().
import { FormatError, UnsupportedError } from '../../errors.js';
import { printable } from '../../validation/guest.js';
import { described, type MachineKind } from './folder.js';

const ENDING = '.vmx';
/** In the order in which Linux names the disks of a machine that has several kinds. */
const BUSES = ['ide', 'scsi', 'sata', 'nvme'];
const DEVICE = /^(ide|scsi|sata|nvme)(\d{1,2}):(\d{1,2})\.filename$/u;

export const vmware: MachineKind = {
  title: 'a VMware machine',
  find: (folder) => described(folder, ENDING),
  async disks(folder, description) {
    const values = readLines(await folder.text(description));
    if (values.has('encryption.keysafe') || values.has('encryption.data')) {
      const message = `vmware: the machine of ${printable(description)} is encrypted by VMware`;
      throw new UnsupportedError('ENCRYPTED', message);
    }
    if (values.size === 0) {
      throw new FormatError('INVALID', `vmware: ${printable(description)} describes no machine`);
    }
    return [...values]
      .flatMap(([key, name]) => {
        const [, bus = '', controller = '', unit = ''] = DEVICE.exec(key) ?? [];
        const device = key.replace(/\.filename$/u, '');
        const isThere = values.get(`${device}.present`)?.toLowerCase() !== 'false';
        // Other images are CDs, and raw devices have no file.
        if (bus === '' || !isThere || !/\.vmdk$/iu.test(name)) return [];
        return [{ name, place: [BUSES.indexOf(bus), Number(controller), Number(unit)] }];
      })
      .sort((one, other) => compare(one.place, other.place))
      .map(({ name }) => ({ names: [name], format: 'vmdk', namer: description }));
  },
};

function compare(one: readonly number[], other: readonly number[]): number {
  const at = one.findIndex((value, index) => value !== other[index]);
  return (one[at] ?? 0) - (other[at] ?? 0);
}

/** The values by their keys in lower case, as VMware compares them; the last line of a key counts. */
function readLines(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, key, value] = /^\s*([^#=\s]{1,200})\s*=\s*"([^"]*)"\s*$/u.exec(line) ?? [];
    if (key === undefined || value === undefined) continue;
    values.set(
      key.toLowerCase(),
      value.replace(/\|([0-9a-f]{2})/giu, (_, hex) =>
        String.fromCharCode(Number.parseInt(hex, 16)),
      ),
    );
  }
  return values;
}
