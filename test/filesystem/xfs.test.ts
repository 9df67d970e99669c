// XFS: the numbers of recorded real filesystems, damaged and hostile ones.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { XfsLogRecordFields } from '../../generated/filesystem/xfs.js';
import { memoryRuns } from '../../src/bytes/source.js';
import { checksum } from '../../src/filesystem/xfs/checksum.js';
import { freeInodeTreeBlockCounts } from '../../src/filesystem/xfs/free-inode-tree.js';
import { logState } from '../../src/filesystem/xfs/log.js';
import { xfs } from '../../src/filesystem/xfs.js';
import { memorySource } from '../memory-source.js';
import {
  assertOnlyExpectedErrors,
  assertRecording,
  assertRefused,
  flipBits,
  PAGE_BYTES,
  recordedSource,
  recordingOf,
  recordings,
  type SparseSource,
  statfsOf,
  truncateEverywhere,
  usageOf,
} from './recorded.js';

const AT = {
  blockSize: 4,
  dblocks: 8,
  logStart: 48,
  agBlocks: 84,
  agCount: 88,
  logBlocks: 96,
  version: 100,
  sectorSize: 102,
  inodeSize: 104,
  inodesPerBlock: 106,
  label: 108,
  blockLog: 120,
  sectorLog: 121,
  inodeLog: 122,
  inodesPerBlockLog: 123,
  agBlocksLog: 124,
  inProgress: 126,
  maxPercent: 127,
  icount: 128,
  ifree: 136,
  fdblocks: 144,
  features2: 200,
  roCompat: 212,
  incompat: 216,
  checksum: 224,
  lastWriteLsn: 240,
  metaUuid: 248,
};
const AGF_CHECKSUM = 216;
const AGI_CHECKSUM = 312;

/** A recording of the usual shape: 4 KiB blocks, 512-byte sectors, version 5. */
const USUAL = recordingOf('xfs', '-i maxpct=1');

function superblock(source: SparseSource): Buffer {
  const page = source.pages.get(0);
  assert.ok(page);
  return page.subarray(0, 512);
}

function seal(bytes: Buffer, at: number): void {
  bytes.writeUInt32LE(checksum(bytes, at), at);
}

/** Puts the checksums of the superblock and of the group headers right, as if sectors were of 512 bytes. */
function heal(source: SparseSource): void {
  for (const page of source.pages.values()) {
    for (let at = 0; at < PAGE_BYTES; at += 512) {
      const sector = page.subarray(at, at + 512);
      const magic = sector.toString('latin1', 0, 4);
      if (magic === 'XFSB') seal(sector, AT.checksum);
      if (magic === 'XAGF') seal(sector, AGF_CHECKSUM);
      if (magic === 'XAGI') seal(sector, AGI_CHECKSUM);
    }
  }
}

function changed(change: (superblock: Buffer) => void, recording = USUAL): SparseSource {
  const source = recordedSource(recording);
  change(superblock(source));
  heal(source);
  return source;
}

/** Makes the last record of the log one of something else than an unmount, without a checksum. */
function takeUnmount(source: SparseSource): void {
  let flags = 0;
  for (const [number, page] of source.pages) {
    for (let at = 0; at < PAGE_BYTES; at += 512) {
      const isRecord = page.readUInt32BE(at) === 0xfeedbabe && page.readUInt32BE(at + 40) === 1;
      if (isRecord) flags = Math.max(flags, number * PAGE_BYTES + at + 512 + 9);
    }
  }
  source.write(flags, Buffer.from([0]));
  const record = flags - 9 - 512;
  source.write(record + 32, Buffer.alloc(4));
  // Blocks that were not recorded are of the same cycle, so that they are no hole.
  const first = logOffset(source);
  const cycle = Buffer.alloc(4);
  cycle.writeUInt32BE(1);
  const recorded = new Set(source.pages.keys());
  for (let at = first; at < record; at += 512) {
    if (!recorded.has(Math.floor(at / PAGE_BYTES))) source.write(at, cycle);
  }
}

/** Where the log begins in a filesystem of 4 KiB blocks. */
function logOffset(source: SparseSource): number {
  const start = Number(superblock(source).readBigUInt64BE(AT.logStart));
  const unit = 2 ** superblock(source).readUInt8(AT.agBlocksLog);
  const group = Math.floor(start / unit);
  return (group * superblock(source).readUInt32BE(AT.agBlocks) + (start % unit)) * 4096;
}

describe('what the kernel said', () => {
  for (const recording of recordings('xfs')) {
    test(`${recording.made} (Linux ${recording.kernel})`, () => assertRecording(xfs, recording));
  }
});

describe('names', () => {
  test('the label and the UUID', async () => {
    const source = changed((bytes) => bytes.write('a\u0007b', AT.label));
    const { label, uuid, type } = await xfs.open(source);
    assert.equal(label, 'a\ufffdb');
    assert.match(String(uuid), /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u);
    assert.equal(type, 'xfs');
  });

  test('a changed UUID, with the old one kept for the metadata', async () => {
    const source = changed((bytes) => {
      bytes.copy(bytes, AT.metaUuid, 32, 48);
      bytes.fill(0xab, 32, 48);
      bytes.writeUInt32BE(bytes.readUInt32BE(AT.incompat) | 4, AT.incompat);
    });
    assert.equal((await xfs.open(source)).uuid, 'abababab-abab-abab-abab-abababababab');
    assert.deepEqual(statfsOf(await usageOf(xfs, source, 'mount')), USUAL.statfs.mount);
  });

  test('groups of another filesystem', async () => {
    const source = changed((bytes) => bytes.fill(0xab, 32, 48));
    await assertRefused(xfs, source, 'INVALID', 'AGF 0 belongs to');
  });
});

describe('the log', () => {
  test('that cannot be replayed leaves the filesystem stale, and the groups are added up', async () => {
    const source = recordedSource(USUAL);
    takeUnmount(source);
    superblock(source).writeBigUInt64BE(1n, AT.fdblocks);
    heal(source);
    const usage = await usageOf(xfs, source, 'mount');
    assert.equal(usage.isStale, true);
    assert.equal(usage.basis, 'metadata');
    assert.deepEqual(statfsOf(usage), USUAL.statfs.mount);
  });

  /** The image as if nothing had ever been written to its log. */
  const withZeroLog = (writtenAt: bigint) => {
    const source = changed((bytes) => bytes.writeBigUInt64BE(writtenAt, AT.lastWriteLsn));
    const start = Number(superblock(source).readBigUInt64BE(AT.logStart));
    const log2 = superblock(source).readUInt8(AT.agBlocksLog);
    const first =
      Math.floor(start / 2 ** log2) * superblock(source).readUInt32BE(AT.agBlocks) +
      (start % 2 ** log2);
    const count = superblock(source).readUInt32BE(AT.logBlocks);
    for (const page of source.pages.keys()) {
      if (page >= first && page < first + count) source.pages.delete(page);
    }
    return source;
  };

  test('of zeros holds nothing, where the superblock names no place in it', async () => {
    const usage = await usageOf(xfs, withZeroLog(0n), 'mount');
    assert.equal(usage.isStale, false);
    assert.deepEqual(statfsOf(usage), USUAL.statfs.mount);
  });

  // Linux 6.1 answers EINVAL to both mounts.
  test('that ends before the superblock was last written has no mount', async () => {
    await assert.rejects(usageOf(xfs, withZeroLog(0x1_0000_0072n), 'mount'), {
      code: 'INVALID',
      message: /^xfs: sb_lsn is 1:114, and the log ends at 1:0; the kernel does not mount it$/u,
    });
  });

  test('on another device: nothing is known of it, unless the counters betray it', async () => {
    const external = (free: bigint) =>
      changed((bytes) => {
        bytes.writeBigUInt64BE(0n, AT.logStart);
        bytes.writeBigUInt64BE(bytes.readBigUInt64BE(AT.fdblocks) + free, AT.fdblocks);
      });
    const clean = await usageOf(xfs, external(0n), 'mount');
    const logBlocks = superblock(recordedSource(USUAL)).readUInt32BE(AT.logBlocks);
    assert.equal(clean.isStale, null);
    assert.equal(clean.blockCount, Number(USUAL.statfs.mount[1]) + logBlocks);
    assert.equal((await usageOf(xfs, external(1n), 'mount')).isStale, true);
  });

  const OWNER = {
    hasLogV2: true,
    hasChecksums: false,
    uuid: new Uint8Array(16).fill(7),
    lastWriteLsn: null,
  };

  test('of another filesystem says so, and one without a UUID will do', async () => {
    const place = { group: 0, offsetBytes: 0, blockCount: 32 };
    const bytes = ring(256, 100, 1, 0);
    const state = () => logState(memorySource(bytes), place, 4096, OWNER);
    const uuidAt =
      bytes.indexOf(Buffer.from([0xfe, 0xed, 0xba, 0xbe])) + XfsLogRecordFields.uuid.at;
    assert.equal(await state(), 'clean');
    bytes.fill(7, uuidAt, uuidAt + 16);
    assert.equal(await state(), 'clean');
    bytes[uuidAt + 15] = 8;
    assert.equal(await state(), 'foreign');
  });

  /** A log of `count` blocks that ends at `head`, in its second cycle, with a record of `operations` operations. */
  function ring(count: number, head: number, operations: number, padding: number): Buffer {
    const log = Buffer.alloc(count * 512);
    const cycle = (block: number) => (head === 0 || block < head ? 7 : 6);
    for (let block = 0; block < count; block++) log.writeUInt32BE(cycle(block), block * 512);
    const dataBlocks = 1 + padding;
    const record = (head - 1 - dataBlocks + 2 * count) % count;
    const at = record * 512;
    log.writeUInt32BE(0xfeedbabe, at);
    log.writeUInt32BE(cycle(record), at + 4);
    log.writeUInt32BE(2, at + 8);
    log.writeUInt32BE(dataBlocks * 512, at + 12);
    log.writeUInt32BE(operations, at + 40);
    log.writeUInt8(0x20, ((record + 1) % count) * 512 + 9);
    return log;
  }

  test('that a crash cut off in the record after an unmount ends with the unmount', async () => {
    const place = { group: 0, offsetBytes: 0, blockCount: 32 };
    const bytes = ring(256, 100, 1, 0);
    for (let block = 100; block < 105; block++) bytes.writeUInt32BE(7, block * 512);
    bytes.writeUInt32BE(0xfeedbabe, 100 * 512);
    bytes.writeUInt32BE(7, 100 * 512 + 4);
    const state = async (blocks: number) => {
      bytes.writeUInt32BE(blocks * 512, 100 * 512 + 12);
      return logState(memorySource(bytes), place, 4096, OWNER);
    };
    assert.equal(await state(20), 'clean');
    assert.equal(await state(4), 'dirty');
  });

  for (const padding of [0, 63, 511]) {
    test(`ends anywhere in its ring, padded by ${padding} blocks`, async () => {
      const count = 1024;
      for (let head = 0; head < count; head += padding === 0 ? 1 : 37) {
        const state = (operations: number) => {
          const bytes = ring(count, head, operations, padding);
          const place = { group: 0, offsetBytes: 0, blockCount: count / 8 };
          return logState(memorySource(bytes), place, 4096, OWNER);
        };
        assert.equal(await state(1), 'clean', `head ${head}`);
        assert.equal(await state(2), 'dirty', `head ${head}`);
      }
    });
  }
});

describe('counters that the kernel does not believe', () => {
  for (const [name, at] of Object.entries({ fdblocks: AT.fdblocks, ifree: AT.ifree })) {
    test(`${name} larger than the filesystem`, async () => {
      const source = changed((bytes) => bytes.writeBigUInt64BE(2n ** 63n + 1n, at));
      assert.deepEqual(statfsOf(await usageOf(xfs, source, 'guest')), USUAL.statfs.guest);
    });
  }

  test('fewer inodes than the first chunk, which holds the root, has (xfs_icount_range)', async () => {
    const source = changed((bytes) => {
      bytes.writeBigUInt64BE(63n, AT.icount);
      bytes.writeBigUInt64BE(0n, AT.ifree);
    });
    assert.deepEqual(statfsOf(await usageOf(xfs, source, 'guest')), USUAL.statfs.guest);
  });
});

describe('what the kernel refuses', () => {
  const flag = (at: number, mask: number) =>
    changed((bytes) => bytes.writeUInt32BE((bytes.readUInt32BE(at) | mask) >>> 0, at));

  test('incompatible features by name and by bits', async () => {
    const refused = (mask: number, words: string) =>
      assertRefused(xfs, flag(AT.incompat, mask), 'UNSUPPORTED_FEATURE', words);
    await refused(0x10, 'needsrepair');
    await refused(0x100, 'metadir');
    await refused(0x300, 'metadir, zoned');
    await refused(0x80000000, '0x80000000');
  });

  test('an unknown read-only-compatible feature: only a read-only mount', async () => {
    const source = flag(AT.roCompat, 0x40000000);
    await assertRefused(xfs, source, 'UNSUPPORTED_FEATURE', '0x40000000');
    assert.deepEqual(statfsOf(await usageOf(xfs, source, 'mount')), USUAL.statfs.mount);
  });

  test('versions before 4 and none at all', async () => {
    const version = (number: number) =>
      changed((bytes) => bytes.writeUInt16BE(0xb4a0 + number, AT.version));
    await assertRefused(xfs, version(3), 'UNSUPPORTED_FEATURE', 'version 3');
    await assertRefused(xfs, version(0), 'INVALID', 'no version 0');
    await assertRefused(xfs, version(9), 'INVALID', 'no version 9');
  });

  test('a wrong checksum of the superblock, of an AGF, of an AGI', async () => {
    for (const [magic, what] of [
      ['XFSB', 'the superblock'],
      ['XAGF', 'AGF 0'],
      ['XAGI', 'AGI 0'],
    ] as const) {
      const source = recordedSource(USUAL);
      const page = source.pages.get(0);
      assert.ok(page);
      const at = page.indexOf(magic, 0, 'latin1');
      page[at + 110] = (page[at + 110] ?? 0) ^ 1;
      await assertRefused(xfs, source, 'BAD_CHECKSUM', what);
    }
  });

  test('a filesystem that mkfs did not finish', async () => {
    const source = changed((bytes) => bytes.writeUInt8(1, AT.inProgress));
    await assertRefused(xfs, source, 'INVALID', 'not finished');
  });

  test('more blocks than the volume has', async () => {
    const source = recordedSource(USUAL, USUAL.size_bytes - 4096);
    await assertRefused(xfs, source, 'TRUNCATED', 'but the volume has only');
  });

  test('a damaged group', async () => {
    const source = recordedSource(USUAL);
    source.pages.get(0)?.fill(0, 512, 1024);
    await assertRefused(xfs, source, 'BAD_MAGIC');
  });
});

describe('the tree of free inodes', () => {
  const recording = recordingOf('xfs', 'inobtcount=0 -b size=1024');
  const block = 1024;
  const pointers = 56 + 4 * Math.floor((block - 56) / 8);

  /** The recording with its first inner block changed and its checksum right. */
  function changedTree(change: (inner: Buffer) => void): SparseSource {
    const source = recordedSource(recording);
    for (const page of source.pages.values()) {
      for (let at = 0; at < PAGE_BYTES; at += block) {
        const inner = page.subarray(at, at + block);
        if (inner.toString('latin1', 0, 4) !== 'FIB3' || inner.readUInt16BE(4) !== 1) continue;
        change(inner);
        seal(inner, 52);
        return source;
      }
    }
    assert.fail('no inner block');
  }

  test('that comes to a block twice', async () => {
    const source = changedTree((inner) => inner.copy(inner, pointers + 4, pointers, pointers + 4));
    await assertRefused(xfs, source, 'LOOP', 'twice');
  });

  test('that points out of its group, or says that it is a leaf', async () => {
    const far = changedTree((inner) => inner.writeUInt32BE(0xfffffff0, pointers));
    await assertRefused(xfs, far, 'OUT_OF_BOUNDS', 'pointer');
    const leaf = changedTree((inner) => inner.writeUInt16BE(0, 4));
    await assertRefused(xfs, leaf, 'OUT_OF_BOUNDS', 'bb_level');
  });

  /** One group of 1 TiB whose root points to as many inner blocks as it can, and these to `leaves` leaves each. */
  function wideTree(leaves: number) {
    const blockSizeBytes = 65536;
    const room = Math.floor((blockSizeBytes - 56) / 8);
    const root = 4;
    const source = {
      sizeBytes: 2 ** 40,
      reads: 0,
      runs: memoryRuns,
      async read(offset: number, length: number) {
        source.reads++;
        const bytes = Buffer.alloc(length);
        const isRoot = offset === root * blockSizeBytes;
        const index = offset / blockSizeBytes;
        const count = isRoot ? room : leaves;
        bytes.write('FIB3');
        bytes.writeUInt16BE(isRoot ? 2 : 1, 4);
        bytes.writeUInt16BE(count, 6);
        for (let i = 0; i < count; i++) {
          const pointer = isRoot ? 100 + i : 10_000 + index * leaves + i;
          bytes.writeUInt32BE(pointer % 2 ** 24, 56 + room * 4 + i * 4);
        }
        return bytes;
      },
    };
    const geometry = { blockSizeBytes, blocksPerGroup: 2 ** 24 };
    const features = { version: 4 } as const;
    const context = { source, geometry, features, metadataUuid: Buffer.alloc(16) };
    const group = { number: 0, blockCount: 2 ** 24, freeInodeRoot: root, freeInodeLevels: 3 };
    return { context, group, source, room };
  }

  test('that is wider than inodes can make it is not counted to its end', async () => {
    const { context, group, source } = wideTree(1000);
    const isLimit = { name: 'FormatError', code: 'LIMIT' };
    await assert.rejects(freeInodeTreeBlockCounts(context, [group]), isLimit);
    assert.ok(source.reads < 1100, `${source.reads} reads`);
  });

  test('the trees of all groups together are not read without end', async () => {
    const { context, group, source, room } = wideTree(1);
    assert.deepEqual(await freeInodeTreeBlockCounts(context, [group]), [1 + 2 * room]);
    const isLimit = { name: 'FormatError', code: 'LIMIT' };
    source.reads = 0;
    await assert.rejects(freeInodeTreeBlockCounts(context, [group, group, group]), isLimit);
    assert.ok(source.reads < 8200, `${source.reads} reads`);
  });

  test('is not read for a read-only mount', async () => {
    const source = changedTree((inner) => inner.fill(0));
    assert.deepEqual(statfsOf(await usageOf(xfs, source, 'mount')), recording.statfs.mount);
  });
});

describe('hostile superblocks', () => {
  const small = [0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 63, 64, 127, 128, 254, 255];
  const large = [0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff];
  const shapes = [
    USUAL,
    recordingOf('xfs', 'crc=0'),
    recordingOf('xfs', 'rmapbt=1'),
    recordingOf('xfs', 'inobtcount=0'),
  ];

  for (const [name, at] of Object.entries(AT)) {
    test(`${name} set to anything`, async () => {
      for (const recording of shapes) {
        for (const value of [...small, ...large]) {
          for (const width of [1, 2, 4]) {
            if (value >= 256 ** width) continue;
            const source = changed((bytes) => bytes.writeUIntBE(value, at, width), recording);
            await assertOnlyExpectedErrors(xfs, source);
          }
        }
      }
    });
  }

  test('two to the 32 groups of no blocks', async () => {
    const source = changed((bytes) => bytes.writeUInt32BE(0xffffffff, AT.agCount));
    await assertRefused(xfs, source, 'INVALID', '4294967295 allocation groups');
    await assertRefused(
      xfs,
      changed((bytes) => bytes.writeUInt32BE(0, AT.agBlocks)),
      'OUT_OF_BOUNDS',
      'sb_agblocks is 0',
    );
  });

  test('a million groups are refused before they are read', async () => {
    const blocks = 4096 * 1_000_000;
    const source = changed((bytes) => {
      bytes.writeBigUInt64BE(BigInt(blocks), AT.dblocks);
      bytes.writeUInt32BE(4096, AT.agBlocks);
      bytes.writeUInt8(12, AT.agBlocksLog);
      bytes.writeUInt32BE(1_000_000, AT.agCount);
    });
    const wide = { ...source, sizeBytes: blocks * 4096 };
    await assertRefused(xfs, wide, 'LIMIT', '1000000 allocation groups');
    assert.ok(source.statistics.bytes < 10_000);
  });

  test('cut off at any 4 KiB of the first MiB', async () => {
    await truncateEverywhere(xfs, USUAL);
  });

  test('2000 flips of bits', async () => {
    await flipBits(xfs, recordings('xfs'), 2000, heal);
  });
});
