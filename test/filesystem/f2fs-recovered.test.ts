// The files of F2FS filesystems in use, after their recovery in memory, against what the kernel shows of them after its own:
// scripts/images/f2fs_recovered.py asked it. What is compressed is compared but for its content.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { SECTOR_BYTES } from '../../src/bytes/sector.js';
import type { ByteSource } from '../../src/bytes/source.js';
import { openDisk } from '../../src/container/open.js';
import { readCheckpoint } from '../../src/filesystem/f2fs/checkpoint.js';
import { f2fsFiles } from '../../src/filesystem/f2fs/files.js';
import { BLOCK_BYTES, readSuperblock } from '../../src/filesystem/f2fs/superblock.js';
import { firstBlockOf, type Volume } from '../../src/filesystem/f2fs/volume.js';
import type { FileNode, FileReader } from '../../src/filesystem/files.js';
import { openScope } from '../../src/host/local-scope.js';
import { doubts } from './files/account.js';
import { pathsOf } from './files/paths.js';

/** Path, inode, mode, size, links, st_blocks, and a hash of the content. */
type Facts = readonly [string, number, number, number, number, number, string | null];

const { images }: { readonly images: Readonly<Record<string, readonly Facts[]>> } = JSON.parse(
  gunzipSync(readFileSync('images/f2fs-recovered.json.gz')).toString('utf8'),
);

/** In the place of a hash. */
const COMPRESSES = 'compressed';

const scope = openScope();
after(() => scope.close());

async function volumeOf(name: string): Promise<Volume> {
  const { content: source } = await openDisk(`images/${name}.qcow2`, { format: 'qcow2', scope });
  const superblock = await readSuperblock(source);
  return { source, superblock, checkpoint: await readCheckpoint(source, superblock) };
}

function withBytes(source: ByteSource, offset: number, bytes: Uint8Array): ByteSource {
  return {
    sizeBytes: source.sizeBytes,
    runs: (at, length) => source.runs(at, length),
    async read(at, length) {
      const result = Buffer.from(await source.read(at, length));
      const from = Math.max(at, offset);
      const to = Math.min(at + length, offset + bytes.length);
      if (from < to) result.set(bytes.subarray(from - offset, to - offset), from - at);
      return result;
    },
  };
}

/** Blocks of a file, the last one filled up with zeros; null where it is compressed. */
async function blocksOf(
  volume: ByteSource,
  node: FileNode,
): Promise<ReadonlyMap<number, Uint8Array> | null> {
  const blocks = new Map<number, Uint8Array>();
  for await (const extents of node.extents()) {
    for (const extent of extents) {
      if (extent.kind === 'compressed') return null;
      if (extent.kind === 'hole' || extent.offsetBytes === null) continue;
      const { offsetBytes, lengthBytes } = extent.at;
      const bytes = await volume.read(offsetBytes, lengthBytes);
      for (let at = 0; at < lengthBytes; at += BLOCK_BYTES) {
        const rest = node.sizeBytes - extent.offsetBytes - at;
        if (rest <= 0) break;
        const block = Buffer.alloc(BLOCK_BYTES);
        block.set(bytes.subarray(at, at + Math.min(rest, BLOCK_BYTES)));
        blocks.set((extent.offsetBytes + at) / BLOCK_BYTES, block);
      }
    }
  }
  return blocks;
}

async function hashOf(volume: ByteSource, node: FileNode): Promise<string | null> {
  if (node.kind !== 'file' && node.kind !== 'symlink') return null;
  const blocks = await blocksOf(volume, node);
  if (blocks === null) return COMPRESSES;
  const hash = createHash('sha256');
  for (const [fileBlock, block] of blocks) {
    if (node.kind === 'symlink') {
      hash.update(block.subarray(0, node.sizeBytes));
    } else if (block.some((byte) => byte !== 0)) {
      const number = Buffer.alloc(8);
      number.writeBigUInt64LE(BigInt(fileBlock));
      hash.update(number).update(block);
    }
  }
  return hash.digest('hex');
}

async function listed(reader: FileReader): Promise<readonly Facts[]> {
  const [volume] = reader.volumes;
  assert.ok(volume);
  const found: Facts[] = [];
  for (const [path, { node }] of await pathsOf(reader)) {
    const { id, sizeBytes, linkCount, allocatedBytes } = node;
    const name = path === '' ? '/' : Buffer.from(path, 'latin1').toString('utf8');
    const hash = await hashOf(volume, node);
    const mode = node.stat().mode ?? 0;
    found.push([name, id.number, mode, sizeBytes, linkCount, allocatedBytes / SECTOR_BYTES, hash]);
  }
  return found;
}

/** What is known of a file by its path; where the kernel tells the inode alone, no more than that. */
function byPath(facts: readonly Facts[], known: readonly Facts[]): Record<string, unknown> {
  const lengths = new Map(known.map((file) => [file[0], file.length]));
  return Object.fromEntries(facts.map((file) => [file[0], file.slice(1, lengths.get(file[0]))]));
}

describe('the files after a mount, one by one', () => {
  for (const [name, known] of Object.entries(images)) {
    test(`${name}: the kernel shows the same`, async () => {
      const told = doubts();
      const reader = await f2fsFiles(await volumeOf(name), told);
      assert.deepEqual(told.list, []);
      const found = await listed(reader);
      const compressed = found.flatMap(([path, , , , , , hash]) =>
        hash === COMPRESSES ? [path] : [],
      );
      assert.equal(compressed.length, name === 'f2fs-compression' ? 2 : 0);
      const expected = known.map(
        (file): Facts =>
          compressed.includes(file[0])
            ? [file[0], file[1], file[2], file[3], file[4], file[5], COMPRESSES]
            : file,
      );
      assert.equal(found.length, known.length);
      assert.deepEqual(byPath(found, known), byPath(expected, known));
      const named = new Set<number>();
      for await (const page of reader.files()) {
        for (const { id, system, linkCount } of page) {
          // Files for quotas, and those that the mount deletes, have no name.
          if (system === null && linkCount > 0) named.add(id.number);
        }
      }
      const numbers = found.map(([, number]) => number);
      assert.deepEqual(
        [...named].sort((a, b) => a - b),
        [...new Set(numbers)].sort((a, b) => a - b),
      );
    });
  }

  test('there are filesystems with something to recover, and others', () => {
    const names = Object.keys(images);
    assert.ok(names.filter((name) => name.includes('dirty')).length >= 12);
    assert.ok(names.filter((name) => !name.includes('dirty')).length >= 9);
  });
});

test('a chain that comes back to itself is left out, with the reason', async () => {
  const volume = await volumeOf('f2fs-dirty-replaced');
  const { segment, next } = volume.checkpoint.nodeSegments[1] ?? { segment: 0, next: 0 };
  const block = firstBlockOf(volume, segment) + next;
  const loop = Buffer.alloc(4);
  loop.writeUInt32LE(block);
  const filesOf = async (bytes: Uint8Array, at: number) => {
    const source = withBytes(volume.source, block * BLOCK_BYTES + at, bytes);
    const told = doubts();
    const reader = await f2fsFiles({ ...volume, source }, told);
    return { doubts: told.list.map(({ error }) => error.code), list: await listed(reader) };
  };
  const inLoop = await filesOf(loop, BLOCK_BYTES - 4);
  const withoutChain = await filesOf(new Uint8Array(BLOCK_BYTES), 0);
  assert.deepEqual(inLoop.doubts, ['LOOP']);
  assert.deepEqual(withoutChain.doubts, []);
  assert.deepEqual(inLoop.list, withoutChain.list);
  assert.notDeepEqual(inLoop.list, await listed(await f2fsFiles(volume, doubts())));
});
