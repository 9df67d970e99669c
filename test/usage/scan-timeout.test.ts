// How long one guest may take.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GuestDefinition } from '../../src/guests/guest.js';
import { scanGuest } from '../../src/usage/scan.js';

test('a time that is longer than any timer is not over at once', async () => {
  const disk = { path: import.meta.filename, format: 'raw', target: null, allowedFiles: [] };
  const guest: GuestDefinition = {
    name: 'g',
    uuid: null,
    state: null,
    uri: null,
    disks: Array.from({ length: 20 }, () => ({ ...disk, problem: null })),
    problem: null,
  };
  const options = { view: 'guest', filesystems: [] } as const;
  const { disks, problems } = await scanGuest(guest, { ...options, timeoutSeconds: 2 ** 31 });
  assert.equal(disks.length, 20);
  assert.equal(problems.filter(({ code }) => code === 'TIMEOUT').length, 0);
});
