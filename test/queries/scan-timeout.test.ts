// How long one guest may take.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GuestDefinition } from '../../src/guests/guest.js';
import { rogue } from '../host/servers.js';
import { chainsOf, dfOf } from './sources.js';

const options = { filesystems: [] };

test('a time that is longer than any timer is not over at once', async () => {
  const guest = guestOf(Array.from({ length: 20 }, () => import.meta.filename));
  const { disks, problems } = await dfOf(guest, { ...options, timeoutSeconds: 2 ** 31 });
  assert.equal(disks.length, 20);
  assert.equal(problems.filter(({ code }) => code === 'TIMEOUT').length, 0);
});

test('a disk that cannot be opened in time leaves time for the others', async (t) => {
  // The half of the time that this disk is given passes when the server is asked, and no other time.
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_000_000 });
  const port = await rogue(t, () => t.mock.timers.tick(1000));
  const guest = guestOf([
    import.meta.filename,
    `nbd://127.0.0.1:${port}/busy`,
    import.meta.filename,
  ]);
  const { disks, filesystems } = await dfOf(guest, { ...options, timeoutSeconds: 2 });
  assert.deepEqual(
    disks.map(({ capacityBytes }) => capacityBytes !== null),
    [true, false, true],
  );
  assert.deepEqual(
    filesystems.map(({ disk, problem }) => [disk, problem?.code]),
    [
      ['/dev/sda', 'UNKNOWN_FILESYSTEM'],
      ['/dev/sdb', 'TIMEOUT'],
      ['/dev/sdc', 'UNKNOWN_FILESYSTEM'],
    ],
  );
  const chains = await chainsOf(guest, { timeoutSeconds: 2 });
  assert.deepEqual(
    chains.disks.map(({ chain }) => chain.problem?.code),
    [undefined, 'TIMEOUT', undefined],
  );
});

function guestOf(paths: readonly string[]): GuestDefinition {
  const common = { format: 'raw', target: null, allowedFiles: [], problem: null };
  const disks = paths.map((path) => ({ ...common, path }));
  return { name: 'g', uuid: null, state: null, uri: null, disks, problem: null };
}
