// The recorded images that are damaged and then mounted by a kernel, and how often each: those of one disk, without a
// partition table, whose filesystem Debian's kernel has a driver of (it has none of NTFS and cramfs).

/** What mount(2) is told; blkid would choose it by features that may be what is damaged, ext4's driver has all three. */
const KINDS: Readonly<Record<string, string>> = {
  ext: 'ext4',
  xfs: 'xfs',
  btrfs: 'btrfs',
  fat: 'vfat',
  exfat: 'exfat',
  f2fs: 'f2fs',
  udf: 'udf',
  iso: 'iso9660',
  minix: 'minix',
  bfs: 'bfs',
  romfs: 'romfs',
  squashfs: 'squashfs',
  erofs: 'erofs',
};

const CASES: readonly (readonly [count: number, images: string])[] = [
  [250, 'ext4-1k-64bit ext4-default ext4-no-csum ext2-1k'],
  [120, 'ext3-1k ext4-bigalloc-1k-8k ext4-meta-bg-1k ext4-dirty-1k ext4-uninit-bg ext2-rev0'],
  [250, 'xfs-small xfs-v4 xfs-default'],
  [120, 'xfs-1k-rmapbt xfs-v4-512 xfs-dirty xfs-sector-4096'],
  [250, 'btrfs-default btrfs-mixed btrfs-single'],
  [120, 'btrfs-dup-data btrfs-block-group-tree btrfs-old btrfs-dirty-4k'],
  [200, 'fat12-4m fat16-16m fat32-34m'],
  [80, 'fat12-floppy fat16-sector-1024 fat32-few-clusters fat32-wrong-fsinfo'],
  [200, 'exfat-default exfat-512'],
  [200, 'f2fs-default f2fs-features'],
  [150, 'udf-hd udf-dvd-102 udf-metadata-250 udf-table-counted'],
  [100, 'minix-v1-14 minix-v2 minix-v3 bfs iso-plain iso-joliet iso-rockridge'],
  [100, 'romfs squashfs-xz squashfs-zstd erofs-plain erofs-lz4'],
];

interface Damaged {
  readonly image: string;
  readonly kind: string;
  readonly count: number;
}

export const DAMAGED: readonly Damaged[] = CASES.flatMap(([count, images]) =>
  images.split(' ').map((image) => {
    const family = image.split('-')[0]?.replace(/^(ext|fat)\d+$/u, '$1') ?? '';
    return { image, kind: KINDS[family] ?? family, count };
  }),
);
