// The files of EROFS beside what a kernel shows of them: names, stat, the pieces of FIEMAP; and what only an attacker writes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FileNode } from '../../../src/filesystem/files.js';
import { memorySource } from '../../memory-source.js';
import { accountOf, doubts } from './account.js';
import { imageNames, withFilesystems } from './images.js';
import { joined, type Piece, shownStat, targetOf, toldTarget } from './kernel-pieces.js';
import { matched, readerOf } from './matched.js';
import { pathsOf } from './paths.js';
import { registered } from './registered.js';
import { asBytes, type ExtTruth, type KernelFile, truthOf } from './truth.js';

const erofs = await registered('erofs');

/** null: a part is in the inode, of which FIEMAP is not asked further. */
async function piecesOf(node: FileNode): Promise<readonly Piece[] | null> {
  const pieces: Piece[] = [];
  for await (const extents of node.extents()) {
    for (const extent of extents) {
      if (extent.kind === 'inline') return null;
      // Of what is compressed the kernel shows how much of the file it is.
      if (extent.kind === 'compressed' || extent.kind === 'data') {
        pieces.push([extent.offsetBytes ?? 0, extent.at.offsetBytes, extent.lengthBytes, 0]);
      }
    }
  }
  return joined(pieces);
}

async function described(node: FileNode, { pieces }: KernelFile) {
  return {
    ...shownStat(node),
    ...(pieces === undefined ? {} : { pieces: await piecesOf(node) }),
  };
}

for (const name of imageNames('erofs')) {
  test(`${name}: the kernel shows the same files in the same blocks`, async () => {
    const truths = truthOf<ExtTruth>(name);
    await withFilesystems(name, erofs, async ({ filesystem, device }) => {
      const truth = truths[device];
      assert.ok(truth, 'there is a truth');
      const { reader, told } = await readerOf(filesystem);
      for (const { path, one, file } of await matched(reader, truth.files)) {
        // The inode's number is one of its own, by which nothing can be found.
        const { target, inode: _, ...shown } = file;
        const pieces = file.pieces ? { pieces: joined(file.pieces) } : {};
        assert.deepEqual(await described(one.node, file), { ...shown, ...pieces }, path);
        if (path !== '') assert.equal(one.kind, file.kind, path);
        if (target !== undefined) {
          assert.equal(await targetOf(reader, one.node), asBytes(target), path);
          assert.equal(await toldTarget(one.node), asBytes(target), path);
        }
      }
      assert.deepEqual(told.list, []);
    });
  });
}

test('a file of several names is one, and a number that is no file is none', async () => {
  await withFilesystems('erofs-files', erofs, async ({ filesystem }) => {
    const { reader } = await readerOf(filesystem);
    const paths = await pathsOf(reader);
    const [one, other] = ['/hard-link', '/size70000'].map((path) => paths.get(path)?.node);
    assert.equal(one?.linkCount, 2);
    assert.equal(one?.id.number, other?.id.number);
    for (const number of [-1, 1.5, 2 ** 40, Number.NaN]) {
      assert.equal(await reader.file({ tree: 0, number }), null, String(number));
    }
  });
});

/** A copy of an image's volume with some bytes changed, all of it read. */
async function damaged(name: string, path: string, change: (bytes: Buffer, at: number) => void) {
  let bytes = Buffer.alloc(0);
  let at = 0;
  await withFilesystems(name, erofs, async ({ source, filesystem }) => {
    bytes = Buffer.from(await source.read(0, source.sizeBytes));
    const { reader } = await readerOf(filesystem);
    at = (await pathsOf(reader)).get(path)?.node.record?.offsetBytes ?? 0;
  });
  assert.ok(at > 0);
  change(bytes, at);
  const told = doubts();
  const filesystem = await erofs.open(memorySource(bytes));
  const reader = await filesystem.files?.(told);
  assert.ok(reader);
  await accountOf(reader);
  return [...new Set(told.list.map(({ error }) => error.code))].sort();
}

test('blocks behind the volume, modes of no kind, and layouts that there are not are told', async () => {
  const wrong: readonly [string, string, string, (bytes: Buffer, at: number) => void][] = [
    [
      'OUT_OF_BOUNDS',
      'erofs-files',
      '/size4096',
      (bytes, at) => bytes.writeUInt32LE(2 ** 30, at + 16),
    ],
    ['INVALID', 'erofs-files', '/size4096', (bytes, at) => bytes.writeUInt16LE(0, at + 4)],
    ['INVALID', 'erofs-files', '/size4096', (bytes, at) => bytes.writeUInt16LE(14, at)],
    ['OUT_OF_BOUNDS', 'erofs-files', '/empty', (bytes, at) => bytes.writeUInt16LE(60_000, at + 2)],
  ];
  for (const [code, name, path, change] of wrong) {
    const codes: readonly string[] = await damaged(name, path, change);
    assert.ok(codes.includes(code), `${codes} of ${path}`);
  }
});
