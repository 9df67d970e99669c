// The types of filesystems as guests' kernels call them, beside blkid's words.
// References: Linux Documentation/filesystems; QEMU qga/commands-win32.c (build_guest_fsinfo: GetVolumeInformation's name)

/** Words for what is the same on a disk. A program that mounts by FUSE does not say what it is. */
const FAMILIES: readonly (readonly string[])[] = [
  ['ext2', 'ext3', 'ext4', 'ext4dev'],
  ['vfat', 'msdos', 'fat', 'fat12', 'fat16', 'fat32'],
  ['ntfs', 'ntfs3', 'fuseblk'],
  ['exfat', 'fuseblk'],
  ['iso9660', 'cdfs'],
  ['zfs_member', 'zfs'],
  ['ufs', 'ffs'],
];

/** Those of which whatever is free may be taken by users: what is used and what they can have are all of it. */
const WITHOUT_RESERVE: ReadonlySet<string> = new Set([
  ...['xfs', 'ntfs', 'ntfs3', 'vfat', 'msdos', 'fat', 'fat12', 'fat16', 'fat32', 'exfat', 'refs'],
]);

/** Those of which that sum does not change as they fill. */
const WITH_FIXED_TOTAL: ReadonlySet<string> = new Set([
  ...['ext2', 'ext3', 'ext4', ...WITHOUT_RESERVE],
]);

/** The word for a type in rows: `NTFS` is `ntfs`. */
export function typeWord(type: string): string {
  return type.toLowerCase();
}

/** Whether a row of a type may be about what the agent calls by another word. */
export function isSameType(own: string | null, told: string): boolean {
  if (own === null) return false;
  const [row, agent] = [typeWord(own), typeWord(told)];
  return row === agent || FAMILIES.some((all) => all.includes(row) && all.includes(agent));
}

/** Whether the agent's total is the filesystem's size. */
export function isTotalSize(type: string): boolean {
  return WITHOUT_RESERVE.has(typeWord(type));
}

export function hasFixedTotal(type: string): boolean {
  return WITH_FIXED_TOTAL.has(typeWord(type));
}
