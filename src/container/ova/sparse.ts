// GNU tar's sparse members: a map of the parts of a file that are stored, and the parts one behind the other. There are
// four ways to write the map: in the header and in blocks behind it (old GNU), as pax records (0.0 and 0.1), or as text
// before the parts (1.0).
// References: GNU tar manual, "Storing Sparse Files"; GNU tar src/sparse.c, which refuses the same maps.
import { parseTarOldSparse, parseTarSparseBlock } from '../../../generated/container/tar.js';
import { lastAtMost } from '../../bytes/search.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { MIB } from '../../limits.js';
import { equals } from '../../validation/guest.js';
import type { DataExtent, DiskExtent } from '../tables/disk-extent.js';
import { HEADER_BYTES, tarNumber } from './header.js';

/** The map of one member, which lies in memory: that of a disk of 4 TiB of which every other MiB is stored fits. */
export const MAX_PARTS = 2 ** 21;
const MAX_MAP_BYTES = 16 * MIB;
const FIRST_READ_BYTES = 16 * 1024;
const OLD_SPARSE_AT = 386;
/** Extents that one answer has at most. */
const MAX_EXTENTS = 256;

/** Where parts of a file lie: offsets in the file and lengths, by turns, and the size of the file with its holes. */
export interface WrittenMap {
  readonly numbers: readonly number[];
  readonly sizeBytes: number;
  /** Where the first part is stored in the archive. */
  readonly storedAtBytes: number;
  /** How many bytes of all parts are stored. */
  readonly storedBytes: number;
}

/** A map whose parts are in order, do not overlap, lie in the file and are as long together as what is stored. */
export interface SparseMap {
  readonly sizeBytes: number;
  readonly starts: Float64Array;
  readonly lengths: Float64Array;
  readonly hostStarts: Float64Array;
}

/** @throws FormatError INVALID, OUT_OF_BOUNDS, LIMIT. */
export function checkedMap({
  numbers,
  sizeBytes,
  storedAtBytes,
  storedBytes,
}: WrittenMap): SparseMap {
  const count = numbers.length / 2;
  if (count > MAX_PARTS) throw tooMany();
  if (!Number.isInteger(count))
    throw new FormatError('INVALID', 'ova: a sparse map lacks a length');
  const [starts, lengths] = [new Float64Array(count), new Float64Array(count)];
  const hostStarts = new Float64Array(count);
  let [end, stored] = [0, 0];
  for (let i = 0; i < count; i++) {
    const [start = 0, length = 0] = [numbers[2 * i], numbers[2 * i + 1]];
    if (start < end) {
      const message = `ova: part ${i} of a sparse file begins at ${start}, before the end of the last at ${end}`;
      throw new FormatError('INVALID', message, { data: { start, end } });
    }
    if (length > sizeBytes - start) {
      const message = `ova: part ${i} of a sparse file has ${length} bytes at ${start}; the file has ${sizeBytes}`;
      throw new FormatError('OUT_OF_BOUNDS', message, { data: { start, length, sizeBytes } });
    }
    [starts[i], lengths[i], hostStarts[i]] = [start, length, storedAtBytes + stored];
    end = start + length;
    stored += length;
  }
  if (stored === storedBytes) return { sizeBytes, starts, lengths, hostStarts };
  const message = `ova: the parts of a sparse file have ${stored} bytes together, but ${storedBytes} are stored`;
  throw new FormatError('INVALID', message, { data: { stored, storedBytes } });
}

/** The first extents of a range of the file. */
export function mapSparse(
  { starts, lengths, hostStarts }: SparseMap,
  offsetBytes: number,
  lengthBytes: number,
): readonly DiskExtent[] {
  const extents: DiskExtent[] = [];
  const end = offsetBytes + lengthBytes;
  let part = lastAtMost(offsetBytes, starts.length, (i) => starts[i]);
  for (let at = offsetBytes; at < end && extents.length < MAX_EXTENTS; part++) {
    const start = starts[part] ?? 0;
    const dataEnd = Math.min(end, start + (lengths[part] ?? 0));
    if (part >= 0 && at < dataEnd) {
      const hostOffsetBytes = (hostStarts[part] ?? 0) + at - start;
      const data: DataExtent = {
        kind: 'data',
        offsetBytes: at,
        lengthBytes: dataEnd - at,
        hostOffsetBytes,
      };
      extents.push(data);
      at = dataEnd;
    }
    const next = Math.min(end, starts[part + 1] ?? end);
    if (next > at) extents.push({ kind: 'zero', offsetBytes: at, lengthBytes: next - at });
    at = next;
  }
  return extents;
}

/** The map of a member of GNU's type S: four parts are in the header, 21 in each block behind it. */
export async function readOldMap(
  file: ByteSource,
  headerAtBytes: number,
  storedBytes: number,
): Promise<WrittenMap> {
  const header = await file.read(headerAtBytes, HEADER_BYTES);
  const { parts, isExtended, lenFile } = parseTarOldSparse(header.subarray(OLD_SPARSE_AT));
  const numbers: number[] = [];
  addParts(numbers, parts);
  let at = headerAtBytes + HEADER_BYTES;
  for (let more = !equals(isExtended, 0); more; at += HEADER_BYTES) {
    if (numbers.length > 2 * MAX_PARTS) throw tooMany();
    const block = parseTarSparseBlock(await file.read(at, HEADER_BYTES));
    addParts(numbers, block.parts);
    more = !equals(block.isExtended, 0);
  }
  const sizeBytes = tarNumber(lenFile, 'size of a sparse file');
  return { numbers, sizeBytes, storedAtBytes: at, storedBytes };
}

function addParts(numbers: number[], parts: ReturnType<typeof parseTarOldSparse>['parts']): void {
  for (const { offset, lenPart } of parts) {
    if (lenPart[0] === 0) return; // It is not used, and none behind it.
    numbers.push(
      tarNumber(offset, 'offset in a sparse file'),
      tarNumber(lenPart, 'length of a part'),
    );
  }
}

/** The map of version 1.0: lines of numbers before the content, how many parts first, filled up to whole blocks. */
export async function readTextMap(
  file: ByteSource,
  atBytes: number,
  lengthBytes: number,
  sizeBytes: number,
): Promise<WrittenMap> {
  const maxBytes = Math.min(lengthBytes, MAX_MAP_BYTES);
  for (let readBytes = Math.min(FIRST_READ_BYTES, maxBytes); ; readBytes *= 2) {
    const wantedBytes = Math.min(readBytes, maxBytes);
    const found = numbersOf(await file.read(atBytes, wantedBytes));
    if (found !== null) {
      const mapBytes = Math.ceil(found.endBytes / HEADER_BYTES) * HEADER_BYTES;
      const storedBytes = lengthBytes - mapBytes;
      if (storedBytes < 0) break;
      return { numbers: found.numbers, sizeBytes, storedAtBytes: atBytes + mapBytes, storedBytes };
    }
    if (wantedBytes === maxBytes) break;
  }
  if (maxBytes < lengthBytes) throw tooMany();
  throw new FormatError('INVALID', 'ova: the map of a sparse file does not end within the file');
}

/** The numbers of a text map without their count, and where it ends; null if it goes on behind the bytes. */
function numbersOf(bytes: Uint8Array): { numbers: number[]; endBytes: number } | null {
  const numbers: number[] = [];
  let [value, digits, wanted] = [0, 0, 1];
  for (const [i, byte] of bytes.entries()) {
    if (byte >= 0x30 && byte <= 0x39 && digits < 15) {
      value = value * 10 + byte - 0x30;
      digits += 1;
    } else if (byte === 0x0a && digits > 0) {
      if (wanted === 1 && numbers.length === 0) wanted = 2 * value + 1;
      if (wanted > 2 * MAX_PARTS + 1) throw tooMany();
      numbers.push(value);
      if (numbers.length === wanted) return { numbers: numbers.slice(1), endBytes: i + 1 };
      [value, digits] = [0, 0];
    } else {
      throw new FormatError('INVALID', `ova: byte ${i} of the map of a sparse file is no digit`);
    }
  }
  return null;
}

function tooMany(): FormatError {
  return new FormatError('LIMIT', `ova: a sparse file has more than ${MAX_PARTS} parts`);
}
