// The disc inside an image of Nero's is what iat makes of it.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ErrorCode } from '../../src/errors.js';
import { run } from '../run.js';
import { missing } from '../tools.js';
import { diskContent, inDirectory, mutated, opened, outcome, sameContent } from './block-images.js';
import { type NrgTrack, nrgOf } from './nrg-writer.js';
import { rawSectors } from './rawcd-writer.js';

const RAW = 2352;

/** The track in each kind of sectors that a drive gives. */
function tracksOf(disc: Uint8Array): readonly NrgTrack[] {
  const mode2 = rawSectors(disc, { mode: 2 });
  const withoutHeads = Array.from({ length: mode2.length / RAW }, (_, i) =>
    mode2.subarray(i * RAW + 16, (i + 1) * RAW),
  );
  return [
    { mode: 0, sectorBytes: 2048, bytes: disc },
    { mode: 3, sectorBytes: 2336, bytes: Buffer.concat(withoutHeads) },
    { mode: 5, sectorBytes: RAW, bytes: rawSectors(disc, { mode: 1 }) },
    { mode: 6, sectorBytes: RAW, bytes: mode2 },
    { mode: 15, sectorBytes: 2448, bytes: rawSectors(disc, { mode: 1, strideBytes: 2448 }) },
  ];
}

test(
  'nrg: both versions, at once and track by track, sectors of all kinds',
  { skip: missing({ genisoimage: 'genisoimage', iat: 'iat' }) },
  () =>
    inDirectory(async (directory) => {
      const [iso, path, truth] = ['disc.iso', 'disc.nrg', 'truth'].map((name) =>
        join(directory, name),
      );
      assert.ok(iso !== undefined && path !== undefined && truth !== undefined);
      // Small, since iat reads and writes each sector by itself.
      const files = join(import.meta.dirname, 'matrix');
      await run('genisoimage', ['-quiet', '-V', 'NRG', '-o', iso, files]);
      for (const track of tracksOf(await readFile(iso))) {
        for (const version of [1, 2] as const) {
          for (const isAtOnce of [true, false]) {
            await writeFile(path, nrgOf([track], { version, isAtOnce }));
            await run('iat', [path, truth]);
            const what = `mode ${track.mode}, version ${version}, at once: ${isAtOnce}`;
            await opened(path, async (found) => {
              await sameContent(found, await readFile(truth), what);
              assert.deepEqual(found.layer.features, [`${track.sectorBytes}`], what);
            });
          }
        }
      }
    }),
);

const DISC = diskContent(100 * 2048, 'nrg');
const [DATA] = tracksOf(DISC);
const MUSIC = { mode: 7, sectorBytes: RAW, bytes: Buffer.alloc(50 * RAW, 3) };

test('nrg: the first track with data is the disc', () =>
  inDirectory(async (directory) => {
    assert.ok(DATA !== undefined);
    const path = join(directory, 'disc.nrg');
    for (const isAtOnce of [true, false]) {
      await writeFile(path, nrgOf([MUSIC, DATA, MUSIC, DATA], { version: 2, isAtOnce }));
      await opened(path, (found) => sameContent(found, DISC, `at once: ${isAtOnce}`));
    }
  }));

test('nrg: what is no disc is an error with a code, and what is no NRG is raw', async () => {
  assert.ok(DATA !== undefined);
  const sound = nrgOf([DATA], { version: 2, isAtOnce: true });
  const changed = (at: number, byte: number): Buffer => {
    const image = Buffer.from(sound);
    image[at < 0 ? image.length + at : at] = byte;
    return image;
  };
  const track = sound.indexOf('DAOX') + 8 + 22;
  const cases: readonly (readonly [string, ErrorCode | 'read', Uint8Array])[] = [
    ['sound', 'read', sound],
    ['music', 'UNSUPPORTED_FEATURE', nrgOf([MUSIC], { version: 1, isAtOnce: true })],
    ['an unknown mode', 'UNSUPPORTED_FEATURE', changed(track + 14, 4)],
    ['a track that ends behind its chunk', 'OUT_OF_BOUNDS', changed(track + 34, 1)],
    ['a track that ends before it begins', 'OUT_OF_BOUNDS', changed(track + 26, 1)],
    ['chunks that lie elsewhere', 'INVALID', changed(-1, sound.at(-1) === 0 ? 1 : 0)],
    ['no last chunk', 'INVALID', changed(sound.indexOf('END!'), 0)],
    ['ten bytes', 'INVALID', sound.subarray(-10)],
  ];
  for (const [what, code, image] of cases) assert.equal(await outcome(image, 'nrg'), code, what);
  assert.equal(await outcome(changed(sound.indexOf('END!'), 0), 'auto'), 'read');
});

test('nrg: whatever is changed, there is content or a code', async () => {
  assert.ok(DATA !== undefined);
  for (const isAtOnce of [true, false]) {
    const sound = nrgOf([MUSIC, DATA], { version: 2, isAtOnce });
    const chunksAt = sound.indexOf('CUEX');
    for (let i = 0; i < 200; i++) {
      const chunks = mutated(sound.subarray(chunksAt), `nrg ${i}`, sound.length - chunksAt);
      await outcome(Buffer.concat([sound.subarray(0, chunksAt), chunks]), 'nrg');
    }
  }
});
