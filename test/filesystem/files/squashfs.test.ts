// The files of SquashFS beside what a kernel shows of them; that its blocks decompress to what files hold; and what only an attacker
// writes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inflateSync } from 'node:zlib';
import type { FileNode, FileReader } from '../../../src/filesystem/files.js';
import { extentPages } from '../../../src/filesystem/squashfs/extents.js';
import { inodeAt } from '../../../src/filesystem/squashfs/inode.js';
import { namesBudget } from '../../../src/filesystem/squashfs/names-budget.js';
import { openVolume } from '../../../src/filesystem/squashfs/volume.js';
import { readAll } from '../../hostile/file-reading.js';
import { memorySource } from '../../memory-source.js';
import { doubts } from './account.js';
import { imageNames, withFilesystems } from './images.js';
import { shownStat, toldTarget } from './kernel-pieces.js';
import { matched, readerOf } from './matched.js';
import { pathsOf } from './paths.js';
import { registered } from './registered.js';
import { asBytes, type ExtTruth, truthOf } from './truth.js';

const squashfs = await registered('squashfs');

/** Its pieces are one behind the other, from the beginning to the end. */
async function coveredBytes(node: FileNode): Promise<number> {
  let end = 0;
  for await (const extents of node.extents()) {
    for (const { offsetBytes, lengthBytes } of extents) {
      assert.equal(offsetBytes, end);
      end += lengthBytes;
    }
  }
  return end;
}

function described(node: FileNode) {
  return { ...shownStat(node), inode: node.id.number };
}

for (const name of imageNames('squashfs')) {
  test(`${name}: the kernel shows the same files`, async () => {
    const truths = truthOf<ExtTruth>(name);
    await withFilesystems(name, squashfs, async ({ filesystem, device }) => {
      const truth = truths[device];
      assert.ok(truth, 'there is a truth');
      const { reader, told } = await readerOf(filesystem);
      for (const { path, one, file } of await matched(reader, truth.files)) {
        const { target, ...shown } = file;
        assert.deepEqual(described(one.node), shown, path);
        if (path !== '') assert.equal(one.kind, file.kind, path);
        if (target !== undefined) {
          assert.equal(one.node.sizeBytes, asBytes(target).length, path);
          assert.equal(await toldTarget(one.node), asBytes(target), path);
        }
        assert.equal(
          await coveredBytes(one.node),
          one.node.kind === 'device' ? 0 : file.size,
          path,
        );
      }
      assert.deepEqual(told.list, []);
    });
  });
}

async function contentOf(reader: FileReader, path: string): Promise<string> {
  const node = (await pathsOf(reader)).get(path)?.node;
  assert.ok(node);
  const parts: Buffer[] = [];
  for await (const extents of node.extents()) {
    for (const extent of extents) {
      if (extent.kind === 'hole') parts.push(Buffer.alloc(extent.lengthBytes));
      if (extent.kind !== 'data' && extent.kind !== 'compressed') continue;
      const { offsetBytes, lengthBytes } = extent.at;
      const bytes = Buffer.from((await reader.volumes[0]?.read(offsetBytes, lengthBytes)) ?? []);
      // Of a fragment this is the beginning, which others may have.
      const whole = extent.kind === 'data' ? bytes : inflateSync(bytes);
      parts.push(whole.length === extent.lengthBytes ? whole : Buffer.alloc(extent.lengthBytes));
    }
  }
  return Buffer.concat(parts).toString('latin1');
}

test('blocks of a file hold what was written, compressed or not', async () => {
  await withFilesystems('squashfs-files', squashfs, async ({ filesystem }) => {
    const { reader } = await readerOf(filesystem);
    const content = await contentOf(reader, '/mixed');
    assert.equal(content.length, 77_000);
    assert.match(content, /^line of file 600 of a test image, line/u);
    assert.match(content.slice(61_000), /line of file 601 of a test image, line/u);
  });
});

test('metadata of a compressor that is not known are refused with the reason', async () => {
  await withFilesystems('squashfs-files', squashfs, async ({ source }) => {
    const bytes = Buffer.from(await source.read(0, source.sizeBytes));
    for (const [compression, words] of [
      [2, /compressed with lzma/u],
      [9, /compressed by method 9/u],
    ] as const) {
      bytes.writeUInt16LE(compression, 20);
      const filesystem = await squashfs.open(memorySource(bytes));
      await assert.rejects(async () => filesystem.files?.(doubts()), {
        code: 'UNSUPPORTED_FEATURE',
        message: words,
      });
    }
  });
});

/** A copy of an image's volume with some bytes changed, all of it read. */
async function damaged(change: (bytes: Buffer) => void) {
  let bytes = Buffer.alloc(0);
  await withFilesystems('squashfs-files-plain', squashfs, async ({ source }) => {
    bytes = Buffer.from(await source.read(0, source.sizeBytes));
  });
  change(bytes);
  const told = doubts();
  const filesystem = await squashfs.open(memorySource(bytes));
  const reader = await filesystem.files?.(told);
  assert.ok(reader);
  await readAll(reader);
  return [...new Set(told.list.map(({ error }) => error.code))].sort();
}

/** Where the table of inodes is, behind the head of its first block. */
function inodesAt(bytes: Buffer): number {
  return Number(bytes.readBigUInt64LE(64)) + 2;
}

test('inodes of no type, and tables with fewer inodes than there should be, are told', async () => {
  assert.deepEqual(await damaged(() => {}), []);
  const type = await damaged((bytes) => bytes.writeUInt16LE(99, inodesAt(bytes)));
  assert.deepEqual(type, ['OUT_OF_BOUNDS']);
  const fewer = await damaged((bytes) => bytes.writeUInt32LE(bytes.readUInt32LE(4) + 1, 4));
  assert.deepEqual(fewer, ['INVALID']);
});

test('a fragment of no bytes is told of the files that end there, and the rest is read', async () => {
  const empty = await damaged((bytes) => {
    const index = Number(bytes.readBigUInt64LE(80));
    const firstBlock = Number(bytes.readBigUInt64LE(index));
    bytes.writeUInt32LE(0, firstBlock + 2 + 8);
  });
  assert.deepEqual(empty, ['INVALID']);
});

test('directories that all have the same names end where their table could hold no more', async () => {
  const [mib, blockBytes] = [2 ** 20, 8192];
  const blocks = Array.from({ length: 160 }, () => {
    const block = Buffer.alloc(2 + blockBytes);
    block.writeUInt16LE(0x8000 + blockBytes);
    return block;
  });
  const bytes = Buffer.concat(blocks);
  const table = { startBytes: 0, endBytes: bytes.length };
  const { begin } = namesBudget(memorySource(bytes), table, 100);
  await begin(1)(mib);
  await begin(2)(160 * blockBytes - mib);
  // What was read before is no more names.
  await begin(1)(mib);
  await assert.rejects(async () => begin(3)(1), {
    code: 'LIMIT',
    message: /than the 1310720 bytes/u,
  });
});

test('each block with names of a directory is a visit', async () => {
  await withFilesystems('squashfs-files', squashfs, async ({ source }) => {
    const volume = await openVolume(source, await source.read(0, 96), doubts());
    let visits = 0;
    const spendPlaces = (count: number) => {
      visits += count;
    };
    const counting = { ...volume, spendPlaces };
    const inode = await inodeAt(volume, volume.root);
    let pieces = 0;
    for await (const extents of extentPages(counting, inode)) pieces += extents.length;
    assert.ok(visits > 0 && visits <= pieces);
  });
});

test('a number that is no file is none', async () => {
  await withFilesystems('squashfs-files', squashfs, async ({ filesystem }) => {
    const { reader } = await readerOf(filesystem);
    for (const number of [0, -1, 1.5, 2 ** 40, Number.NaN]) {
      assert.equal(await reader.file({ tree: 0, number }), null, String(number));
    }
  });
});
