// What is said of damaged images: sentences that name the format, and nothing of the program. No name of a parser
// (`Iso9660OtherDescriptor.rest`), no number that cannot be, no value that JavaScript printed for want of another. The images
// and the ways of damage are those of mutation.ts, fewer of each; the seeds are fixed.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { slice } from '../../src/bytes/slice.js';
import type { ByteSource } from '../../src/bytes/source.js';
import { openDisk } from '../../src/container/open.js';
import { VirtDfError } from '../../src/errors.js';
import { openScope } from '../../src/host/local-scope.js';
import type { DfReport } from '../../src/queries/report.js';
import { dfOfSources } from '../queries/sources.js';
import { random } from '../random.js';
import { filesystemSeals, resealContent } from './filesystem-seals.js';
import { type MemoryEditor, memoryEditor } from './memory-editor.js';
import { CONTENT_KINDS, mutate } from './mutations.js';

const FOLDER = resolve('images');
const CASES = 60;
const MIN_MESSAGES = 120;

const FORBIDDEN: Readonly<Record<string, RegExp>> = {
  'a parser': /\b[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]*)*\.[a-z]+[A-Z]?\w*/u,
  'an exponent': /\de\+/u,
  'a number below nothing': /(?:^|[\s(])-\d/u,
  'a value of JavaScript': /\bNaN\b|\bundefined\b|\bInfinity\b|\[object/u,
  'bytes of nobody': /^(?:read|range|slice) of|^\d+ bytes at byte/u,
};

/** Of each format one image. */
const names = new Map(
  readdirSync(FOLDER)
    .filter((name) => name.endsWith('.expected.json'))
    .map((name) => [name.replace(/[-.].*$/u, ''), name]),
);
const said = new Set<string>();

function check(message: string, where: string): void {
  said.add(message.replace(/[\da-f]+/gu, '#'));
  for (const [what, pattern] of Object.entries(FORBIDDEN)) {
    assert.doesNotMatch(message, pattern, `${where}: there is ${what} in what is said`);
  }
}

function checkAll({ filesystems, problems }: DfReport, where: string): void {
  const reasons = filesystems.flatMap(({ problem, doubts }) => [problem ?? [], doubts].flat());
  for (const { message } of [...reasons, ...problems]) check(message, where);
}

/** Damaged, or cut beside something that is read. */
function spoilt(editor: MemoryEditor, next: (limit: number) => number, isCut: boolean) {
  const { source, ranges } = editor;
  if (!isCut) return { source, what: mutate(editor, ranges, next, CONTENT_KINDS) };
  const [offset, length] = ranges[next(ranges.length)] ?? [0, 0];
  const end = Math.min(source.sizeBytes, offset + next(length + 1));
  return { source: slice(source, 0, end), what: `cut to ${end}` };
}

for (const name of names.values()) {
  test(`${name}: damaged`, async () => {
    const { disks }: { disks: readonly string[] } = JSON.parse(
      readFileSync(join(FOLDER, name), 'utf8'),
    );
    const scope = openScope({ maxReadCount: 2 ** 50, maxReadBytes: 2 ** 53 - 1 });
    try {
      const opened = disks.map((disk) => openDisk(join(FOLDER, disk), { format: 'auto', scope }));
      const contents = (await Promise.all(opened)).map(({ content }) => content);
      const [first] = contents;
      assert.ok(first !== undefined);
      await damage(name, first, contents);
    } finally {
      await scope.close();
    }
  });
}

async function damage(name: string, first: ByteSource, contents: readonly ByteSource[]) {
  const read = (source: ByteSource) => dfOfSources(contents.with(0, source));
  const editor = await memoryEditor(name, first, async (source) => {
    await read(source);
  });
  const seals = await filesystemSeals(editor);
  const next = random(name);
  for (let index = 0; index < CASES; index++) {
    const { source, what } = spoilt(editor, next, index % 6 === 5);
    if (index % 4 !== 3) resealContent(editor, seals);
    const where = `${name} #${index}: ${what}`;
    try {
      checkAll(await read(source), where);
    } catch (error) {
      if (!(error instanceof VirtDfError)) throw error;
      check(error.message, where);
    }
    editor.undo();
  }
}

test('much is said', () => {
  assert.ok(said.size >= MIN_MESSAGES, `only ${said.size} messages`);
});
