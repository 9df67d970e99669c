// DRBD: what lies before its metadata, of the size that the kernel gives the device.
// References: scripts/images/layers.py (drbd), which recorded the kernel's SHA-256.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drbd } from '../../src/volume/drbd.js';
import { bytesOf } from './support/outcome.js';
import { assertRecorded, recordedDisks } from './support/recorded.js';

test('the content is what the kernel reads; metadata that nobody used yet say so', async () => {
  const disks = await recordedDisks('drbd');
  const { volumes, problems } = await drbd.join(disks);
  await assertRecorded('drbd', volumes);
  assert.deepEqual(
    problems.map(({ device, error }) => [device, error.code]),
    [['/dev/sdb', 'ESTIMATE']],
  );
  const unused = bytesOf(volumes[1]?.source);
  assert.ok(unused && unused.sizeBytes > 0 && unused.sizeBytes < (disks[1]?.source.sizeBytes ?? 0));
});
