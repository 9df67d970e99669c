// A guest of a few MiB whose volumes all lie on the same bytes: its rows and its members are limited.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ByteSource } from '../../src/bytes/source.js';
import { filesystems } from '../../src/declarative/registry.js';
import type { ProblemRecord } from '../../src/queries/report.js';
import { type Findings, walk } from '../../src/queries/walk.js';
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

async function walked(source: ByteSource, problems: ProblemRecord[] = []): Promise<Findings> {
  const place = { guest: 'g', uuid: null, disk: '/dev/sda', device: '/dev/sda' };
  const findings: Findings = { filesystems: [], volumes: [], problems };
  await walk([{ place, source }], findings, { view: 'guest', filesystems });
  return findings;
}

test('a thousand volumes may be members of groups themselves, no more', async () => {
  const unused = label({ areas: [] });
  const { filesystems: rows, volumes: found } = await walked(
    volumes(1010, 8, [[4 * MIB + 512, unused]]),
  );
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
  await assert.rejects(walked(volumes(20, 8), problems), { code: 'LIMIT' });
});
