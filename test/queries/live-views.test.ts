// Filesystems of guests that run: df inside one counts deleted files as used while they are open, and the next mount frees them.
// Their images were copied while a kernel had them mounted, and `live` is what it said then (scripts/images/live.py).
import assert from 'node:assert/strict';
import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, test } from 'node:test';
import { filesystems } from '../../src/declarative/registry.js';
import type { View } from '../../src/filesystem/view.js';
import type { GuestDefinition } from '../../src/guests/guest.js';
import { imageGuest } from '../../src/guests/images.js';
import { ask } from '../../src/queries/ask.js';
import { du } from '../../src/queries/du.js';
import { folderOf, serve } from '../host/servers.js';
import { missing } from '../tools.js';
import { ALL_FILES, entriesOf } from './du-support.js';
import { dfOf } from './sources.js';

const FOLDER = resolve('images/live');

interface Counts {
  readonly f_frsize: number;
  readonly f_blocks: number;
  readonly f_bfree: number;
  readonly f_bavail: number;
  readonly f_ffree: number;
  readonly f_files: number;
}

interface Expected {
  readonly name: string;
  readonly disks: readonly string[];
  readonly filesystems: readonly [{ readonly guest: Counts; readonly mount: Counts }];
  readonly live: Counts & { readonly deleted_open_bytes: number };
}

const EXPECTED = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.json'))
  .map((name): Expected => JSON.parse(readFileSync(join(FOLDER, name), 'utf8')));

function guestOf({ disks }: Expected, state: string | null): GuestDefinition {
  return {
    ...imageGuest(
      disks.map((disk) => join(FOLDER, disk)),
      'auto',
    ),
    state,
  };
}

async function rowOf(guest: GuestDefinition, view: View = 'guest') {
  const { filesystems: rows, statistics } = await dfOf(guest, { view });
  const [row] = rows;
  assert.ok(row && rows.length === 1);
  assert.equal(row.stale, false);
  assert.deepEqual(row.doubts, []);
  return { ...row, readCount: statistics.readCount };
}

function assertCounts(row: Awaited<ReturnType<typeof rowOf>>, counts: Counts): void {
  const { f_frsize, f_blocks, f_bfree, f_bavail, f_files, f_ffree } = counts;
  const bytes = [f_blocks, f_bfree, f_bavail].map((blocks) => blocks * f_frsize);
  assert.deepEqual([row.sizeBytes, row.freeBytes, row.availBytes], bytes);
  assert.deepEqual([row.files ?? 0, row.filesFree ?? 0], [f_files, f_ffree]);
}

for (const expected of EXPECTED) {
  const { name, live } = expected;
  const [{ guest, mount }] = expected.filesystems;
  describe(name, () => {
    test('deleted files that are open are used in a guest that runs', async () => {
      for (const state of ['running', 'paused']) {
        const row = await rowOf(guestOf(expected, state));
        assertCounts(row, live);
        assert.equal(row.deletedOpenBytes, live.deleted_open_bytes);
      }
      assertCounts(await rowOf(guestOf(expected, null), 'live'), live);
    });

    test('a mount frees them, if no guest runs', async () => {
      for (const state of ['crashed', 'shut off', null]) {
        const row = await rowOf(guestOf(expected, state));
        assertCounts(row, guest);
        assert.equal(row.deletedOpenBytes, 0);
      }
      assertCounts(await rowOf(guestOf(expected, 'running'), 'mount'), mount);
    });

    test('du has them in a row, and the sum of all is df’s used', async () => {
      const report = await ask(guestOf(expected, 'running'), du(ALL_FILES), {
        filesystems,
        timeoutSeconds: 60,
      });
      const [filesystem] = report.filesystems;
      assert.ok(filesystem);
      const { other, record } = filesystem;
      const rows = other.filter(({ kind }) => kind === 'deleted');
      assert.deepEqual(
        rows.map(({ allocatedBytes, fileCount }) => [allocatedBytes, fileCount]),
        [[live.deleted_open_bytes, 2]],
      );
      const sum = other.reduce((bytes, { allocatedBytes }) => bytes + allocatedBytes, 0);
      const [top] = entriesOf(filesystem);
      assert.equal((top?.totalBytes ?? 0) + sum, record.usedBytes);
      assert.equal(record.usedBytes, (live.f_blocks - live.f_bfree) * live.f_frsize);
      assert.ok(other.every(({ kind }) => kind !== 'unaccounted' && kind !== 'leaked'));
    });
  });
}

test('an image that a QEMU has open for writing is one of a guest that runs', {
  skip: process.platform !== 'linux' || missing({ 'qemu-nbd': 'qemu-utils' }),
}, async (t) => {
  const [expected] = EXPECTED;
  assert.ok(expected);
  const folder = await folderOf(t);
  const image = join(folder, 'copy.qcow2');
  copyFileSync(join(FOLDER, expected.disks[0] ?? ''), image);
  const guest = imageGuest([image], 'auto');
  assertCounts(await rowOf(guest), expected.filesystems[0].guest);
  const socket = join(folder, 'socket');
  await serve(t, ['qemu-nbd', '-t', '-f', 'qcow2', '-k', socket, image], socket);
  assertCounts(await rowOf(guest), expected.live);
});

test('where nothing is open, a guest that runs costs no read more', async () => {
  for (const name of ['ext4-dirty', 'xfs-dirty', 'btrfs-dirty']) {
    const image = imageGuest([resolve('images', `${name}.qcow2`)], 'auto');
    const [off, running] = [await rowOf(image), await rowOf({ ...image, state: 'running' })];
    assert.equal(running.deletedOpenBytes, 0, name);
    assert.equal(running.usedBytes, off.usedBytes, name);
    assert.equal(running.readCount, off.readCount, name);
  }
});
