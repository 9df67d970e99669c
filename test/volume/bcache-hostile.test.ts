// Caches that no kernel wrote, and one of large buckets: a tree that leads to itself ends, and a journal is no longer than one is.
// References: Linux drivers/md/bcache/bcache.h (meta_bucket_pages, JOURNAL_PIN).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc64 } from '../../src/bytes/crc64.js';
import { readGenerations } from '../../src/volume/bcache/generations.js';
import { readJournal } from '../../src/volume/bcache/journal.js';
import { keyAt } from '../../src/volume/bcache/keys.js';
import type { CacheDevice } from '../../src/volume/bcache/superblock.js';
import { findInTree } from '../../src/volume/bcache/tree.js';
import { memorySource } from '../memory-source.js';

const MIB = 1024 * 1024;
const SET_MAGIC = 0x90135c78b99e07f5n;
const PRIO_MAGIC = 0x6750e15f87337f91n;
const JOURNAL_MAGIC = 0x245235c1a3625032n;
const SUMMED_AT = 8;

function cache(bucketBytes: number): CacheDevice {
  return {
    ...{ kind: 'cache', uuid: null, setUuid: null, label: null, version: '3' },
    ...{ hasContent: true, bucketBytes, blockBytes: 512, bucketCount: 4 },
    ...{ journalBuckets: [1], deviceNumber: 0, setMagic: 0n },
  };
}

/** With a sum of all behind it, which is its first word. */
function sealed(bytes: Buffer): Buffer {
  bytes.writeBigUInt64LE(crc64(bytes.subarray(SUMMED_AT)), 0);
  return bytes;
}

/** Eight sectors of the first device, up to sector 8, in the cache from sector 8 on; newer than what the device has. */
const KEY_WORDS = [(1n << 60n) | (1n << 36n) | (8n << 20n) | 1n, 8n, 8n << 8n];

function wordsOf(words: readonly bigint[]): Buffer {
  const bytes = Buffer.alloc(words.length * 8);
  for (const [i, word] of words.entries()) bytes.writeBigUInt64LE(word, i * 8);
  return bytes;
}

test('a node of the tree that leads to itself ends as a leaf', async () => {
  const head = Buffer.alloc(32);
  head.writeBigUInt64LE(SET_MAGIC, 8);
  head.writeUInt32LE(KEY_WORDS.length, 28);
  const node = sealed(Buffer.concat([head, wordsOf(KEY_WORDS)]));
  const device = Buffer.alloc(MIB);
  node.copy(device, 4096);
  device.fill(0xff, 4096 + 512, 4096 + 1024);
  const tree = {
    device: memorySource(device),
    cache: cache(MIB),
    generations: { at: () => 0, set: () => {} },
    root: keyAt(wordsOf(KEY_WORDS), 0, 0),
    rootLevel: 2,
    kept: new Map(),
  };
  const found = await findInTree(tree, 1, 3);
  assert.deepEqual(found, { endSector: 8, isKnown: true, cacheSector: 11 });
});

test('more entries of a journal than a kernel keeps are not looked for', async () => {
  const bucketBytes = 4096;
  const entry = Buffer.alloc(240);
  entry.writeBigUInt64LE(JOURNAL_MAGIC, 8);
  entry.writeBigUInt64LE(40_000n, 16);
  entry.writeBigUInt64LE(1n, 32);
  const device = Buffer.alloc(4 * bucketBytes);
  sealed(entry).copy(device, bucketBytes);
  await assert.rejects(readJournal(memorySource(device), cache(bucketBytes)), { code: 'LIMIT' });
});

test('of a large bucket the list of generations takes the first 4 MiB', async () => {
  const bucketBytes = 8 * MIB;
  const list = Buffer.alloc(4 * MIB);
  list.writeBigUInt64LE(PRIO_MAGIC, 8);
  list.set(
    [7, 8, 9, 10].flatMap((generation) => [0, 0, generation]),
    40,
  );
  const device = Buffer.alloc(2 * bucketBytes);
  sealed(list).copy(device, bucketBytes);
  const generations = await readGenerations(memorySource(device), cache(bucketBytes), 1);
  assert.equal(generations.at((2 * bucketBytes) / 512), 9);
});
