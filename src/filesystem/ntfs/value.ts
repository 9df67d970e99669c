// The value of an attribute: bytes in its record, or runs of clusters.
// References: ntfs-3g libntfs-3g/attrib.c (ntfs_attr_pread).

import { countZeroBits, zeroBitsIn } from '../../bytes/aggregates.js';
import { memory } from '../../bytes/memory.js';
import { checkedRange } from '../../bytes/range.js';
import { countBefore } from '../../bytes/search.js';
import type { ByteSource } from '../../bytes/source.js';
import { tableCounter } from '../../bytes/table-counter.js';
import { FormatError, UnsupportedError } from '../../errors.js';
import { int, unknownFlags } from '../../validation/guest.js';
import { FileLimitError } from '../told.js';
import type { Geometry } from './geometry.js';
import type { Attribute } from './record.js';
import { MAX_RUNS, readRuns, type ValueRun } from './runlist.js';

export const COMPRESSED = 0x0001n;
export const ENCRYPTED = 0x4000n;
/** The one flag that changes nothing of where the bytes are: the value may have runs without clusters. */
export const SPARSE = 0x8000n;

/** What the content of a file may be. */
export const CONTENT_FLAGS = COMPRESSED | ENCRYPTED | SPARSE;

export interface Value {
  readonly what: string;
  readonly sizeBytes: number;
  readonly allocatedBytes: number;
  /** The bytes behind these are zeros, whatever the clusters hold. */
  readonly initializedBytes: number;
  /** The bytes, where they are in the record. */
  readonly resident: ByteSource | null;
  /** Without a gap, from the first cluster on. */
  readonly runs: readonly ValueRun[];
}

/** A value without where it lies. */
type Sizes = Pick<Value, 'sizeBytes' | 'allocatedBytes' | 'initializedBytes'>;

/**
 * How large a value is, which its first attribute says.
 * @param known the flags that it may have. @throws FormatError, UnsupportedError
 */
export function readSizes({ head, bytes }: Attribute, what: string, known = SPARSE): Sizes {
  const flags = unknownFlags(head.flags, known);
  if (flags !== null) {
    throw new UnsupportedError(
      'UNSUPPORTED_FEATURE',
      `ntfs: ${what} is compressed or encrypted (flags ${flags}), which it never is`,
    );
  }
  if (head.resident !== undefined) {
    const { sizeBytes } = residentPlace(head.resident, bytes, what);
    const allocatedBytes = Math.ceil(sizeBytes / 8) * 8;
    return { sizeBytes, allocatedBytes, initializedBytes: sizeBytes };
  }
  const { clusters } = head;
  if (clusters === undefined) throw new FormatError('INVALID', `ntfs: ${what} is nowhere`);
  const largest = Number.MAX_SAFE_INTEGER;
  const allocatedBytes = int(clusters.lenAllocated, `ntfs: space of ${what}`, 0, largest);
  const sizeBytes = int(clusters.lenData, `ntfs: bytes of ${what}`, 0, allocatedBytes);
  const initializedBytes = int(clusters.lenInitialized, `ntfs: bytes of ${what}`, 0, sizeBytes);
  return { sizeBytes, allocatedBytes, initializedBytes };
}

/** The value of its first attribute. @throws FormatError, UnsupportedError */
export function readValue(attribute: Attribute, geometry: Geometry, what: string): Value {
  const sizes = readSizes(attribute, what);
  const bytes = residentBytes(attribute);
  return bytes === null
    ? { what, ...sizes, resident: null, runs: runsOf(attribute, 0, geometry, what) }
    : { what, ...sizes, resident: memory(bytes), runs: [] };
}

/** A value from all its attributes, in order. @throws FormatError, UnsupportedError */
export function joinedValue(
  attributes: readonly Attribute[],
  geometry: Geometry,
  what: string,
): Value {
  const [first, ...others] = attributes;
  if (first === undefined) throw new FormatError('INVALID', `ntfs: ${what} is nowhere`);
  const value = readValue(first, geometry, what);
  if (others.length === 0) return value;
  const runs = [...value.runs];
  for (const other of others) {
    appendRuns(runs, runsOf(other, mappedClusters(runs), geometry, what), what);
  }
  return { ...value, runs };
}

/** @throws FormatError LIMIT */
export function appendRuns(runs: ValueRun[], more: readonly ValueRun[], what: string): void {
  if (runs.length + more.length > MAX_RUNS) {
    const message = `ntfs: ${what} has more than ${MAX_RUNS} runs`;
    throw new FileLimitError(message, MAX_RUNS);
  }
  runs.push(...more);
}

/** The runs of an attribute, which must begin with this cluster of the value. */
export function runsOf(
  { head, bytes, firstCluster }: Attribute,
  nextCluster: number,
  geometry: Geometry,
  what: string,
): readonly ValueRun[] {
  const { clusters } = head;
  if (clusters === undefined || firstCluster !== BigInt(nextCluster)) {
    const message = `ntfs: a part of ${what} begins with cluster ${firstCluster}, not ${nextCluster}`;
    throw new FormatError('INVALID', message);
  }
  const offset = int(clusters.ofsRuns, `ntfs: runs of ${what}`, 0, bytes.length);
  return readRuns(bytes.subarray(offset), nextCluster, geometry, what);
}

/** How many clusters of the value the runs tell the place of. */
export function mappedClusters(runs: readonly ValueRun[]): number {
  const last = runs.at(-1);
  return last === undefined ? 0 : last.firstCluster + last.clusterCount;
}

/** The bytes of a value that lies in its record; null where it does not. @throws FormatError */
export function residentBytes({ head: { resident }, bytes }: Attribute): Uint8Array | null {
  if (resident === undefined) return null;
  const { offset, sizeBytes } = residentPlace(resident, bytes, 'a value');
  return bytes.subarray(offset, offset + sizeBytes);
}

/** Where the value lies in its attribute. @throws FormatError */
export function residentPlace(
  { lenValue, ofsValue }: NonNullable<Attribute['head']['resident']>,
  bytes: Uint8Array,
  what: string,
) {
  const sizeBytes = int(lenValue, `ntfs: bytes of ${what}`, 0, bytes.length);
  const offset = int(ofsValue, `ntfs: offset of ${what}`, 0, bytes.length - sizeBytes);
  return { offset, sizeBytes };
}

/**
 * Bytes of a value.
 * @throws FormatError OUT_OF_BOUNDS when they are not within it, or no run says where they are.
 */
export async function readBytes(
  source: ByteSource,
  { clusterBytes }: Geometry,
  value: Value,
  offset: number,
  length: number,
): Promise<Uint8Array> {
  const { resident, what, sizeBytes, initializedBytes } = value;
  checkedRange(offset, length, sizeBytes, `ntfs: ${what}`);
  if (resident !== null) return resident.read(offset, length);
  const bytes = new Uint8Array(length);
  const end = Math.min(offset + length, initializedBytes);
  for (let at = offset; at < end; ) {
    const run = runAt(value, Math.floor(at / clusterBytes));
    const from = at - run.firstCluster * clusterBytes;
    const count = Math.min(end - at, run.clusterCount * clusterBytes - from);
    if (run.volumeCluster !== null) {
      bytes.set(await source.read(run.volumeCluster * clusterBytes + from, count), at - offset);
    }
    at += count;
  }
  return bytes;
}

/** Where a stretch of a value that has clusters lies, as far as it does so in one piece. @throws FormatError */
export function placeOf(
  { clusterBytes }: Geometry,
  value: Value,
  offset: number,
  length: number,
): { readonly offsetBytes: number; readonly lengthBytes: number } {
  const { firstCluster, clusterCount, volumeCluster } = runAt(
    value,
    Math.floor(offset / clusterBytes),
  );
  if (volumeCluster === null) {
    throw new FormatError('OUT_OF_BOUNDS', `ntfs: byte ${offset} of ${value.what} has no place`);
  }
  const from = offset - firstCluster * clusterBytes;
  return {
    offsetBytes: volumeCluster * clusterBytes + from,
    lengthBytes: Math.min(length, clusterCount * clusterBytes - from),
  };
}

function runAt({ runs, what }: Value, cluster: number): ValueRun {
  const index = countBefore(runs.length, (i) => {
    const run = runs[i];
    return run !== undefined && run.firstCluster + run.clusterCount <= cluster;
  });
  const run = runs[index];
  if (run !== undefined) return run;
  throw new FormatError('OUT_OF_BOUNDS', `ntfs: no run of ${what} has its cluster ${cluster}`, {
    data: { cluster },
  });
}

/**
 * The zero bits among the first of a value, read once from its beginning to its end; runs without clusters are not read.
 * @throws FormatError when the value is shorter than that.
 */
export async function zeroBits(
  source: ByteSource,
  { clusterBytes }: Geometry,
  value: Value,
  bitCount: number,
): Promise<number> {
  const { resident, runs, what, sizeBytes, initializedBytes } = value;
  if (bitCount > sizeBytes * 8) {
    const message = `ntfs: ${what} has ${sizeBytes} bytes, which are too few for ${bitCount} bits`;
    throw new FormatError('INVALID', message, { data: { sizeBytes, bitCount } });
  }
  if (resident !== null) return countZeroBits(resident, 0, bitCount);
  const storedBits = Math.min(bitCount, initializedBytes * 8);
  if (mappedClusters(runs) * clusterBytes * 8 < storedBits) {
    throw new FormatError(
      'OUT_OF_BOUNDS',
      `ntfs: the runs of ${what} end before its ${sizeBytes} bytes`,
    );
  }
  let zeros = bitCount - storedBits;
  const counter = tableCounter(storedBits / 8);
  for (const { firstCluster, clusterCount, volumeCluster } of runs) {
    const firstBit = firstCluster * clusterBytes * 8;
    if (firstBit >= storedBits) break;
    const bits = Math.min(clusterCount * clusterBytes * 8, storedBits - firstBit);
    zeros +=
      volumeCluster === null
        ? bits
        : await zeroBitsIn(source, volumeCluster * clusterBytes, bits, counter);
  }
  return zeros;
}
