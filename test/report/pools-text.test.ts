// The table of `virt-df pools` on a terminal: what is coloured, and what is told below.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pool } from '../../src/queries/pools/record.js';
import { HUMAN } from '../../src/report/block-size.js';
import { DEFAULT_LEVELS } from '../../src/report/paint.js';
import { poolsText } from '../../src/report/pools/text.js';

const MIB = 1024 ** 2;
const ON = {
  ...{ id: '8:1', mountPoint: '/a 90% b', type: 'xfs' },
  ...{ sizeBytes: 100 * MIB, usedBytes: 90 * MIB, availBytes: 10 * MIB },
};
const POOL: Pool = {
  on: ON,
  ...{ guestCount: 1, fileCount: 2, allocationBytes: 5 * MIB, virtualBytes: 300 * MIB },
  ...{ guestUsedBytes: null, spreadGuests: [], reclaimableBytes: null, unknownGrowthCount: 0 },
  growthBytes: 295 * MIB,
  fillers: [{ guest: 'web', disk: '/dev/sda', path: '/a/web', growthBytes: 295 * MIB }],
  trend: { sinceMs: 0, bytesPerSecond: MIB / 86_400, secondsToFull: 864_000 },
};
const OPTIONS = {
  ...{ style: HUMAN, isTerminal: true, width: 120, hasColor: true, hasUnicode: false },
  ...{ isAscii: false, levels: DEFAULT_LEVELS, hasReclaimable: false },
};

test('how full it is has a colour, and nothing else that reads so', () => {
  const [, row = ''] = poolsText([], [POOL], OPTIONS)
    .replaceAll('\u001b[0m', '\u001b[33m')
    .split('\n');
  const [before = '', painted = '', behind, ...others] = row.split('\u001b[33m');
  assert.ok(behind?.includes(' 300M '));
  assert.deepEqual(others, []);
  assert.ok(before.startsWith('/a 90% b  '));
  assert.match(painted, /^ +90%$/u);
});

test('what could fill it, and when, stands below the table', () => {
  const notes = poolsText([], [POOL], { ...OPTIONS, hasColor: false })
    .split('\n')
    .slice(2);
  assert.deepEqual(notes, [
    '/a 90% b: its images may take 295M more, and 10M are left',
    '/a 90% b: each of these could fill it alone: web:/dev/sda (295M)',
    '/a 90% b: 1.0M a day more since 1970-01-01T00:00:00.000Z, so full in 10d',
    '',
  ]);
});
