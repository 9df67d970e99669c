// The tables, JSON and CSV of virt-df top; its screen, and what keys do there.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { screenText } from '../../src/cli/top/frame.js';
import { pressed, type View } from '../../src/cli/top/keys.js';
import type { TopAnswer, TopGuest } from '../../src/queries/top/record.js';
import { HUMAN } from '../../src/report/block-size.js';
import { topCsv, topCsvHead } from '../../src/report/top/csv.js';
import { topJson, topNdjson } from '../../src/report/top/json.js';
import { ORDERS, ordered } from '../../src/report/top/order.js';
import { SHOWS, type TopTextOptions, topText } from '../../src/report/top/text.js';
import { displayWidth } from '../../src/report/width.js';
import { violations } from './schema.js';

const PIPE: TopTextOptions = {
  ...{ style: HUMAN, order: 'cpu', show: 'guests', width: null },
  ...{ hasColor: false, hasUnicode: true, isAscii: false },
};
const INFO = { version: '1.2.3', generatedAt: '2020-02-03T04:05:06.789Z', host: 'kvm07' };
const MIB = 2 ** 20;

function guest(name: string, more: Partial<TopGuest> = {}): TopGuest {
  return {
    ...{ guest: name, uuid: name, state: 'running', uri: 'qemu:///system', reason: null },
    ...{ cpuPercent: 1.5, cpuSeconds: 725.4, vcpuCount: 2, memoryBytes: 2 ** 30 },
    ...{ memoryPercent: 3.1, residentBytes: 2 ** 29, filesystems: null, jobs: null, stop: null },
    disks: [
      { disk: 'vda', readRequests: 1, writeRequests: 2, readBytes: 4096, writeBytes: 3 * MIB },
      { disk: 'vdb', readRequests: null, writeRequests: null, readBytes: null, writeBytes: 0 },
    ],
    nets: [],
    ...{ problems: [], askedAtMs: Date.parse(INFO.generatedAt), ...more },
  };
}

const FULL = {
  ...{ device: '/dev/sda1', type: 'xfs', label: null, sizeBytes: 100 * MIB, usedBytes: 91 * MIB },
  ...{ availBytes: 9 * MIB, usePercent: 91, growthBytes: MIB, fullInSeconds: 9 },
};

const GUESTS = [
  guest('idle', { cpuPercent: 0.1 }),
  guest('db1', { cpuPercent: 49.9, filesystems: [FULL] }),
  guest('web', { state: 'paused', reason: 'I/O error', stop: 'vda: no space', cpuPercent: null }),
  guest('=hung\u001b[31m', {
    ...{ state: null, cpuPercent: null, cpuSeconds: null, memoryPercent: null, memoryBytes: null },
    ...{ disks: [], vcpuCount: null, residentBytes: null },
    problems: [{ guest: 'h', disk: null, device: null, code: 'TIMEOUT', message: 'it hangs' }],
  }),
];
const HOSTS = [{ uri: 'qemu:///system', cpuCount: 4, memoryBytes: 8 * 2 ** 30 }];
const ANSWER: TopAnswer = { seconds: 3, hosts: HOSTS, guests: GUESTS };

test('the table: who does most is first, and why one stands still is said', () => {
  assert.deepEqual(
    topText(ANSWER, PIPE)
      .split('\n')
      .map((line) => line.replace(/ {3,}/gu, '  ')),
    [
      'GUEST  STATE  %CPU  %MEM  READ/s  WRITE/s  RX/s  TX/s  FULL  TIME',
      'db1  running  49.9  3.1  4.0K  3.0M  -  -  91%  12:05  /dev/sda1 is 91% full, grows by 1.0M/s, is full in 9s',
      'idle  running  0.1  3.1  4.0K  3.0M  -  -  -  12:05',
      '=hung\ufffd[31m  -  -  -  -  -  -  -  -  -  TIMEOUT: it hangs',
      'web  paused  -  3.1  4.0K  3.0M  -  -  -  12:05  vda: no space',
      '',
    ],
  );
});

test('no table is wider than a terminal, and each order knows every guest', () => {
  for (const show of SHOWS) {
    const text = topText(ANSWER, { ...PIPE, show, width: 80, hasColor: false });
    for (const line of text.split('\n')) assert.ok(displayWidth(line) <= 80, line);
    assert.match(text, /TIMEOUT: it hangs/u);
  }
  for (const order of ORDERS) assert.equal(ordered(GUESTS, order).length, GUESTS.length);
  assert.equal(ordered(GUESTS, 'full')[0]?.guest, 'db1');
  assert.deepEqual(
    ordered([guest('web10'), guest('web9')], 'name').map((one) => one.guest),
    ['web9', 'web10'],
  );
});

test('JSON and its lines keep to the schema', () => {
  const schema: unknown = JSON.parse(readFileSync('docs/virt-df-top-1.schema.json', 'utf8'));
  assert.deepEqual(violations(schema, '#', JSON.parse(topJson(ANSWER, INFO))), []);
  const lines = topNdjson(ANSWER, INFO).trimEnd().split('\n');
  const records = lines.map((line): { readonly kind: string } => JSON.parse(line));
  for (const record of records) assert.deepEqual(violations(schema, '#/$defs/line', record), []);
  assert.deepEqual(
    records.map(({ kind }) => kind),
    ['host', 'guest', 'guest', 'guest', 'guest', 'problem', 'summary'],
  );
});

test('CSV has the sums of disks, and no name that a spreadsheet would run', () => {
  const [head = '', , db1 = '', , hung = ''] = (topCsvHead() + topCsv(GUESTS)).split('\n');
  const names = head.split(',');
  const cells = db1.split(',');
  const of = (name: string) => cells[names.indexOf(name)];
  assert.equal(cells.length, names.length);
  assert.deepEqual(
    [of('guest'), of('write_bytes'), of('fullest'), of('use_percent'), of('received_bytes')],
    ['db1', String(3 * MIB), '/dev/sda1', '91', ''],
  );
  assert.match(hung, /,'=hung\ufffd\[31m,/u);
});

const VIEW: View = {
  ...{ order: 'cpu', isReversed: false, show: 'guests', filter: '', typed: null },
  ...{ typedDelay: null, isHelp: false, skipped: 0 },
};

function typed(...keys: readonly string[]): View {
  return keys.reduce((view, key) => pressed(key, view, 10).view, VIEW);
}

test('keys: orders, tables, a filter, rows, help, the end', () => {
  assert.deepEqual(
    [typed('o').order, typed('3').show, typed('\t', '\t').show],
    ['write', 'filesystems', 'filesystems'],
  );
  assert.deepEqual(
    [typed('T').order, typed('P', 'N').order, typed('3', '0').show],
    [...['time', 'name', 'guests']],
  );
  assert.equal(typed('d', '1', 'x', '2', '\u007f', '.').typedDelay, '1.');
  assert.equal(typed('s', '1', '\u001b').typedDelay, null);
  const { act, delay } = pressed('\r', typed('s', '0', '.', '5'), 10);
  assert.deepEqual([act, delay], ['now', '0.5']);
  assert.deepEqual(typed('/', 'd', 'x', '\u007f', 'b', '\r').filter, 'db');
  assert.deepEqual(typed('/', 'd', '\u001b').filter, '');
  assert.deepEqual(typed('/', 'd', '\r', '\u001b').filter, '');
  assert.equal(typed('/', 'q').typed, 'q');
  assert.equal(typed('j', '\u001b[B', '\u001b[6~', '\u001b[A').skipped, 11);
  assert.equal(typed('k').skipped, 0);
  assert.deepEqual([typed('?').isHelp, typed('?', 'q').isHelp], [true, false]);
  assert.deepEqual(
    ['q', '\u0003', ' ', '\u001a', 'x'].map((key) => pressed(key, VIEW, 10).act),
    ['end', 'interrupt', 'now', 'suspend', undefined],
  );
});

test('the screen: what is chosen, what failed, what is being typed', () => {
  const settings = { ...PIPE } as Parameters<typeof screenText>[2];
  const of = (view: View, failure: string | null = null) =>
    screenText(ANSWER, view, settings, { columns: 80, failure });
  const { title, text } = of({ ...VIEW, filter: 'd', isReversed: true });
  assert.match(
    title,
    /4 guests, 2 running {2}by cpu reversed {2}with 'd' {2}4 CPUs 50\.0% .* memory 9\.3%/u,
  );
  assert.deepEqual([text.includes('db1'), text.includes('web')], [true, false]);
  assert.ok(text.indexOf('idle') < text.indexOf('db1'));
  assert.equal(of({ ...VIEW, typed: 'x' }).title, '/x_');
  assert.equal(of(VIEW, 'TIMEOUT: no').title, 'TIMEOUT: no');
  assert.match(of({ ...VIEW, isHelp: true }).text, /q +ends/u);
  const below = of({ ...VIEW, skipped: 99 });
  assert.ok(!below.text.includes('db1'));
  assert.ok(below.skipped > 0 && below.skipped < 99);
});
