// A compressed filesystem may hold more than its volume has bytes, but no more than it has pointers to blocks for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memorySource } from '../memory-source.js';
import { dfOfSources } from './sources.js';

/** The superblock of a cramfs: its signatures, its flags (it has totals) and how many blocks of 4096 bytes it claims. */
function cramfs(blocks: number): Uint8Array {
  const bytes = Buffer.alloc(8192);
  bytes.writeUInt32LE(0x28cd3d45, 0);
  bytes.writeUInt32LE(bytes.length, 4);
  bytes.writeUInt32LE(1, 8);
  bytes.write('Compressed ROMFS', 16);
  bytes.writeUInt32LE(blocks, 40);
  return bytes;
}

for (const [blocks, codes] of [
  [2048, []],
  [2049, ['INVALID']],
  [0xffffffff, ['INVALID']],
] as const) {
  test(`${blocks} blocks in a cramfs of 8 KiB`, async () => {
    const { filesystems } = await dfOfSources([memorySource(cramfs(blocks))]);
    const [row] = filesystems;
    assert.deepEqual([row?.type, row?.sizeBytes], ['cramfs', blocks * 4096]);
    assert.deepEqual(
      row?.doubts.map(({ code }) => code),
      codes,
    );
  });
}
