// A guest of a few MiB whose volumes all lie on the same bytes: its rows and its members are limited.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_RESTS } from '../../src/limits.js';
import { df } from '../../src/queries/df.js';
import type { ProblemRecord } from '../../src/queries/report.js';
import { dfOfSources, stackOf } from '../queries/sources.js';
import { groupText, label, physicalText, UUID, volumePieces } from '../volume/support/lvm2.js';
import { type Pieces, sparseSource } from '../volume/support/sources.js';

const MIB = 1024 * 1024;

/** A group of `count` volumes, each of which is the same 512 bytes of the device, and `more` pieces. */
function volumes(count: number, extents: number, more: Pieces = []) {
  const one = (i: number) =>
    `l${i} { status = ["VISIBLE"] segment_count = 1 s1 { start_extent = 0 extent_count = ${extents} stripe_count = 1 stripes = ["pv0", 0] } }\n`;
  const logical = Array.from({ length: count }, (_, i) => one(i)).join('');
  const physical = physicalText('pv0', UUID, 'pe_start = 8192\npe_count = 64');
  const text = groupText({ extentSectors: 1, physical, logical });
  const pieces = volumePieces(text, {}, { size: BigInt(4 * MIB - 4096) });
  return sparseSource(5 * MIB, [...pieces, ...more]);
}

test('a thousand volumes may be members of groups themselves, no more', async () => {
  const unused = label({ areas: [] });
  const { filesystems: rows, volumes: found } = await dfOfSources([
    volumes(1010, 8, [[4 * MIB + 512, unused]]),
  ]);
  assert.equal(found.length, 1 + 1010);
  assert.deepEqual(new Set(rows.map(({ problem }) => problem?.code)), new Set(['LIMIT']));
  assert.equal(rows.length, 10);
});

test('a thousand filesystems one behind the other are looked at in part', async () => {
  const head = romfs();
  const disk = sparseSource(64 * MIB, [
    ...Array.from({ length: 1000 }, (_, i): [number, Uint8Array] => [i * 64 * 1024, head]),
  ]);
  const { filesystems } = await dfOfSources([disk]);
  assert.equal(filesystems.length, MAX_RESTS + 2);
  assert.deepEqual(
    new Set(filesystems.map(({ problem }) => problem?.code ?? null)),
    new Set([null, 'LIMIT']),
  );
});

/** The head of a romfs of 1 KiB: Linux Documentation/filesystems/romfs.rst. */
function romfs(): Uint8Array {
  const bytes = Buffer.alloc(1024);
  bytes.write('-rom1fs-', 0, 'latin1');
  bytes.writeUInt32BE(1024, 8);
  bytes.write('limit', 16, 'latin1');
  let sum = 0;
  for (let at = 0; at < 512; at += 4) sum = (sum + bytes.readUInt32BE(at)) >>> 0;
  bytes.writeUInt32BE((2 ** 32 - sum) >>> 0, 12);
  return bytes;
}

test('a guest has at most 20000 rows', async () => {
  const row: ProblemRecord = {
    guest: 'g',
    disk: null,
    device: null,
    code: 'INVALID',
    message: 'm',
  };
  const problems = Array.from({ length: 19_990 }, () => row);
  const query = df('guest');
  const found = { ...query.begin(), problems };
  await assert.rejects(query.read(found, stackOf([volumes(20, 8)])), { code: 'LIMIT' });
});
