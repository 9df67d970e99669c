// `virt-df formats show NAME`: the specification as it is written.
import { readFileSync } from 'node:fs';
import { catalog } from '../../../generated/catalog.js';
import { containerNamed } from '../../container/registry.js';
import { loadUserFormats } from '../../declarative/user-formats/index.js';
import { UsageError } from '../../errors.js';
import { printable } from '../../validation/guest.js';
import { type CommandOutput, type FormatFolders, specificationPath, warnings } from './output.js';

/** Types, as rows and lsblk have them, of formats that are called otherwise; a format may be of several types. */
const OF_TYPE: Readonly<Record<string, string>> = {
  ext2: 'ext',
  ext3: 'ext',
  ext4: 'ext',
  jbd: 'jbd2',
  vfat: 'fat',
  msdos: 'fat',
  fat12: 'fat',
  fat16: 'fat',
  fat32: 'fat',
  'hfs+': 'hfsplus',
  hfsx: 'hfsplus',
  dos: 'mbr',
  crypto_luks: 'luks',
  linux_raid_member: 'md',
  xfs_external_log: 'xfs_log',
};

/** Every word that `showFormat` knows without formats of users. */
export function formatNames(): readonly string[] {
  return [...catalog.map(({ name }) => name), ...Object.keys(OF_TYPE)];
}

/**
 * A user's format is shown before a built-in one of the same name, as it is the one that is used. A container has the
 * words of `--format` too: `ova` shows tar's, `vhd` that of vpc; a filesystem or a volume has its types: `ext4` shows ext.
 * @throws UsageError USAGE when there is no format of this name, or no specification of it.
 */
export async function showFormat(name: string, options: FormatFolders): Promise<CommandOutput> {
  const { formats, problems } = await loadUserFormats(options.folders, options.environment);
  const user = formats.find(({ spec }) => spec.name === name);
  const container = containerNamed(name);
  const builtIn =
    catalog.find((spec) => spec.name === name) ??
    catalog.find((spec) => container?.specs.includes(spec.name)) ??
    ofType(name.toLowerCase());
  const path = user?.path ?? (builtIn && specificationPath(builtIn.ksy));
  if (path === undefined) {
    const problem =
      container === undefined
        ? `there is no format ${printable(name)}`
        : `the format ${container.name} has no structure to specify`;
    const data = container === undefined ? { format: printable(name) } : {};
    throw new UsageError('USAGE', `${problem}; virt-df formats list names them all`, { data });
  }
  return { stdout: readFileSync(path, 'utf8'), stderr: warnings(problems), exitCode: 0 };
}

/** `LVM2_member`, `zfs_member` and `isw_raid_member` are of the formats without the last word. */
function ofType(type: string) {
  const format = OF_TYPE[type] ?? type.replace(/_member$/u, '');
  return catalog.find((spec) => spec.name === format);
}
