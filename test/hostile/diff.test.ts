// diff of pairs of which one state is damaged: whatever is wrong with it, it ends, each path is told once and in order, and the
// outputs can be read. The seeds are fixed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ByteSource } from '../../src/bytes/source.js';
import { openDisk } from '../../src/container/open.js';
import { VirtDfError } from '../../src/errors.js';
import { ext } from '../../src/filesystem/ext.js';
import { fat } from '../../src/filesystem/fat.js';
import type { FilesystemFormat } from '../../src/filesystem/filesystem.js';
import { xfs } from '../../src/filesystem/xfs.js';
import { openScope } from '../../src/host/local-scope.js';
import { MIB } from '../../src/limits.js';
import { diffFilesystem } from '../../src/queries/diff/filesystem.js';
import { byComponents } from '../../src/queries/diff/order.js';
import type { DiffFilesystem } from '../../src/queries/diff/record.js';
import { memoryOf } from '../../src/queries/files/columns.js';
import { bytesOf } from '../../src/queries/files/guest-path.js';
import { diffJson } from '../../src/report/diff/json.js';
import type { FilesystemNode } from '../../src/stack/node.js';
import { DIFF_DEFAULTS } from '../queries/diff-support.js';
import { GUEST } from '../queries/sources.js';
import { random } from '../random.js';
import { filesystemSeals, resealContent } from './filesystem-seals.js';
import { memoryEditor } from './memory-editor.js';
import { CONTENT_KINDS, mutate } from './mutations.js';

/** Of each pair; more are tried by setting the variable. */
const CASES = Math.ceil(12 * Number(process.env.VIRT_DF_HOSTILE_FACTOR ?? 1));
const MAX_CASE_CPU_MS = 6000;
const INFO = { version: '1', generatedAt: '2026-01-01T00:00:00.000Z', host: 'h' };

async function nodeOf(format: FilesystemFormat, source: ByteSource): Promise<FilesystemNode> {
  const filesystem = await format.open(source);
  const { type, label, uuid } = filesystem;
  return {
    kind: 'filesystem',
    ...{ device: '/dev/sda', disk: '/dev/sda', parents: [], source, sizeBytes: source.sizeBytes },
    ...{ identity: { type, label, uuid }, problem: null, doubts: [], filesystem, before: null },
  };
}

/** The answer in a word. */
async function outcome(
  format: FilesystemFormat,
  old: ByteSource,
  other: ByteSource,
): Promise<string> {
  try {
    const pair = { old: await nodeOf(format, old), other: await nodeOf(format, other) };
    const row = await diffFilesystem(pair, {
      options: { ...DIFF_DEFAULTS, hasContent: true },
      memory: memoryOf(64 * MIB),
      overlayPaths: null,
      guests: { old: GUEST, other: GUEST },
      onFiles: () => {},
      check: () => {},
    });
    assert.ok(row);
    if (row.problem !== null) return row.problem.code;
    check(row);
    return row.doubts.length > 0 ? 'doubts' : 'files';
  } catch (error) {
    if (error instanceof VirtDfError) return error.code;
    throw error;
  }
}

function check(row: DiffFilesystem): void {
  const paths = (row.changes ?? []).map(({ path }) =>
    Buffer.from(bytesOf(path)).toString('latin1'),
  );
  assert.deepEqual(paths, [...new Set(paths)].sort(byComponents));
  const header = { guest: 'g', uuid: null, state: null, uri: null, partFiles: [] };
  const statistics = { readCount: 0, bytesRead: 0 };
  const report = { ...header, statistics, filesystems: [row], overlay: null, problems: [] };
  JSON.parse([...diffJson([report], INFO)].join(''));
}

const families = [
  { format: ext, names: ['ext4', 'ext4-dirty', 'ext3'] },
  { format: fat, names: ['fat16'] },
  { format: xfs, names: ['xfs'] },
];
const outcomes = new Map<string, number>();

for (const { format, names } of families) {
  for (const name of names) {
    test(`${name}: diff with either state damaged, ${CASES} times`, async () => {
      const scope = openScope({ maxReadCount: 2 ** 50, maxReadBytes: 2 ** 53 - 1 });
      try {
        const open = (state: string) =>
          openDisk(`images/pairs/${name}.${state}.qcow2`, { format: 'auto', scope });
        const [{ content: base }, { content: clone }] = [await open('base'), await open('overlay')];
        for (const [state, damaged] of [
          ['old', base],
          ['new', clone],
        ] as const) {
          const run = (source: ByteSource) =>
            state === 'old' ? outcome(format, source, clone) : outcome(format, base, source);
          const editor = await memoryEditor(`${name} ${state}`, damaged, async (source) => {
            assert.match(await run(source), /^(files|doubts)$/u);
          });
          const seals = await filesystemSeals(editor);
          for (let index = 0; index < CASES / 2; index++) {
            const next = random(`diff ${name} ${state} #${index}`);
            const what = mutate(editor, editor.ranges, next, CONTENT_KINDS);
            if (index % 4 !== 3) resealContent(editor, seals);
            const start = process.cpuUsage();
            const came = await run(editor.source).catch((error: unknown) => {
              assert.fail(`#${index}: ${what}: ${error instanceof Error ? error.stack : error}`);
            });
            const { user, system } = process.cpuUsage(start);
            assert.ok((user + system) / 1000 < MAX_CASE_CPU_MS, `#${index}: ${what}: ${user} us`);
            outcomes.set(came, (outcomes.get(came) ?? 0) + 1);
            editor.undo();
          }
        }
      } finally {
        await scope.close();
      }
    });
  }
}

test('most of it is compared, and what is damaged is told', (t) => {
  t.diagnostic([...outcomes].map(([word, count]) => `${word} ${count}`).join(', '));
  assert.ok((outcomes.get('files') ?? 0) > 0 && (outcomes.get('doubts') ?? 0) > 0);
});
