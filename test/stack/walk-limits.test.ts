// A guest of a few MiB whose volumes all lie on the same bytes: its rows and its members are limited.
import assert from 'node:assert/strict';
import { test } from 'node:test';
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
