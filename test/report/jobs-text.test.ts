// How `virt-df jobs` shows its records: on a terminal of some columns, in a pipe, and drawn anew.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frame } from '../../src/cli/screen.js';
import { MIB } from '../../src/limits.js';
import type { JobsReport } from '../../src/queries/jobs/record.js';
import { HUMAN } from '../../src/report/block-size.js';
import { duration } from '../../src/report/duration.js';
import { jobsText } from '../../src/report/jobs/text.js';

const NONE = { mode: null, isIncremental: null, elapsedMs: null, remainingMs: null, error: null };
const NO_BYTES = {
  data: null,
  memory: null,
  disk: null,
  tempUsedBytes: null,
  tempTotalBytes: null,
};

const REPORT: JobsReport = {
  guest: 'web\u001b[2J',
  uuid: null,
  state: 'paused',
  uri: null,
  reason: 'I/O error',
  stop: { kind: 'stopped', message: 'the guest is stopped by an I/O error: vda: no space' },
  warnings: [],
  diskErrors: [],
  problems: [{ guest: 'web', disk: null, device: null, code: 'LIBVIRT', message: 'not told' }],
  askedAtMs: 0,
  jobs: [
    {
      ...{ ...NONE, ...NO_BYTES },
      operation: 'save',
      state: 'running',
      elapsedMs: 65_000,
      remainingMs: 10_000,
      memory: { totalBytes: 64 * MIB, processedBytes: 63 * MIB, remainingBytes: MIB },
      rateBytes: MIB,
      fields: {},
      disks: [],
    },
    {
      ...{ ...NONE, ...NO_BYTES },
      operation: 'copy',
      state: 'ready',
      rateBytes: null,
      fields: {},
      disks: [
        {
          ...{ disk: 'vdb', type: 'copy', meaning: 'offset', curBytes: MIB, endBytes: MIB },
          ...{ bandwidthBytes: 2 * MIB, isReady: true, rateBytes: null, file: null },
        },
      ],
    },
  ],
};
const OPTIONS = { style: HUMAN, width: null, hasColor: false, hasUnicode: true, isAscii: false };

test('a pipe has a line for each, the reason behind it; nothing of a guest reaches the terminal', () => {
  const lines = jobsText([REPORT], OPTIONS).split('\n');
  assert.deepEqual(
    lines.map((line) => line.replace(/ {2,}/gu, '|')),
    [
      'GUEST|JOB|DISK|STATE|DONE|TOTAL|DONE%|RATE|TIME|LEFT',
      'web\ufffd[2J|-|-|STOPPED|-|-|-|-|-|-|the guest is stopped by an I/O error: vda: no space',
      'web\ufffd[2J|save|-|running|63M|64M|98%|1.0M/s|1m 5s|10s',
      'web\ufffd[2J|copy|vdb|ready|1.0M|1.0M|100%|-|-|-|both sides are equal; it waits for the switch; limited to 2.0M/s',
      'web\ufffd[2J|-|-|-|-|-|-|-|-|-|LIBVIRT: not told',
      '',
    ],
  );
  assert.equal(jobsText([{ ...REPORT, stop: null, jobs: [], problems: [] }], OPTIONS), '');
});

test('a terminal is not overrun by what can be wrapped', () => {
  const text = jobsText([REPORT], { ...OPTIONS, width: 80 });
  for (const line of text.split('\n')) assert.ok(line.length <= 84, line);
  assert.match(text, /^ {2}both sides are equal/mu);
});

test('a poll is drawn over the one before, and never scrolls', () => {
  const size = { rows: 5, columns: 20 };
  const text = 'a\nb\nc\nd\n';
  const end = '\u001b[K\n';
  const whole = frame('a\n', 'now', { ...size, isFirst: false });
  // Lines that are too wide are cut by the terminal meanwhile.
  const [off, on] = ['\u001b[?7l', '\u001b[?7h'];
  assert.equal(whole, `${off}\u001b[Hnow${end}a${end}\u001b[J${on}`);
  const cut = frame(text, 'now', { ...size, isFirst: true });
  const drawn = `\u001b[Hnow${end}a${end}b${end}(2 more lines)${end}\u001b[J`;
  assert.equal(cut, `${off}\u001b[2J${drawn}${on}`);
});

test('times have two units', () => {
  assert.deepEqual([0, 59.9, 60, 3661, 90_000].map(duration), [
    '0s',
    '59s',
    '1m',
    '1h 1m',
    '1d 1h',
  ]);
});
