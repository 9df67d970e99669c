// `virt-df reclaim` against what fstrim gave back of the same images, to the cluster.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { knownFilesystems } from '../../src/declarative/known.js';
import { imageGuests } from '../../src/guests/images.js';
import { ask } from '../../src/queries/ask.js';
import { sumOf } from '../../src/queries/reclaim/record.js';
import { reclaim } from '../../src/queries/reclaim.js';
import { type ReclaimCase, reclaimCases, total, withCase } from './reclaim-cases.js';

/** Of the map something else is left: the file keeps what a snapshot, or another compressed cluster, has too. */
const KEPT = /snapshot|compressed/u;

for (const one of reclaimCases()) {
  test(`${one.name}: what fstrim gave back`, () => withCase(one, (paths) => compare(one, paths)));
}

async function compare(one: ReclaimCase, paths: readonly string[]): Promise<void> {
  const [guest] = imageGuests(paths, { format: one.format, sameGuest: true });
  assert.ok(guest);
  const { filesystems } = await knownFilesystems([], process.env, true);
  const report = await ask(guest, reclaim('guest'), { filesystems, timeoutSeconds: null });
  const [filesystem] = report.filesystems;
  const [image] = report.images;
  assert.equal(filesystem?.record.device, one.device);
  const space = filesystem?.space;
  assert.ok(space && image);
  const { storedBytes, reclaimableBytes, partialBytes, pinnedBytes, compressedBytes } = space;
  if (KEPT.test(one.name)) {
    assert.equal(reclaimableBytes, one.shrunk_bytes + one.new_bytes);
    assert.ok(pinnedBytes + compressedBytes > 0);
  } else {
    assert.equal(reclaimableBytes, one.given_back_bytes);
    assert.equal(pinnedBytes + compressedBytes, 0);
  }
  if (image.way === 'discard')
    assert.equal(reclaimableBytes + partialBytes + pinnedBytes, storedBytes);
  assert.ok(storedBytes <= total(one.stored));
  assert.deepEqual(sumOf(report.images.map((each) => each.space)), space);
}
