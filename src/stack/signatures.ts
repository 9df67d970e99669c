// Which of several signatures on one volume holds: the rules that docs/signatures.md explains, as tables.
// References: util-linux libblkid/src/superblocks/superblocks.c (blkid_do_safeprobe: arrays and encryption come before
// what they hold, and two filesystems that both may be are ambivalent).

import { catalog } from '../../generated/catalog.js';

/** They lie before what they hold and leave there what was before: the first of them that is sound wins. */
const BEFORE_CONTENT: ReadonlySet<string> = new Set([
  'bcache',
  'bitlocker',
  'cs_fvault2',
  'dm_integrity',
  'lvm1',
  'md1_1',
  'md1_2',
  'stratis',
  'vdo',
]);

/**
 * They lie at the end, and what they hold begins at the beginning: a half of a mirror looks like its content. They win,
 * unless what begins the volume says that it reaches over them: then they are what an older use left.
 */
const AT_END: ReadonlySet<string> = new Set([
  'adaptec_raid',
  'ddf_raid',
  'drbd',
  'hpt45x_raid',
  'isw_raid',
  'jmicron_raid',
  'lsi_mega_raid',
  'md0',
  'md1_0',
  'nvidia_raid',
  'silicon_medley_raid',
  'via_raid',
]);

/**
 * They count only where nothing else is sound: their signature is short, or lies so far from the beginning that it may
 * be a file's content, or in one of many places.
 */
const LAST: ReadonlySet<string> = new Set([
  'bfs',
  'coherent',
  'hfs',
  'hpt37x_raid',
  'minix',
  'promise_fasttrack_raid',
  'sysv',
  'vmfs',
  'vmfs_volume',
  'xenix',
]);

/** Whoever stands on the left wins over those on the right. */
const WINS_OVER: ReadonlyMap<string, readonly string[]> = new Map([
  // XFS fills sector 0, which the mkfs of ext leaves; XFS overwrites ext's superblock. Boot loaders for ext imitate FAT.
  // The mkfs of btrfs clears what lies before its superblock at 64 KiB: what is there was made after it.
  ['ext', ['xfs', 'fat', 'btrfs']],
  ['xfs', ['btrfs']],
  ['ntfs', ['fat', 'btrfs']],
  ['exfat', ['fat', 'btrfs']],
  ['fat', ['btrfs']],
  // A hybrid disc shows the same files to more systems. Linux mounts it as UDF if it is that too.
  ['udf', ['apfs', 'fat', 'hfsplus', 'iso9660']],
  ['iso9660', ['apfs', 'fat', 'hfsplus']],
  ['swsuspend', ['swap', 'swap0']],
  ['swap', ['swap0']],
]);

/** A user's own format never changes what is said of what virt-df knows itself. */
const BUILT_IN: ReadonlySet<string> = new Set(catalog.map(({ name }) => name));

/** Whether its metadata lie at the end of the volume. */
export function isAtEnd(name: string): boolean {
  return AT_END.has(name);
}

/** 0: looked at first, alone; 1: all of these are looked at; 2: only when nothing of the others is sound. */
export function rankOf(name: string): 0 | 1 | 2 {
  if (BEFORE_CONTENT.has(name)) return 0;
  return LAST.has(name) || !BUILT_IN.has(name) ? 2 : 1;
}

/** Of formats that are all sound on one volume, those that no other one wins over. */
export function unbeaten<T extends { readonly name: string }>(found: readonly T[]): readonly T[] {
  return found.filter(
    ({ name }) => !found.some((other) => WINS_OVER.get(other.name)?.includes(name) === true),
  );
}
