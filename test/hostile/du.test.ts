// du on damaged volumes: whatever is wrong with them, it ends, its rows add up to what df says, and its outputs can be read.
// The seeds are fixed.
import assert from 'node:assert/strict';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import type { ByteSource } from '../../src/bytes/source.js';
import { openDisk } from '../../src/container/open.js';
import { VirtDfError } from '../../src/errors.js';
import { btrfs } from '../../src/filesystem/btrfs.js';
import { exfat } from '../../src/filesystem/exfat.js';
import { ext } from '../../src/filesystem/ext.js';
import { f2fs } from '../../src/filesystem/f2fs.js';
import { fat } from '../../src/filesystem/fat.js';
import type { FilesystemFormat } from '../../src/filesystem/filesystem.js';
import { ntfs } from '../../src/filesystem/ntfs.js';
import { xfs } from '../../src/filesystem/xfs.js';
import { openScope } from '../../src/host/local-scope.js';
import { MIB } from '../../src/limits.js';
import { duFilesystem } from '../../src/queries/du/filesystem.js';
import { duEntries } from '../../src/queries/du/listing.js';
import type { DuFilesystem } from '../../src/queries/du/record.js';
import { memoryOf } from '../../src/queries/files/columns.js';
import { filesystemRecord } from '../../src/queries/record.js';
import { duNcdu } from '../../src/report/du/ncdu.js';
import { imageNames } from '../filesystem/files/images.js';
import { ALL_FILES, reportOf } from '../queries/du-support.js';
import { random } from '../random.js';
import { filesystemSeals, resealContent } from './filesystem-seals.js';
import { memoryEditor } from './memory-editor.js';
import { CONTENT_KINDS, mutate } from './mutations.js';

/** Of each image; more are tried by setting the variable. */
const CASES = Math.ceil(6 * Number(process.env.VIRT_DF_HOSTILE_FACTOR ?? 1));
const MAX_CASE_CPU_MS = 6000;
const INFO = { version: '1', generatedAt: '2026-01-01T00:00:00.000Z', host: 'h' };
const PLACE = {
  ...{ guest: 'g', uuid: null, disk: '/dev/sda', device: '/dev/sda' },
  ...{ offsetBytes: 0, partitionBytes: null },
};

/** The answer, and a word for it. */
async function outcome(format: FilesystemFormat, source: ByteSource): Promise<string> {
  try {
    const filesystem = await format.open(source);
    const record = await filesystemRecord(PLACE, filesystem, source.sizeBytes, {
      view: 'guest',
      guest: { state: null, disks: [] },
    });
    const options = { ...ALL_FILES, sort: 'size' } as const;
    const memory = memoryOf(64 * MIB);
    const answer = await duFilesystem(filesystem, record, { options, memory, onFiles: () => {} });
    assert.ok(answer);
    if (answer.problem !== null) return answer.problem.code;
    check(answer);
    return answer.doubts.length > 0 ? 'doubts' : 'files';
  } catch (error) {
    if (error instanceof VirtDfError) return error.code;
    throw error;
  }
}

function check(answer: DuFilesystem): void {
  const { listing, other, record } = answer;
  assert.ok(listing);
  let sum = other.reduce((bytes, { allocatedBytes }) => bytes + allocatedBytes, 0);
  for (const { isRepeated, allocatedBytes, totalBytes, path } of duEntries(listing)) {
    if (isRepeated) continue;
    sum += allocatedBytes;
    assert.ok(totalBytes >= allocatedBytes, path.text);
  }
  assert.equal(sum, record.usedBytes);
  const exported = Buffer.concat([...duNcdu([reportOf(answer)], INFO)]).toString('latin1');
  assert.equal(JSON.parse(exported).length, 4);
}

const families = [
  { format: btrfs, names: ['btrfs-files', 'btrfs-4k'] },
  {
    format: ext,
    names: imageNames('ext').filter((name, i) => i % 8 === 1 && !/external/u.test(name)),
  },
  {
    format: exfat,
    names: imageNames('exfat').filter((name, i) => i % 5 === 1 && !/8g/u.test(name)),
  },
  { format: f2fs, names: imageNames('f2fs').filter((_, i) => i % 8 === 1) },
  {
    format: fat,
    names: imageNames('fat').filter((name, i) => i % 4 === 1 && !/partitions|8g/u.test(name)),
  },
  {
    format: ntfs,
    names: imageNames('ntfs').filter((name) => /1k|compressed/u.test(name)),
  },
  {
    format: xfs,
    names: imageNames('xfs').filter((name, i) => i % 8 === 1 && !/realtime/u.test(name)),
  },
];

for (const { format, names } of families) {
  const outcomes = new Map<string, number>();
  for (const name of names) {
    test(`${name}: du of it, damaged ${CASES} times`, async () => {
      const scope = openScope({ maxReadCount: 2 ** 50, maxReadBytes: 2 ** 53 - 1 });
      try {
        const path = join(resolve('images'), `${name}.qcow2`);
        const { content } = await openDisk(path, { format: 'auto', scope });
        const editor = await memoryEditor(name, content, async (source) => {
          assert.match(await outcome(format, source), /^(files|doubts)$/u);
        });
        const seals = await filesystemSeals(editor);
        for (let index = 0; index < CASES; index++) {
          const next = random(`du ${name} #${index}`);
          const what = mutate(editor, editor.ranges, next, CONTENT_KINDS);
          if (index % 4 !== 3) resealContent(editor, seals);
          const start = process.cpuUsage();
          const came = await outcome(format, editor.source).catch((error: unknown) => {
            assert.fail(`#${index}: ${what}: ${error instanceof Error ? error.stack : error}`);
          });
          const { user, system } = process.cpuUsage(start);
          assert.ok((user + system) / 1000 < MAX_CASE_CPU_MS, `#${index}: ${what}: ${user} us`);
          outcomes.set(came, (outcomes.get(came) ?? 0) + 1);
          editor.undo();
        }
      } finally {
        await scope.close();
      }
    });
  }
  test(`${format.name}: most of it is listed, and what is damaged is told`, (t) => {
    t.diagnostic([...outcomes].map(([word, count]) => `${word} ${count}`).join(', '));
    assert.ok((outcomes.get('files') ?? 0) > 0 && (outcomes.get('doubts') ?? 0) > 0);
  });
}
