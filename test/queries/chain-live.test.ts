// A chain whose active image a real QEMU writes to while it is read: its numbers are those of one moment, or it is stale.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { imageGuest } from '../../src/guests/images.js';
import { inWorkshop, noQemu } from '../container/images.js';
import { trueCheck } from './chain-truth.js';
import { liveWriter } from './live-writer.js';
import { chainsOf } from './sources.js';

const READINGS = 150;
const CLUSTER = 65_536;
/** Of so many readings one is made while QEMU stands still: that one is fresh. */
const HELD_EACH = 10;
const AHEAD = 40;

function* writes(): Generator<string> {
  for (let i = 0; ; i++) {
    yield `write -q -P 7 ${((i * 7919) % 30_000) * CLUSTER} ${CLUSTER}`;
    if (i % 17 === 0) yield 'flush';
  }
}

test('data only grow, tables are never torn, and the last reading is what qemu-img check says', {
  skip: noQemu,
}, async () => {
  await inWorkshop(async (shop) => {
    await shop.img('create', '-q', '-f', 'qcow2', 'base.qcow2', '2G');
    await shop.img('create', '-q', '-f', 'qcow2', '-b', 'base.qcow2', '-F', 'qcow2', 'top.qcow2');
    const path = shop.path('top.qcow2');
    const writer = liveWriter(path, writes(), AHEAD);
    let last = 0;
    const read = async () => {
      const report = await chainsOf(imageGuest([path], 'qcow2'));
      return report.disks[0]?.chain ?? assert.fail();
    };
    for (let i = 0; i < READINGS; i++) {
      await writer.progress(1 + (i % 8));
      const isHeld = i % HELD_EACH === 0;
      if (isHeld) await writer.hold();
      const { stale, problem, dataBytes, watermarkBytes } = await read();
      if (isHeld) writer.go();
      if (stale === true && !isHeld) continue;
      assert.deepEqual([stale, problem], [false, null]);
      assert.ok(dataBytes !== null && dataBytes >= last, `${dataBytes} after ${last}`);
      assert.ok(dataBytes > 0 && (watermarkBytes ?? 0) >= dataBytes);
      last = dataBytes;
    }
    await writer.quit();
    const end = await read();
    const check = trueCheck(path, 'qcow2');
    assert.deepEqual(
      [end.stale, end.watermarkBytes, (end.dataBytes ?? 0) / CLUSTER, end.leakedClusterCount],
      [false, check['image-end-offset'], check['allocated-clusters'], check.leaks ?? 0],
    );
  });
});
