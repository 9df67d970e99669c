// A chain whose active image a real QEMU writes to while it is read: its numbers are those of one moment, or it is stale.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { imageGuest } from '../../src/guests/images.js';
import { inWorkshop, noQemu } from '../container/images.js';
import { toolEnv } from '../tools.js';
import { trueCheck } from './chain-truth.js';
import { chainsOf } from './sources.js';

const READINGS = 150;
const CLUSTER = 65_536;
/** Between two of the writer's pauses. */
const WRITES = 40;
const PAUSE_MS = 15;
/** No reading begins after so long: the machine may be busy. */
const MAX_MS = 20_000;

test('data only grow, tables are never torn, and the last reading is what qemu-img check says', {
  skip: noQemu,
}, async () => {
  await inWorkshop(async (shop) => {
    await shop.img('create', '-q', '-f', 'qcow2', 'base.qcow2', '2G');
    await shop.img('create', '-q', '-f', 'qcow2', '-b', 'base.qcow2', '-F', 'qcow2', 'top.qcow2');
    const path = shop.path('top.qcow2');
    const writer = spawn('qemu-io', ['-t', 'unsafe', path], {
      env: toolEnv,
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    let isDone = false;
    const write = async (): Promise<void> => {
      for (let i = 0; !isDone; i++) {
        const flush = i % 17 === 0 ? 'flush\n' : '';
        const isTaken = writer.stdin.write(
          `write -P 7 ${((i * 7919) % 30_000) * CLUSTER} ${CLUSTER}\n${flush}`,
        );
        if (i % WRITES === 0 || !isTaken) await sleep(PAUSE_MS);
      }
      writer.stdin.end('quit\n');
      await once(writer, 'exit');
    };
    const writing = write();
    const endMs = Date.now() + MAX_MS;
    let last = 0;
    let freshCount = 0;
    const read = async () => {
      const report = await chainsOf(imageGuest([path], 'qcow2'));
      return report.disks[0]?.chain ?? assert.fail();
    };
    try {
      for (let i = 0; i < READINGS && Date.now() < endMs; i++) {
        const { stale, problem, dataBytes, watermarkBytes } = await read();
        if (stale === true) continue;
        freshCount += 1;
        assert.equal(problem, null);
        assert.ok(dataBytes !== null && dataBytes >= last, `${dataBytes} after ${last}`);
        assert.ok((watermarkBytes ?? 0) >= dataBytes);
        last = dataBytes;
      }
    } finally {
      isDone = true;
      await writing;
    }
    assert.ok(freshCount > 0 && last > 0, `${freshCount} fresh readings, the last of ${last}`);
    const end = await read();
    const check = trueCheck(path, 'qcow2');
    assert.deepEqual(
      [end.stale, end.watermarkBytes, (end.dataBytes ?? 0) / CLUSTER, end.leakedClusterCount],
      [false, check['image-end-offset'], check['allocated-clusters'], check.leaks ?? 0],
    );
  });
});
