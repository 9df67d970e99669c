// Letters from right to left move nothing beside them: each printed line is put in the order in which a terminal that
// knows such letters shows it, by another implementation of the Unicode bidirectional algorithm, and its numbers stand
// there as they were written.
// Reference: Unicode Standard Annex 9; bidi-js.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import bidiFactory from 'bidi-js';
import { NO_FIGURES } from '../../src/queries/tree/build.js';
import type { TreeNode } from '../../src/queries/tree/record.js';
import { HUMAN, KIBIBYTES } from '../../src/report/block-size.js';
import { chainTree } from '../../src/report/chain/tree.js';
import { columns } from '../../src/report/column-names.js';
import { csv } from '../../src/report/csv.js';
import { json } from '../../src/report/json.js';
import { plainTable } from '../../src/report/plain.js';
import { richTable } from '../../src/report/rich.js';
import { rowsOf } from '../../src/report/row.js';
import { isolated } from '../../src/report/text.js';
import { DEFAULT_TREE_COLUMNS } from '../../src/report/tree/columns.js';
import { treeText } from '../../src/report/tree/text.js';
import { displayWidth } from '../../src/report/width.js';
import { CHAINS } from './chain-fixtures.js';
import { filesystem, report } from './fixtures.js';

// Its types are those of a CommonJS module, and it is loaded as one of ECMAScript.
const bidi = (bidiFactory as unknown as typeof bidiFactory.default)();
const ISOLATES = /[\u2068\u2069]/gu;
const NAMES = {
  Hebrew: 'שלום עולם',
  Arabic: 'بيانات ١٢٣',
  mixed: 'גיבוי2024 a-נתונים (b)',
  path: 'תיקייה/דיסק.img',
  Syriac: 'ܫܠܡܐ',
} as const;

/** The line as it is shown, from left to right. */
function shown(line: string): string {
  return bidi.getReorderedString(line, bidi.getEmbeddingLevels(line)).replace(ISOLATES, '');
}

/** The numbers outside of the names, which have none in ASCII but 2024. */
function numbers(line: string): readonly string[] {
  return (line.match(/\d+(?:\.\d+)?/gu) ?? []).filter((digits) => digits !== '2024');
}

function reportOf(name: string) {
  const usage = { size: 9871, free: 6543, avail: 3210 };
  return report(name, [
    filesystem(name, `/dev/${name}/lv`, usage, { label: name, type: name }),
    filesystem(name, '/dev/sdb7', usage, { label: name }),
  ]);
}

const RICH = {
  isWhole: false,
  style: HUMAN,
  inodes: false,
  total: true,
  hasColor: false,
  hasUnicode: true,
};
const PLAIN = { style: KIBIBYTES, inodes: false, printType: true, total: true };

function outputs(name: string): readonly string[] {
  const rows = rowsOf(reportOf(name));
  const some = columns('label,type,size,avail,label,used');
  const node: TreeNode = {
    ...{ name, kind: 'filesystem', type: name, label: name, uuid: name, version: null },
    ...{
      sizeBytes: 9871,
      offsetBytes: 6543,
      usedBytes: 3210,
      ...NO_FIGURES,
      problem: null,
      isRepeated: false,
      children: [],
    },
  } as const;
  const header = { guest: name, uuid: null, state: null, uri: null, partFiles: [] };
  const statistics = { readCount: 0, bytesRead: 0 };
  const tree = { ...header, statistics, problems: [], nodes: [{ ...node, children: [node] }] };
  const drawing = { style: HUMAN, hasColor: false, hasUnicode: true };
  const chains = CHAINS.map((one) => ({ ...one, guest: name }));
  return [
    richTable(rows, { ...RICH, columns: null, width: 120 }, [name, 'b']),
    richTable(rows, { ...RICH, columns: some, width: 100 }),
    plainTable(rows, { ...PLAIN, columns: null }),
    plainTable(rows, { ...PLAIN, columns: some }),
    treeText([tree], { ...drawing, columns: DEFAULT_TREE_COLUMNS, isList: false, width: 100 }),
    chainTree(chains, { ...drawing, width: 100 }),
    isolated(
      `virt-df: ${name} /dev/sda1: INVALID: 9871 is "${name}", which is not in 6543..3210\n`,
    ),
  ];
}

for (const [script, name] of Object.entries(NAMES)) {
  test(`numbers beside ${script} stand in the written order`, () => {
    let movedCount = 0;
    for (const text of outputs(name)) {
      for (const line of text.split('\n')) {
        assert.deepEqual(numbers(shown(line)), numbers(line), line);
        const bare = line.replace(ISOLATES, '');
        assert.equal(displayWidth(bare), displayWidth(line), 'isolates take no column');
        if (numbers(shown(bare)).join() !== numbers(bare).join()) movedCount++;
      }
    }
    assert.ok(movedCount > 0, 'without isolates no number moves: the check sees nothing');
  });
}

test('every letter and digit from right to left is isolated, and no other', () => {
  for (let code = 0x21; code < 0x110000; code++) {
    const character = String.fromCodePoint(code);
    if (/[\p{C}\p{Z}]/u.test(character)) continue; // Cleaned before.
    const type = bidi.getBidiCharTypeName(character);
    const isRightToLeft = ['R', 'AL', 'AN'].includes(type);
    if (isRightToLeft) assert.notEqual(isolated(character), character, code.toString(16));
    if (type === 'L') assert.equal(isolated(character), character, code.toString(16));
  }
});

test('a path keeps the order of its folders, words of a name stand as they are read', () => {
  assert.equal(shown(isolated('/a/אב/גד.img 12')), '/a/בא/דג.img 12');
  assert.equal(shown(isolated('אב גד 12')), 'דג בא 12');
});

test('machines get no isolates', () => {
  const guest = reportOf(NAMES.mixed);
  const rows = rowsOf(guest);
  const info = { version: '1', generatedAt: '2020-01-01T00:00:00Z', host: 'h' };
  for (const text of [csv(rows), json([guest], rows, info)]) assert.doesNotMatch(text, ISOLATES);
});
