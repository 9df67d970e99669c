// XFS with one thing wrong that only an attacker, or a broken disk, writes: the rest of the files is read all the same, and what
// was left out is told. Version 4 has no checksums that must be right.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openDisk } from '../../../src/container/open.js';
import type { FileNode, FileReader } from '../../../src/filesystem/files.js';
import { xfs } from '../../../src/filesystem/xfs.js';
import { openScope } from '../../../src/host/local-scope.js';
import { readAll } from '../../hostile/file-reading.js';
import { memorySource } from '../../memory-source.js';
import { accountOf, type Doubts, doubts } from './account.js';
import { pathsOf } from './paths.js';

const scope = openScope();
after(() => scope.close());

const LINK_COUNT = 16;
const EXTENT_COUNT = 76;
const FORMAT = 5;
const DATA_FORK = 100;
const BLOCK_BYTES = 4096;
const NAME = '00003pppp';

let image: Buffer;
/** By path where the inode lies, and its first block. */
const places = new Map<string, { readonly inode: number; readonly block: number }>();

async function opened(bytes: Buffer): Promise<{ reader: FileReader; told: Doubts }> {
  const told = doubts();
  const filesystem = await xfs.open(memorySource(bytes));
  const reader = await filesystem.files?.(told);
  assert.ok(reader);
  return { reader, told };
}

async function firstBlock(node: FileNode): Promise<number> {
  for await (const extents of node.extents()) {
    for (const extent of extents) if (extent.kind === 'data') return extent.at.offsetBytes;
  }
  return 0;
}

before(async () => {
  const { content } = await openDisk('images/xfs-files-v4.qcow2', { format: 'qcow2', scope });
  image = Buffer.from(await content.read(0, content.sizeBytes));
  const { reader } = await opened(image);
  for (const [path, { node }] of await pathsOf(reader)) {
    const inode = node.record?.offsetBytes ?? 0;
    places.set(path, { inode, block: await firstBlock(node) });
  }
});

function place(path: string): { readonly inode: number; readonly block: number } {
  const found = places.get(path);
  assert.ok(found, path);
  return found;
}

/** What is told of the files with the image changed, and their paths. */
async function changed(edit: (bytes: Buffer) => void) {
  const bytes = Buffer.from(image);
  edit(bytes);
  const { reader, told } = await opened(bytes);
  await readAll(reader);
  const messages = new Set(told.list.map(({ error }) => `${error.code} ${error.message}`));
  return { messages: [...messages], reader, paths: [...(await pathsOf(reader)).keys()] };
}

function nameAt(bytes: Buffer): number {
  const { block } = place('/block');
  const at = bytes.indexOf(NAME, block);
  assert.ok(at > block && at < block + BLOCK_BYTES);
  return at;
}

describe('names', () => {
  for (const [what, byte] of [
    ['a slash', 0x2f],
    ['a zero', 0],
  ] as const) {
    test(`${what} in one leaves out its entry, and not its file`, async () => {
      const { messages, reader, paths } = await changed((bytes) => {
        bytes[nameAt(bytes)] = byte;
      });
      assert.deepEqual(messages, [
        "INVALID xfs: a directory's entry has a slash or a zero in its name",
      ]);
      assert.equal(paths.length, places.size - 1);
      const { nodes } = await accountOf(reader);
      // With the inodes of the realtime device, which has no name.
      assert.equal(nodes.length, places.size + 2);
    });
  }

  test('a directory that contains itself is entered once', async () => {
    const { block, inode } = place('/block');
    const own = inode / 256;
    const { messages, paths } = await changed((bytes) => {
      assert.ok(block > 0);
      // The inode lies eight bytes and one before the name.
      bytes.writeBigUInt64BE(BigInt(own), nameAt(bytes) - 9);
    });
    assert.deepEqual(messages, []);
    assert.equal(paths.length, places.size);
  });

  test('an entry that leads beyond the filesystem is left out', async () => {
    const { messages, paths } = await changed((bytes) => {
      bytes.writeBigUInt64BE(2n ** 40n, nameAt(bytes) - 9);
    });
    assert.match(
      messages.join(),
      /^INVALID xfs: a directory's entry leads to inode 1099511627776/u,
    );
    assert.equal(paths.length, places.size - 1);
  });

  test('an entry that ends behind its block ends the block', async () => {
    const { messages, paths } = await changed((bytes) => {
      bytes[nameAt(bytes) - 1] = 255;
    });
    assert.match(messages.join(), /^(INVALID|OUT_OF_BOUNDS) xfs: /u);
    assert.ok(paths.length < places.size && paths.includes('/leaf'));
  });
});

describe('maps', () => {
  const path = '/short/00000pppp';

  test('an extent behind the end of the filesystem ends the file', async () => {
    const { messages, paths } = await changed((bytes) => {
      bytes.fill(0xff, place(path).inode + DATA_FORK + 8, place(path).inode + DATA_FORK + 12);
    });
    assert.match(messages.join(), /^OUT_OF_BOUNDS xfs: \d+ blocks at \d+ of group \d+/u);
    assert.equal(paths.length, places.size);
  });

  test('an extent before the one in front of it ends the file', async () => {
    const { messages } = await changed((bytes) => {
      const { inode } = place(path);
      bytes.writeUInt32BE(2, inode + EXTENT_COUNT);
      bytes.copy(bytes, inode + DATA_FORK + 16, inode + DATA_FORK, inode + DATA_FORK + 16);
    });
    assert.match(messages.join(), /^INVALID xfs: inode \d+ has \d+ blocks at block 0/u);
  });

  test('a tree that comes to a block twice ends the file', async () => {
    const { messages } = await changed((bytes) => {
      const { inode, block } = place(path);
      bytes[inode + FORMAT] = 3;
      bytes.fill(0, inode + DATA_FORK, inode + 256);
      bytes.writeUInt16BE(1, inode + DATA_FORK);
      bytes.writeUInt16BE(2, inode + DATA_FORK + 2);
      // A leaf without records, in place of the file's content; the pointers lie behind room for nine keys.
      bytes.fill(0, block, block + BLOCK_BYTES);
      const unit = BigInt(2 ** bytes.readUInt8(124));
      const perGroup = bytes.readUInt32BE(84);
      const number = BigInt(Math.floor(block / BLOCK_BYTES / perGroup)) * unit;
      const pointer = number + BigInt((block / BLOCK_BYTES) % perGroup);
      for (const i of [0, 1]) bytes.writeBigUInt64BE(pointer, inode + DATA_FORK + 4 + 72 + 8 * i);
    });
    assert.match(messages.join(), /^LOOP xfs: a file's tree comes to block \d+ twice/u);
  });
});

describe('trees', () => {
  test('free blocks that are not in order end those of their group', async () => {
    const { messages } = await changed((bytes) => {
      const root = bytes.readUInt32BE(512 + 16) * BLOCK_BYTES;
      assert.ok(bytes.readUInt16BE(root + 6) > 0);
      bytes.writeUInt16BE(2, root + 6);
      bytes.copy(bytes, root + 24, root + 16, root + 24);
    });
    assert.match(messages.join(), /^INVALID xfs: the free blocks of group 0 are not in order/u);
  });

  test('links without a name are no path, and are files', async () => {
    const { reader } = await changed((bytes) => {
      bytes.writeUInt32BE(0, place('/set').inode + LINK_COUNT);
    });
    const { nodes } = await accountOf(reader);
    assert.equal(nodes.filter(({ linkCount }) => linkCount === 0).length, 1);
  });

  test('a file that the superblock takes for quotas is its own', async () => {
    const { reader } = await changed((bytes) => {
      bytes.writeUInt16BE(bytes.readUInt16BE(100) + 0x40, 100);
      bytes.writeBigUInt64BE(BigInt(place('/set').inode / 256), 160);
    });
    const { nodes } = await accountOf(reader);
    const names = nodes.map(({ system }) => system).filter((name) => name !== null);
    assert.deepEqual(names.sort(), ['realtime bitmap', 'realtime summary', 'user quota']);
  });
});
