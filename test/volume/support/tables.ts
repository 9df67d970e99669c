// Partition tables made byte by byte, for what no tool writes.
import { crc32 } from 'node:zlib';
import { sealXor } from './sealed.js';

export interface MbrEntry {
  readonly boot?: number;
  readonly type: number;
  readonly first: number;
  readonly count: number;
}

const ENTRIES = 446;
const ENTRY_BYTES = 16;

/** A boot record with up to four entries. */
export function bootRecord(
  entries: readonly MbrEntry[],
  head: Uint8Array = new Uint8Array(),
): Buffer {
  const bytes = Buffer.alloc(512);
  bytes.set(head);
  for (const [index, { boot = 0, type, first, count }] of entries.entries()) {
    const at = ENTRIES + index * ENTRY_BYTES;
    bytes.writeUInt8(boot, at);
    bytes.writeUInt8(type, at + 4);
    bytes.writeUInt32LE(first, at + 8);
    bytes.writeUInt32LE(count, at + 12);
  }
  bytes.writeUInt16BE(0x55aa, 510);
  return bytes;
}

export const PROTECTIVE: MbrEntry = { type: 0xee, first: 1, count: 0xffffffff };

/** The label of a BSD, sealed; entries are [first sector, sectors, type]. */
export function bsdLabel(entries: readonly (readonly [number, number, number])[]): Buffer {
  const label = Buffer.alloc(148 + 16 * entries.length);
  for (const at of [0, 132]) label.writeUInt32LE(0x82564557, at);
  label.writeUInt32LE(512, 40);
  label.writeUInt16LE(entries.length, 138);
  for (const [index, [first, count, type]] of entries.entries()) {
    const at = 148 + 16 * index;
    label.writeUInt32LE(count, at);
    label.writeUInt32LE(first, at + 4);
    label.writeUInt8(type, at + 12);
  }
  sealXor(136, () => label.length)(label);
  return label;
}

/** Fields of a GPT header; what is not given is what a sound table of one partition has. */
export interface GptHeader {
  readonly lba?: bigint;
  readonly alternateLba?: bigint;
  readonly firstUsableLba?: bigint;
  readonly lastUsableLba?: bigint;
  readonly entriesLba?: bigint;
  readonly entryCount?: number;
  readonly entryBytes?: number;
  readonly headerBytes?: number;
  readonly entriesCrc32?: number;
}

/** A header of 512 bytes with a right checksum. */
export function gptHeader(header: GptHeader, entries: Uint8Array): Buffer {
  const { lba = 1n, alternateLba = 1n, firstUsableLba = 34n, lastUsableLba = 2000n } = header;
  const { entriesLba = 2n, entryCount = entries.length / 128, entryBytes = 128 } = header;
  const { headerBytes = 92, entriesCrc32 = crc32(entries) } = header;
  const bytes = Buffer.alloc(512);
  bytes.write('EFI PART', 0, 'latin1');
  bytes.writeUInt32LE(0x10000, 8);
  bytes.writeUInt32LE(headerBytes, 12);
  bytes.writeBigUInt64LE(lba, 24);
  bytes.writeBigUInt64LE(alternateLba, 32);
  bytes.writeBigUInt64LE(firstUsableLba, 40);
  bytes.writeBigUInt64LE(lastUsableLba, 48);
  bytes.fill(0xab, 56, 72);
  bytes.writeBigUInt64LE(entriesLba, 72);
  bytes.writeUInt32LE(entryCount, 80);
  bytes.writeUInt32LE(entryBytes, 84);
  bytes.writeUInt32LE(entriesCrc32, 88);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, Math.min(headerBytes, 512))), 16);
  return bytes;
}

/** An entry of 128 bytes. */
export function gptEntry(
  firstLba: bigint,
  lastLba: bigint,
  name: string | Uint8Array = '',
): Buffer {
  const bytes = Buffer.alloc(128);
  bytes.fill(0x11, 0, 16);
  bytes.fill(0x22, 16, 32);
  bytes.writeBigUInt64LE(firstLba, 32);
  bytes.writeBigUInt64LE(lastLba, 40);
  bytes.set(typeof name === 'string' ? Buffer.from(name, 'utf16le') : name, 56);
  return bytes;
}
