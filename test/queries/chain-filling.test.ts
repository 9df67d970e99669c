// How near an image on a block device is to the end of it, and when it will be there.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withFilling } from '../../src/queries/chain/filling.js';
import type { ChainReport, LayerRecord } from '../../src/queries/chain/record.js';
import { HUMAN } from '../../src/report/block-size.js';
import { fillingText } from '../../src/report/chain/live-facts.js';
import { layer, MIB } from '../report/chain-fixtures.js';

const DEVICE = '/dev/vg/web1';

function onDevice(path: string, watermarkBytes: number, more: Partial<LayerRecord> = {}) {
  const device = { path, role: 'image', allocationBytes: null, physicalBytes: 100 * MIB };
  return layer(path, {
    watermarkBytes,
    files: [{ ...device, role: 'image', isDevice: true }],
    ...more,
  });
}

/** QEMU knows more than what is on the disk already. */
function live(allocationBytes: number) {
  const numbers = { capacityBytes: null, physicalBytes: 100 * MIB, thresholdBytes: null };
  return { domstats: { index: 1, allocationBytes, ...numbers } };
}

function report(chain: LayerRecord, askedAtMs: number): ChainReport {
  const header = { guest: 'web1', uuid: 'u', state: 'running', uri: 'qemu:///system' };
  const statistics = { readCount: 0, bytesRead: 0 };
  const disks = [{ disk: '/dev/sda', target: 'vda', chain }];
  return { ...header, statistics, partFiles: [], disks, problems: [], askedAtMs };
}

const fillingOf = (reports: readonly ChainReport[]) => reports[0]?.disks[0]?.filling ?? [];

test('the watermark is the higher of both, and two answers make a rate', () => {
  const first = withFilling([report(onDevice(DEVICE, 10 * MIB, live(20 * MIB)), 1000)], null);
  assert.deepEqual(fillingOf(first), [
    {
      ...{ path: DEVICE, deviceBytes: 100 * MIB, watermarkBytes: 20 * MIB, leftBytes: 80 * MIB },
      ...{ rateBytes: null, isNear: null, nearInSeconds: null, fullInSeconds: null },
    },
  ]);
  const next = [report(onDevice(DEVICE, 40 * MIB, live(30 * MIB)), 3000)];
  const [filling] = fillingOf(withFilling(next, { bytes: 10 * MIB }, first));
  assert.deepEqual(
    [filling?.rateBytes, filling?.isNear, filling?.nearInSeconds, filling?.fullInSeconds],
    [10 * MIB, false, 5, 6],
  );
  assert.equal(
    filling && fillingText(filling, HUMAN),
    '/dev/vg/web1 has 60M left of 100M, grows by 10M/s, is at the threshold in 5s, is full in 6s',
  );
  const near = (threshold: Parameters<typeof withFilling>[1]) =>
    fillingOf(withFilling(next, threshold, first))[0]?.isNear;
  assert.deepEqual([near({ percent: 60 }), near({ percent: 61 })], [false, true]);
  assert.deepEqual([near({ bytes: 60 * MIB }), near({ bytes: 60 * MIB + 1 })], [false, true]);
});

test('a base counts when it is written to, raw devices and files never do', () => {
  const chain = (mark: number) =>
    onDevice(DEVICE, MIB, { backing: onDevice('/dev/vg/base', mark) });
  const first = withFilling([report(chain(2 * MIB), 0)], null);
  const paths = (reports: readonly ChainReport[]) => fillingOf(reports).map(({ path }) => path);
  assert.deepEqual(paths(first), [DEVICE]);
  assert.deepEqual(paths(withFilling([report(chain(2 * MIB), 1000)], null, first)), [DEVICE]);
  const written = withFilling([report(chain(3 * MIB), 1000)], null, first);
  assert.deepEqual(paths(written), [DEVICE, '/dev/vg/base']);
  assert.deepEqual(
    paths(withFilling([report(onDevice(DEVICE, MIB, { format: 'raw' }), 0)], null)),
    [],
  );
  assert.deepEqual(paths(withFilling([report(layer('file.qcow2'), 0)], null)), []);
});
