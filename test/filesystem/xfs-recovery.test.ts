// All that the replay of XFS's log writes, against what a kernel wrote when it replayed the same log.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import type { OverlaySource } from '../../src/bytes/overlay.js';
import type { ByteSource } from '../../src/bytes/source.js';
import { openDisk } from '../../src/container/open.js';
import { VirtDfError } from '../../src/errors.js';
import { afterLog } from '../../src/filesystem/xfs/after-log.js';
import { openContext } from '../../src/filesystem/xfs/context.js';
import { recover } from '../../src/filesystem/xfs/recovery.js';
import { xfs } from '../../src/filesystem/xfs.js';
import { openScope } from '../../src/host/local-scope.js';
import { random } from '../random.js';

const SECTOR = 512;
const scope = openScope();
after(() => scope.close());

/** Of each image the runs of sectors that the replay changes: the first one, how many, and the hash of what they hold. */
const recorded: { readonly images: Readonly<Record<string, readonly [number, number, string][]>> } =
  JSON.parse(readFileSync('images/xfs-recovered.json', 'utf8'));

async function imageOf(name: string): Promise<ByteSource> {
  const { content } = await openDisk(`images/${name}.qcow2`, { format: 'qcow2', scope });
  return content;
}

/** The device after the replay of its log. */
async function recoveredVolume(disk: ByteSource): Promise<OverlaySource> {
  const context = await openContext(disk);
  const { log } = context.geometry;
  assert.ok(log);
  const recovered = await recover(context, log, 'all');
  assert.ok(!(recovered instanceof VirtDfError));
  return recovered.source;
}

type Run = readonly [firstSector: number, sectorCount: number, hash: string];

/** What the replay changes of the disk, as it is recorded of a kernel. */
async function changesOf(disk: ByteSource, recovered: OverlaySource): Promise<readonly Run[]> {
  const sectors: number[] = [];
  for (const { offsetBytes, lengthBytes } of recovered.changedRanges()) {
    const [before, now] = await Promise.all(
      [disk, recovered].map(async (source) =>
        Buffer.from(await source.read(offsetBytes, lengthBytes)),
      ),
    );
    for (let at = 0; at < lengthBytes; at += SECTOR) {
      const isChanged = before?.compare(now ?? before, at, at + SECTOR, at, at + SECTOR) !== 0;
      if (isChanged) sectors.push((offsetBytes + at) / SECTOR);
    }
  }
  const runs: [number, number][] = [];
  for (const sector of sectors) {
    const last = runs.at(-1);
    if (last !== undefined && last[0] + last[1] === sector) last[1] += 1;
    else runs.push([sector, 1]);
  }
  return Promise.all(
    runs.map(async ([first, count]): Promise<Run> => {
      const bytes = await recovered.read(first * SECTOR, count * SECTOR);
      return [first, count, createHash('sha256').update(bytes).digest('hex').slice(0, 16)];
    }),
  );
}

describe('the state after the log, sector by sector', () => {
  for (const [name, runs] of Object.entries(recorded.images)) {
    test(`${name}: the kernel writes the same`, async () => {
      const disk = await imageOf(name);
      assert.deepEqual(await changesOf(disk, await recoveredVolume(disk)), runs);
      assert.ok(runs.length > 0);
    });

    test(`${name}: df says the same of it`, async () => {
      const disk = await imageOf(name);
      const source = await recoveredVolume(disk);
      for (const view of ['guest', 'mount'] as const) {
        const expected = await (await xfs.open(disk)).usage(view);
        assert.deepEqual(await (await xfs.open(source)).usage(view), expected);
      }
    });
  }
});

test('a read that begins and ends anywhere gives the same bytes', async () => {
  const disk = await imageOf('xfs-dirty-nameless');
  const source = await recoveredVolume(disk);
  const draw = random('reads');
  for (const { offsetBytes, lengthBytes } of source.changedRanges()) {
    const start = Math.max(0, offsetBytes - 5000);
    const whole = await source.read(start, lengthBytes + 10_000);
    for (let i = 0; i < 20; i++) {
      const from = draw(lengthBytes + 9000);
      const length = 1 + draw(900);
      const part = await source.read(start + from, length);
      assert.deepEqual(Buffer.from(part), Buffer.from(whole.subarray(from, from + length)));
    }
  }
});

test('what is clean is as it lies on the disk', async () => {
  const context = await openContext(await imageOf('xfs-default'));
  const after = await afterLog(context, 'all');
  assert.deepEqual([after.context, after.recovered], [context, null]);
});

test('a log on another device is a doubt', async () => {
  const { content } = await openDisk('images/xfs-external-log.1.qcow2', { format: 'qcow2', scope });
  const codes: string[] = [];
  const filesystem = await xfs.open(content);
  await filesystem.files?.({ onDoubt: ({ error }) => codes.push(error.code) });
  assert.deepEqual(codes, ['IN_USE']);
});
