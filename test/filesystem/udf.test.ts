// UDF volumes as no program writes them. What the kernel says of those that programs do write is in images/udf-*; the
// numbers here are Linux 6.1's too, of these same changes to those images, unless it says that the kernel has no such bound.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  access,
  bitmapBytes,
  type Change,
  chained,
  changed,
  counted,
  damaged,
  domain,
  FILES,
  FREE,
  integrity,
  integrityCopy,
  map,
  numbersOf,
  onlyAnchor,
  PARTITIONS,
  partition,
  refused,
  SEQUENCE_NUMBER,
  STATE,
  spaceExtent,
  usageOf,
  WRITE_REVISION,
  writePointer,
} from './udf-changes.js';
import { type Disc, MAPS, recordedBytes, TAG } from './udf-disc.js';

/** Of images/udf-hd. */
const USUAL = [512, 7672, 7006, 7028];

type Case = readonly [words: string, image: string, numbers: readonly number[], change: Change];

const CASES: readonly Case[] = [
  ['an anchor in block 256 only', 'udf-hd', USUAL, onlyAnchor(() => 256)],
  ['one in the last block only', 'udf-hd', USUAL, onlyAnchor(({ lastBlock }) => lastBlock)],
  ['one 256 before it only', 'udf-hd', USUAL, onlyAnchor(({ lastBlock }) => lastBlock - 256)],
  ['one in block 512 only', 'udf-dvdram-150', [2048, 3576, 3397, 3419], onlyAnchor(() => 512)],
  [
    'a pointer from the main sequence to the reserve one',
    'udf-hd',
    USUAL,
    (disc) => {
      const [main, reserve] = disc.sequences;
      writePointer(disc, main?.block ?? 0, reserve?.block ?? 0, reserve?.lengthBytes ?? 0);
    },
  ],
  ['an integrity descriptor in itself', 'udf-hd', [512, 7672, 0, 0], chained(0, 0)],
  ['none', 'udf-hd', [512, 7672, 0, 0], (disc) => disc.clear(disc.integrity)],
  [
    'one with more partitions than it has room for',
    'udf-hd',
    [512, 7672, 0, 0],
    integrity((bytes) => bytes.writeUInt32LE(0x20000000, PARTITIONS)),
  ],
  ['one with another version', 'udf-hd', [512, 7672, 0, 0], damaged(2, 4)],
  ['one with a CRC over more than a block', 'udf-hd', [512, 7672, 0, 0], damaged(11, 0xff)],
  [
    'one behind another',
    'udf-hd',
    [512, 7672, 77, 99],
    (disc) => {
      integrityCopy(disc, disc.integrity + 1, 77);
    },
  ],
  ['one that another names', 'udf-hd', [512, 7672, 78, 100], chained(9, 78)],
  [
    'one in an extent whose length is no multiple of a block',
    'udf-hd',
    [512, 7672, 80, 102],
    (disc) => {
      integrityCopy(disc, disc.integrity + 1, 79);
      integrityCopy(disc, disc.integrity + 2, 80);
      disc.change(TAG.logical, (bytes) => bytes.writeUInt32LE(disc.blockBytes + 1, 432));
    },
  ],
  [
    'files and directories beyond 32 bits',
    'udf-hd',
    [512, 7672, 7006, 7010],
    integrity((bytes) => {
      bytes.writeUInt32LE(0xffffffff, FILES);
      bytes.writeUInt32LE(5, FILES + 4);
    }),
  ],
  ['0 free blocks', 'udf-hd', USUAL, integrity((bytes) => bytes.writeUInt32LE(0, FREE))],
  [
    'a newer revision to write',
    'udf-hd',
    USUAL,
    counted(integrity((bytes) => bytes.writeUInt16LE(0x0260, WRITE_REVISION))),
  ],
  ['a domain that may be another', 'udf-hd', [512, 7672, 0, 22], domain(216, 1)],
  ['another domain', 'udf-hd', [512, 7672, 0, 22], domain(218, 0x41)],
  ['a write-protected domain', 'udf-hd', [512, 7672, 0, 22], domain(242, 2)],
  ['a read-only partition', 'udf-hd', [512, 7672, 0, 22], access(1)],
  ['a partition of unknown access', 'udf-hd', USUAL, access(9)],
  [
    'a partition of another kind of content',
    'udf-hd',
    [512, 7672, 0, 22],
    counted(partition((bytes) => bytes.writeUInt8(0x34, 30))),
  ],
  ['a table of freed extents', 'udf-hd', [512, 7672, 0, 22], spaceExtent(80)],
  ['a table beside the bitmap', 'udf-hd', [512, 7672, 0, 22], spaceExtent(56)],
  ['a bitmap of 100 bytes', 'udf-hd', [512, 7672, 134, 156], bitmapBytes(100)],
  ['a bitmap that is too long', 'udf-hd', [512, 7672, 7669, 7691], bitmapBytes(2000)],
  [
    'no bitmap where it should be',
    'udf-hd',
    [512, 7672, 0, 22],
    counted((disc) => disc.clear(disc.start + disc.bitmap)),
  ],
  ['a partition map of no length', 'udf-hd', USUAL, map((bytes) => bytes.writeUInt8(0, 1))],
  [
    'the second sparing table only',
    'udf-cdrw-replaced',
    [2048, 2496, 2316, 2339],
    (disc) => disc.clear(disc.at(disc.find(TAG.logical)[0] ?? 0).readUInt32LE(MAPS + 48)),
  ],
];

describe('numbers of Linux 6.1', () => {
  for (const [words, image, numbers, change] of CASES) {
    test(words, async () => {
      assert.deepEqual(numbersOf(await usageOf(await changed(image, change))), numbers);
    });
  }

  test('a dirty volume has those of its last sync, and says so', async () => {
    const usage = await usageOf(await recordedBytes('udf-dirty'));
    assert.deepEqual(numbersOf(usage), [512, 7672, 7006, 7028]);
    assert.equal(usage.isStale, true);
    const opened = integrity((bytes) => bytes.writeUInt32LE(0, STATE));
    assert.equal((await usageOf(await changed('udf-hd', opened))).isStale, true);
    assert.equal((await usageOf(await changed('udf-cdr-closed', opened))).isStale, false);
  });

  test('of two descriptors of a partition the one with the higher number prevails', async () => {
    const half = 7672 / 2;
    const two = (disc: Disc) => {
      const [original = 0] = disc.find(TAG.partition);
      const [end = 0] = disc.find(TAG.end);
      disc.copy(end, end + 2);
      disc.seal(end + 2);
      const number = disc.at(original).readUInt32LE(SEQUENCE_NUMBER);
      const copies = [
        [end, number + 10, half],
        [end + 1, Math.max(0, number - 1), half / 2],
      ] as const;
      for (const [block, sequenceNumber, length] of copies) {
        disc.copy(original, block);
        disc.at(block).writeUInt32LE(sequenceNumber, SEQUENCE_NUMBER);
        disc.at(block).writeUInt32LE(length, 192);
        disc.seal(block);
      }
    };
    assert.equal((await usageOf(await changed('udf-hd', two))).blockCount, half);
  });

  test('the table of virtual blocks may have three blocks behind it, and no more', async () => {
    for (const image of ['udf-cdr-150', 'udf-cdr-closed', 'udf-bdr-260']) {
      const bytes = await recordedBytes(image);
      const usage = await usageOf(bytes);
      for (const blocks of [0, 1, 2, 3]) {
        const longer = Buffer.concat([bytes, Buffer.alloc(blocks * 2048)]);
        assert.deepEqual(await usageOf(longer), usage, `${image} and ${blocks}`);
      }
    }
    const tooLong = Buffer.concat([await recordedBytes('udf-bdr-260'), Buffer.alloc(4 * 2048)]);
    await refused(tooLong, 'INVALID', /no virtual allocation table/u);
  });
});
