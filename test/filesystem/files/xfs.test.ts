// The files of XFS beside what a kernel shows of them after its replay of the log: stat, the pieces of FIEMAP and which are
// shared, the blocks of directories and of attributes, targets of links, generations.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FileNode, FileReader } from '../../../src/filesystem/files.js';
import { xfs } from '../../../src/filesystem/xfs.js';
import { imageNames, withFilesystems } from './images.js';
import { joined, type Piece, targetOf } from './kernel-pieces.js';
import { matched, readerOf } from './matched.js';
import { asBytes, type KernelFile, truthOf } from './truth.js';

type Block = readonly [offsetBytes: number, at: number, lengthBytes: number];

interface XfsFile extends Omit<KernelFile, 'blocks'> {
  /** Of a directory: its own blocks, and from 32 GiB on those of its index. */
  readonly blocks?: readonly Block[];
  readonly attributes?: readonly Block[];
  readonly generation?: number;
}

interface XfsTruth {
  readonly oracle: string;
  readonly files: Readonly<Record<string, XfsFile>>;
}

const INDEX_BYTES = 32 * 2 ** 30;

/** Where they begin and end. */
type Blocks = readonly (readonly [number, number])[];

/** Blocks of files that the mount deletes: it leaves them to the others that share them. */
async function orphanedBlocks(reader: FileReader): Promise<Blocks> {
  const blocks: [number, number][] = [];
  for await (const nodes of reader.files()) {
    for (const node of nodes) {
      if (node.linkCount > 0 || node.system !== null) continue;
      for await (const extents of node.extents()) {
        for (const extent of extents) {
          if (extent.kind === 'hole' || extent.kind === 'inline') continue;
          blocks.push([extent.at.offsetBytes, extent.at.offsetBytes + extent.at.lengthBytes]);
        }
      }
    }
  }
  return blocks;
}

/** Without the mark of what is shared, where a deleted file is among those who have it. */
function withoutOrphans(pieces: readonly Piece[], orphaned: Blocks): readonly Piece[] {
  return joined(
    pieces.map(([offset, at, length, marks]) => {
      const isOrphaned = orphaned.some(([start, end]) => at < end && at + length > start);
      return [offset, at, length, isOrphaned ? marks % 2 : marks];
    }),
  );
}

async function piecesOf(node: FileNode) {
  const content: Piece[] = [];
  const maps: number[] = [];
  const attributes: [number, number][] = [];
  let storedBytes = 0;
  for await (const extents of node.extents()) {
    for (const extent of extents) {
      if (extent.kind === 'hole' || extent.kind === 'inline') continue;
      const { offsetBytes: at, lengthBytes } = extent.at;
      storedBytes += lengthBytes;
      if (extent.kind === 'map') maps.push(at);
      if (extent.kind === 'attributes') attributes.push([at, lengthBytes]);
      if (extent.offsetBytes === null) continue;
      const marks = (extent.kind === 'unwritten' ? 1 : 0) + (extent.isShared === true ? 2 : 0);
      content.push([extent.offsetBytes, at, lengthBytes, marks]);
    }
  }
  return { content: joined(content), maps, attributes, storedBytes };
}

async function described(reader: FileReader, node: FileNode, truth: XfsFile, orphaned: Blocks) {
  const stat = node.stat();
  const { content, maps, attributes, storedBytes } = await piecesOf(node);
  // A file's blocks are all that stat counts, shared ones in full.
  assert.equal(storedBytes, node.allocatedBytes);
  const index = (truth.blocks ?? []).filter(([offset]) => offset >= INDEX_BYTES);
  assert.deepEqual(
    index.filter(([, at]) => !maps.includes(at)),
    [],
  );
  const blocks = content.map(([offset, at, length]): Block => [offset, at, length]);
  return {
    kind: node.kind,
    inode: node.id.number,
    mode: stat.mode,
    ids: [stat.userId, stat.groupId],
    links: node.linkCount,
    size: node.sizeBytes,
    allocated: node.allocatedBytes,
    modified: String(stat.modifiedNs),
    changed: String(stat.changedNs),
    ...(truth.target === undefined ? {} : { target: await targetOf(reader, node) }),
    ...(truth.pieces === undefined ? {} : { pieces: withoutOrphans(content, orphaned) }),
    ...(truth.blocks === undefined ? {} : { blocks: [...blocks, ...index] }),
    ...(truth.attributes === undefined ? {} : { attributes }),
    ...(truth.generation === undefined ? {} : { generation: stat.generation }),
  };
}

function asTold(truth: XfsFile, orphaned: Blocks) {
  const { target, pieces, blocks, attributes } = truth;
  const own = (blocks ?? []).filter(([offset]) => offset < INDEX_BYTES);
  const index = (blocks ?? []).filter(([offset]) => offset >= INDEX_BYTES);
  const names = joined(own.map(([offset, at, length]): Piece => [offset, at, length, 0]));
  return {
    ...truth,
    ...(target === undefined ? {} : { target: asBytes(target) }),
    ...(pieces ? { pieces: withoutOrphans(pieces, orphaned) } : {}),
    ...(blocks === undefined ? {} : { blocks: [...names.map((one) => one.slice(0, 3)), ...index] }),
    ...(attributes === undefined
      ? {}
      : { attributes: attributes.map(([, at, length]) => [at, length]) }),
  };
}

/** Two disks, of which the small machine that knows of realtime devices has one. */
const WITHOUT_TRUTH: readonly string[] = ['xfs-realtime'];

for (const name of imageNames('xfs')) {
  const truths = truthOf<XfsTruth>(name);
  test(`${name}: the kernel shows the same files`, async () => {
    await withFilesystems(name, xfs, async ({ filesystem, device }) => {
      const truth = truths[device];
      if (WITHOUT_TRUTH.includes(name)) return;
      assert.ok(truth, 'there is a truth');
      const { reader, told } = await readerOf(filesystem);
      const orphaned = await orphanedBlocks(reader);
      for (const { path, one, file } of await matched(reader, truth.files)) {
        const mine = await described(reader, one.node, file, orphaned);
        assert.deepEqual(mine, asTold(file, orphaned), path);
        if (path !== '' && one.kind !== null) assert.equal(one.kind, file.kind, path);
      }
      assert.deepEqual(
        told.list.map(({ error }) => error.code).filter((code) => code !== 'ESTIMATE'),
        name === 'xfs-external-log' ? ['IN_USE'] : [],
      );
    });
  });
}
