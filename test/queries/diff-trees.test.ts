// Which nodes of two states' trees are read, by nodes that are made up: what both have, and what only seems so.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RecordNode, RecordTree } from '../../src/filesystem/files.js';
import { MIB } from '../../src/limits.js';
import { rangeSet } from '../../src/queries/diff/range-set.js';
import { differingLeaves } from '../../src/queries/diff/record-trees.js';
import { recordsOf } from '../../src/queries/diff/records.js';
import { memoryOf } from '../../src/queries/files/columns.js';
import { fakeReader } from './du-reader.js';

const NODE_BYTES = 16;

/** At an address; of what lies below it, the addresses are others. */
function made(
  name: string,
  address: number,
  transaction: bigint,
  below: readonly RecordNode[] = [],
  read: string[] = [],
): RecordNode {
  return {
    level: below.length === 0 ? 0 : (below[0]?.level ?? 0) + 1,
    name,
    transaction,
    at: () => [{ volumeIndex: 0, offsetBytes: address, lengthBytes: NODE_BYTES }],
    async below() {
      read.push(name);
      return below;
    },
    files: () => assert.fail('it is asked for nodes alone'),
  };
}

function treeOf(top: RecordNode, tree = 5, above: number | null = null): RecordTree {
  return {
    root: { tree, number: 256 },
    top,
    isSnapshot: tree !== 5,
    above,
    nameCount: () => assert.fail('nobody asks'),
  };
}

async function* once(offsetBytes: number, lengthBytes: number) {
  yield [{ offsetBytes, lengthBytes }];
}

/** The names of the leaves that are left of each state. @param until bytes up to there may differ. */
async function leftOf(old: RecordNode, other: RecordNode, until: number) {
  const changed = [await rangeSet(once(0, until))];
  const memory = memoryOf(MIB);
  const left = await differingLeaves([treeOf(old)], [treeOf(other)], changed, memory);
  return [left.old.map(({ name }) => name), left.other.map(({ name }) => name)];
}

test('a node that both have where nothing was written, and one of that time beside what was', async () => {
  const [untouched, beside] = [made('untouched', 1000, 7n), made('beside', 0, 6n)];
  const old = made('old', 2000, 7n, [beside, untouched, made('was', 16, 5n)]);
  const other = made('other', 2016, 8n, [beside, untouched, made('is', 32, 8n)]);
  assert.deepEqual(await leftOf(old, other, 64), [['was'], ['is']]);
});

test('two clones may have two nodes of one name', async () => {
  const common = made('common', 1000, 7n);
  const old = made('top', 0, 8n, [common, made('leaf', 16, 8n)]);
  const other = made('top', 0, 8n, [common, made('leaf', 16, 8n)]);
  assert.deepEqual(await leftOf(old, other, 64), [['leaf'], ['leaf']]);
});

test('of images that share nothing no node is known again', async () => {
  const leaf = made('leaf', 0, 3n);
  assert.deepEqual(await leftOf(leaf, made('leaf', 0, 3n), 4096), [['leaf'], ['leaf']]);
});

test('nothing below a node is read that both have, also in a tree that grew', async () => {
  const read: string[] = [];
  const inner = made('inner', 1000, 4n, [made('a', 1016, 4n), made('b', 1032, 2n)], read);
  const other = made('top', 0, 9n, [inner, made('new', 16, 9n, [made('c', 32, 9n)], read)], read);
  assert.deepEqual(await leftOf(inner, other, 64), [[], ['c']]);
  assert.deepEqual(read, ['top', 'new']);
});

test('a snapshot that only one state has is read where a subvolume was moved into it', async () => {
  const top = made('top', 1000, 7n);
  const readerOf = (...trees: readonly RecordTree[]) => ({
    ...fakeReader([]),
    recordTrees: async () => trees,
  });
  const old = readerOf(treeOf(top), treeOf(top, 256, 5));
  const lone = async (above: number) => {
    const other = readerOf(treeOf(top), treeOf(top, 256, above), treeOf(top, 257, 5));
    const { snapshots } = await recordsOf(
      { old, other, changed: [], ignored: new Set() },
      false,
      memoryOf(MIB),
    );
    return snapshots.other.map(({ root }) => root.tree);
  };
  assert.deepEqual(await lone(5), [257]);
  assert.deepEqual(await lone(257), []);
});
