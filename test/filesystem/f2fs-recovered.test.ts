// The files of F2FS filesystems in use, after their recovery in memory, against what the kernel shows of them after its own:
// scripts/images/f2fs_recovered.py asked it. What is compressed is compared but for its content.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { parseF2fs } from '../../generated/filesystem/f2fs.js';
import type { ByteSource } from '../../src/bytes/source.js';
import { openDisk } from '../../src/container/open.js';
import { readCheckpoint } from '../../src/filesystem/f2fs/checkpoint.js';
import type { Inode } from '../../src/filesystem/f2fs/inode.js';
import { inlineContent, recoveredFiles, statSectors } from '../../src/filesystem/f2fs/recovered.js';
import { BLOCK_BYTES, readSuperblock } from '../../src/filesystem/f2fs/superblock.js';
import {
  COMPRESSED,
  firstBlockOf,
  isWritten,
  readBlock,
  type Volume,
} from '../../src/filesystem/f2fs/volume.js';
import { openScope } from '../../src/host/local-scope.js';

/** Path, inode, mode, size, links, st_blocks, and a hash of the content. */
type Facts = readonly [string, number, number, number, number, number, string | null];

const { images }: { readonly images: Readonly<Record<string, readonly Facts[]>> } = JSON.parse(
  gunzipSync(readFileSync('images/f2fs-recovered.json.gz')).toString('utf8'),
);

const ROOT = 3;
const TYPE = 0o170000;
const [FOLDER, FILE, LINK] = [0o040000, 0o100000, 0o120000];
const SUPERBLOCK_OFFSET = 1024;
const SUPERBLOCK_BYTES = 3072;
/** In the place of a hash. */
const COMPRESSES = 'compressed';

const scope = openScope();
after(() => scope.close());

type Files = Awaited<ReturnType<typeof recoveredFiles>>;

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
  volume: Volume,
  files: Files,
  inode: Readonly<Inode>,
): Promise<ReadonlyMap<number, Uint8Array> | null> {
  const blocks = new Map<number, Uint8Array>();
  const inline = inlineContent(inode);
  if (inline !== null) {
    const block = Buffer.alloc(BLOCK_BYTES);
    block.set(inline);
    return blocks.set(0, block);
  }
  for await (const { fileBlock, address } of files.eachBlock(inode)) {
    if (address === COMPRESSED) return null;
    const rest = inode.sizeBytes - fileBlock * BLOCK_BYTES;
    if (rest <= 0 || !isWritten(address)) continue;
    const block = Buffer.alloc(BLOCK_BYTES);
    block.set((await readBlock(volume, address)).subarray(0, rest));
    blocks.set(fileBlock, block);
  }
  return blocks;
}

async function hashOf(
  volume: Volume,
  files: Files,
  inode: Readonly<Inode>,
): Promise<string | null> {
  const type = inode.mode & TYPE;
  if ((type !== FILE && type !== LINK) || inode.isEncrypted) return null;
  const blocks = await blocksOf(volume, files, inode);
  if (blocks === null) return COMPRESSES;
  const hash = createHash('sha256');
  for (const [fileBlock, block] of blocks) {
    if (type === LINK) {
      hash.update(block.subarray(0, inode.sizeBytes));
    } else if (block.some((byte) => byte !== 0)) {
      const number = Buffer.alloc(8);
      number.writeBigUInt64LE(BigInt(fileBlock));
      hash.update(number).update(block);
    }
  }
  return hash.digest('hex');
}

async function listed(volume: Volume, files: Files): Promise<readonly Facts[]> {
  const found: Facts[] = [];
  const visit = async (path: string, number: number): Promise<void> => {
    const inode = await files.inode(number);
    assert.ok(inode !== null, `${path}: inode ${number}`);
    const { mode, sizeBytes, linkCount } = inode;
    const hash = await hashOf(volume, files, inode);
    const name = path === '' ? '/' : path;
    found.push([name, number, mode, sizeBytes, linkCount, statSectors(inode), hash]);
    if ((mode & TYPE) !== FOLDER) return;
    for await (const entry of files.eachEntry(inode)) {
      const child = Buffer.from(entry.name).toString('utf8');
      if (child !== '.' && child !== '..') await visit(`${path}/${child}`, entry.inode);
    }
  };
  await visit('', ROOT);
  return found;
}

/** What is known of a file by its path; where the kernel tells the inode alone, no more than that. */
function byPath(facts: readonly Facts[], known: readonly Facts[]): Record<string, unknown> {
  const lengths = new Map(known.map((file) => [file[0], file.length]));
  return Object.fromEntries(facts.map((file) => [file[0], file.slice(1, lengths.get(file[0]))]));
}

/** Files for quotas have no name. */
function quotaInodes(superblock: Uint8Array): readonly number[] {
  const inodes = Buffer.from(parseF2fs(superblock).quotaInodes);
  return [0, 4, 8].map((at) => inodes.readUInt32LE(at)).filter((number) => number !== 0);
}

describe('the files after a mount, one by one', () => {
  for (const [name, known] of Object.entries(images)) {
    test(`${name}: the kernel shows the same`, async () => {
      const volume = await volumeOf(name);
      const files = await recoveredFiles(volume);
      assert.deepEqual(files.doubts, []);
      const found = await listed(volume, files);
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
      const numbers = new Set<number>();
      for await (const { number } of files.eachInode()) numbers.add(number);
      const quotas = quotaInodes(await volume.source.read(SUPERBLOCK_OFFSET, SUPERBLOCK_BYTES));
      assert.deepEqual(
        numbers,
        new Set([...found.map(([, number]) => number), ...quotas].sort((a, b) => a - b)),
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
    const damaged = { ...volume, source };
    const files = await recoveredFiles(damaged);
    return { doubts: files.doubts.map(({ code }) => code), list: await listed(damaged, files) };
  };
  const inLoop = await filesOf(loop, BLOCK_BYTES - 4);
  const withoutChain = await filesOf(new Uint8Array(BLOCK_BYTES), 0);
  assert.deepEqual(inLoop.doubts, ['LOOP']);
  assert.deepEqual(withoutChain.doubts, []);
  assert.deepEqual(inLoop.list, withoutChain.list);
  assert.notDeepEqual(inLoop.list, await listed(volume, await recoveredFiles(volume)));
});
