// What a replay of a large log of btrfs costs, and that it ends when its guest's time does.
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { describe, test } from 'node:test';
import { breathing } from '../../src/filesystem/breath.js';
import {
  finish,
  type Replay,
  replayInodes,
  replayNames,
  replayRest,
} from '../../src/filesystem/btrfs/replay/subvolume.js';
import type { Item } from '../../src/filesystem/btrfs/tree.js';
import { openScope } from '../../src/source/local-scope.js';
import { entryItems, inodeItem, referenceItem, replayOf, TOP } from './btrfs-log.js';

async function run(replay: Replay): Promise<void> {
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
    const limitMs = 200;
    const started = Date.now();
    const scope = openScope({ deadlineMs: started + limitMs });
    t.after(() => scope.close());
    const file = await scope.open(resolve('images/btrfs-64k.qcow2'));
    const replay = await replayOf(items, [inodeItem(TOP)], breathing(file, 0));
    await assert.rejects(run(replay), { code: 'TIMEOUT' });
    assert.ok(Date.now() - started < limitMs + 1000, `${Date.now() - started} ms`);
  });

  test('lets timers fire meanwhile, and ends when its scope is closed', async (t) => {
    const scope = openScope({ deadlineMs: null });
    const file = await scope.open(resolve('images/btrfs-64k.qcow2'));
    const replay = await replayOf(items, [inodeItem(TOP)], breathing(file, 0));
    const timer = setTimeout(() => scope.close(), 100);
    t.after(() => clearTimeout(timer));
    await assert.rejects(run(replay), { code: 'TIMEOUT' });
  });
});
