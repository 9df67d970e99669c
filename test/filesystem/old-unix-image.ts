// Builds small System V and Xenix filesystems: no mkfs of any of them exists any more. The kernel's sysv
// module (Linux 6.1) mounts each of them; what its statfs said is recorded in declarative.test.ts.
// References: Linux include/linux/sysv_fs.h.

export interface OldUnix {
  readonly kind: 'sysv4' | 'sysv2' | 'xenix';
  readonly isBigEndian: boolean;
  readonly blockSizeBytes: 512 | 1024 | 2048;
  readonly zoneCount: number;
  readonly firstDataZone: number;
  /** At most 49, so that the list in the superblock holds them all. */
  readonly freeZoneCount: number;
  /** Inodes in use besides the root and that of bad blocks. */
  readonly fileCount: number;
}

/** Where the fields of each superblock lie. */
const layouts = {
  sysv4: { at: 512, fsize: 4, nfree: 8, free: 12, time: 420, tfree: 432, tinode: 436, fname: 440 },
  sysv2: { at: 512, fsize: 2, nfree: 6, free: 8, time: 414, tfree: 426, tinode: 430, fname: 432 },
  xenix: { at: 1024, fsize: 2, nfree: 6, free: 8, time: 614, tfree: 618, tinode: 622, fname: 632 },
} as const;

export function oldUnixImage(what: OldUnix): Uint8Array {
  const { kind, blockSizeBytes, zoneCount, firstDataZone, freeZoneCount } = what;
  const image = new Uint8Array(zoneCount * blockSizeBytes);
  const view = new DataView(image.buffer);
  const littleEndian = !what.isBigEndian;
  const u2 = (at: number, value: number) => view.setUint16(at, value, littleEndian);
  const u4 = (at: number, value: number) => view.setUint32(at, value, littleEndian);

  const { at, ...field } = layouts[kind];
  const inodeCount = ((firstDataZone - 2) * blockSizeBytes) / 64;
  const usedInodes = 2 + what.fileCount;
  u2(at, firstDataZone);
  u4(at + field.fsize, zoneCount);
  u2(at + field.nfree, freeZoneCount + 1);
  for (let i = 1; i <= freeZoneCount; i++) u4(at + field.free + 4 * i, zoneCount - i);
  u4(at + field.time, kind === 'sysv2' ? 1000 : 800_000_000);
  u4(at + field.tfree, freeZoneCount);
  u2(at + field.tinode, inodeCount - usedInodes);
  image.set(new TextEncoder().encode('volnam'), at + field.fname);
  const magicAt = kind === 'xenix' ? at + 1016 : at + 504;
  u4(magicAt, kind === 'xenix' ? 0x2b5544 : 0xfd187e20);
  u4(magicAt + 4, Math.log2(blockSizeBytes / 256));
  for (let inode = 1; inode <= usedInodes; inode++) {
    const inodeAt = 2 * blockSizeBytes + (inode - 1) * 64;
    u2(inodeAt, inode === 2 ? 0o40755 : 0o100644);
    u2(inodeAt + 2, inode === 2 ? 2 : 1);
  }
  return image;
}
