// UDF volumes that Linux does not mount, and those that are made to be read without end: coded errors, or numbers after
// little work.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ByteSource, memoryRuns } from '../../src/bytes/source.js';
import { VirtDfError } from '../../src/errors.js';
import { udf } from '../../src/filesystem/udf.js';
import { memorySource } from '../memory-source.js';
import { random } from '../random.js';
import { recognises } from './recognises.js';
import {
  bitmapBytes,
  type Change,
  changed,
  counted,
  integrity,
  integrityCopy,
  logical,
  map,
  NEXT,
  numbersOf,
  onlyAnchor,
  partition,
  READ_REVISION,
  refused,
  usageOf,
  writePointer,
} from './udf-changes.js';
import { type Disc, MAPS, openDisc, recordedBytes, TAG } from './udf-disc.js';

describe('what Linux does not mount', () => {
  const cases: readonly (readonly [string, string, string, RegExp, Change])[] = [
    [
      'a revision that is too new to read',
      'udf-hd',
      'UNSUPPORTED_FEATURE',
      /UDF 2\.60, and Linux knows 2\.50/u,
      integrity((bytes) => bytes.writeUInt16LE(0x0260, READ_REVISION)),
    ],
    [
      'a partition with another number',
      'udf-hd',
      'INVALID',
      /partition 0, which there is not/u,
      partition((bytes) => bytes.writeUInt16LE(7, 22)),
    ],
    [
      'files in a partition that there is not',
      'udf-hd',
      'INVALID',
      /partition 5/u,
      logical((bytes) => bytes.writeUInt16LE(5, 256)),
    ],
    [
      'no file set',
      'udf-hd',
      'INVALID',
      /no file set in block 2 of partition 0/u,
      ({ at, clear, find, start }) =>
        clear(start + at(find(TAG.logical)[0] ?? 0).readUInt32LE(252)),
    ],
    [
      'pointers in a ring',
      'udf-hd',
      'LIMIT',
      /more than 64 volume descriptor pointers/u,
      (disc) => {
        for (const { block, lengthBytes } of disc.sequences) {
          writePointer(disc, block, block, lengthBytes);
        }
      },
    ],
    [
      'no primary volume descriptor',
      'udf-hd',
      'INVALID',
      /leads to no primary volume descriptor/u,
      ({ clear, sequences }) => {
        for (const { block } of sequences) clear(block);
      },
    ],
    [
      'no anchor',
      'udf-hd',
      'INVALID',
      /no anchor/u,
      (disc) => {
        onlyAnchor(() => 256)(disc);
        disc.clear(256);
      },
    ],
    ['no map', 'udf-hd', 'OUT_OF_BOUNDS', /maps/u, logical((bytes) => bytes.writeUInt32LE(0, 268))],
    [
      'more maps than fit',
      'udf-hd',
      'OUT_OF_BOUNDS',
      /partition maps is 4294967295/u,
      logical((bytes) => bytes.writeUInt32LE(0xffffffff, 268)),
    ],
    [
      'packets of three blocks',
      'udf-dvdrw',
      'INVALID',
      /packet 3 is not a power of two/u,
      map((bytes) => bytes.writeUInt16LE(3, 40)),
    ],
    [
      'five sparing tables',
      'udf-dvdrw',
      'OUT_OF_BOUNDS',
      /sparing tables is 5/u,
      map((bytes) => bytes.writeUInt8(5, 42)),
    ],
    [
      'a sparing table of two blocks',
      'udf-dvdrw',
      'OUT_OF_BOUNDS',
      /bytes of a sparing table is 4096/u,
      map((bytes) => bytes.writeUInt32LE(4096, 44)),
    ],
  ];
  for (const [words, image, code, message, change] of cases) {
    test(words, async () => refused(await changed(image, change), code, message));
  }
});

describe('what the kernel has no bound for', () => {
  test('a partition that is larger than the volume has the kernel’s numbers, and is said to be cut', async () => {
    const larger = partition((bytes) => bytes.writeUInt32LE(0xffffffff, 192));
    const bytes = await changed('udf-hd', larger);
    const { blockCount, doubts } = await usageOf(bytes);
    assert.equal(blockCount, 0xffffffff);
    const [reason, ...others] = doubts;
    assert.deepEqual([reason?.code, others], ['TRUNCATED', []]);
    assert.match(reason?.message ?? '', new RegExp(`volume has only ${bytes.length} bytes`, 'u'));
    const onDisc = await usageOf(await changed('udf-cdr-closed', larger));
    assert.deepEqual([onDisc.blockCount, onDisc.isOpenEnded], [0xffffffff, true]);
  });

  test('a bitmap of 4 GiB, or one that leaves the volume, is refused', async () => {
    await refused(await changed('udf-hd', bitmapBytes(0xffffffff)), 'OUT_OF_BOUNDS', /4294967295/u);
    const leaving: Change = (disc) => {
      const place = disc.lastBlock - disc.start;
      disc.copy(disc.start + disc.bitmap, disc.lastBlock);
      disc.seal(disc.lastBlock, place);
      counted(partition((bytes) => bytes.writeUInt32LE(place, 68)))(disc);
    };
    await refused(await changed('udf-hd', leaving), 'OUT_OF_BOUNDS', /bitmap lie outside/u);
    await refused(await changed('udf-hd', bitmapBytes(2 ** 23)), 'OUT_OF_BOUNDS', /8388608/u);
  });

  test('chains of integrity descriptors end', async () => {
    const ring = (disc: Disc) => {
      const blocks = [disc.integrity, disc.integrity + 9];
      integrityCopy(disc, disc.integrity + 9, 5);
      for (const [i, block] of blocks.entries()) {
        disc.at(block).writeUInt32LE(0xfffffe00, NEXT);
        disc.at(block).writeUInt32LE(blocks[1 - i] ?? 0, NEXT + 4);
        disc.seal(block);
      }
    };
    const usage = await usageOf(await changed('udf-hd', ring));
    assert.deepEqual(numbersOf(usage), [512, 7672, 0, 0]);
    assert.equal(usage.isStale, null);
  });

  /** The table's descriptors become these two: an extent of ten blocks, and more of them in a block of the partition. */
  function continuedTable(block: number, content: (disc: Disc) => void): Change {
    return counted((disc) => {
      const [partitionBlock = 0] = disc.find(TAG.partition);
      const at = disc.at(partitionBlock).readUInt32LE(60);
      const table = disc.at(disc.start + at);
      table.writeUInt32LE(16, 36);
      writeExtents(table, 40, disc.blockBytes, block);
      table.writeUInt16LE(40, 10);
      disc.seal(disc.start + at, at);
      content(disc);
    });
  }

  function writeExtents(bytes: Buffer, at: number, blockBytes: number, next: number): void {
    bytes.writeUInt32LE(10 * blockBytes, at);
    bytes.writeUInt32LE(500, at + 4);
    bytes.writeUInt32LE(3 * 2 ** 30 + blockBytes, at + 8);
    bytes.writeUInt32LE(next, at + 12);
  }

  test('a table of free extents goes on in other blocks, and not in a ring', async () => {
    const block = 1000;
    const second = (disc: Disc) => {
      const bytes = disc.at(disc.start + block);
      bytes.fill(0);
      bytes.writeUInt32LE(16, 20);
      writeExtents(bytes, 24, disc.blockBytes, block);
    };
    const twoBlocks = continuedTable(block, (disc) => {
      second(disc);
      disc.at(disc.start + block).writeUInt32LE(0, 32);
    });
    assert.equal((await usageOf(await changed('udf-table-counted', twoBlocks))).freeBlockCount, 20);
    const ring = await changed('udf-table-counted', continuedTable(block, second));
    await refused(ring, 'LOOP', /come to block 1000 again/u);
    const away = await changed(
      'udf-table-counted',
      continuedTable(0xfffffff0, () => undefined),
    );
    assert.equal((await usageOf(away)).freeBlockCount, 10);
  });

  test('a table of free extents that is none is refused', async () => {
    const elsewhere = counted(partition((bytes) => bytes.writeUInt32LE(1, 60)));
    await refused(await changed('udf-table-counted', elsewhere), 'INVALID', /no table of free/u);
  });

  test('a table of virtual blocks may say that it is of any size', async () => {
    for (const image of ['udf-cdr-150', 'udf-cdr-closed']) {
      const large = (disc: Disc) => {
        const last = image === 'udf-cdr-150' ? disc.lastBlock : disc.lastBlock - 257;
        for (const block of [last, last - 1, disc.lastBlock]) {
          const bytes = disc.at(block);
          if (![261, 266].includes(bytes.readUInt16LE(0))) continue;
          // No more than the first of its blocks is needed.
          bytes.writeUInt16LE(0, 34);
          bytes.writeBigUInt64LE(2n ** 34n, 56);
          disc.seal(block, bytes.readUInt32LE(12));
        }
      };
      await assert.rejects(usageOf(await changed(image, large)), VirtDfError);
    }
  });
});

describe('work is bounded', () => {
  const MAX_BYTES = 96 * 2 ** 20;
  const MAX_READS = 60_000;
  const MAX_CPU_MS = 1000;

  /** The code of the error, or `numbers`. */
  async function outcome(bytes: Uint8Array, words: string): Promise<string> {
    const [start, inner] = [process.cpuUsage(), memorySource(bytes)];
    let [reads, bytesRead] = [0, 0];
    const source = {
      sizeBytes: bytes.length,
      runs: memoryRuns,
      read(offset: number, length: number) {
        reads++;
        bytesRead += length;
        return inner.read(offset, length);
      },
    };
    const code = await readAll(source).catch((error: unknown) => {
      assert.ok(error instanceof VirtDfError, `${words}: ${error}`);
      return error.code;
    });
    const { user, system } = process.cpuUsage(start);
    assert.ok((user + system) / 1000 < MAX_CPU_MS, `${words}: ${user + system} us`);
    assert.ok(bytesRead < MAX_BYTES && reads < MAX_READS, `${words}: ${reads} of ${bytesRead}`);
    return code;
  }

  async function readAll(source: ByteSource): Promise<string> {
    if (!(await recognises(udf, source))) return 'foreign';
    await (await udf.open(source)).usage('guest');
    return 'numbers';
  }

  test('of a recognition sequence without end', async () => {
    const bytes = Buffer.alloc(16 * 2 ** 20);
    for (let at = 0x8000; at < bytes.length; at += 2048) bytes.write('\x01CD001', at, 'latin1');
    assert.equal(await outcome(bytes, 'sequence'), 'foreign');
  });

  test('of integrity descriptors without end', async () => {
    const disc = openDisc(
      Buffer.concat([await recordedBytes('udf-hd'), Buffer.alloc(32 * 2 ** 20)]),
    );
    const first = 8192;
    for (let block = first; block < first + 40_000; block++) {
      disc.copy(disc.integrity, block);
      disc.at(block).writeUInt32LE(0xfffffe00, NEXT);
      disc.at(block).writeUInt32LE(first, NEXT + 4);
      disc.seal(block);
    }
    disc.copy(first, disc.integrity);
    disc.seal(disc.integrity);
    assert.equal(await outcome(disc.bytes, 'integrity'), 'LIMIT');
  });

  test('of a volume descriptor sequence without end', async () => {
    const disc = openDisc(
      Buffer.concat([await recordedBytes('udf-hd'), Buffer.alloc(32 * 2 ** 20)]),
    );
    for (let block = 8192; block < 8192 + 40_000; block++) {
      disc.copy(disc.find(TAG.partition)[0] ?? 0, block);
      disc.at(block).writeUInt16LE(block % 65536, 22);
      disc.seal(block);
    }
    const anchor = disc.at(256);
    anchor.writeUInt32LE(0xffffffff, 16);
    anchor.writeUInt32LE(8192, 20);
    disc.seal(256);
    assert.equal(await outcome(disc.bytes, 'descriptors'), 'LIMIT');
  });

  test('of file entries that replace each other', async () => {
    const bytes = await changed('udf-cdr-150', (disc) => {
      const table = disc.lastBlock;
      disc.copy(table, table - 2);
      for (const block of [table - 2]) {
        disc.at(block).writeUInt16LE(4096, 20);
        disc.seal(block, block - disc.start);
      }
      disc.copy(table - 2, table - 1);
      const indirect = disc.at(table - 1);
      indirect.writeUInt16LE(259, 0);
      indirect.writeUInt32LE(2048, 36);
      indirect.writeUInt32LE(table - 2 - disc.start, 40);
      indirect.writeUInt16LE(0, 44);
      disc.seal(table - 1, table - 1 - disc.start);
      disc.clear(table);
    });
    assert.equal(await outcome(bytes, 'file entries'), 'LIMIT');
  });

  /** Blocks of allocation descriptors behind the volume's end, each with these extents and the next one's place. */
  function chain(disc: Disc, first: number, count: number, extents: number): void {
    for (let i = 0; i < count; i++) {
      const bytes = disc.at(first + i);
      bytes.writeUInt32LE(8 * (extents + 1), 20);
      for (let at = 0; at < extents; at++) bytes.writeUInt32LE(disc.blockBytes, 24 + 8 * at);
      bytes.writeUInt32LE(3 * 2 ** 30 + disc.blockBytes, 24 + 8 * extents);
      bytes.writeUInt32LE(first + i + 1 - disc.start, 28 + 8 * extents);
    }
  }

  test('of a table whose blocks each name the next one', async () => {
    const first = 2048;
    const bytes = Buffer.concat([
      await recordedBytes('udf-table-counted'),
      Buffer.alloc((2 ** 15 + 100) * 2048),
    ]);
    const disc = openDisc(bytes);
    const place = disc.at(disc.find(TAG.partition)[0] ?? 0).readUInt32LE(60);
    counted(() => undefined)(disc);
    const table = disc.at(disc.start + place);
    table.writeUInt32LE(3 * 2 ** 30 + disc.blockBytes, 40);
    table.writeUInt32LE(first - disc.start, 44);
    disc.seal(disc.start + place, place);
    chain(disc, first, 2 ** 15 + 50, 0);
    assert.equal(await outcome(bytes, 'table'), 'LIMIT');
  });

  test('of a metadata file in more pieces than can be', async () => {
    const bytes = Buffer.concat([
      await recordedBytes('udf-metadata-250'),
      Buffer.alloc(300 * 2048),
    ]);
    const disc = openDisc(bytes);
    const [logicalBlock = 0] = disc.find(TAG.logical);
    const main = disc.at(logicalBlock).readUInt32LE(MAPS + 6 + 40);
    const file = disc.at(disc.start + main);
    file.writeUInt32LE(3 * 2 ** 30 + disc.blockBytes, 216);
    file.writeUInt32LE(4096 - disc.start, 220);
    disc.seal(disc.start + main, main);
    chain(disc, 4096, 298, 252);
    assert.equal(await outcome(bytes, 'metadata'), 'LIMIT');
  });

  const IMAGES = [
    'udf-hd',
    'udf-hd-4k',
    'udf-table-counted',
    'udf-bitmap-counted',
    'udf-cdrw-replaced',
    'udf-cdr-150',
    'udf-cdr-closed',
    'udf-bdr-260',
    'udf-metadata-250',
    'udf-metadata-counted',
  ];
  const CASES_OF_AN_IMAGE = 80;

  /** The blocks with a tag that are read, with the place that the tag says. */
  async function readDescriptors(
    disc: Disc,
  ): Promise<readonly (readonly [block: number, place: number])[]> {
    const inner = memorySource(disc.bytes);
    const blocks = new Set<number>();
    await readAll({
      sizeBytes: inner.sizeBytes,
      runs: memoryRuns,
      read(offset, length) {
        if (length === disc.blockBytes) blocks.add(offset / disc.blockBytes);
        return inner.read(offset, length);
      },
    });
    return [...blocks]
      .filter((block) => [2, 3].includes(disc.at(block).readUInt16LE(2)))
      .map((block) => [block, disc.at(block).readUInt32LE(12)] as const);
  }

  for (const image of IMAGES) {
    test(`of ${image} with descriptors that lie, their checksums right`, async (t) => {
      const original = openDisc(await recordedBytes(image));
      const blocks = await readDescriptors(original);
      assert.ok(blocks.length >= 8, `${blocks.length} descriptors`);
      const next = random(image);
      const outcomes = new Map<string, number>();
      for (let i = 0; i < CASES_OF_AN_IMAGE; i++) {
        const done: string[] = [];
        const saved: [number, Buffer][] = [];
        for (let left = 1 + next(3); left > 0; left--) {
          const [block, place] = blocks[next(blocks.length)] ?? [256, 256];
          saved.push([block, Buffer.from(original.at(block))]);
          done.push(damage(original, block, place, next));
        }
        const code = await outcome(original.bytes, `${image} ${i}: ${done.join(', ')}`);
        outcomes.set(code, (outcomes.get(code) ?? 0) + 1);
        for (const [block, bytes] of saved.reverse()) original.at(block).set(bytes);
      }
      t.diagnostic(JSON.stringify(Object.fromEntries(outcomes)));
    });
  }

  const EDGES = [
    0,
    1,
    2,
    3,
    0x7fff,
    0x8000,
    0xffff,
    2 ** 31 - 1,
    2 ** 31,
    2 ** 32 - 2,
    2 ** 32 - 1,
  ];

  /** By the kind of the descriptor, where the fields lie that lead to something. */
  const FIELDS: Readonly<Record<number, readonly number[]>> = {
    0: [48, 56, 60, 64],
    2: [16, 20, 24, 28],
    5: [22, 56, 60, 64, 68, 184, 188, 192],
    6: [
      84, 216, 242, 252, 256, 264, 268, 432, 436, 440, 441, 444, 446, 447, 474, 480, 482, 488, 490,
    ],
    9: [28, 32, 36, 72, 76, 80, 84],
    261: [20, 27, 34, 56, 168, 172, 176, 180, 184],
    263: [20, 34, 36, 40, 44, 48, 52],
    264: [16, 20],
    266: [20, 27, 34, 56, 208, 212, 216, 220, 224],
  };

  /** A field gets a value on the edge of something, or the number of a block. */
  function damage(disc: Disc, block: number, place: number, next: Next): string {
    const bytes = disc.at(block);
    const covered = 16 + bytes.readUInt16LE(10);
    const width = next(2) === 0 ? 2 : 4;
    const known = FIELDS[bytes.readUInt16LE(0)] ?? [];
    const anywhere = 16 + next(Math.max(1, Math.min(covered, bytes.length) - 16 - width));
    const offset = next(4) > 0 ? (known[next(known.length + 1)] ?? anywhere) : anywhere;
    const old = bytes.readUIntLE(offset, width);
    const values = [...EDGES, block, place, old + 1, old - 1, old * 2, disc.lastBlock + 1];
    const value = ((values[next(values.length)] ?? 0) + 2 ** 32) % 2 ** (8 * width);
    bytes.writeUIntLE(value, offset, width);
    disc.seal(block, place);
    return `${width} bytes at ${offset} of block ${block} = ${value}`;
  }
});

type Next = (limit: number) => number;
