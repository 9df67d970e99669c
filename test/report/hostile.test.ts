// Names and labels that a guest chose reach no terminal, spreadsheet or JSON text as they are, whichever layer forgot.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KIBIBYTES } from '../../src/report/block-size.js';
import { classic } from '../../src/report/classic.js';
import { columns } from '../../src/report/column-names.js';
import { csv } from '../../src/report/csv.js';
import { json, ndjsonGuest } from '../../src/report/json.js';
import { plainTable } from '../../src/report/plain.js';
import { richTable } from '../../src/report/rich.js';
import { rowsOf } from '../../src/report/row.js';
import { cutEnd, cutMiddle } from '../../src/report/text.js';
import { displayWidth } from '../../src/report/width.js';
import { filesystem, report, unread } from './fixtures.js';

const EVIL = {
  escape: 'a\u001b[2Jb',
  hyperlink: 'a\u001b]8;;http://evil.example\u0007b\u001b]8;;\u0007',
  c1: 'a\u009b31mb\u0085c',
  override: 'a\u202egpj.exe',
  isolate: 'a\u2066b\u2069',
  nul: 'a\u0000b',
  newline: 'a\nb\rc',
  separators: 'a\u2028b\u2029c',
  surrogate: 'a\ud800b\udfffc',
  tag: 'a\u{e0041}b',
  long: '😀'.repeat(5000),
} as const;

/** Characters that no output may hold, but for its own line ends. */
const FORBIDDEN = /[^\P{C}\n]|[\u2028\u2029]/u;

const INFO = { version: '1', generatedAt: '2020-01-01T00:00:00Z', host: `h${EVIL.escape}` };

function outputs(evil: string): string[] {
  const names = { type: evil, label: evil, fsUuid: evil, fsVersion: evil };
  const claim = { format: evil, type: evil, label: evil, uuid: evil, offsetBytes: 1080 };
  const signatures = [claim, claim];
  const volume = { disk: evil, device: evil, ...names, sizeBytes: 1 };
  const guest = report(
    evil,
    [
      filesystem(
        evil,
        `/dev/${evil}/lv`,
        { size: 10, free: 5, avail: 5 },
        { label: evil, type: evil },
      ),
      unread(evil, `/dev/${evil}/x`, { code: 'AMBIGUOUS', message: evil, signatures }),
    ],
    {
      uuid: evil,
      state: evil,
      uri: evil,
      volumes: [{ guest: evil, offsetBytes: null, partitionBytes: null, ...volume }],
      problems: [{ guest: evil, disk: evil, device: null, code: 'INVALID', message: evil }],
    },
  );
  const rows = rowsOf(guest);
  const shared = { style: KIBIBYTES, inodes: false, total: true, printType: true };
  const rich = {
    ...shared,
    columns: null,
    width: 80,
    hasColor: false,
    hasUnicode: true,
    isWhole: false,
  };
  const all = columns(
    'guest,uuid,state,uri,disk,device,filesystem,type,label,fs_uuid,fs_version,problem',
  );
  return [
    richTable(rows, rich),
    richTable(rows, { ...rich, width: 60, columns: all }),
    plainTable(rows, { ...shared, columns: null }),
    plainTable(rows, { ...shared, columns: all }),
    csv(rows),
    csv(rows, all),
    json([guest], rows, INFO),
    ndjsonGuest(guest, rows),
    classic([guest], { human: false, inodes: false, csv: false, uuid: true }),
    classic([guest], { human: false, inodes: false, csv: true, uuid: false }),
  ];
}

for (const [name, evil] of Object.entries(EVIL)) {
  test(`keeps ${name} out of every output`, () => {
    for (const [index, text] of outputs(evil).entries()) {
      assert.doesNotMatch(text, FORBIDDEN, `output ${index}`);
      // Nothing is broken by UTF-8 either: no half of a surrogate pair is left by a cut.
      assert.equal(Buffer.from(text).toString(), text, `output ${index}`);
    }
  });
}

test('a line stays a line', () => {
  const [, , plain = ''] = outputs(EVIL.newline);
  assert.equal(plain.trimEnd().split('\n').length, 5);
});

test('a field that begins like a formula is text to a spreadsheet', () => {
  for (const label of ['=1+1', '+1', '-1', '@SUM(A1)', '＝1']) {
    const record = filesystem('g', '/dev/sda', { size: 1, free: 1, avail: 1 }, { label });
    const text = csv(rowsOf(report('g', [record])), columns('label,size_bytes'));
    assert.equal(text, `label,size_bytes\n'${label},4096\n`);
  }
  for (const [label, safe] of [
    ['x;=1+2;', "x;'=1+2;"],
    ['  =1', "'  =1"],
    ['a; @x;b;-1', "a;' @x;b;'-1"],
    ['a=1; b', 'a=1; b'],
  ] as const) {
    const record = filesystem('g', '/dev/sda', { size: 1, free: 1, avail: 1 }, { label });
    assert.equal(csv(rowsOf(report('g', [record])), columns('label')), `label\n${safe}\n`);
  }
  const record = filesystem('g', '/dev/sda', { size: 1, free: 1, avail: 1 }, { label: '=A1,"x"' });
  const text = csv(rowsOf(report('g', [record])), columns('label'));
  assert.equal(text, `label\n"'=A1,""x"""\n`);
});

test('wide and combining characters are measured as a terminal shows them', () => {
  assert.equal(displayWidth('漢字'), 4);
  assert.equal(displayWidth('e\u0301'), 1);
  assert.equal(displayWidth('😀'), 2);
  assert.equal(cutEnd('漢字漢字', 5), '漢字…');
  assert.equal(cutEnd('abc', 3), 'abc');
  assert.equal(cutMiddle('/dev/vg/a-long-name', 9), '/dev…name');
  assert.equal(displayWidth(cutMiddle('漢字漢字漢字', 7)), 7);
});
