// The registry of columns, filters, order and totals.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filtered } from '../../src/queries/filter.js';
import { lvsPercent, usePercent } from '../../src/queries/use-percent.js';
import { column, columnList, columns } from '../../src/report/column-names.js';
import { COLUMNS, RECORD_COLUMNS } from '../../src/report/columns.js';
import { naturalOrder } from '../../src/report/natural-order.js';
import { type Row, rowsOf } from '../../src/report/row.js';
import { sorted, sortKey, totalsOf } from '../../src/report/select.js';
import { disk, filesystem, GIB, HOST, report } from './fixtures.js';

test('names are snake_case and unique, aliases included', () => {
  const names = COLUMNS.flatMap(({ name, alias }) =>
    alias === undefined ? [name] : [name, alias],
  );
  assert.equal(new Set(names).size, names.length);
  for (const name of names) assert.match(name, /^[a-z]+(?:_[a-z]+)*$/u);
});

test("records have the design's keys, in its order", () => {
  assert.deepEqual(
    RECORD_COLUMNS.map(({ name }) => name),
    [
      ...[
        'guest',
        'uuid',
        'disk',
        'device',
        'type',
        'label',
        'fs_uuid',
        'fs_version',
        'block_size',
        'size_bytes',
      ],
      ...['used_bytes', 'free_bytes', 'avail_bytes', 'use_percent', 'files', 'files_used'],
      ...['files_free', 'basis', 'stale', 'problem'],
      ...['capacity_bytes', 'allocation_bytes', 'physical_bytes', 'format', 'chain'],
      ...['volume_bytes', 'note', 'doubts'],
      ...['path', 'offset_bytes', 'partition_bytes', 'read_only', 'deleted_open_bytes'],
      ...['access', 'uri', 'mountpoint'],
    ],
  );
});

test('a column is found by its name and by what df calls it', () => {
  assert.equal(column('pcent'), column('use_percent'));
  assert.deepEqual(
    columns('guest, size').map(({ name }) => name),
    ['guest', 'size_bytes'],
  );
  assert.throws(() => column('nope'), { code: 'USAGE', message: /'nope'.*--list-columns/u });
  assert.equal(columnList().split('\n').length, COLUMNS.length + 1);
});

test("Use% is df's: of what users can have, rounded up, exact beyond 2^53", () => {
  assert.equal(usePercent(0, 100), 0);
  assert.equal(usePercent(1, 1000), 1);
  assert.equal(usePercent(95, 0), 100);
  assert.equal(usePercent(50, 50), 50);
  assert.equal(usePercent(0, 0), null);
  assert.equal(usePercent(null, 5), null);
  assert.equal(usePercent(2 ** 52, 2 ** 52 - 1), 51);
  assert.equal(usePercent(2 ** 52, 2 ** 52), 50);
});

test('percentages of LVM2 are those of lvs: 0 is nothing at all, 100 all', () => {
  const printed = [0, 0.0001, 12.346, 99.9999, 100].map(lvsPercent);
  assert.deepEqual(printed, [0, 0.01, 12.35, 99.99, 100]);
});

test('a problem without a row becomes one', () => {
  const rows = HOST.flatMap(rowsOf);
  assert.deepEqual(
    rows.map(({ guest, device }) => [guest, device]),
    [
      ['web1', '/dev/sda1'],
      ['web1', '/dev/vg/data'],
      ['win7', '/dev/sda2'],
      ['db2', '/dev/sdb'],
      ['gone.img', null],
    ],
  );
});

test('a type filter keeps what could not be read, and drops the problems of what it drops', () => {
  const kept = HOST.map((one) => filtered(one, { only: ['xfs'], exclude: [] }));
  const devices = kept.flatMap(rowsOf).map(({ device }) => device);
  assert.deepEqual(devices, ['/dev/vg/data', '/dev/sdb', null]);
  assert.deepEqual(
    kept.flatMap(({ volumes }) => volumes),
    [],
  );
  const broken = filesystem(
    'g',
    '/dev/sda',
    { size: 1, free: 1, avail: 1 },
    {
      type: 'ext4',
      problem: { code: 'BAD_CHECKSUM', message: 'x' },
    },
  );
  const without = filtered(report('g', [broken]), { only: [], exclude: ['ext4'] });
  assert.deepEqual([without.filesystems, without.problems], [[], []]);
});

test('sorts naturally, unknown ones last, and keeps the order of equals', () => {
  assert.deepEqual(['web10', 'web2', 'web1', 'db'].sort(naturalOrder), [
    'db',
    'web1',
    'web2',
    'web10',
  ]);
  const rows = HOST.flatMap(rowsOf);
  const order = (...keys: string[]) => sorted(rows, keys.map(sortKey)).map(({ guest }) => guest);
  assert.deepEqual(order('use_percent:desc'), ['web1', 'win7', 'web1', 'db2', 'gone.img']);
  assert.deepEqual(order('use_percent'), ['web1', 'win7', 'web1', 'db2', 'gone.img']);
  assert.deepEqual(order('guest:desc'), ['win7', 'web1', 'web1', 'gone.img', 'db2']);
  assert.deepEqual(order('type', 'size:desc'), ['web1', 'win7', 'web1', 'db2', 'gone.img']);
  assert.throws(() => sortKey('guest:down'), { code: 'USAGE' });
});

test('totals are sums of what is known', () => {
  const totals = totalsOf(HOST.flatMap(rowsOf));
  assert.equal(totals.sizeBytes, (2_569_011 + 26_201_600 + 15_728_640) * 4096);
  assert.equal(totals.files, 2 * 655_360);
});

test('what several guests have counts once in totals, on one host, where it could be read', () => {
  const one = filesystem('a', '/dev/sda', { size: 9, free: 3, avail: 3 });
  const at = (path: string, host: string, more: Partial<Row> = {}): Row => ({
    ...{ ...one, kind: 'filesystem', state: null, uri: `qemu+ssh://${host}/system` },
    ...{ onDisk: { ...disk(path), isShareable: true }, ...more },
  });
  const size = (...rows: readonly Row[]) => totalsOf(rows).sizeBytes;
  assert.equal(size(at('/d', 'h'), at('/d', 'h')), one.sizeBytes);
  assert.equal(size(at('/d', 'h'), at('/d', 'g')), 2 * (one.sizeBytes ?? 0));
  assert.equal(size(at('nbd://s/d', 'h'), at('nbd://s/d', 'g')), one.sizeBytes);
  const others = [{ kind: 'volume' as const }, { sizeBytes: null }];
  for (const other of others) {
    assert.equal(size(at('/d', 'h', other), at('/d', 'h'), at('/d', 'h')), one.sizeBytes);
  }
});

test("the host's columns are those of the row's disk, and of none over several disks", () => {
  const rows = HOST.flatMap(rowsOf);
  const values = (name: string) => rows.map((row) => column(name).value(row));
  assert.deepEqual(values('capacity'), [20 * GIB, null, 20 * GIB, 20 * GIB, null]);
  assert.deepEqual(values('allocation'), [9 * GIB, null, 9 * GIB, 9 * GIB, null]);
  assert.deepEqual(values('physical'), [10 * GIB, null, 10 * GIB, 10 * GIB, null]);
  assert.deepEqual(values('format'), ['qcow2', null, 'qcow2', 'qcow2', null]);
  assert.deepEqual(values('chain'), [2, null, 2, 2, null]);
});
