// What a replay of a large log of btrfs costs, and that it ends when its guest's time does.
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { describe, test } from 'node:test';
import { memoryRuns } from '../../src/bytes/source.js';
import { breathing } from '../../src/filesystem/breath.js';
import { DIR_INDEX, DIR_ITEM, INODE_REF } from '../../src/filesystem/btrfs/replay/items.js';
import type { SubvolumeReplay } from '../../src/filesystem/btrfs/replay/replay.js';
import {
  finish,
  replayInodes,
  replayNames,
  replayRest,
} from '../../src/filesystem/btrfs/replay/subvolume.js';
import type { Item } from '../../src/filesystem/btrfs/tree.js';
import { openScope } from '../../src/host/local-scope.js';
import { meter } from '../../src/host/meter.js';
import { cpuTime } from '../cpu-time.js';
import {
  entryItems,
  inodeItem,
  itemsOf,
  referenceItem,
  replayOf,
  TOP,
  topItems,
} from './btrfs-log.js';

async function run(replay: SubvolumeReplay): Promise<void> {
  for (const stage of [replayInodes, replayNames, replayRest, finish]) await stage(replay);
}

describe('a log of btrfs that takes seconds', () => {
  const FILES = 20_000;
  const items: Item[] = [inodeItem(TOP)];
  for (let i = 0; i < FILES; i++) {
    const [object, index, name] = [BigInt(i) + 1000n, BigInt(i) + 2n, `file-${i}`];
    const [byIndex] = entryItems(object, index, name);
    items.push(inodeItem(object), referenceItem(object, new Map([[index, name]])), byIndex);
  }

  test('is given up when the time of its guest ends', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: 1_000_000 });
    const limits = { maxReadCount: 0, maxReadBytes: 0 };
    const cost = meter({ deadlineMs: 1_000_200, ...limits });
    let pauseCount = 0;
    const read = async () => {
      pauseCount += 1;
      t.mock.timers.tick(100);
      cost.check();
      return new Uint8Array(1);
    };
    const replay = await replayOf(items, topItems(), {
      breathe: breathing({ sizeBytes: 1, runs: memoryRuns, read }, 0),
    });
    const spentMs = cpuTime();
    await assert.rejects(run(replay), { code: 'TIMEOUT' });
    assert.equal(pauseCount, 3);
    assert.ok(spentMs() < 1200, `${spentMs()} ms`);
  });

  test('lets timers fire meanwhile, and ends when its scope is closed', async (t) => {
    const scope = openScope({ deadlineMs: null });
    const file = await scope.open(resolve('images/btrfs-64k.qcow2'));
    const replay = await replayOf(items, topItems(), { breathe: breathing(file, 0) });
    const timer = setTimeout(() => scope.close(), 100);
    t.after(() => clearTimeout(timer));
    await assert.rejects(run(replay), { code: 'TIMEOUT' });
  });
});

describe('a file of btrfs with thousands of links in one directory', () => {
  const FILE = 300n;
  /** The kernel gives up where the item of before and that of the log would not fit into one node together. */
  const LINKS = 2800;
  const names = (word: string, firstIndex: number, count: number) =>
    new Map(
      Array.from({ length: count }, (_, i) => [
        BigInt(firstIndex + i),
        `${word}${(i + 4096).toString(16)}`,
      ]),
    );
  const entries = (all: ReadonlyMap<bigint, string>) =>
    [...all].map(([index, name]) => entryItems(FILE, index, name));
  const old = names('f', 2, LINKS / 2);
  const added = names('g', 2 + LINKS / 2, LINKS / 2);
  const both = new Map([...old, ...added]);
  const fileItems = (all: ReadonlyMap<bigint, string>) => [
    inodeItem(FILE, all.size),
    referenceItem(FILE, all),
  ];
  const logOf = (all: ReadonlyMap<bigint, string>) => [inodeItem(TOP), ...fileItems(all)];

  /** What there is after the replay of a log with `logged`, which reads each name some few times. */
  async function namesAfter(logged: readonly Item[], before: readonly Item[]) {
    let namesRead = 0;
    const onRead = (names: number) => {
      namesRead += names;
    };
    const replay = await replayOf(logged, before, { onRead });
    await run(replay);
    assert.ok(namesRead < 20 * LINKS, `${namesRead} names are read`);
    const items = itemsOf(replay.tree);
    const ofType = (type: number) => items.filter((item) => item.type === type);
    return {
      indices: ofType(DIR_INDEX).length,
      hashes: ofType(DIR_ITEM).flatMap((item) => replay.entries.of(item).list).length,
      references: ofType(INODE_REF)
        .filter(({ object }) => object === FILE)
        .flatMap((item) => replay.links.of(item).list)
        .map(({ name }) => name)
        .sort(),
      links: replay.linkCounts.get(FILE),
    };
  }
  const expected = (all: ReadonlyMap<bigint, string>) => ({
    indices: all.size,
    hashes: all.size,
    references: [...all.values()].sort(),
    links: all.size,
  });

  test('has those that the log adds, by their references', async () => {
    const before = [...topItems(), ...fileItems(old), ...entries(old).flat()];
    assert.deepEqual(await namesAfter(logOf(both), before), expected(both));
  });

  test('has those that the log adds, by their directory', async () => {
    const indices = entries(added).map(([byIndex]) => byIndex);
    const before = [...topItems(), ...fileItems(old), ...entries(old).flat()];
    const logged = [inodeItem(TOP), inodeItem(FILE, both.size), ...indices];
    assert.deepEqual(await namesAfter(logged, before), expected(both));
  });

  test('has them where the log tells of them twice', async () => {
    const indices = entries(both).map(([byIndex]) => byIndex);
    const before = [...topItems(), ...fileItems(old), ...entries(old).flat()];
    assert.deepEqual(await namesAfter([...logOf(both), ...indices], before), expected(both));
  });

  test('has lost those that the log has no more', async () => {
    const before = [...topItems(), ...fileItems(both), ...entries(both).flat()];
    assert.deepEqual(await namesAfter(logOf(added), before), expected(added));
  });

  test('has lost all but three', async () => {
    const few = new Map([...added].slice(0, 3));
    const before = [...topItems(), ...fileItems(both), ...entries(both).flat()];
    assert.deepEqual(await namesAfter(logOf(few), before), expected(few));
  });
});
