// A btrfs with one thing wrong that only an attacker writes, under checksums that are right: the rest of the files is read all the
// same, and what was left out is told.
// References: Linux fs/btrfs/accessors.h: struct btrfs_header, btrfs_item; include/uapi/linux/btrfs_tree.h.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { writtenChanges } from '../../../src/bytes/changes.js';
import { CRC32C_SEED, crc32c, inverted } from '../../../src/bytes/crc32c.js';
import { overlay } from '../../../src/bytes/overlay.js';
import type { ByteSource } from '../../../src/bytes/source.js';
import { openDisk } from '../../../src/container/open.js';
import { btrfs } from '../../../src/filesystem/btrfs.js';
import type { FileNode, FileReader } from '../../../src/filesystem/files.js';
import { openScope } from '../../../src/host/local-scope.js';
import { doubts } from './account.js';
import { pathsOf } from './paths.js';

const NODE_BYTES = 16 * 1024;
const CHECKSUM_BYTES = 32;
const HEAD_BYTES = 101;
const ITEM_BYTES = 25;
const COUNT = 96;
const ROOT_REF = 156;
const EXTENT_DATA = 108;
const LEN_EXTENT = 29;
const COMPRESSION = 16;
const MIB = 2 ** 20;
const FAR = 2n ** 60n;

const scope = openScope();
after(() => scope.close());
let image: ByteSource;

before(async () => {
  image = (await openDisk('images/btrfs-files.qcow2', { format: 'qcow2', scope })).content;
});

/** An item of a leaf: where its key and its data begin in it. */
interface Item {
  readonly keyAt: number;
  readonly dataAt: number;
  readonly object: bigint;
  readonly type: number;
}

function nodeOf(at: number): number {
  return at - (at % NODE_BYTES);
}

async function nodeAt(at: number): Promise<Buffer> {
  return Buffer.from(await image.read(nodeOf(at), NODE_BYTES));
}

function itemsOf(bytes: Buffer): readonly Item[] {
  return Array.from({ length: bytes.readUInt32LE(COUNT) }, (_, i) => {
    const keyAt = HEAD_BYTES + i * ITEM_BYTES;
    const dataAt = HEAD_BYTES + bytes.readUInt32LE(keyAt + 17);
    return { keyAt, dataAt, object: bytes.readBigUInt64LE(keyAt), type: bytes[keyAt + 8] ?? 0 };
  });
}

/** The nodes by where they lie. */
type Nodes = ReadonlyMap<number, Buffer>;

async function opened(nodes: Nodes = new Map()) {
  const told = doubts();
  const changes = [...nodes].map(([offsetBytes, content]) => {
    content.writeUInt32LE(inverted(crc32c(CRC32C_SEED, content.subarray(CHECKSUM_BYTES))));
    return { offsetBytes, lengthBytes: NODE_BYTES, content };
  });
  const source = changes.length === 0 ? image : overlay(image, writtenChanges(changes));
  const reader = await (await btrfs.open(source)).files?.(told);
  assert.ok(reader);
  const messages = () => [...new Set(told.list.map(({ error }) => error.message))];
  return { reader, messages };
}

async function filesOf(reader: FileReader): Promise<readonly FileNode[]> {
  const all: FileNode[] = [];
  for await (const page of reader.files()) for (const node of page) all.push(node);
  return all;
}

function namesOf(nodes: readonly FileNode[]): readonly string[] {
  return nodes.map(({ id }) => `${id.tree} ${id.number}`);
}

/** Where an inode lies. */
async function recordOf(path: string): Promise<number> {
  const { reader } = await opened();
  const found = (await pathsOf(reader)).get(path);
  assert.ok(found?.node.record, path);
  return found.node.record.offsetBytes;
}

test('a damaged reference costs one subvolume its name, and none its files', async () => {
  const nodes = new Map<number, Buffer>();
  const sound = await opened();
  const all = namesOf(await filesOf(sound.reader));
  const paths = [...(await pathsOf(sound.reader)).keys()];
  for await (const page of sound.reader.metadata()) {
    for (const { at, name } of page) {
      if (name !== 'root tree') continue;
      const node = await nodeAt(at.offsetBytes);
      for (const { dataAt, type } of itemsOf(node)) {
        const isInner = node.toString('latin1', dataAt + 18, dataAt + 23) === 'inner';
        if (type === ROOT_REF && isInner) node.writeBigUInt64LE(0n, dataAt);
      }
      nodes.set(at.offsetBytes, node);
    }
  }
  const { reader, messages } = await opened(nodes);
  assert.equal(reader.roots.length, sound.reader.roots.length + 1);
  // Where its name was, what stands for a subvolume that lies elsewhere.
  assert.deepEqual(namesOf(await filesOf(reader)).toSorted(), [...all, '256 -257'].toSorted());
  const [lost] = reader.roots.slice(-1);
  assert.ok(lost);
  const files = await pathsOf({ ...reader, roots: [lost] });
  assert.deepEqual([...files.keys()], ['', '/file']);
  const left = [...(await pathsOf(reader)).keys()];
  assert.deepEqual(
    left.filter((path) => !path.includes('/inner')),
    paths.filter((path) => !path.includes('/inner')),
  );
  assert.match(messages().join(), /^btrfs: the directory of a subvolume/u);
});

test('a number that no inode has costs that file alone, and its doubt names none', async () => {
  const { reader: sound } = await opened();
  const all = await filesOf(sound);
  const last = all.findLast(({ record, id }) => record !== null && id.number > 256);
  assert.ok(last?.record);
  // Of two snapshots with one leaf, the file of both.
  const isLost = ({ record }: FileNode) => record?.offsetBytes === last.record?.offsetBytes;
  const leaf = await nodeAt(last.record.offsetBytes);
  for (const { keyAt, object } of itemsOf(leaf)) {
    if (object === BigInt(last.id.number)) leaf.writeBigUInt64LE(FAR, keyAt);
  }
  const { reader, messages } = await opened(new Map([[nodeOf(last.record.offsetBytes), leaf]]));
  assert.deepEqual(namesOf(await filesOf(reader)), namesOf(all.filter((node) => !isLost(node))));
  assert.deepEqual(messages(), [`btrfs: no inode has the number ${FAR}`]);
});

describe('names that files tell', () => {
  /** The names of a file with an item's bytes changed. */
  async function changed(path: string, type: number, edit: (bytes: Buffer, item: Item) => void) {
    const record = await recordOf(path);
    const bytes = await nodeAt(record);
    const items = itemsOf(bytes);
    const own = items.find(({ dataAt }) => dataAt === record % NODE_BYTES);
    const item = items.find((one) => one.object === own?.object && one.type === type);
    assert.ok(own && item);
    edit(bytes, item);
    const { reader } = await opened(new Map([[nodeOf(record), bytes]]));
    const node = await reader.file({ tree: 5, number: Number(own.object) });
    assert.ok(node);
    return (await node.names?.())?.map(({ entry }) => Buffer.from(entry.name.bytes).toString());
  }

  const REFERENCE = 12;

  test('stand in their directory', async () => {
    assert.deepEqual(await changed('/whole', REFERENCE, () => {}), ['whole']);
  });

  test('are not taken from a reference alone', async () => {
    const rename = (bytes: Buffer, { dataAt }: Item) => bytes.write('whale', dataAt + 10);
    assert.equal(await changed('/whole', REFERENCE, rename), undefined);
    const move = (bytes: Buffer, { dataAt }: Item) => bytes.writeBigUInt64LE(3n, dataAt);
    assert.equal(await changed('/middle', REFERENCE, move), undefined);
    const far = (bytes: Buffer, { dataAt }: Item) => bytes.writeBigUInt64LE(2n ** 63n, dataAt);
    assert.equal(await changed('/middle', REFERENCE, far), undefined);
  });
});

test('files that have more than the devices over and over end in LIMIT', async () => {
  const record = await recordOf('/many');
  const bytes = await nodeAt(record);
  const items = itemsOf(bytes);
  const own = items.find(({ dataAt }) => dataAt === record % NODE_BYTES);
  const parts = items.filter(({ object, type }) => object === own?.object && type === EXTENT_DATA);
  const [first] = parts;
  assert.ok(own && first);
  const address = bytes.readBigUInt64LE(first.dataAt + LEN_EXTENT - 8);
  for (const { dataAt } of parts) {
    bytes[dataAt + COMPRESSION] = 1;
    bytes.writeBigUInt64LE(address, dataAt + LEN_EXTENT - 8);
    bytes.writeBigUInt64LE(BigInt(MIB), dataAt + LEN_EXTENT);
  }
  const { reader } = await opened(new Map([[nodeOf(record), bytes]]));
  const node = await reader.file({ tree: 5, number: Number(own.object) });
  assert.ok(node);
  await assert.rejects(
    async () => {
      for (let pass = 0; pass < 200; pass++) for await (const _ of node.extents());
    },
    { code: 'LIMIT', message: /^btrfs: files have more than \d+ bytes/u },
  );
});
