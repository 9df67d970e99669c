// virt-diff's own flags of `virt-df diff --classic`.
// References: guestfs-tools 1.48 diff/diff.c; virt-diff(1).
import { UsageError } from '../../errors.js';
import { HUMAN, SI } from '../../report/block-size.js';
import type { ClassicDiffOptions } from '../../report/diff/classic.js';
import type { CommandLine } from '../base-command.js';
import type { DiffFlags } from './flags.js';

const OWN: readonly string[] = [
  'csv',
  'uids',
  'times',
  'extra-stats',
  'xattrs',
  'atime',
  'dir-times',
  'dir-links',
  'time-t',
  'time-relative',
  'time-days',
];
const MS_PER_SECOND = 1000;

/** @throws UsageError USAGE for what only --classic has, without it; and for what it does not. */
export function checkClassic({ flags, typed }: CommandLine<DiffFlags>): void {
  if (flags.checksum !== undefined) {
    const message =
      'diff makes no checksums: --content compares the bytes of files, where the images differ at all, and --why says how many differ';
    throw new UsageError('USAGE', message);
  }
  const only = typed.find((flag) => OWN.includes(flag));
  if (only !== undefined && !flags.classic) {
    throw new UsageError('USAGE', `--${only} is about the lines of --classic`);
  }
}

/** virt-diff's --all is all its columns, and not all guests. */
export function withoutAll(line: CommandLine<DiffFlags>): CommandLine<DiffFlags> {
  if (!line.flags.classic) return line;
  const typed = line.typed.filter((flag) => flag !== 'all');
  return { ...line, flags: { ...line.flags, all: false }, typed };
}

export function classicSettings({ flags, typed }: CommandLine<DiffFlags>): ClassicDiffOptions {
  const isAll = typed.includes('all');
  const timeStyle = flags['time-days']
    ? 'days'
    : flags['time-relative']
      ? 'relative'
      : flags['time-t']
        ? 'seconds'
        : null;
  return {
    isCsv: flags.csv,
    hasOwners: flags.uids || isAll,
    hasTimes: flags.times || timeStyle !== null || isAll,
    hasExtraStats: flags['extra-stats'] || isAll,
    hasAttributes: flags.xattrs || isAll,
    hasAccessTimes: flags.atime,
    hasDirectoryTimes: flags['dir-times'],
    hasDirectoryLinks: flags['dir-links'],
    timeStyle,
    nowSeconds: Math.floor(Date.now() / MS_PER_SECOND),
    style: flags['human-readable'] ? HUMAN : flags.si ? SI : null,
  };
}
