// Changes to the descriptors of a UDF volume, and what comes of a volume that was changed.
// References: ECMA-167 parts 3 and 4.
import assert from 'node:assert/strict';
import { VirtDfError } from '../../src/errors.js';
import type { Usage } from '../../src/filesystem/filesystem.js';
import { udf } from '../../src/filesystem/udf.js';
import { memorySource } from '../memory-source.js';
import { recognises } from './recognises.js';
import { type Disc, MAPS, openDisc, recordedBytes, sealHead, TAG } from './udf-disc.js';

export type Change = (disc: Disc) => void;

export const UNKNOWN = 0xffffffff;
export const [
  SEQUENCE_NUMBER,
  STATE,
  NEXT,
  PARTITIONS,
  FREE,
  FILES,
  READ_REVISION,
  WRITE_REVISION,
] = [16, 28, 32, 72, 80, 120, 128, 130];

export async function usageOf(bytes: Uint8Array): Promise<Usage> {
  const source = memorySource(bytes);
  assert.equal(await recognises(udf, source), true);
  return (await udf.open(source)).usage('guest');
}

export async function changed(image: string, change: Change): Promise<Buffer> {
  const disc = openDisc(await recordedBytes(image));
  change(disc);
  return disc.bytes;
}

/** f_bsize, f_blocks, f_bfree, f_files */
export function numbersOf(usage: Usage): readonly (number | null)[] {
  assert.equal(usage.availableBlockCount, usage.freeBlockCount);
  assert.equal(usage.freeFileCount, usage.freeBlockCount);
  return [usage.blockSizeBytes, usage.blockCount, usage.freeBlockCount, usage.fileCount];
}

export async function refused(bytes: Uint8Array, code: string, words: RegExp): Promise<void> {
  await assert.rejects(usageOf(bytes), (error) => {
    assert.ok(error instanceof VirtDfError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, /^udf: /u);
    assert.match(error.message, words);
    return true;
  });
}

export function integrity(change: (bytes: Buffer, disc: Disc) => void): Change {
  return (disc) => {
    change(disc.at(disc.integrity), disc);
    disc.seal(disc.integrity);
  };
}

export function descriptors(tag: number, change: (bytes: Buffer) => void): Change {
  return (disc) => disc.change(tag, change);
}

/** The change, where the free blocks must be counted. */
export function counted(change: Change): Change {
  return (disc) => {
    integrity((bytes) => bytes.writeUInt32LE(UNKNOWN, FREE))(disc);
    change(disc);
  };
}

export const partition = (change: (bytes: Buffer) => void) => descriptors(TAG.partition, change);
export const logical = (change: (bytes: Buffer) => void) => descriptors(TAG.logical, change);
export const map = (change: (bytes: Buffer) => void) =>
  logical((bytes) => change(bytes.subarray(MAPS)));

/** All anchors but the one there go. */
export function onlyAnchor(place: (disc: Disc) => number): Change {
  return (disc) => {
    const anchor = Buffer.from(disc.at(256));
    for (const before of [0, 1, 2]) {
      for (const block of [disc.lastBlock - before, disc.lastBlock - before - 256]) {
        disc.clear(block);
      }
    }
    disc.clear(256);
    const block = place(disc);
    disc.at(block).set(anchor);
    disc.seal(block);
  };
}

/** A copy of the integrity descriptor with other free blocks. */
export function integrityCopy(disc: Disc, block: number, free: number): void {
  disc.copy(disc.integrity, block);
  disc.at(block).writeUInt32LE(free, FREE);
  disc.seal(block);
}

export function chained(behind: number, free: number): Change {
  return integrity((bytes, disc) => {
    const next = disc.integrity + behind;
    if (behind > 0) integrityCopy(disc, next, free);
    bytes.writeUInt32LE(disc.blockBytes, NEXT);
    bytes.writeUInt32LE(next, NEXT + 4);
  });
}

/** A byte of the integrity descriptor's tag. */
export function damaged(offset: number, value: number): Change {
  return ({ at, integrity: block }) => {
    at(block).writeUInt8(value, offset);
    sealHead(at(block));
  };
}

export function domain(offset: number, value: number): Change {
  return counted(logical((bytes) => bytes.writeUInt8(value, offset)));
}

export function access(type: number): Change {
  return counted(partition((bytes) => bytes.writeUInt32LE(type, 184)));
}

export function spaceExtent(offset: number): Change {
  return counted(
    partition((bytes) => {
      bytes.writeUInt32LE(512, offset);
      bytes.writeUInt32LE(10, offset + 4);
    }),
  );
}

export function bitmapBytes(count: number): Change {
  return counted(({ at, seal, start, bitmap }) => {
    at(start + bitmap).writeUInt32LE(count, 20);
    seal(start + bitmap, bitmap);
  });
}

export function writePointer(disc: Disc, block: number, next: number, lengthBytes: number): void {
  const bytes = disc.at(block);
  bytes.fill(0, 16);
  bytes.writeUInt16LE(TAG.pointer, 0);
  bytes.writeUInt16LE(100, 10);
  bytes.writeUInt32LE(1, SEQUENCE_NUMBER);
  bytes.writeUInt32LE(lengthBytes, 20);
  bytes.writeUInt32LE(next, 24);
  disc.seal(block);
}
