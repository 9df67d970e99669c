// The streams of a .xz file, from the last to the first: each ends with an index of its blocks.
// References: xz-file-format.txt sections 2.1.2 (footer), 2.2 (padding), 4 (index).
import { parseXz, parseXzFooter } from '../../../generated/container/xz.js';
import { FormatError, invalidIn, UnsupportedError } from '../../errors.js';
import type { HostFile, Scope } from '../../host/scope.js';
import { MAX_READ_BYTES, MIB } from '../../limits.js';
import { equals, int, printable } from '../../validation/guest.js';
import {
  type BlockTable,
  MAX_BLOCK_BYTES,
  MAX_BLOCKS,
  tableBuilder,
} from '../compression/blocks.js';
import { integerReader } from './integers.js';

const invalid = invalidIn('xz: ');

/** The kind and size of the check that a stream's blocks have, by its flags. */
export interface XzCheck {
  readonly id: number;
  readonly sizeBytes: number;
}

interface XzFile {
  readonly blocks: BlockTable;
  /** The check of the block that begins at an offset of the file. */
  checkAt(hostOffsetBytes: number): XzCheck;
}

interface XzStream {
  readonly startBytes: number;
  readonly check: XzCheck;
  readonly records: Records;
}

/** The blocks of a stream, two numbers each: as objects, a million of them would take a hundred MiB. */
interface Records {
  readonly unpaddedBytes: Float64Array;
  readonly lengthBytes: Float64Array;
}

const HEADER_BYTES = 12;
const FOOTER_BYTES = 12;
const CRC_BYTES = 4;
/** A record has 18 bytes at most, so this is for some million blocks. */
const MAX_INDEX_BYTES = 16 * MIB;
const MAX_STREAMS = 65_536;
const MAX_PADDING_BYTES = 65_536;
/** The size of each kind of check, by its number. */
const CHECK_BYTES = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64];

/** @throws FormatError; UnsupportedError UNSUPPORTED_FORMAT, with the command to run, when a block is too large. */
export async function readXzStreams(file: HostFile, scope: Scope): Promise<XzFile> {
  const streams: XzStream[] = [];
  for (let end = file.sizeBytes; end > 0; ) {
    scope.check();
    if (streams.length === MAX_STREAMS) {
      throw new FormatError('LIMIT', `xz: the file has more than ${MAX_STREAMS} streams`);
    }
    const stream = await readStream(file, await withoutPadding(file, end));
    streams.unshift(stream);
    end = stream.startBytes;
  }
  const builder = tableBuilder('xz');
  for (const { startBytes, records } of streams) {
    let at = startBytes + HEADER_BYTES;
    for (const [i, unpaddedBytes] of records.unpaddedBytes.entries()) {
      const lengthBytes = records.lengthBytes[i] ?? 0;
      const streamBytes = fourfold(unpaddedBytes);
      if (lengthBytes > MAX_BLOCK_BYTES || streamBytes > MAX_READ_BYTES) {
        throw tooLarge(file, lengthBytes);
      }
      builder.add(lengthBytes, at, unpaddedBytes);
      at += streamBytes;
    }
  }
  return {
    blocks: builder.build(),
    checkAt(offset) {
      const stream = streams.findLast(({ startBytes }) => startBytes < offset);
      return stream?.check ?? { id: 0, sizeBytes: 0 };
    },
  };
}

/** Zeros, four at a time, may follow a stream. */
async function withoutPadding(file: HostFile, end: number): Promise<number> {
  let at = end;
  for (; at > 0; at -= CRC_BYTES) {
    if (at % CRC_BYTES !== 0 || end - at > MAX_PADDING_BYTES) break;
    const word = await file.read(at - CRC_BYTES, CRC_BYTES);
    if (word.some((byte) => byte !== 0)) return at;
  }
  throw new FormatError(
    'INVALID',
    `xz: no stream ends at ${end}: the file was cut off, or more follows it`,
  );
}

async function readStream(file: HostFile, end: number): Promise<XzStream> {
  const footerStart = end - FOOTER_BYTES;
  if (footerStart < HEADER_BYTES) throw invalid(`a stream ends at ${end}, which is too early`);
  const footerBytes = await file.read(footerStart, FOOTER_BYTES);
  const footer = parseXzFooter(footerBytes);
  checkCrc(footer.crc32, footerBytes.subarray(4, 10), 'the footer of a stream');
  const maxIndex = Math.min(MAX_INDEX_BYTES, footerStart - HEADER_BYTES);
  const words = int(footer.backwardSize, 'xz: backward size', 1, maxIndex / 4 - 1);
  const indexStart = footerStart - (words + 1) * 4;
  const records = readIndex(await file.read(indexStart, footerStart - indexStart));
  const blocksBytes = records.unpaddedBytes.reduce((sum, bytes) => sum + fourfold(bytes), 0);
  const startBytes = indexStart - blocksBytes - HEADER_BYTES;
  if (startBytes < 0) {
    throw invalid(`the blocks of an index at ${indexStart} have ${blocksBytes} bytes`);
  }
  const headerBytes = await file.read(startBytes, HEADER_BYTES);
  const header = parseXz(headerBytes);
  checkCrc(header.crc32, headerBytes.subarray(6, 8), 'the header of a stream');
  const id = int(header.flags.check, 'xz: check of a stream', 0, 15);
  if (!equals(footer.flags.check, id)) throw invalid('the two ends of a stream have other flags');
  return { startBytes, records, check: { id, sizeBytes: CHECK_BYTES[id] ?? 0 } };
}

function readIndex(index: Uint8Array): Records {
  const body = index.subarray(0, index.length - CRC_BYTES);
  checkCrcBytes(index.subarray(index.length - CRC_BYTES), body, 'an index');
  if (body[0] !== 0) throw invalid('an index does not begin with 0');
  const reader = integerReader(body, 1);
  const count = reader.next('number of records', Math.min(MAX_BLOCKS, body.length));
  const records = { unpaddedBytes: new Float64Array(count), lengthBytes: new Float64Array(count) };
  for (let i = 0; i < count; i++) {
    const unpaddedBytes = reader.next('unpadded size', Number.MAX_SAFE_INTEGER);
    const lengthBytes = reader.next('uncompressed size', Number.MAX_SAFE_INTEGER);
    if (unpaddedBytes < 5) throw invalid(`a block has only ${unpaddedBytes} bytes`);
    records.unpaddedBytes[i] = unpaddedBytes;
    records.lengthBytes[i] = lengthBytes;
  }
  if (body.length - reader.at < CRC_BYTES) return records;
  throw invalid('an index goes on behind its records');
}

/** Blocks are padded to this. */
export const UNIT_BYTES = 4;

export function fourfold(bytes: number): number {
  return Math.ceil(bytes / UNIT_BYTES) * UNIT_BYTES;
}

type GuestCrc = Parameters<typeof equals>[0];

function checkCrc(stored: GuestCrc, bytes: Uint8Array, what: string): void {
  const { crc32 } = process.getBuiltinModule('node:zlib');
  if (!equals(stored, crc32(bytes))) throw badChecksum(what);
}

function checkCrcBytes(stored: Uint8Array, bytes: Uint8Array, what: string): void {
  if (Buffer.compare(stored, crcBytes(bytes)) !== 0) throw badChecksum(what);
}

/** The CRC-32 of some bytes as the format has it. */
export function crcBytes(bytes: Uint8Array): Uint8Array {
  const { crc32 } = process.getBuiltinModule('node:zlib');
  const stored = Buffer.alloc(CRC_BYTES);
  stored.writeUInt32LE(crc32(bytes));
  return stored;
}

function badChecksum(what: string): FormatError {
  return new FormatError('BAD_CHECKSUM', `xz: ${what} does not match its CRC-32`);
}

function tooLarge(file: HostFile, lengthBytes: number): UnsupportedError {
  const path = printable(file.path);
  return new UnsupportedError(
    'UNSUPPORTED_FORMAT',
    `xz: ${path} has a block of ${lengthBytes} bytes, more than ${MAX_BLOCK_BYTES}, and cannot be read at random; run ` +
      `\`xz -dk ${path}\`, or compress the image with \`xz -T0 --block-size=16MiB\``,
    { data: { lengthBytes } },
  );
}
