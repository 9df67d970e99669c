// Superblocks of Linux software arrays, as mdadm writes them; blkid's verdict on them is asserted where they are used.
// References: Linux include/uapi/linux/raid/md_p.h; drivers/md/md.c: calc_sb_csum, calc_sb_1_csum.

export type MdVersion = '0.90' | '1.0' | '1.1' | '1.2';

const MAGIC = 0xa92b4efc;
const UUID = Buffer.from('00112233445566778899aabbccddeeff', 'hex');

/** Where the superblock lies on a device. */
export function mdOffset(version: MdVersion, sizeBytes: number): number {
  if (version === '0.90') return Math.floor(sizeBytes / 65536) * 65536 - 65536;
  if (version === '1.0') return Math.floor(sizeBytes / 4096) * 4096 - 8192;
  return version === '1.1' ? 0 : 4096;
}

export interface MdMember {
  readonly version: MdVersion;
  readonly sizeBytes: number;
  /** Default: RAID1 of two devices, of which this is the first. */
  readonly level?: number;
  readonly role?: number;
  readonly events?: number;
}

export function mdSuperblock(member: MdMember): Buffer {
  return member.version === '0.90' ? version0(member) : version1(member);
}

function version0({ sizeBytes, level = 1, role = 0, events = 10 }: MdMember): Buffer {
  const bytes = Buffer.alloc(4096);
  const word = (index: number, value: number) => bytes.writeUInt32LE(value >>> 0, index * 4);
  const sizeKib = mdOffset('0.90', sizeBytes) / 1024;
  for (const [index, value] of [MAGIC, 0, 90, 0, 0, 0x00112233, 0, level].entries())
    word(index, value);
  for (const [index, value] of [sizeKib, 2, 2, 0, 0, 0x44556677, 0x8899aabb, 0xccddeeff].entries())
    word(8 + index, value);
  word(33, 1); // Clean.
  for (const [index, value] of [2, 2, 0, 0, 0, events, 0, events].entries())
    word(34 + index, value);
  for (const disk of [0, 1]) {
    for (const [index, value] of [disk, 8, 16 * disk, disk, 6].entries())
      word(128 + 32 * disk + index, value);
  }
  for (const [index, value] of [role, 8, 16 * role, role, 6].entries()) word(992 + index, value);
  word(38, folded(bytes));
  return bytes;
}

function version1(member: MdMember): Buffer {
  const { version, sizeBytes, level = 1, role = 0, events = 10 } = member;
  const bytes = Buffer.alloc(256 + 4);
  const offset = mdOffset(version, sizeBytes);
  const dataOffset = version === '1.0' ? 0 : 1024 * 1024;
  const dataBytes = (version === '1.0' ? offset : sizeBytes) - dataOffset;
  bytes.writeUInt32LE(MAGIC, 0);
  bytes.writeUInt32LE(1, 4);
  UUID.copy(bytes, 16);
  bytes.write('any:mirror', 32);
  bytes.writeInt32LE(level, 72);
  bytes.writeBigUInt64LE(BigInt(dataBytes / 512), 80);
  bytes.writeUInt32LE(2, 92);
  bytes.writeBigUInt64LE(BigInt(dataOffset / 512), 128);
  bytes.writeBigUInt64LE(BigInt(dataBytes / 512), 136);
  bytes.writeBigUInt64LE(BigInt(offset / 512), 144);
  bytes.writeUInt32LE(role, 160);
  bytes.writeBigUInt64LE(BigInt(events), 200);
  bytes.writeBigUInt64LE(0xffff_ffff_ffff_ffffn, 208);
  bytes.writeUInt32LE(2, 220);
  bytes.writeUInt16LE(0, 256);
  bytes.writeUInt16LE(1, 258);
  bytes.writeUInt32LE(folded(bytes), 216);
  return bytes;
}

/** The sum of all words, its upper half added to the lower. */
export function folded(bytes: Buffer): number {
  let sum = 0n;
  const whole = bytes.length - (bytes.length % 4);
  for (let at = 0; at < whole; at += 4) sum += BigInt(bytes.readUInt32LE(at));
  if (whole < bytes.length) sum += BigInt(bytes.readUInt16LE(whole));
  return Number(((sum & 0xffff_ffffn) + (sum >> 32n)) & 0xffff_ffffn);
}
