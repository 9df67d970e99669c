// F2FS with one thing wrong that only an attacker, or a broken disk, writes: the rest of the files is read all the same, and what
// was left out is told. Without checksums of inodes nothing else stops it.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openDisk } from '../../../src/container/open.js';
import { f2fs } from '../../../src/filesystem/f2fs.js';
import type { FileExtent, FileReader } from '../../../src/filesystem/files.js';
import { openScope } from '../../../src/host/local-scope.js';
import { readAll } from '../../hostile/file-reading.js';
import { memorySource } from '../../memory-source.js';
import { accountOf, doubts } from './account.js';
import { pathsOf } from './paths.js';

const scope = openScope();
after(() => scope.close());

const BLOCK_BYTES = 4096;
const SIZE = 16;
const LINKS = 12;
const ATTRIBUTE_NODE = 76;
const ADDRESSES = 360;
const NODES = ADDRESSES + 4 * 923;
/** In the inode of a directory: a bitmap, entries of 11 bytes, names of 8. */
const [PLACES, BITMAP_BYTES, ENTRY_BYTES] = [182, 30, 11];
const INLINE_ENTRIES = ADDRESSES + 4 + BITMAP_BYTES;
const INLINE_NAMES = INLINE_ENTRIES + PLACES * ENTRY_BYTES;
/** Of the third entry: those before it are `.` and `..`. */
const THIRD = INLINE_ENTRIES + 2 * ENTRY_BYTES;
const THIRD_NAME = INLINE_NAMES + 2 * 8;
const [HASH, INODE, NAME_LENGTH] = [0, 4, 8];

/** It is changed in place, inodes alone, until the next test: a copy for each takes longer than all else. */
let image: Buffer;
interface Place {
  /** Where the inode lies. */
  readonly at: number;
  readonly number: number;
  readonly block: Buffer;
}
const places = new Map<string, Place>();

function edited(edit: (bytes: Buffer) => void): Buffer {
  for (const { at, block } of places.values()) image.set(block, at);
  edit(image);
  return image;
}

async function opened(bytes: Buffer) {
  const told = doubts();
  const filesystem = await f2fs.open(memorySource(bytes));
  const reader = await filesystem.files?.(told);
  assert.ok(reader);
  return { reader, told };
}

before(async () => {
  const { content } = await openDisk('images/f2fs-default.qcow2', { format: 'qcow2', scope });
  image = Buffer.from(await content.read(0, content.sizeBytes));
  const { reader } = await opened(image);
  for (const [path, { node }] of await pathsOf(reader)) {
    const at = node.record?.offsetBytes ?? 0;
    const block = Buffer.from(image.subarray(at, at + BLOCK_BYTES));
    places.set(path, { at, number: node.id.number, block });
  }
});

function place(path: string) {
  const found = places.get(path);
  assert.ok(found, path);
  return found;
}

async function extentsAt(reader: FileReader, path: string): Promise<readonly FileExtent[]> {
  const node = await reader.file({ tree: 0, number: place(path).number });
  const found: FileExtent[] = [];
  for await (const page of node?.extents() ?? []) found.push(...page);
  return found;
}

/** What is told of the files with the image changed, and their paths. */
async function changed(edit: (bytes: Buffer) => void) {
  const { reader, told } = await opened(edited(edit));
  await readAll(reader);
  const messages = new Set(told.list.map(({ error }) => `${error.code} ${error.message}`));
  return { messages: [...messages], reader, paths: [...(await pathsOf(reader)).keys()] };
}

describe('names', () => {
  for (const [what, byte] of [
    ['a slash', 0x2f],
    ['a zero', 0],
  ] as const) {
    test(`${what} in one leaves out its entry, and not its file`, async () => {
      const { messages, reader, paths } = await changed((bytes) => {
        bytes[place('/d0').at + THIRD_NAME] = byte;
      });
      assert.deepEqual(messages, [
        "INVALID f2fs: a directory's entry has a slash or a zero in its name",
      ]);
      assert.equal(paths.length, places.size - 1);
      assert.equal((await accountOf(reader)).nodes.length, places.size);
    });
  }

  for (const length of [256, 65_535]) {
    test(`one of ${length} bytes ends the names of its block`, async () => {
      const { messages, paths } = await changed((bytes) => {
        bytes.writeUInt16LE(length, place('/d0').at + THIRD + NAME_LENGTH);
      });
      const message =
        "INVALID f2fs: a directory's entry has a name that is longer than the room for it";
      assert.deepEqual(messages, [message]);
      assert.ok(paths.includes('/d1/f1') && !paths.some((path) => path.startsWith('/d0/')));
    });
  }

  test('a directory that contains itself is entered once', async () => {
    const { messages, paths } = await changed((bytes) => {
      const { at, number } = place('/d0');
      bytes.writeUInt32LE(number, at + THIRD + INODE);
      bytes.fill(0xff, at + THIRD + HASH, at + THIRD + INODE);
    });
    assert.deepEqual(messages, []);
    assert.equal(paths.length, places.size);
  });

  for (const number of [0, 2, 2 ** 31]) {
    test(`an entry that leads to inode ${number} is left out`, async () => {
      const { messages, paths } = await changed((bytes) => {
        bytes.writeUInt32LE(number, place('/d0').at + THIRD + INODE);
      });
      assert.deepEqual(messages, [
        `INVALID f2fs: a directory's entry leads to inode ${number}, which cannot be`,
      ]);
      assert.equal(paths.length, places.size - 1);
    });
  }
});

describe('maps', () => {
  const path = '/large.bin';
  const told = async (edit: (bytes: Buffer, at: number) => void) => {
    const { at } = place(path);
    const { messages, paths } = await changed((bytes) => edit(bytes, at));
    assert.equal(paths.length, places.size);
    return messages.join();
  };
  const nodeOf = (bytes: Buffer, at: number) => bytes.readUInt32LE(at + NODES);

  test('a file that is a node of its own ends', async () => {
    const { number } = place(path);
    const message = await told((bytes, at) => bytes.writeUInt32LE(number, at + NODES));
    assert.match(message, /^INVALID f2fs: node \d+ is twice in inode \d+$/u);
  });

  test('a node that comes twice ends the file', async () => {
    const message = await told((bytes, at) =>
      bytes.writeUInt32LE(nodeOf(bytes, at), at + NODES + 4),
    );
    assert.match(message, /^INVALID f2fs: node \d+ is twice in inode \d+$/u);
  });

  test('addresses in the place of numbers of nodes lead to nodes that are not there: a hole', async () => {
    const { messages, reader } = await changed((bytes) => {
      const { at } = place(path);
      bytes.writeUInt32LE(nodeOf(bytes, at), at + NODES + 8);
      bytes.writeUInt32LE(0, at + NODES);
    });
    assert.deepEqual(messages, []);
    assert.equal((await extentsAt(reader, path)).at(-1)?.kind, 'hole');
  });

  test("another file's node ends the file", async () => {
    const message = await told((bytes, at) => bytes.writeUInt32LE(place('/d0').number, at + NODES));
    assert.match(message, /^INVALID f2fs: node 4 of inode \d+ is one of inode 4$/u);
  });

  for (const block of [1, 513, 0xfffffffd]) {
    test(`a file does not have block ${block}`, async () => {
      const message = await told((bytes, at) => bytes.writeUInt32LE(block, at + ADDRESSES));
      assert.match(message, /^OUT_OF_BOUNDS f2fs: block \d+ of a file is not in the main area$/u);
    });
  }

  test('a compressed cluster in a file that is not compressed ends it', async () => {
    const message = await told((bytes, at) => bytes.writeUInt32LE(0xfffffffe, at + ADDRESSES));
    assert.match(message, /^INVALID f2fs: inode \d+ has a compressed cluster at block 0$/u);
  });

  test('attributes that have no node are left out', async () => {
    const message = await told((bytes, at) => bytes.writeUInt32LE(2 ** 31, at + ATTRIBUTE_NODE));
    assert.match(message, /^OUT_OF_BOUNDS f2fs: there is no node \d+$/u);
  });
});

describe('inodes', () => {
  test('content within one that is larger than the room for it goes on with zeros', async () => {
    const path = '/d2/f2';
    const { messages, reader } = await changed((bytes) => {
      bytes.writeBigUInt64LE(2n ** 40n, place(path).at + SIZE);
    });
    assert.deepEqual(messages, []);
    const [inline, hole, ...more] = await extentsAt(reader, path);
    assert.ok(inline?.kind === 'inline' && inline.at.lengthBytes < BLOCK_BYTES);
    assert.ok(hole?.kind === 'hole');
    assert.equal(hole.offsetBytes, inline.lengthBytes);
    assert.equal(hole.offsetBytes + hole.lengthBytes, 2 ** 40);
    assert.deepEqual(more, []);
  });

  test('a size that no file has is told, and the others are read', async () => {
    const { reader, told } = await opened(
      edited((bytes) => bytes.writeBigUInt64LE(2n ** 63n, place('/d2/f2').at + SIZE)),
    );
    const { nodes } = await accountOf(reader);
    assert.equal(nodes.length, places.size - 1);
    assert.deepEqual(
      told.list.map(({ id, error }) => `${id?.number} ${error.message}`),
      ['9 f2fs: inode 9 has a size that no file has'],
    );
  });

  test('one without a link that no checkpoint lists is a file without a name', async () => {
    const { reader } = await changed((bytes) => {
      bytes.writeUInt32LE(0, place('/d2/f2').at + LINKS);
    });
    const { nodes } = await accountOf(reader);
    assert.equal(nodes.filter(({ linkCount }) => linkCount === 0).length, 1);
  });
});
