// The files of F2FS beside what a kernel shows of them after its recovery: stat, times of birth, the pieces of FIEMAP, the blocks of
// directories and of attributes, targets of links, generations.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { f2fs } from '../../../src/filesystem/f2fs.js';
import type { FileNode, FileReader, FileStat, VolumeRange } from '../../../src/filesystem/files.js';
import { doubts } from './account.js';
import { imageNames, withFilesystems } from './images.js';
import { joined, type Piece, targetOf } from './kernel-pieces.js';
import { pathsOf } from './paths.js';
import { asBytes, type KernelFile, truthOf } from './truth.js';

interface F2fsFile extends KernelFile {
  readonly attributes?: readonly (readonly [offset: number, at: number, length: number])[];
  readonly generation?: number;
  readonly created: string | null;
}

interface F2fsTruth {
  readonly files: Readonly<Record<string, F2fsFile>>;
}

async function piecesOf(node: FileNode) {
  const content: Piece[] = [];
  const attributes: number[] = [];
  let isInline = false;
  for await (const extents of node.extents()) {
    for (const extent of extents) {
      if (extent.kind === 'inline') isInline = true;
      if (extent.kind === 'hole' || extent.kind === 'inline') continue;
      const { offsetBytes: at, lengthBytes } = extent.at;
      if (extent.kind === 'attributes') attributes.push(at);
      if (extent.offsetBytes === null) continue;
      const isCompressed = extent.kind === 'compressed';
      // The kernel shows how much of the file they are.
      const shown = isCompressed ? extent.lengthBytes : lengthBytes;
      content.push([extent.offsetBytes, at, shown, isCompressed ? 4 : 0]);
    }
  }
  return { pieces: isInline ? null : joined(content), attributes };
}

async function described(reader: FileReader, node: FileNode, truth: F2fsFile) {
  const stat = node.stat();
  const { pieces, attributes } = await piecesOf(node);
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
    created: stat.createdNs === null ? null : String(stat.createdNs),
    ...(truth.target === undefined ? {} : { target: await targetOf(reader, node) }),
    ...(truth.pieces === undefined ? {} : { pieces }),
    ...(truth.attributes === undefined ? {} : { attributes }),
    ...(truth.generation === undefined ? {} : { generation: stat.generation }),
  };
}

/** What the mount of the kernel did on its own: it wrote what it had made, to places that were free, and at its own time. */
interface Mounted {
  isNew(at: number): boolean;
  readonly newestNs: bigint;
}

async function mountedAfter(reader: FileReader): Promise<Mounted> {
  const free: VolumeRange[] = [];
  for await (const page of reader.free()) free.push(...page);
  let newestNs = 0n;
  for await (const page of reader.files()) {
    for (const { changedNs } of page.map((node) => node.stat())) {
      if (changedNs !== null && changedNs > newestNs) newestNs = changedNs;
    }
  }
  const isNew = (at: number) =>
    free.some(
      ({ offsetBytes, lengthBytes }) => at >= offsetBytes && at < offsetBytes + lengthBytes,
    );
  return { isNew, newestNs };
}

/** Blocks of names and of attributes that the recovery only promises have their places by the mount. */
function asTold(truth: F2fsFile, stat: FileStat, { isNew, newestNs }: Mounted) {
  const { kind, target, pieces, attributes, modified, changed } = truth;
  const known = kind === 'directory' ? pieces?.filter(([, at]) => !isNew(at)) : pieces;
  const isByMount = kind === 'directory' && BigInt(changed ?? 0) > newestNs;
  const times = { modified: String(stat.modifiedNs), changed: String(stat.changedNs) };
  return {
    ...truth,
    ...(isByMount ? times : { modified, changed }),
    ...(target === undefined ? {} : { target: asBytes(target) }),
    ...(pieces ? { pieces: joined(known ?? []) } : {}),
    ...(attributes === undefined
      ? {}
      : { attributes: attributes.map(([, at]) => at).filter((at) => !isNew(at)) }),
  };
}

for (const name of imageNames('f2fs')) {
  const truths = truthOf<F2fsTruth>(name);
  test(`${name}: the kernel shows the same files`, async () => {
    await withFilesystems(name, f2fs, async ({ filesystem, device }) => {
      const truth = truths[device];
      assert.ok(truth, 'there is a truth');
      const told = doubts();
      const reader = await filesystem.files?.(told);
      assert.ok(reader);
      const found = await pathsOf(reader);
      const theirs = new Map(
        Object.entries(truth.files).map(([path, file]) => [asBytes(path), file]),
      );
      assert.deepEqual([...found.keys()].sort(), [...theirs.keys()].sort());
      const after = await mountedAfter(reader);
      for (const [path, file] of theirs) {
        const one = found.get(path);
        assert.ok(one, path);
        if (file.kind === undefined) {
          assert.equal(one.node.id.number, file.inode, path);
          continue;
        }
        assert.deepEqual(
          await described(reader, one.node, file),
          asTold(file, one.node.stat(), after),
          path,
        );
        if (path !== '' && one.kind !== null) assert.equal(one.kind, file.kind, path);
      }
      assert.deepEqual(told.list, []);
    });
  });
}
