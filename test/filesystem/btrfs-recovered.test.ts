// The subvolumes of btrfs filesystems in use, after the replay of their log in memory, against what the kernel wrote when it
// replayed it: every item, with its names, sizes, links and extents. scripts/images/btrfs_recovered.py asked it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import {
  parseBtrfsFileExtent,
  parseBtrfsFileExtentHead,
  parseBtrfsInode,
} from '../../generated/filesystem/btrfs.js';
import { openDisk } from '../../src/container/open.js';
import { openPool } from '../../src/filesystem/btrfs/devices.js';
import { recovered } from '../../src/filesystem/btrfs/recovered.js';
import { budget } from '../../src/filesystem/btrfs/replay/budget.js';
import {
  DIR_INDEX,
  DIR_ITEM,
  EXTENT_DATA,
  INODE_ITEM,
  INODE_REF,
  ORPHAN_ITEM,
  ORPHANS,
  readEntries,
  readInode,
  readReferences,
  storedBytesOf,
  XATTR_ITEM,
} from '../../src/filesystem/btrfs/replay/items.js';
import { readSuperblock } from '../../src/filesystem/btrfs/superblock.js';
import { eachItem, type Item } from '../../src/filesystem/btrfs/tree.js';
import { openScope } from '../../src/host/local-scope.js';
import { u8, u32, u64 } from '../../src/validation/guest.js';

type Facts = readonly unknown[] | null;

const {
  images,
}: {
  readonly images: Readonly<
    Record<string, Readonly<Record<string, readonly (readonly [string, Facts])[]>>>
  >;
} = JSON.parse(gunzipSync(readFileSync('images/btrfs-recovered.json.gz')).toString('utf8'));

/** As btrfs-progs names them. */
const TYPES: Readonly<Record<number, string>> = {
  [INODE_ITEM]: 'INODE_ITEM',
  [INODE_REF]: 'INODE_REF',
  [XATTR_ITEM]: 'XATTR_ITEM',
  [ORPHAN_ITEM]: 'ORPHAN_ITEM',
  [DIR_ITEM]: 'DIR_ITEM',
  [DIR_INDEX]: 'DIR_INDEX',
  [EXTENT_DATA]: 'EXTENT_DATA',
};
const KINDS = ['UNKNOWN', 'FILE', 'DIR', 'CHRDEV', 'BLKDEV', 'FIFO', 'SOCK', 'SYMLINK', 'XATTR'];
const U64_MAX = 2n ** 64n - 1n;

function keyOf({ object, type, offset }: Item): string {
  return `${object === ORPHANS ? 'ORPHAN' : object} ${TYPES[type]} ${offset}`;
}

function utf8(name: string): string {
  return Buffer.from(name, 'latin1').toString('utf8');
}

function factsOf(item: Item): Facts {
  const { type, data } = item;
  const limits = budget(() => null);
  if (type === INODE_ITEM) {
    const { sizeBytes, linkCount } = readInode(data);
    return [sizeBytes, storedBytesOf(data), u32(parseBtrfsInode(data).mode), linkCount];
  }
  if (type === INODE_REF) {
    return readReferences(item, limits).map(({ index, name }) => [Number(index), utf8(name)]);
  }
  if (type === DIR_ITEM || type === DIR_INDEX || type === XATTR_ITEM) {
    return readEntries(item, limits).map((entry) => [
      Number(entry.target.object),
      KINDS[entry.type],
      utf8(entry.name),
    ]);
  }
  if (type !== EXTENT_DATA) return null;
  const head = parseBtrfsFileExtentHead(data);
  if (u8(head.type) === 0) return [Number(u64(head.lenContent))];
  const { address, lenExtent, ofsInExtent, lenStretch } = parseBtrfsFileExtent(data);
  return [address, lenExtent, ofsInExtent, lenStretch].map((value) => Number(u64(value)));
}

for (const [name, subvolumes] of Object.entries(images)) {
  for (const [number, known] of Object.entries(subvolumes)) {
    test(`${name}: subvolume ${number} has the items that the kernel has`, async () => {
      const scope = openScope();
      try {
        const path = resolve('images', `${name}.qcow2`);
        const { content } = await openDisk(path, { format: 'auto', scope });
        const superblock = await readSuperblock(content);
        const { doubts, pool, rootOf } = await recovered(
          await openPool([{ source: content, superblock }]),
        );
        assert.deepEqual(doubts, []);
        const found: (readonly [string, Facts])[] = [];
        const from = { object: 0n, type: 0, offset: 0n };
        const to = { object: U64_MAX, type: 255, offset: U64_MAX };
        await eachItem(pool.reader, await rootOf(BigInt(number)), from, to, (item) => {
          found.push([keyOf(item), factsOf(item)]);
        });
        assert.deepEqual(found, known);
      } finally {
        await scope.close();
      }
    });
  }
}

test('there are subvolumes with a log and one without', () => {
  assert.ok(Object.keys(images).length >= 9);
  assert.ok(Object.keys(images['btrfs-dirty-snapshot'] ?? {}).length === 2);
});
