// Chains of every stacking format with bytes flipped in their tables: numbers or coded problems, never a bug, never a
// number that no file can have, within a bound of time. The seeds are fixed.
import assert from 'node:assert/strict';
import { open, readFile, writeFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { imageGuest } from '../../src/guests/images.js';
import { type LayerRecord, layerRecordsOf } from '../../src/queries/chain/record.js';
import { inWorkshop, noQemu, type Workshop } from '../container/images.js';
import { random } from '../random.js';
import { chainsOf } from './sources.js';

const CASES = Number(process.env.VIRT_DF_CASES ?? 60);
const MAX_CASE_CPU_MS = 2000;
/** Headers and tables of images as small as these; what lies behind is the guest's data. */
const HEAD_BYTES = 400 * 1024;

const OVERLAYS = ['-b', 'base', '-F'];

async function makeQcow2(shop: Workshop, options: readonly string[]): Promise<void> {
  await shop.img('create', '-q', '-f', 'raw', 'base', '4M');
  await shop.io('base', 'write -P 3 0 2M');
  await shop.img('convert', '-c', '-f', 'raw', '-O', 'qcow2', 'base', 'packed');
  const over = ['-b', 'packed', '-F', 'qcow2'];
  await shop.img('create', '-q', '-f', 'qcow2', ...options, ...over, 'image', '5M');
  await shop.io('image', 'write -P 1 1M 300k', 'write -z 2M 64k');
  await shop.img('snapshot', '-c', 'one', 'image');
  await shop.io('image', 'write -P 2 0 100k');
}

const MAKERS: readonly (readonly [string, (shop: Workshop) => Promise<void>])[] = [
  ['qcow2', (shop) => makeQcow2(shop, [])],
  ['qcow2 with subclusters', (shop) => makeQcow2(shop, ['-o', 'extended_l2=on'])],
  ...(['qed', 'vmdk', 'qcow', 'vpc', 'vdi'] as const).map(
    (format) =>
      [
        format,
        async (shop: Workshop) => {
          await shop.img('create', '-q', '-f', 'raw', 'base', '4M');
          await shop.io('base', 'write -P 3 0 1M', 'write -P 3 2M 64k');
          if (format === 'vpc' || format === 'vdi' || format === 'vmdk') {
            await shop.img('convert', '-f', 'raw', '-O', format, 'base', 'image');
          } else {
            await shop.img('create', '-q', '-f', format, ...OVERLAYS, 'raw', 'image');
            await shop.io('image', 'write -P 1 1M 300k');
          }
        },
      ] as const,
  ),
];

function checkNumbers(layer: LayerRecord, name: string): void {
  const { capacityBytes, dataBytes, compressedBytes, zeroBytes, hiddenBytes } = layer;
  for (const [key, value] of Object.entries(layer)) {
    if (typeof value !== 'number') continue;
    assert.ok(Number.isSafeInteger(value) && value >= 0, `${name}: ${key} is ${value}`);
  }
  const stored = (dataBytes ?? 0) + (compressedBytes ?? 0);
  assert.ok(stored + (zeroBytes ?? 0) <= (capacityBytes ?? 0), name);
  assert.ok((hiddenBytes ?? 0) <= stored, name);
}

describe('chains of damaged images', { skip: noQemu }, () => {
  for (const [format, make] of MAKERS) {
    test(format, async () => {
      await inWorkshop(async (shop) => {
        await make(shop);
        const whole = await readFile(shop.path('image'));
        const pick = random(`chain ${format}`);
        for (let i = 0; i < CASES; i++) {
          const bytes = Uint8Array.from(whole);
          const end = Math.min(bytes.length, i % 3 === 0 ? 1024 : HEAD_BYTES);
          for (let flips = 1 + pick(6); flips > 0; flips--) {
            // Where there is something, most of the time: the rest are zeros that nothing reads.
            let at = pick(end);
            for (let tries = 0; bytes[at] === 0 && tries < 400; tries++) at = pick(end);
            bytes[at] = pick(4) === 0 ? 0xff : (bytes[at] ?? 0) ^ (2 ** pick(8));
          }
          await writeFile(shop.path('damaged'), bytes);
          const start = process.cpuUsage();
          const name = `${format}, case ${i}`;
          const { disks } = await chainsOf(imageGuest([shop.path('damaged')], 'auto'), {
            timeoutSeconds: 20,
          });
          const { user, system } = process.cpuUsage(start);
          assert.ok((user + system) / 1000 < MAX_CASE_CPU_MS, `${name}: ${user + system} us`);
          assert.equal(disks.length, 1, name);
          for (const { chain } of disks) {
            for (const layer of layerRecordsOf(chain)) checkNumbers(layer, name);
          }
        }
      });
    });
  }

  test('an image that is cut off anywhere', async () => {
    await inWorkshop(async (shop) => {
      await makeQcow2(shop, []);
      const { length } = await readFile(shop.path('image'));
      for (let size = length; size > 0; size -= 32_768 + 512) {
        const file = await open(shop.path('image'), 'r+');
        await file.truncate(size);
        await file.close();
        const guest = imageGuest([shop.path('image')], 'qcow2');
        const { disks } = await chainsOf(guest, { timeoutSeconds: 20 });
        for (const { chain } of disks) {
          for (const layer of layerRecordsOf(chain)) checkNumbers(layer, `${size} bytes`);
        }
      }
    });
  });
});
