// The disc inside raw sectors: its row is that of the ISO image that they were made of.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ErrorCode } from '../../src/errors.js';
import { imageGuest } from '../../src/guests/images.js';
import { dfOf } from '../queries/sources.js';
import { run } from '../run.js';
import { missing } from '../tools.js';
import { diskContent, inDirectory, mutated, opened, outcome, sameContent } from './block-images.js';
import { rawSectors } from './rawcd-writer.js';

const SECTOR = 2048;
const disc = diskContent(100 * SECTOR, 'rawcd');

test(
  'rawcd: an ISO image has the same row',
  { skip: missing({ genisoimage: 'genisoimage' }) },
  () =>
    inDirectory(async (directory) => {
      const iso = join(directory, 'disc.iso');
      await run('genisoimage', ['-quiet', '-V', 'RAW', '-o', iso, import.meta.dirname]);
      const rowOf = async (path: string) => {
        const { filesystems } = await dfOf(imageGuest([path], 'auto'));
        return filesystems.map(({ type, label, usedBytes, device }) => [
          type,
          label,
          usedBytes,
          device,
        ]);
      };
      const wanted = await rowOf(iso);
      assert.deepEqual([wanted.length, wanted[0]?.[1]], [1, 'RAW']);
      for (const fields of [{ mode: 1 }, { mode: 2 }] as const) {
        const path = join(directory, `${fields.mode}.bin`);
        await writeFile(path, rawSectors(await readFile(iso), fields));
        assert.deepEqual(await rowOf(path), wanted);
      }
    }),
);

test('rawcd: both modes, with subchannels and without', () =>
  inDirectory(async (directory) => {
    for (const mode of [1, 2] as const) {
      for (const strideBytes of [2352, 2448]) {
        const path = join(directory, 'disc.bin');
        await writeFile(path, rawSectors(disc, { mode, strideBytes }));
        await opened(path, async (found) => {
          await sameContent(found, disc, `mode ${mode}, ${strideBytes}`);
          const { format, version, features } = found.layer;
          assert.deepEqual(
            [format, version, features],
            ['rawcd', `mode${mode}`, [`${strideBytes}`]],
          );
        });
      }
    }
    const path = join(directory, 'one.bin');
    await writeFile(path, rawSectors(disc.subarray(0, SECTOR), { mode: 1 }));
    await opened(path, (found) => sameContent(found, disc.subarray(0, SECTOR), 'one sector'));
  }));

test('rawcd: what is no disc is an error with a code, or raw', async () => {
  const cases: readonly (readonly [string, ErrorCode | 'read', Uint8Array])[] = [
    ['sound', 'read', rawSectors(disc, { mode: 1 })],
    ['mode 0', 'UNSUPPORTED_FEATURE', rawSectors(disc, { mode: 0 })],
    ['form 2', 'UNSUPPORTED_FEATURE', rawSectors(disc, { mode: 2, isForm2: true })],
    ['a part of a sector', 'INVALID', rawSectors(disc, { mode: 1 }).subarray(0, 2000)],
    ['ten bytes', 'TRUNCATED', rawSectors(disc, { mode: 1 }).subarray(0, 10)],
    ['no second sector', 'INVALID', rawSectors(disc, { mode: 1 }).fill(1, 2352, 2400)],
  ];
  for (const [what, code, image] of cases) assert.equal(await outcome(image, 'rawcd'), code, what);
});

test('rawcd: whatever is changed, there is content or a code', async () => {
  const sound = rawSectors(disc, { mode: 2 });
  for (let i = 0; i < 200; i++) await outcome(mutated(sound, `rawcd ${i}`, 2400), 'rawcd');
});
