// The walk of a B-tree, on trees that are sound and on such as only an attacker would write.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FormatError } from '../../src/errors.js';
import { type Tree, treeBlocks, treeLeaves } from '../../src/filesystem/btree.js';

/** Each block by its number: its level and what it points to. */
type Blocks = Readonly<Record<number, { readonly level: number; readonly to: readonly number[] }>>;

const SOUND: Blocks = {
  1: { level: 2, to: [2, 3] },
  2: { level: 1, to: [4, 5] },
  3: { level: 1, to: [6] },
  4: { level: 0, to: [] },
  5: { level: 0, to: [] },
  6: { level: 0, to: [] },
};

function treeOf(blocks: Blocks, read: number[] = []): Tree<number, number> {
  return {
    format: 'test',
    name: 'a tree',
    top: [1],
    topLevel: 2,
    async read(pointer, level) {
      read.push(pointer);
      if (blocks[pointer]?.level === level) return pointer;
      throw new FormatError('INVALID', `block ${pointer} is not of level ${level}`);
    },
    children: (block) => blocks[block]?.to ?? [],
  };
}

async function all<T>(of: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of of) found.push(one);
  return found;
}

const free = () => {};

describe('a walk of a tree', () => {
  test('goes from left to right, a block before those below it', async () => {
    const blocks = await all(treeBlocks(treeOf(SOUND), { spend: free }));
    assert.deepEqual(
      blocks.map(({ block, level }) => [block, level]),
      [
        [1, 2],
        [2, 1],
        [4, 0],
        [5, 0],
        [3, 1],
        [6, 0],
      ],
    );
    assert.deepEqual(await all(treeLeaves(treeOf(SOUND), free)), [4, 5, 6]);
  });

  test('comes to the blocks below the lowest level without reading them', async () => {
    const read: number[] = [];
    const levels: number[] = [];
    const spend = (level: number) => levels.push(level);
    await all(treeBlocks(treeOf(SOUND, read), { lowestLevel: 1, spend }));
    assert.deepEqual(read, [1, 2, 3]);
    assert.deepEqual(levels, [2, 1, 0, 0, 1, 0]);
  });

  test('reads no more than is asked for', async () => {
    const read: number[] = [];
    for await (const leaf of treeLeaves(treeOf(SOUND, read), free)) {
      assert.equal(leaf, 4);
      break;
    }
    assert.deepEqual(read, [1, 2, 4]);
  });

  test('ends where whoever walks has no more to spend', async () => {
    let left = 3;
    const spend = () => {
      if (left === 0) throw new FormatError('LIMIT', 'too many');
      left -= 1;
    };
    await assert.rejects(all(treeBlocks(treeOf(SOUND), { spend })), { code: 'LIMIT' });
  });

  test('comes to no block twice: within a level, up again, or to itself', async () => {
    const twice = { ...SOUND, 3: { level: 1, to: [6, 4] } };
    const up = { ...SOUND, 3: { level: 1, to: [2] } };
    const itself = { ...SOUND, 1: { level: 2, to: [1] } };
    for (const blocks of [twice, up, itself]) {
      await assert.rejects(all(treeBlocks(treeOf(blocks), { spend: free })), { code: 'LOOP' });
      const walk = treeBlocks(treeOf(blocks), { lowestLevel: 1, spend: free });
      await assert.rejects(all(walk), { code: 'LOOP' });
    }
  });

  test('goes down one level at each step', async () => {
    const flat = { ...SOUND, 1: { level: 2, to: [6] } };
    await assert.rejects(all(treeBlocks(treeOf(flat), { spend: free })), { code: 'INVALID' });
  });
});
