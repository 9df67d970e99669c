// The tables' layout against golden files, which were reviewed by eye: UPDATE_GOLDEN=1 npm test tables writes them anew.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { HUMAN, KIBIBYTES } from '../../src/report/block-size.js';
import { columns, NO_CHANGES } from '../../src/report/column-names.js';
import { plainTable } from '../../src/report/plain.js';
import { type RichOptions, richTable } from '../../src/report/rich.js';
import { rowsOf } from '../../src/report/row.js';
import { toldApartBy, toldApartInNames } from '../../src/report/same-names.js';
import { displayWidth } from '../../src/report/width.js';
import { filesystem, HOST, report } from './fixtures.js';

const rows = HOST.flatMap(rowsOf);
const PLAIN = { style: KIBIBYTES, inodes: false, printType: false, total: false, columns: null };
const RICH: RichOptions = {
  style: HUMAN,
  inodes: false,
  total: false,
  columns: null,
  width: 80,
  isWhole: false,
  hasColor: false,
  hasUnicode: true,
};

function golden(name: string, text: string): void {
  const path = `test/report/golden/${name}.txt`;
  if (process.env.UPDATE_GOLDEN) writeFileSync(path, text);
  assert.equal(text, readFileSync(path, 'utf8'));
}

for (const width of [60, 80, 120]) {
  test(`rich at ${width} columns`, () => {
    const text = richTable(rows, { ...RICH, width });
    golden(`rich-${width}`, text);
    for (const line of text.split('\n')) assert.ok(displayWidth(line) <= width, line);
  });
}

test('rich: inodes, total, ASCII, colour, columns', () => {
  golden('rich-inodes', richTable(rows, { ...RICH, inodes: true, width: 120 }));
  golden('rich-total', richTable(rows, { ...RICH, total: true, width: 120, hasUnicode: false }));
  golden('rich-colour', richTable(rows, { ...RICH, hasColor: true, width: 120 }));
  const some = columns('guest,state,label,size,pcent');
  golden('rich-columns', richTable(rows, { ...RICH, columns: some }));
});

test('rich: names are cut in their middle until the table fits', () => {
  const device = '/dev/a-volume-group-with-a-long-name/a-logical-volume-with-a-long-name';
  const long = filesystem('a-guest-with-quite-a-long-name.qcow2', device, {
    size: 9,
    free: 3,
    avail: 3,
  });
  const text = richTable(rowsOf(report(long.guest, [long])), { ...RICH, width: 60 });
  golden('rich-long', text);
  for (const line of text.split('\n')) assert.ok(displayWidth(line) <= 60, line);
});

test('rich: guests without a row are named below it, as many as fit', () => {
  const last = (names: readonly string[], width: number) =>
    richTable(rows, { ...RICH, width }, names)
      .trimEnd()
      .split('\n')
      .at(-1);
  assert.equal(last(['a', 'b'], 80), 'No filesystem in a, b.');
  const four = ['web-01', 'web-02', 'web-03', 'web-04'];
  assert.equal(last(four, 44), 'No filesystem in web-01 and 3 more guests.');
  assert.equal(last(['w'.repeat(80), 'x'], 80), 'No filesystem in 2 guests.');
});

test('rich: a guest of the same name in another libvirt has a name of its own', () => {
  const one = filesystem('web', '/dev/sda1', { size: 9, free: 3, avail: 3 });
  const at = (host: string) => ({ ...report('web', [one]), uri: `qemu+ssh://${host}/system` });
  const reports = [at('a'), at('b:22')];
  const changes = toldApartBy(reports, NO_CHANGES);
  const lines = richTable(reports.flatMap(rowsOf), { ...RICH, changes, width: 120 }).split('\n');
  assert.match(lines[0] ?? '', /^GUEST +DEVICE +TYPE +HOST +SIZE/u);
  assert.match(lines[1] ?? '', /^web +\/dev\/sda1 .* a /u);
  assert.match(lines[2] ?? '', /^web +\/dev\/sda1 .* b:22 /u);
  const local = { ...at('a'), uri: 'qemu:///system' };
  assert.equal(toldApartBy([local, at('b')], NO_CHANGES).added[0]?.name, 'uri');
  assert.deepEqual(toldApartBy([at('a'), at('a')], NO_CHANGES), NO_CHANGES);
});

test('a text without columns of guests tells those of one name apart behind it', () => {
  const at = (guest: string, uri: string | null) => ({ guest, uri });
  const names = (...uris: readonly (string | null)[]) =>
    toldApartInNames([at('db', 'qemu+tls://c/system'), ...uris.map((uri) => at('web', uri))])
      .map(({ guest }) => guest)
      .join();
  assert.equal(names('qemu+ssh://a/system', 'qemu+ssh://b:22/system'), 'db,web (a),web (b:22)');
  const local = 'web (qemu:///system),web (qemu+ssh://b/system)';
  assert.equal(names('qemu:///system', 'qemu+ssh://b/system'), `db,${local}`);
  assert.equal(names(null, 'qemu:///system', 'qemu:///system'), 'db,web,web,web');
});

test('plain', () => {
  golden('plain', plainTable(rows, PLAIN));
  golden('plain-type-total', plainTable(rows, { ...PLAIN, printType: true, total: true }));
  golden('plain-inodes', plainTable(rows, { ...PLAIN, inodes: true }));
  golden('plain-human', plainTable(rows, { ...PLAIN, style: HUMAN }));
  const some = columns('guest,label,size,use_percent,stale');
  golden('plain-columns', plainTable(rows, { ...PLAIN, columns: some }));
});

test('plain: a long name widens its column, and no row is cut or wrapped', () => {
  const device = `/dev/vg/${'x'.repeat(60)}`;
  const long = filesystem('guest', device, { size: 9, free: 3, avail: 3 });
  const lines = plainTable(rowsOf(report('guest', [long])), PLAIN).split('\n');
  assert.equal(lines.length, 3);
  assert.equal(lines[1], `guest:${device}         36         24         12   67%`);
});
