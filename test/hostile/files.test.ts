// The readers of files on damaged volumes: directories that contain themselves, chains and maps in rings, extents over
// extents, inodes that lie. Doubts or coded errors, nothing else, and work that a volume's size bounds. The seeds are fixed.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
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
import { udf } from '../../src/filesystem/udf.js';
import { xfs } from '../../src/filesystem/xfs.js';
import { openScope } from '../../src/host/local-scope.js';
import { imageNames } from '../filesystem/files/images.js';
import { registered } from '../filesystem/files/registered.js';
import { random } from '../random.js';
import { readAll } from './file-reading.js';
import { filesystemSeals, resealContent } from './filesystem-seals.js';
import { memoryEditor } from './memory-editor.js';
import { CONTENT_KINDS, mutate } from './mutations.js';

/** Of each image; more are tried by setting the variable. */
const CASES = Math.ceil(8 * Number(process.env.VIRT_DF_HOSTILE_FACTOR ?? 1));
const MAX_CASE_CPU_MS = 4000;
/** A small image has some thousand files, each of which costs a few reads. */
const MAX_READS = 60_000;

async function outcome(format: FilesystemFormat, source: ByteSource): Promise<string> {
  let doubts = 0;
  const onDoubt = ({ error }: { readonly error: unknown }) => {
    doubts++;
    assert.ok(error instanceof VirtDfError);
  };
  try {
    const filesystem = await format.open(source);
    const reader = await filesystem.files?.({ onDoubt });
    if (reader === undefined) return 'none';
    await readAll(reader);
    return doubts > 0 ? 'doubts' : 'files';
  } catch (error) {
    if (error instanceof VirtDfError) return error.code;
    throw error;
  }
}

function isOneDisk(name: string): boolean {
  return existsSync(join(resolve('images'), `${name}.qcow2`));
}

/** Every fourth image: they are much alike. */
const families = [
  {
    format: btrfs,
    // Of those on one disk.
    names: imageNames('btrfs').filter((name, i) => i % 4 === 0 && isOneDisk(name)),
  },
  {
    format: ext,
    names: imageNames('ext').filter((name, i) => i % 4 === 0 && !/external/u.test(name)),
  },
  { format: exfat, names: imageNames('exfat').filter((name) => !/8g|1m|128k/u.test(name)) },
  {
    format: f2fs,
    names: imageNames('f2fs').filter((_, i) => i % 3 === 2),
  },
  {
    format: await registered('iso9660'),
    names: ['iso-files', 'iso-files-joliet', 'iso-files-zisofs'],
  },
  {
    format: await registered('erofs'),
    names: ['erofs-files', 'erofs-files-lz4-big', 'erofs-files-chunks'],
  },
  {
    format: await registered('squashfs'),
    names: ['squashfs-files', 'squashfs-files-plain', 'squashfs-files-lz4'],
  },
  { format: fat, names: imageNames('fat').filter((name) => !/partitions|8g/u.test(name)) },
  {
    format: ntfs,
    names: imageNames('ntfs').filter((name) =>
      /512|1k|compressed|scattered|hibernated/u.test(name),
    ),
  },
  { format: udf, names: ['udf-files', 'udf-files-cdrw', 'udf-metadata-250', 'udf-cdr-150'] },
  {
    format: xfs,
    names: imageNames('xfs').filter((name, i) => i % 4 === 0 && !/realtime|external/u.test(name)),
  },
];

for (const { format, names } of families) {
  const outcomes = new Map<string, number>();
  for (const name of names) {
    test(`${name}: its files, damaged ${CASES} times`, async () => {
      const scope = openScope({ maxReadCount: 2 ** 50, maxReadBytes: 2 ** 53 - 1 });
      try {
        const path = join(resolve('images'), `${name}.qcow2`);
        const { content } = await openDisk(path, { format: 'auto', scope });
        const editor = await memoryEditor(name, content, async (source) => {
          assert.match(await outcome(format, source), /^(files|doubts)$/u);
        });
        const seals = await filesystemSeals(editor);
        for (let index = 0; index < CASES; index++) {
          const next = random(`files ${name} #${index}`);
          const what = mutate(editor, editor.ranges, next, CONTENT_KINDS);
          if (index % 4 !== 3) resealContent(editor, seals);
          let reads = 0;
          const source: ByteSource = {
            ...editor.source,
            sizeBytes: editor.source.sizeBytes,
            read(offset, length) {
              reads++;
              return editor.source.read(offset, length);
            },
          };
          const start = process.cpuUsage();
          const came = await outcome(format, source).catch((error: unknown) => {
            assert.fail(`#${index}: ${what}: ${error instanceof Error ? error.stack : error}`);
          });
          const { user, system } = process.cpuUsage(start);
          assert.ok(
            (user + system) / 1000 < MAX_CASE_CPU_MS,
            `#${index}: ${what}: ${user / 1000} ms`,
          );
          assert.ok(reads < MAX_READS, `#${index}: ${what}: ${reads} reads`);
          outcomes.set(came, (outcomes.get(came) ?? 0) + 1);
          editor.undo();
        }
      } finally {
        await scope.close();
      }
    });
  }
  test(`${format.name}: most of it is read, and what is damaged is told`, (t) => {
    t.diagnostic([...outcomes].map(([word, count]) => `${word} ${count}`).join(', '));
    assert.ok((outcomes.get('files') ?? 0) > 0 && (outcomes.get('doubts') ?? 0) > 0);
  });
}
