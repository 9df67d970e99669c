// The files of btrfs beside what a kernel shows of them after its replay of the log, in all subvolumes: stat, the pieces of
// FIEMAP and which are shared, targets of links, and their content, read where the pieces lie and from each copy.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { btrfs } from '../../../src/filesystem/btrfs.js';
import type {
  FileExtent,
  FileNode,
  FileReader,
  VolumeRange,
} from '../../../src/filesystem/files.js';
import { imageNames, withFilesystems } from './images.js';
import { targetOf } from './kernel-pieces.js';
import { matched, readerOf } from './matched.js';
import { asBytes, type KernelFile, truthOf } from './truth.js';

interface BtrfsFile extends KernelFile {
  readonly sha256?: string | null;
  readonly generation?: number;
  /** What others have too, of all below a directory. */
  readonly shared?: number;
}

interface BtrfsTruth {
  /** When the kernel was asked, in nanoseconds. */
  readonly mounted: string;
  readonly oracle: string;
  readonly files: Readonly<Record<string, BtrfsFile>>;
}

/** Where it begins and ends in the file; 1 if it is unwritten, 2 more if it is shared, 4 more if it is compressed. */
type Stretch = [start: number, end: number, marks: number];

const STAND_IN = 2;
const COMPRESSED = 4;
const S32_VALUES = 2 ** 32;

/** Whichever pieces it is in: the kernel joins some, and a stripe ends one. */
function joined(pieces: readonly Stretch[]): readonly Stretch[] {
  const all: Stretch[] = [];
  for (const [start, end, marks] of pieces) {
    const last = all.at(-1);
    if (last !== undefined && last[1] === start && last[2] === marks) last[1] = end;
    else all.push([start, end, marks]);
  }
  return all;
}

async function read({ volumes }: FileReader, at: VolumeRange): Promise<Buffer> {
  const bytes = await volumes[at.volumeIndex]?.read(at.offsetBytes, at.lengthBytes);
  return Buffer.from(bytes ?? []);
}

async function extentsOf(node: FileNode): Promise<readonly FileExtent[]> {
  const all: FileExtent[] = [];
  for await (const extents of node.extents()) all.push(...extents);
  return all;
}

function stretchesOf(extents: readonly FileExtent[]): readonly Stretch[] | null {
  if (extents.some(({ kind }) => kind === 'inline')) return null;
  return joined(
    extents.flatMap((extent): readonly Stretch[] => {
      if (extent.kind === 'hole' || extent.kind === 'inline' || extent.offsetBytes === null)
        return [];
      const { kind, offsetBytes, lengthBytes, isShared } = extent;
      if (kind === 'compressed') return [[offsetBytes, offsetBytes + lengthBytes, COMPRESSED]];
      const marks = kind === 'unwritten' ? 1 : 0;
      return [[offsetBytes, offsetBytes + lengthBytes, marks + (isShared === true ? 2 : 0)]];
    }),
  );
}

/** null where it is compressed, which the pieces say. */
async function hashOf(reader: FileReader, node: FileNode, extents: readonly FileExtent[]) {
  const hash = createHash('sha256');
  let left = node.sizeBytes;
  const add = (bytes: Uint8Array) => {
    hash.update(bytes.subarray(0, Math.max(0, left)));
    left -= bytes.length;
  };
  for (const extent of extents) {
    if (extent.kind === 'compressed') return null;
    if (extent.kind === 'inline' && extent.at.lengthBytes < extent.lengthBytes) return null;
    if (extent.offsetBytes === null) continue;
    const isContent = extent.kind === 'data' || extent.kind === 'inline';
    if (!isContent) {
      add(Buffer.alloc(extent.lengthBytes));
      continue;
    }
    const content = await read(reader, extent.at);
    for (const copy of extent.kind === 'data' ? (extent.copies ?? []) : []) {
      assert.ok(content.equals(await read(reader, copy)), 'a copy is another');
    }
    add(content);
  }
  return hash.digest('hex');
}

async function described(
  reader: FileReader,
  node: FileNode,
  truth: BtrfsFile,
  { mounted }: BtrfsTruth,
) {
  const stat = node.stat();
  const extents = await extentsOf(node);
  const isStandIn = truth.inode === STAND_IN;
  const hash = truth.sha256 ? await hashOf(reader, node, extents) : null;
  return {
    kind: node.kind,
    inode: node.id.number < 0 ? STAND_IN : node.id.number,
    mode: stat.mode,
    ids: isStandIn ? truth.ids : [stat.userId, stat.groupId],
    links: node.linkCount,
    size: node.sizeBytes,
    allocated: node.allocatedBytes,
    modified: isStandIn ? truth.modified : String(stat.modifiedNs),
    // Names that the replay takes away move it to the time of the mount.
    changed:
      isStandIn || BigInt(truth.changed ?? 0) >= BigInt(mounted)
        ? truth.changed
        : String(stat.changedNs),
    ...(truth.target === undefined ? {} : { target: await targetOf(reader, node) }),
    ...(truth.pieces === undefined ? {} : { pieces: stretchesOf(extents) }),
    ...(truth.sha256 === undefined ? {} : { sha256: hash ?? truth.sha256 }),
    // Of a directory it is a question of du's.
    ...(truth.shared === undefined
      ? {}
      : { shared: node.kind === 'file' ? await node.sharedBytes?.() : truth.shared }),
    ...(truth.generation === undefined ? {} : { generation: (stat.generation ?? 0) % S32_VALUES }),
  };
}

function asTold(truth: BtrfsFile) {
  const { target, pieces } = truth;
  return {
    ...truth,
    ...(target === undefined ? {} : { target: asBytes(target) }),
    ...(pieces
      ? {
          pieces: joined(
            pieces.map(([start, , length, marks]): Stretch => {
              // That one has the same space as another of the file is no sharing for FIEMAP, and one for the reader.
              return [start, start + length, marks >= COMPRESSED ? COMPRESSED : marks];
            }),
          ),
        }
      : {}),
  };
}

for (const name of imageNames('btrfs')) {
  const truths = truthOf<BtrfsTruth>(name);
  test(`${name}: the kernel shows the same files`, async () => {
    await withFilesystems(name, btrfs, async ({ filesystem, device }) => {
      const truth = truths[device];
      assert.ok(truth, 'there is a truth');
      const { reader, told } = await readerOf(filesystem);
      for (const { path, one, file } of await matched(reader, truth.files)) {
        assert.deepEqual(await described(reader, one.node, file, truth), asTold(file), path);
        if (path !== '' && one.kind !== null) assert.equal(one.kind, file.kind, path);
      }
      assert.deepEqual(
        told.list.map(({ error }) => error.code).filter((code) => code !== 'ESTIMATE'),
        [],
      );
    });
  });
}
