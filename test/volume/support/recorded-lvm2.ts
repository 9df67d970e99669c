// The groups that record-lvm2.ts recorded.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { ByteSource } from '../../../src/bytes/source.js';
import type { LvmReport } from './lvm.js';
import { sparseSource } from './sources.js';

export interface RecordedDisk {
  readonly sizeBytes: number;
  /** Of the blocks of 4096 bytes that are not zero. */
  readonly offsets: readonly number[];
  readonly gzippedBlocks: string;
}

export interface RecordedGroup extends LvmReport {
  /** The device that each disk was when it was recorded; lvs uses these names. */
  readonly devices: readonly string[];
  readonly disks: readonly RecordedDisk[];
}

const BLOCK_BYTES = 4096;

export function recordedGroups(): Readonly<Record<string, RecordedGroup>> {
  return JSON.parse(readFileSync('test/volume/fixtures/lvm2.json', 'utf8'));
}

export function recordedSource({ sizeBytes, offsets, gzippedBlocks }: RecordedDisk): ByteSource {
  const blocks = gunzipSync(Buffer.from(gzippedBlocks, 'base64'));
  return sparseSource(
    sizeBytes,
    offsets.map((offset, index) => {
      const block = blocks.subarray(index * BLOCK_BYTES, (index + 1) * BLOCK_BYTES);
      return [offset, block] as const;
    }),
  );
}
