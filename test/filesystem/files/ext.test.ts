// The files of ext beside what a kernel shows of them after its replay of the journal: stat, the pieces of FIEMAP,
// targets of links. Where the blocks are larger than its pages, debugfs is asked.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ext } from '../../../src/filesystem/ext.js';
import type { FileNode, FileReader } from '../../../src/filesystem/files.js';
import { imageNames, withFilesystems } from './images.js';
import { joined, type Piece, targetOf } from './kernel-pieces.js';
import { matched, readerOf } from './matched.js';
import { asBytes, type ExtTruth, type KernelFile, truthOf } from './truth.js';

async function piecesOf(node: FileNode) {
  const pieces: Piece[] = [];
  const blocks: [number, number][] = [];
  let isInline = false;
  let isCut = false;
  for await (const extents of node.extents()) {
    for (const extent of extents) {
      if (extent.kind === 'inline') isInline = true;
      if (extent.kind === 'hole' || extent.kind === 'inline' || extent.kind === 'slack') continue;
      if (extent.countedAs === 'free') {
        isCut = true;
        continue;
      }
      const { offsetBytes: at, lengthBytes } = extent.at;
      blocks.push([at, lengthBytes]);
      if (extent.offsetBytes === null) continue;
      pieces.push([extent.offsetBytes, at, lengthBytes, extent.kind === 'unwritten' ? 1 : 0]);
    }
  }
  return { pieces: isInline ? null : joined(pieces), blocks, isCut };
}

/** Without what lies behind the last block of the file's size: the kernel has cut it off. */
function upToSize(
  pieces: readonly Piece[],
  sizeBytes: number,
  blockBytes: number,
): readonly Piece[] {
  const end = Math.ceil(sizeBytes / blockBytes) * blockBytes;
  return pieces
    .map(([at, place, length, isUnwritten]): Piece => {
      return [at, place, Math.min(length, end - at), isUnwritten];
    })
    .filter(([, , length]) => length > 0);
}

async function described(
  reader: FileReader,
  node: FileNode,
  truth: KernelFile,
  blockBytes: number,
  isReplayed: boolean,
) {
  const stat = node.stat();
  const { pieces: all, blocks, isCut } = await piecesOf(node);
  const pieces = isCut && all !== null ? upToSize(all, node.sizeBytes, blockBytes) : all;
  // The kernel has cut it since, which moves its times; a directory's move with a name that a fast commit brings.
  const now = isCut || (isReplayed && node.kind === 'directory') ? truth : null;
  return {
    kind: node.kind,
    inode: node.id.number,
    mode: stat.mode,
    ids: [stat.userId, stat.groupId],
    links: node.linkCount,
    size: node.sizeBytes,
    // After fast commits the kernel counts i_blocks anew (ext4_ext_replay_set_iblocks), which the replay does not follow.
    allocated: isCut || isReplayed ? truth.allocated : node.allocatedBytes,
    ...(truth.modified === undefined ? {} : { modified: now?.modified ?? String(stat.modifiedNs) }),
    ...(truth.changed === undefined ? {} : { changed: now?.changed ?? String(stat.changedNs) }),
    ...(truth.pieces === undefined ? {} : { pieces }),
    ...(truth.blocks === undefined ? {} : { blocks: blockNumbers(blocks, truth.blocks, reader) }),
    ...(truth.target === undefined ? {} : { target: await targetOf(reader, node) }),
  };
}

/** Ascending, in blocks as large as a block of 64 KiB, 32 KiB ... may be: the largest that gives as many as are told. */
function blockNumbers(
  blocks: readonly (readonly [number, number])[],
  told: readonly number[],
  { volumes }: FileReader,
): readonly number[] {
  const sizeBytes = volumes[0]?.sizeBytes ?? 0;
  for (let blockBytes = 65536; blockBytes >= 1024; blockBytes /= 2) {
    const numbers = blocks.flatMap(([at, length]) =>
      Array.from({ length: length / blockBytes }, (_, i) => at / blockBytes + i),
    );
    if (numbers.length === told.length && numbers.every(Number.isInteger)) {
      return numbers.sort((a, b) => a - b);
    }
  }
  return [sizeBytes];
}

function asTold(truth: KernelFile): KernelFile {
  const target = truth.target === undefined ? {} : { target: asBytes(truth.target) };
  const pieces = truth.pieces === undefined ? {} : { pieces: truth.pieces && joined(truth.pieces) };
  return { ...truth, ...target, ...pieces };
}

for (const name of imageNames('ext')) {
  const truths = truthOf<ExtTruth>(name);
  test(`${name}: the kernel shows the same files`, async () => {
    await withFilesystems(name, ext, async ({ filesystem, device, statvfs }) => {
      const truth = truths[device];
      assert.ok(truth, 'there is a truth');
      const { reader, told } = await readerOf(filesystem);
      if (told.list.length > 0) {
        assert.equal(name, 'ext4-fast-inline', 'a fast commit that is not followed');
        return;
      }
      for (const { path, one, file } of await matched(reader, truth.files)) {
        const isReplayed = /fast/u.test(name);
        const mine = await described(reader, one.node, file, statvfs.f_frsize, isReplayed);
        assert.deepEqual(mine, asTold(file), path);
        if (path !== '' && one.kind !== null) assert.equal(one.kind, file.kind, path);
      }
    });
  });
}
