// bcache: what each device holds is what the kernel read of it, with what its cache alone has, in the tree or in the journal.
// References: scripts/images/layers.py (bcache, bcache_journal), which recorded the kernel's SHA-256 of each.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bcache } from '../../src/volume/bcache.js';
import { bytesOf, problemOf } from './support/outcome.js';
import { assertRecorded, expectationOf, recordedDisks, sha256Of } from './support/recorded.js';

test('what was not written back is read from the tree of the cache, and so are volumes that lie in it alone', async () => {
  const { volumes, problems } = await bcache.join(await recordedDisks('bcache'));
  assert.deepEqual(problems, []);
  await assertRecorded('bcache', volumes);
});

test('what is in the journal alone is read from there', async () => {
  const { volumes, problems } = await bcache.join(await recordedDisks('bcache-journal'));
  assert.deepEqual(problems, []);
  await assertRecorded('bcache-journal', volumes);
});

test('without its cache a device is read where all of its content is there, and says so where it is not', async () => {
  const disks = await recordedDisks('bcache');
  const { volumes } = await bcache.join(disks.slice(0, 2));
  const [dirty, clean] = volumes;
  assert.equal(problemOf(dirty?.source)?.code, 'MISSING_DEVICE');
  const source = bytesOf(clean?.source);
  assert.ok(source);
  const [, recorded] = expectationOf('bcache').arrays;
  assert.equal(await sha256Of(source), recorded?.sha256);
});
