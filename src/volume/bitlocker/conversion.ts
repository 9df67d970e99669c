// Which parts of a volume are encrypted while Windows 10 and later encrypt or decrypt it in the course of its use: a bitmap for
// each region, with a bit for each chunk.
// References: formats/volume/bitlocker.ksy; dissect.fve dissect/fve/bde/eow.py, bde.py (reserved_regions, _iter_run_state).
import {
  bitlockerBitmapPlaceRecords,
  type GuestBitlockerConversion,
  parseBitlockerBitmap,
  parseBitlockerBits,
  parseBitlockerConversion,
} from '../../../generated/volume/bitlocker.js';
import { isSet, runsOfZeros } from '../../bytes/bit-runs.js';
import { crc32 } from '../../bytes/crc32.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import { allSound, firstSound } from '../../bytes/sound.js';
import type { ByteRange, ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { GIB, MIB } from '../../limits.js';
import { big, equals, int, powerOfTwo } from '../../validation/guest.js';
import { type Boot, placeOf, WHAT } from './boot.js';

const HEADER_BYTES = 56;
const BITMAP_HEADER_BYTES = 60;
const RECORD_HEADER_BYTES = 36;
const OFFSET_BYTES = 8;
const MAX_HEADER_BYTES = 0xffff;
/** Of all regions together: the bits of 16 TiB in chunks of 512 KiB, twice. */
const MAX_BITMAP_BYTES = 8 * MIB;
const MAX_CLEAR_RUNS = 2 ** 20;
const MAX_SEQUENCE = 2n ** 63n;
/** Where a checksum lies in its structure, which takes it for zeros. */
const CHECKSUMS = { conversion: 36, bitmap: 56, record: 32 };

export interface Conversion {
  /** What is not encrypted. */
  readonly clear: readonly ByteRange[];
  /** What belongs to BitLocker and reads as zeros. */
  readonly hidden: readonly ByteRange[];
}

/** What was found so far, and what one reading may still take. */
interface Found {
  readonly clear: ByteRange[];
  readonly hidden: ByteRange[];
  readonly budget: { bitmapBytes: number; clearRuns: number };
}

/**
 * @param isOver whether the volume says that it is encrypted as a whole: then nothing need be there.
 * @throws FormatError when the volume is being converted, and no copy tells how far.
 */
export async function readConversion(
  source: ByteSource,
  { conversions }: Boot,
  isOver: boolean,
): Promise<Conversion | null> {
  try {
    return await firstSound(conversions, (at) => readCopy(source, at));
  } catch (error) {
    if (isOver && error instanceof FormatError) return null;
    throw error;
  }
}

async function readCopy(source: ByteSource, at: number): Promise<Conversion> {
  const most = await source.read(at, Math.min(MAX_HEADER_BYTES, source.sizeBytes - at));
  const header = parseBitlockerConversion(most.subarray(0, HEADER_BYTES));
  const what = `${WHAT}: the state of an encryption under way`;
  int(header.lenHeader, `${what}: size of the header`, HEADER_BYTES, HEADER_BYTES);
  const length = int(header.lenConversion, `${what}: size`, HEADER_BYTES, most.length);
  const bytes = most.subarray(0, length);
  checkSum(bytes, CHECKSUMS.conversion, header.checksum, what);
  const count = Math.floor((length - HEADER_BYTES) / OFFSET_BYTES);
  const places = bitlockerBitmapPlaceRecords(
    bytes.subarray(HEADER_BYTES, HEADER_BYTES + count * OFFSET_BYTES),
  );
  const found: Found = {
    hidden: [],
    clear: [],
    budget: { bitmapBytes: MAX_BITMAP_BYTES, clearRuns: MAX_CLEAR_RUNS },
  };
  for (const offset of header.ofsCopies)
    hide(found.hidden, placeOf(offset, 1, source.sizeBytes), length);
  for (let i = 0; i < count; i++) {
    const last = source.sizeBytes - BITMAP_HEADER_BYTES;
    const place = int(places.at(i).ofsBitmap, `${what}: place of a bitmap`, 1, last);
    await readBitmap(source, place, header, found);
  }
  return found;
}

async function readBitmap(
  source: ByteSource,
  at: number,
  { lenChunk, lenLog }: GuestBitlockerConversion,
  { clear, hidden, budget }: Found,
): Promise<void> {
  const what = `${WHAT}: a bitmap of what is encrypted`;
  const header = parseBitlockerBitmap(await source.read(at, BITMAP_HEADER_BYTES));
  const max = Math.min(budget.bitmapBytes, source.sizeBytes - at);
  const length = int(header.lenBitmap, `${what}: size`, BITMAP_HEADER_BYTES, max);
  budget.bitmapBytes -= length;
  const bytes = await source.read(at, length);
  const places = header.ofsRecords.map((offset) =>
    int(offset, `${what}: place of a record`, BITMAP_HEADER_BYTES, length - RECORD_HEADER_BYTES),
  );
  checkSum(bytes.subarray(0, Math.min(...places)), CHECKSUMS.bitmap, header.checksum, what);
  const chunkBytes = powerOfTwo(lenChunk, `${what}: size of a chunk`, SECTOR_BYTES, GIB);
  const start = int(header.ofsRegion, `${what}: region`, 0, source.sizeBytes);
  const regionBytes = int(header.lenRegion, `${what}: region`, 0, source.sizeBytes - start);
  hide(hidden, at, length);
  const logBytes = int(lenLog, `${what}: size of the log`, 0, source.sizeBytes);
  hide(hidden, placeOf(header.ofsLog, 1, source.sizeBytes), logBytes);
  const bits = await newestBits(bytes, places, regionBytes / chunkBytes);
  for (const [first, many] of runsOfZeros(...bits, isSet)) {
    if (budget.clearRuns-- === 0) {
      const message = `${what}: there are more than ${MAX_CLEAR_RUNS} parts that are not encrypted`;
      throw new FormatError('LIMIT', message);
    }
    const lengthBytes = Math.min(many * chunkBytes, regionBytes - first * chunkBytes);
    clear.push({ offsetBytes: start + first * chunkBytes, lengthBytes });
  }
}

/** The bits of the record that was written last, and how many. @throws FormatError when no record is sound. */
async function newestBits(
  bytes: Uint8Array,
  places: readonly number[],
  chunkCount: number,
): Promise<readonly [Uint8Array, number]> {
  const records = await allSound(places, async (place) =>
    readRecord(bytes.subarray(place), Math.ceil(chunkCount)),
  );
  const [first] = [...records].sort((a, b) => (a.sequence < b.sequence ? 1 : -1));
  return first === undefined ? [new Uint8Array(0), 0] : [first.bits, first.count];
}

function readRecord(bytes: Uint8Array, chunkCount: number) {
  const what = `${WHAT}: a record of what is encrypted`;
  const header = parseBitlockerBits(bytes.subarray(0, RECORD_HEADER_BYTES));
  const length = int(header.lenRecord, `${what}: size`, RECORD_HEADER_BYTES, bytes.length);
  checkSum(bytes.subarray(0, length), CHECKSUMS.record, header.checksum, what);
  const bits = bytes.subarray(RECORD_HEADER_BYTES, length);
  const count = int(header.numBits, `${what}: bits`, chunkCount, bits.length * 8);
  return {
    bits,
    count: Math.min(count, chunkCount),
    sequence: big(header.sequence, what, 0n, MAX_SEQUENCE),
  };
}

function hide(hidden: ByteRange[], offsetBytes: number | null, lengthBytes: number): void {
  if (offsetBytes !== null && lengthBytes > 0) hidden.push({ offsetBytes, lengthBytes });
}

function checkSum(
  bytes: Uint8Array,
  at: number,
  expected: Parameters<typeof equals>[0],
  what: string,
): void {
  const before = crc32(bytes.subarray(0, at));
  const value = crc32(bytes.subarray(at + 4), crc32(new Uint8Array(4), before));
  if (!equals(expected, value)) throw new FormatError('BAD_CHECKSUM', `${what} is damaged`);
}
