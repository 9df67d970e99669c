// bcache: what each device holds is what the kernel read of it, with what its cache alone has, in the tree or in the journal.
// References: scripts/images/layers.py (bcache, bcache_journal), which recorded the kernel's SHA-256 of each.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writtenChanges } from '../../src/bytes/changes.js';
import { crc64 } from '../../src/bytes/crc64.js';
import { overlay } from '../../src/bytes/overlay.js';
import { slice } from '../../src/bytes/slice.js';
import type { ByteSource } from '../../src/bytes/source.js';
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

/** The device with the state of one that was used without its cache: Linux drivers/md/bcache/super.c, bch_cached_dev_run. */
async function stale(device: ByteSource): Promise<ByteSource> {
  const content = Buffer.from(await device.read(4096, 4096));
  content.writeUInt8(content.readUInt8(111) | 0x60, 111);
  const end = 208 + 8 * content.readUInt16LE(206);
  content.writeBigUInt64LE(crc64(content.subarray(8, end)), 0);
  return overlay(device, writtenChanges([{ offsetBytes: 4096, lengthBytes: 4096, content }]));
}

test('of a device that was used without its cache since, nothing is read from the cache', async () => {
  const [dirty, ...others] = await recordedDisks('bcache');
  assert.ok(dirty);
  const device = await stale(dirty.source);
  const { volumes, problems } = await bcache.join([{ ...dirty, source: device }, ...others]);
  const source = bytesOf(volumes[0]?.source);
  assert.ok(source);
  const below = slice(device, device.sizeBytes - source.sizeBytes, source.sizeBytes);
  assert.equal(await sha256Of(source), await sha256Of(below));
  assert.deepEqual(
    problems.map(({ error }) => error.code),
    ['ESTIMATE'],
  );
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
