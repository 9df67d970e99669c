// Byte sources for tests: a file as it is, and disks of any size with few bytes in them.
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { checkedRange } from '../../../src/bytes/range.js';
import { type ByteSource, memoryRuns } from '../../../src/bytes/source.js';

/** Counts what is read of another source. */
export interface CountedSource extends ByteSource {
  readonly statistics: { reads: number; bytes: number };
}

export function fileSource(path: string): ByteSource {
  const sizeOf = openSync(path, 'r');
  const sizeBytes = fstatSync(sizeOf).size;
  closeSync(sizeOf);
  return {
    sizeBytes,
    runs: memoryRuns,
    async read(offset, length) {
      checkedRange(offset, length, sizeBytes);
      const file = openSync(path, 'r');
      try {
        const bytes = new Uint8Array(length);
        readSync(file, bytes, 0, length, offset);
        return bytes;
      } finally {
        closeSync(file);
      }
    },
  };
}

/** Pieces of bytes at offsets, zeros elsewhere; a later piece hides an earlier one. */
export type Pieces = Iterable<readonly [number, Uint8Array]>;

export function sparseSource(sizeBytes: number, pieces: Pieces): ByteSource {
  const sorted = [...pieces];
  return {
    sizeBytes,
    runs: memoryRuns,
    async read(offset, length) {
      checkedRange(offset, length, sizeBytes);
      const bytes = new Uint8Array(length);
      for (const [at, piece] of sorted) {
        const start = Math.max(at, offset);
        const end = Math.min(at + piece.length, offset + length);
        if (start < end) bytes.set(piece.subarray(start - at, end - at), start - offset);
      }
      return bytes;
    },
  };
}

export function counted(source: ByteSource): CountedSource {
  const statistics = { reads: 0, bytes: 0 };
  return {
    sizeBytes: source.sizeBytes,
    statistics,
    runs: memoryRuns,
    async read(offset, length) {
      statistics.reads++;
      statistics.bytes += length;
      return source.read(offset, length);
    },
  };
}

/** Overwrites bytes of a file. */
export function patch(path: string, offset: number, bytes: Uint8Array): void {
  const file = openSync(path, 'r+');
  try {
    writeSync(file, bytes, 0, bytes.length, offset);
  } finally {
    closeSync(file);
  }
}
