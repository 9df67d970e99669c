// LVM2 physical volumes made byte by byte: sound ones by default, with every field open to be wrong.
import { crc32 } from 'node:zlib';

/** lvm2's checksum, bit by bit. */
export function lvm2Checksum(bytes: Uint8Array): number {
  let crc = 0xf597a6cf;
  for (const byte of bytes) {
    crc = (crc ^ byte) >>> 0;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) === 1 ? 0xedb88320 : 0);
    crc >>>= 0;
  }
  return crc;
}

/** The same, fast enough for megabytes. */
export function fastChecksum(bytes: Uint8Array): number {
  return ~crc32(bytes, ~0xf597a6cf >>> 0) >>> 0;
}

export interface LabelFields {
  readonly uuid?: string;
  readonly sector?: number;
  readonly headerOffset?: number;
  readonly dataAreas?: readonly bigint[];
  readonly areas?: readonly bigint[];
  readonly extension?: { readonly version: number; readonly flags: number } | null;
}

export const UUID = 'AAAAAAbbbbCCCCddddEEEEffffGGGGGG';

/** A label sector; everything behind its end is left out. */
export function label(fields: LabelFields = {}): Buffer {
  const { uuid = UUID, sector = 1, headerOffset = 32, dataAreas = [1048576n] } = fields;
  const { areas = [4096n], extension = { version: 2, flags: 1 } } = fields;
  const bytes = Buffer.alloc(512);
  bytes.write('LABELONE', 0, 'latin1');
  bytes.writeBigUInt64LE(BigInt(sector), 8);
  bytes.writeUInt32LE(headerOffset, 20);
  bytes.write('LVM2 001', 24, 'latin1');
  const header: Buffer[] = [Buffer.from(uuid, 'latin1'), words(64n * 1048576n)];
  for (const list of [dataAreas, areas]) {
    for (const offset of list) header.push(words(offset, offset === 0n ? 0n : 1048576n));
    header.push(words(0n, 0n));
  }
  if (extension !== null) {
    const ext = Buffer.alloc(8);
    ext.writeUInt32LE(extension.version, 0);
    ext.writeUInt32LE(extension.flags, 4);
    header.push(ext);
  }
  if (headerOffset >= 32 && headerOffset < 512)
    bytes.set(Buffer.concat(header).subarray(0, 512 - headerOffset), headerOffset);
  bytes.writeUInt32LE(fastChecksum(bytes.subarray(20)), 16);
  return bytes;
}

function words(...values: readonly bigint[]): Buffer {
  const bytes = Buffer.alloc(values.length * 8);
  for (const [index, value] of values.entries()) bytes.writeBigUInt64LE(value, index * 8);
  return bytes;
}

export interface AreaFields {
  readonly start?: bigint;
  readonly size?: bigint;
  readonly version?: number;
  readonly offset?: bigint;
  readonly length?: bigint;
  readonly checksum?: number;
  readonly flags?: number;
  /** How many slots are filled with the same location. */
  readonly slots?: number;
}

export const AREA_BYTES = 1048576 - 4096;

/** The header of a metadata area with the location of a text. */
export function areaHeader(text: Uint8Array, fields: AreaFields = {}): Buffer {
  const { start = 4096n, size = BigInt(AREA_BYTES), version = 1, offset = 512n } = fields;
  const {
    length = BigInt(text.length),
    checksum = fastChecksum(text),
    flags = 0,
    slots = 1,
  } = fields;
  const bytes = Buffer.alloc(512);
  bytes.write('\x20\x4c\x56\x4d\x32\x20\x78\x5b\x35\x41\x25\x72\x30\x4e\x2a\x3e', 4, 'latin1');
  bytes.writeUInt32LE(version, 20);
  bytes.writeBigUInt64LE(start, 24);
  bytes.writeBigUInt64LE(size, 32);
  for (let slot = 0; slot < slots && 40 + slot * 24 + 24 <= 512; slot++) {
    const at = 40 + slot * 24;
    bytes.writeBigUInt64LE(offset, at);
    bytes.writeBigUInt64LE(length, at + 8);
    bytes.writeUInt32LE(checksum, at + 16);
    bytes.writeUInt32LE(flags, at + 20);
  }
  bytes.writeUInt32LE(fastChecksum(bytes.subarray(4)), 0);
  return bytes;
}

/** A physical volume with one metadata area at 4096, as pieces of a device. */
export function volumePieces(
  text: string | Uint8Array,
  labelFields: LabelFields = {},
  areaFields: AreaFields = {},
): [number, Uint8Array][] {
  const bytes = typeof text === 'string' ? Buffer.from(`${text}\0`, 'latin1') : text;
  return [
    [512, label(labelFields)],
    [4096, areaHeader(bytes, areaFields)],
    [4096 + Number(areaFields.offset ?? 512n), bytes],
  ];
}

export const TRAILER = '\ncontents = "Text Format Volume Group"\nversion = 1\n';

export interface GroupFields {
  readonly name?: string;
  readonly id?: string;
  readonly seqno?: number | string;
  readonly extentSectors?: number | string;
  readonly physical?: string;
  readonly logical?: string;
}

/** The text of a group of one physical volume of 15 extents of 4 MiB. */
export function groupText(fields: GroupFields = {}): string {
  const { name = 'vg', id = 'vgvgvg-aaaa-bbbb-cccc-dddd-eeee-ffffff', seqno = 1 } = fields;
  const { extentSectors = 8192, physical = physicalText(), logical = linearText() } = fields;
  return `${name} {\nid = "${id}"\nseqno = ${seqno}\nformat = "lvm2"\nstatus = ["RESIZEABLE", "READ", "WRITE"]
flags = []\nextent_size = ${extentSectors}\nmax_lv = 0\nmax_pv = 0\nmetadata_copies = 0
physical_volumes {\n${physical}}\nlogical_volumes {\n${logical}}\n}${TRAILER}`;
}

export function physicalText(
  name = 'pv0',
  uuid = UUID,
  more = 'pe_start = 2048\npe_count = 15',
): string {
  const id = uuid.replace(/^(.{6})(.{4})(.{4})(.{4})(.{4})(.{4})(.{6})$/u, '$1-$2-$3-$4-$5-$6-$7');
  return `${name} {\nid = "${id}"\ndevice = "/dev/sda"\nstatus = ["ALLOCATABLE"]\nflags = []\n${more}\n}\n`;
}

export function linearText(
  name = 'lv',
  stripes = '"pv0", 0',
  extents: number | string = 2,
): string {
  return logicalText(
    name,
    `type = "striped"\nstripe_count = 1\nstripes = [ ${stripes} ]\n`,
    extents,
  );
}

/** A volume of one segment. */
export function logicalText(
  name: string,
  segment: string,
  extents: number | string = 2,
  status = '"READ", "WRITE", "VISIBLE"',
): string {
  return `${name} {\nid = "lvlvlv-aaaa-bbbb-cccc-dddd-eeee-ffffff"\nstatus = [${status}]\nflags = []
segment_count = 1\nsegment1 {\nstart_extent = 0\nextent_count = ${extents}\n${segment}}\n}\n`;
}
