// The invariant of every reader of files, over all recorded images of its format: free space, metadata and extents of
// files are the volume, each byte once; and what of it is used is df's used, which a kernel said.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { VirtDfError } from '../../../src/errors.js';
import { btrfs } from '../../../src/filesystem/btrfs.js';
import { exfat } from '../../../src/filesystem/exfat.js';
import { ext } from '../../../src/filesystem/ext.js';
import { f2fs } from '../../../src/filesystem/f2fs.js';
import { fat } from '../../../src/filesystem/fat.js';
import type { FilesystemFormat } from '../../../src/filesystem/filesystem.js';
import { ntfs } from '../../../src/filesystem/ntfs.js';
import { udf } from '../../../src/filesystem/udf.js';
import { xfs } from '../../../src/filesystem/xfs.js';
import { accountOf, doubts } from './account.js';
import { imageNames, type Opened, withFilesystems } from './images.js';
import { checkOwners } from './owners.js';
import { registered } from './registered.js';
import { truthOf } from './truth.js';

const FORMATS: readonly {
  readonly format: FilesystemFormat;
  readonly families: readonly string[];
}[] = [
  { format: btrfs, families: ['btrfs'] },
  { format: ext, families: ['ext'] },
  { format: f2fs, families: ['f2fs'] },
  { format: fat, families: ['fat'] },
  { format: exfat, families: ['exfat'] },
  { format: ntfs, families: ['ntfs'] },
  { format: udf, families: ['udf'] },
  { format: xfs, families: ['xfs'] },
  // Of the hybrid ones, which have a table of partitions too, all tables are other tests'.
  {
    format: await registered('iso9660'),
    families: ['iso-both', 'iso-files', 'iso-joliet', 'iso-plain', 'iso-rockridge'],
  },
  { format: await registered('erofs'), families: ['erofs'] },
  {
    format: await registered('squashfs'),
    families: ['squashfs'],
  },
];

async function checkAccount(
  { filesystem, statvfs, device }: Opened,
  lostBytes: number,
): Promise<void> {
  const { list, onDoubt } = doubts();
  const reader = await filesystem.files?.({ onDoubt });
  assert.ok(reader, `${device}: its files can be read`);
  const { lost, overlaps, usedBytes, freeBytes, nodes } = await accountOf(reader);
  // What makes df's row an estimate or stale, and nothing else.
  const usage = await filesystem.usage('guest');
  const { doubts: known } = usage;
  const told = list.map(({ id, error }) => `${id?.number ?? 'all'}: ${error.message}`);
  // That it is in use is told where a log is not here to be replayed.
  const isExpected = ({ code, message }: VirtDfError) =>
    code !== 'IN_USE' || told.includes(`all: ${message}`);
  assert.deepEqual(
    told,
    known.filter(isExpected).map(({ message }) => `all: ${message}`),
    device,
  );
  assert.deepEqual(overlaps, [], device);
  const notReached = lost.reduce((bytes, { start, end }) => bytes + end - start, 0);
  assert.equal(notReached, lostBytes, `${device}: in use, and of no file`);
  // Of an estimate df and the files are held to each other, since neither is what the kernel says.
  const { f_frsize, f_blocks, f_bfree } =
    usage.basis === 'estimate'
      ? {
          f_frsize: usage.blockSizeBytes,
          f_blocks: usage.blockCount,
          f_bfree: usage.freeBlockCount ?? 0,
        }
      : statvfs;
  const keptBack = (await reader.keptBackBytes?.('guest')) ?? 0;
  const { bytesPerDfByte = 1 } = reader;
  const dfBytes = (bytes: number) => bytes / bytesPerDfByte;
  // Where df counts several bytes as one, what is left of them behind the last whole block is none.
  const part = bytesPerDfByte === 1 ? 0 : (dfBytes(freeBytes) - keptBack) % f_frsize;
  assert.equal(dfBytes(freeBytes) - keptBack - part, f_bfree * f_frsize, `${device}: free`);
  const { roundedUpBytes = 0 } = reader;
  const used = dfBytes(usedBytes + lostBytes) + keptBack + roundedUpBytes;
  assert.equal(used, (f_blocks - f_bfree) * f_frsize, `${device}: used`);
  const ids = new Set(nodes.map(({ id }) => `${id.tree} ${id.number}`));
  assert.equal(ids.size, nodes.length, `${device}: a file comes twice`);
  await checkOwners(reader, nodes, device);
}

for (const { format, families } of FORMATS) {
  for (const name of imageNames(...families)) {
    const truths = truthOf<{ readonly lost_bytes?: number }>(name);
    test(`${name}: each byte has one owner, and df's used are theirs`, () =>
      withFilesystems(name, format, (opened) =>
        checkAccount(opened, truths[opened.device]?.lost_bytes ?? 0),
      ));
  }
}

test('docs/adding-a-filesystem.md lists the formats that have a reader, and all of them are held to this', () => {
  const page = readFileSync('docs/adding-a-filesystem.md', 'utf8');
  const list = /<!-- formats with files -->(.*)<!-- end -->/su.exec(page)?.[1] ?? '';
  const listed = [...list.matchAll(/^\| `([a-z0-9]+)` \|/gmu)].map(([, name]) => name);
  const readers = readdirSync('src/filesystem', { recursive: true })
    .map((path) => /^([a-z0-9]+)[/\\]files\.ts$/u.exec(String(path))?.[1])
    .filter((name) => name !== undefined)
    .sort();
  assert.deepEqual(listed.sort(), readers);
  assert.deepEqual(FORMATS.map(({ format }) => format.name).sort(), readers);
});
