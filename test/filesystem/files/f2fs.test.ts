// The files of F2FS beside what a kernel shows of them after its recovery: stat, times of birth, the pieces of FIEMAP, the blocks of
// directories and of attributes, targets of links, generations.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { f2fs } from '../../../src/filesystem/f2fs.js';
import type { FileNode, FileReader, FileStat, VolumeRange } from '../../../src/filesystem/files.js';
import { imageNames, withFilesystems } from './images.js';
import { joined, type Piece, targetOf } from './kernel-pieces.js';
import { matched, readerOf } from './matched.js';
import { asBytes, type KernelFile, truthOf } from './truth.js';

/** Without the key the kernel shows two words of a hash before the bytes of a name, all of it in base64. */
function encryptedBytes(path: string): string {
  const [, name] = /^\/encrypted\/([^/]+)$/u.exec(path) ?? [];
  if (name === undefined) return path;
  return `/encrypted/${Buffer.from(name, 'base64url').subarray(8).toString('latin1')}`;
}

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
/** Without the key the kernel shows a link's target as it does a name. On the disk its length is before it. */
function withTarget(path: string, truth: F2fsFile): F2fsFile {
  if (truth.target === undefined) return truth;
  if (!path.startsWith('/encrypted/')) return { ...truth, target: asBytes(truth.target) };
  const bytes = Buffer.from(truth.target, 'base64url').subarray(8);
  const length = Buffer.alloc(2);
  length.writeUInt16LE(bytes.length);
  const target = Buffer.concat([length, bytes]).toString('latin1');
  return { ...truth, target, size: target.length };
}

function asTold(truth: F2fsFile, stat: FileStat, { isNew, newestNs }: Mounted) {
  const { kind, pieces, attributes, modified, changed } = truth;
  // Blocks that are promised to a file have no place either: they are shown at 0, as unwritten.
  const placed = pieces?.filter(([, at]) => at !== 0);
  const known = kind === 'directory' ? placed?.filter(([, at]) => !isNew(at)) : placed;
  const isByMount = kind === 'directory' && BigInt(changed ?? 0) > newestNs;
  const times = { modified: String(stat.modifiedNs), changed: String(stat.changedNs) };
  return {
    ...truth,
    ...(isByMount ? times : { modified, changed }),
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
      const { reader, told } = await readerOf(filesystem);
      const after = await mountedAfter(reader);
      for (const { path, one, file } of await matched(reader, truth.files, (path) =>
        encryptedBytes(asBytes(path)),
      )) {
        if (file.kind === undefined) {
          assert.equal(one.node.id.number, file.inode, path);
          continue;
        }
        assert.deepEqual(
          await described(reader, one.node, file),
          asTold(withTarget(path, file), one.node.stat(), after),
          path,
        );
        if (path !== '' && one.kind !== null) assert.equal(one.kind, file.kind, path);
      }
      assert.deepEqual(told.list, []);
    });
  });
}
