// The order in which formats are looked for in a source, and which of two sound signatures counts: all as data, with a
// reason in each line. detect.ts goes through it; docs/detection.md shows it with an example, and a test holds the page
// to it.
// References: util-linux libblkid/src/superblocks/superblocks.c (blkid_do_safeprobe: arrays and encryption come before
// what they hold, and two filesystems that both may be are ambivalent); Linux block/partitions/core.c (check_part).

/** A format's word, and why it stands here. */
type Line = readonly [name: string, why: string];

export interface Step {
  /** Which registry its formats are in. */
  readonly layer: 'table' | 'group' | 'encrypted' | 'filesystem';
  /** `first`: the first sound format is taken, and the others are not tried; `all`: all are opened, and WINS_OVER decides. */
  readonly takes: 'first' | 'all';
  /**
   * `disks`: the kernel looks for it on whole disks only. `volumes`: it does not look for it where this step does, on partitions,
   * logical volumes and what was encrypted there, which are disks of other machines then (within.ts). Default: everywhere.
   */
  readonly isFor?: 'disks' | 'volumes';
  /** Whether a table counts only if nothing is wrong with it, and it has partitions that nothing lies over. */
  readonly mustBeWhole?: boolean;
  /** Formats that stand in no line of any step are of this one: `built-in` ones, or those of `users`. */
  readonly others?: 'built-in' | 'users';
  readonly why: string;
  readonly formats: readonly Line[];
}

/**
 * Members whose metadata lie at their end: their content begins at their first byte, so that one half of a mirror of ext4
 * looks like an ext4. These formats are looked for before all steps. They win, unless a filesystem or table at the first
 * byte reaches over their metadata by its own account: then the metadata are left from an older use. Among the groups'
 * formats, MD's arrays are looked for here as well.
 */
export const AT_END: readonly Line[] = [
  ['adaptec_raid', 'its metadata are in the last sector'],
  ['ddf_raid', 'its anchor is in the last sector'],
  ['drbd', 'internal metadata end with the device'],
  ['hpt45x_raid', 'its metadata are 11 sectors before the end'],
  ['isw_raid', 'its metadata are in the last but one sector'],
  ['jmicron_raid', 'its metadata are in the last sector'],
  ['lsi_mega_raid', 'its metadata are in the last sector'],
  ['md0', 'its superblock is in the last whole 64 KiB'],
  ['md1_0', 'its superblock is 8 KiB before the end'],
  ['nvidia_raid', 'its metadata are in the last but one sector'],
  ['silicon_medley_raid', 'its metadata are in the last sector'],
  ['via_raid', 'its metadata are in the last sector'],
];

export const STEPS: readonly Step[] = [
  {
    layer: 'table',
    takes: 'first',
    isFor: 'disks',
    why: 'a table says where all else lies; an ISO image made for USB sticks has one too, and is looked for as well (DISCS)',
    formats: [
      ['gpt', 'its protective or hybrid MBR is an MBR as well'],
      [
        'pc98',
        'its first sector ends as an MBR, where a boot program has the place of the entries',
      ],
      ['sgi', 'the kernel asks for it before it does for an MBR'],
      ['ldm', 'a dynamic disk of Windows; its MBR is one as well, and says nothing of the volumes'],
      [
        'mbr',
        'every GPT begins with an MBR, so that an MBR counts by itself only where no GPT was found',
      ],
      ['sun', 'its signature is short, and sealed by a sum over the sector'],
      ['amiga', 'a block of the first 16, sealed by a sum'],
      ['atari', 'nothing marks it but the names of types'],
      ['mac', 'two signatures of two letters'],
      ['bsd', 'a boot program before it may end as an MBR that names no partition'],
      ['disklabel64', 'as bsd, whose label lies in the same place'],
    ],
  },
  {
    layer: 'table',
    takes: 'first',
    isFor: 'volumes',
    mustBeWhole: true,
    why: 'a volume may be the disk of a machine that the guest runs; what was made there later has damaged the table',
    formats: [['gpt', 'its checksums tell that nothing was written over it']],
  },
  {
    layer: 'group',
    takes: 'first',
    why: 'a disk that became a member may still hold the ext4 that was on it before',
    formats: [
      [
        'md',
        'pvcreate overwrites metadata 1.2, and mdadm leaves the label of an older physical volume',
      ],
      ['lvm2', 'a label that no array lies over'],
      ['bcache', 'an ext superblock at 1 KiB outlives make-bcache, which begins at 4 KiB'],
      ['dm_integrity', 'it begins the source, and its content lies behind'],
      ['liblp', 'its geometry begins at 4 KiB and is sealed by a checksum'],
    ],
  },
  {
    layer: 'encrypted',
    takes: 'first',
    why: 'cryptsetup clears the beginning alone, so that signatures further behind may be old ones',
    formats: [
      ['luks', 'its header begins the source'],
      ['luks2', 'its header, or the second one, is near the beginning'],
      [
        'bitlocker',
        'its boot sector imitates that of NTFS or FAT, and tells where its metadata lie',
      ],
    ],
  },
  {
    layer: 'filesystem',
    takes: 'first',
    why: 'these begin before their content and leave older signatures behind their own: MD that of an ext4',
    formats: [
      ['cs_fvault2', 'it begins the source, and its content is encrypted'],
      ['lvm1', 'it begins the source, and its content lies behind'],
      ['md1_1', 'it begins the source, and its content lies behind'],
      ['md1_2', 'an ext superblock at 1 KiB outlives mdadm --create, which begins at 4 KiB'],
      ['stratis', 'it begins in sector 1, and its content lies behind'],
      ['vdo', 'it begins the source, and its content lies behind'],
    ],
  },
  {
    layer: 'filesystem',
    takes: 'all',
    others: 'built-in',
    why: 'all sound ones compete; this is the order in which a row names them, and where none is sound it gives the first fault',
    formats: [
      ['ext', 'XFS fills sector 0, which ext leaves as it was'],
      ['xfs', 'the kernel reads it more often than any of those below'],
      ['ntfs', 'boot sectors of FAT look alike'],
      [
        'btrfs',
        'it begins at 64 KiB, and mkfs programs that write less than that leave its superblock as it was',
      ],
      ['fat', 'its only signature is one that many boot sectors have'],
      ['exfat', 'its signature tells it from FAT'],
      ['f2fs', 'it begins at 1 KiB'],
      ['udf', 'it begins at 32 KiB, behind the boot loader of a disc'],
    ],
  },
  {
    layer: 'filesystem',
    takes: 'first',
    others: 'users',
    why: 'their signature is short, or lies where a file may have these bytes; a user’s own format never hides one of ours',
    formats: [
      ['bfs', 'four bytes are all that tells it'],
      ['coherent', 'its signature is the words for no name, in the middle of a block'],
      ['hfs', 'two letters are its signature'],
      ['hpt37x_raid', 'its four bytes at 4640 lie where others keep their tables'],
      ['mfs', 'two bytes are its signature'],
      ['minix', 'two bytes are its signature'],
      ['promise_fasttrack_raid', 'its metadata may lie in one of many places'],
      ['sysv', 'its signature is at the end of a block'],
      ['vmfs', 'it begins at 2 MiB, where a file’s content may be'],
      ['vmfs_volume', 'it begins at 1 MiB, where a file’s content may be'],
      ['xenix', 'its signature is at the end of a block'],
    ],
  },
  {
    layer: 'table',
    takes: 'first',
    isFor: 'disks',
    why: 'something wiped the first sector; a filesystem over the whole disk does that too, and leaves the copy at the end',
    formats: [
      [
        'gpt_unprotected',
        'without its protective MBR the kernel sees no partitions; its backup in the last sector is enough',
      ],
    ],
  },
  {
    layer: 'table',
    takes: 'first',
    isFor: 'volumes',
    why: 'a disk that was copied to a larger volume has its backup table before the end',
    formats: [['gpt', 'no filesystem is here that was made over it']],
  },
  {
    layer: 'table',
    takes: 'first',
    isFor: 'volumes',
    mustBeWhole: true,
    why: 'nothing else is here, and boot sectors of filesystems end with the signature of an MBR as well',
    formats: [['mbr', 'the disk of a machine that the guest runs']],
  },
];

/**
 * What a disk with a table may hold as a whole: images that can be burned and be written to a stick. Their partitions begin
 * inside of the disc: the EFI system partition, or a frame of type 0xcd around all of it.
 */
export const DISCS: readonly Line[] = [
  ['udf', 'it begins at 32 KiB, behind room for boot loaders'],
  ['iso9660', 'it begins at 32 KiB, behind room for boot loaders'],
];

export type Pair = readonly [winner: string, loser: string, why: string];

/**
 * Where both formats of a pair are sound on one source, it is taken for the winner. Pairs that stand neither here nor in
 * HYBRIDS are decided by who owns the place of the other's signature (`owners.ts`).
 */
export const WINS_OVER: readonly Pair[] = [
  ['ext', 'xfs', 'ext leaves sector 0, where XFS begins, and XFS overwrites the superblock of ext'],
  ['ext', 'fat', 'boot loaders for ext imitate a boot sector of FAT'],
  ['ntfs', 'fat', 'the boot sector of NTFS has all fields of that of FAT'],
  ['exfat', 'fat', 'the boot sector of exFAT has fields of that of FAT'],
  ['udf', 'apfs', 'a hybrid disc shows the same files to more systems'],
  ['udf', 'hfsplus', 'a hybrid disc shows the same files to more systems'],
  ['udf', 'iso9660', 'Linux mounts a disc that is both as UDF'],
  ['iso9660', 'apfs', 'a hybrid disc shows the same files to more systems'],
  ['iso9660', 'hfsplus', 'a hybrid disc shows the same files to more systems'],
  ['swsuspend', 'swap', 'a hibernation image lies in a swap area'],
  ['swsuspend', 'swap0', 'a hibernation image lies in a swap area'],
  ['swap', 'swap0', 'mkswap leaves the older signature at the end of a page of another size'],
];

/** The same, but asked only where neither owns the place of the other's signature. */
export const HYBRIDS: readonly Pair[] = [
  ['udf', 'fat', 'a hybrid disc has the boot sector of FAT before it, in room that FAT reserves'],
  ['iso9660', 'fat', 'as udf over fat; where the disc begins among the files of FAT it is one'],
];
