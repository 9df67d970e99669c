// Blocks that lie alone are read alone where that is possible, and by the read that a source has.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ByteSource } from '../../src/bytes/source.js';
import { readTogether } from '../../src/filesystem/blocks-together.js';
import { KIB, MIB } from '../../src/limits.js';

const BLOCK = 4 * KIB;

function counted(hasReadInto: boolean) {
  const lengths: number[] = [];
  const source: ByteSource = {
    sizeBytes: MIB,
    async read(_, length) {
      if (hasReadInto) assert.fail('the cache is not asked');
      lengths.push(length);
      return new Uint8Array(length);
    },
    runs: () => Promise.resolve([]),
  };
  const readInto: ByteSource['readInto'] = async (offset, target) => {
    lengths.push(target.length);
    target.fill(offset / BLOCK);
  };
  return { source: hasReadInto ? { ...source, readInto } : source, lengths };
}

test('of a file no more is read than the blocks and what lies closely between them', async () => {
  const { source, lengths } = counted(true);
  const blocks = await readTogether(source, BLOCK, [100, 3, 5, 40]);
  assert.deepEqual(lengths, [3 * BLOCK, BLOCK, BLOCK]);
  assert.deepEqual([...blocks.keys()], [3, 5, 40, 100]);
  assert.equal(blocks.get(40)?.[0], 40);
});

test('what has no such read is read as it can', async () => {
  const { source, lengths } = counted(false);
  await readTogether(source, BLOCK, [7]);
  assert.deepEqual(lengths, [BLOCK]);
});
