// ext2/3/4: the numbers of recorded real filesystems, damaged and hostile ones, and one of 16 TiB.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CRC32C_SEED, crc32c } from '../../src/bytes/crc32c.js';
import { ext } from '../../src/filesystem/ext.js';
import {
  assertOnlyExpectedErrors,
  assertRecording,
  assertRefused,
  flipBits,
  recordedSource,
  recordingOf,
  recordings,
  type SparseSource,
  sparseSource,
  truncateEverywhere,
  usageOf,
} from './recorded.js';

const SUPERBLOCK = 1024;
const AT = {
  inodes: 0x0,
  blocksLo: 0x4,
  firstDataBlock: 0x14,
  logBlockSize: 0x18,
  logClusterSize: 0x1c,
  blocksPerGroup: 0x20,
  clustersPerGroup: 0x24,
  inodesPerGroup: 0x28,
  state: 0x3a,
  revision: 0x4c,
  inodeSize: 0x58,
  compat: 0x5c,
  incompat: 0x60,
  roCompat: 0x64,
  label: 0x78,
  reservedGdtBlocks: 0xce,
  journalInode: 0xe0,
  descriptorSize: 0xfe,
  firstMetaGroup: 0x104,
  blocksHi: 0x150,
  flags: 0x160,
  checksumType: 0x175,
  overhead: 0x248,
  backupGroups: 0x24c,
  checksum: 0x3fc,
};

function superblock(source: SparseSource): Buffer {
  const page = source.pages.get(0);
  assert.ok(page);
  return page.subarray(SUPERBLOCK, 2 * SUPERBLOCK);
}

/** Puts the superblock's checksum right. */
function heal(source: SparseSource): void {
  const bytes = superblock(source);
  bytes.writeUInt32LE(crc32c(CRC32C_SEED, bytes, 0, AT.checksum), AT.checksum);
}

/** A recording with its superblock changed and its checksum right. */
function changed(words: string, change: (superblock: Buffer) => void): SparseSource {
  const source = recordedSource(recordingOf('ext', words));
  change(superblock(source));
  heal(source);
  return source;
}

function setFlag(at: number, mask: number): (bytes: Buffer) => void {
  return (bytes) => bytes.writeUInt32LE((bytes.readUInt32LE(at) | mask) >>> 0, at);
}

describe('what the kernel said', () => {
  for (const recording of recordings('ext')) {
    test(`${recording.made} (Linux ${recording.kernel})`, () => assertRecording(ext, recording));
  }
});

describe('names', () => {
  test('the label and the UUID are printable', async () => {
    const source = changed('mkfs.ext4 -O quota,project', (bytes) => {
      bytes.write('a\u001b[2Jb', AT.label, 'utf8');
    });
    const { label, uuid, type } = await ext.open(source);
    assert.equal(label, 'a\ufffd[2Jb');
    assert.match(String(uuid), /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u);
    assert.equal(type, 'ext4');
  });

  test('a filesystem without a label has none', async () => {
    const { label } = await ext.open(recordedSource(recordingOf('ext', '-t ext2')));
    assert.equal(label, null);
  });

  test('the type is the oldest driver that understands all features', async () => {
    const type = async (words: string, change: (bytes: Buffer) => void) =>
      (await ext.open(changed(words, change))).type;
    assert.equal(await type('-t ext2 -b 1024', () => {}), 'ext2');
    assert.equal(await type('-t ext3', () => {}), 'ext3');
    assert.equal(await type('-t ext3', setFlag(AT.incompat, 0x4)), 'ext3', 'awaits recovery');
    assert.equal(await type('-t ext3', setFlag(AT.roCompat, 0x8)), 'ext4', 'huge_file');
    assert.equal(await type('-t ext4', setFlag(AT.flags, 0x4)), 'ext4dev');
  });

  test('a journal on a device of its own is no filesystem', async () => {
    const source = changed('-t ext4', setFlag(AT.incompat, 0x8));
    const journal = await ext.open(source);
    assert.equal(journal.kind, 'other');
    assert.equal(journal.type, 'jbd');
    const usage = await journal.usage('guest');
    assert.equal(usage.freeBlockCount, null);
  });
});

describe('staleness', () => {
  const stale = async (source: SparseSource) => (await usageOf(ext, source)).isStale;

  test('a journal that awaits recovery', async () => {
    assert.equal(await stale(changed('-t ext4', setFlag(AT.incompat, 0x4))), true);
  });

  test('a journal that does not, though the kernel has it mounted or froze it', async () => {
    const source = changed('-t ext4', (bytes) => bytes.writeUInt16LE(0, AT.state));
    assert.equal(await stale(source), false);
  });

  test('no journal and no clean unmount', async () => {
    const source = changed('-t ext2 -b 1024', (bytes) => bytes.writeUInt16LE(0, AT.state));
    assert.equal(await stale(source), true);
  });
});

describe('what the kernel refuses', () => {
  test('features that change the layout', async () => {
    const refused = (mask: number, words: string) =>
      assertRefused(
        ext,
        changed('-t ext4', setFlag(AT.incompat, mask)),
        'UNSUPPORTED_FEATURE',
        words,
      );
    await refused(0x1, 'compression');
    await refused(0x1000, 'dirdata');
    await refused(0x40000000, '0x40000000');
    await refused(0x80000001, 'compression, 0x80000000');
  });

  test('an unknown read-only-compatible feature does not matter', async () => {
    await usageOf(ext, changed('-t ext4', setFlag(AT.roCompat, 0x80000000)));
  });

  test('a wrong checksum of the superblock', async () => {
    const source = recordedSource(recordingOf('ext', '-t ext4'));
    superblock(source)[AT.label] = 65;
    await assertRefused(ext, source, 'BAD_CHECKSUM', "the primary superblock's checksum");
  });

  test('a checksum of an unknown kind', async () => {
    const source = changed('-t ext4', (bytes) => bytes.writeUInt8(2, AT.checksumType));
    await assertRefused(ext, source, 'UNSUPPORTED_FEATURE', 'type 2');
  });

  for (const words of ['-t ext4 -O fast_commit', 'uninit_bg,64bit']) {
    test(`a wrong checksum of a group descriptor (${words})`, async () => {
      const source = recordedSource(recordingOf('ext', words));
      const descriptors = source.pages.get(1);
      assert.ok(descriptors);
      descriptors[64 + 0xe] = (descriptors[64 + 0xe] ?? 0) ^ 1;
      await assertRefused(ext, source, 'BAD_CHECKSUM', 'group descriptor 1 ');
    });
  }

  test('more blocks than the volume has', async () => {
    const recording = recordingOf('ext', '-t ext4');
    const source = recordedSource(recording, recording.size_bytes - 4096);
    await assertRefused(ext, source, 'TRUNCATED', 'but the volume has only');
  });

  test('a journal inode that is no file', async () => {
    const source = changed('-t ext4', (bytes) => bytes.writeUInt32LE(9, AT.journalInode));
    await assertRefused(ext, source, 'INVALID', 'inode 9 is no journal');
  });

  test('more free than there is', async () => {
    const source = changed('-t ext4', (bytes) => {
      bytes.writeUInt32LE(bytes.readUInt32LE(AT.roCompat) & ~0x410, AT.roCompat);
    });
    source.pages.get(1)?.writeUInt16LE(0xffff, 0xc);
    await assertRefused(ext, source, 'OUT_OF_BOUNDS', 'group 0 has 65535 free clusters of 32768');
  });
});

describe('hostile superblocks', () => {
  const values = [0, 1, 2, 3, 7, 8, 31, 32, 33, 63, 64, 255, 0x7fff, 0x8000, 0xffff, 0x10000];
  const large = [0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];

  for (const [name, at] of Object.entries(AT)) {
    test(`${name} set to anything`, async () => {
      for (const words of ['-t ext4', '-t ext2 -b 1024', 'bigalloc', 'meta_bg', 'sparse_super2']) {
        for (const value of [...values, ...large]) {
          const source = changed(words, (bytes) => {
            if (at + 4 > bytes.length) return;
            if (value > 0xffff) bytes.writeUInt32LE(value, at);
            else bytes.writeUInt16LE(value, at);
          });
          await assertOnlyExpectedErrors(ext, source);
        }
      }
    });
  }

  test('every block size', async () => {
    for (let log = 0; log < 256; log++) {
      const source = changed('-t ext4', (bytes) => bytes.writeUInt32LE(log, AT.logBlockSize));
      if (log > 6) await assertRefused(ext, source, 'INVALID');
      else await assertOnlyExpectedErrors(ext, source);
    }
  });

  test('two to the 63 blocks', async () => {
    const source = changed('-t ext4', (bytes) => bytes.writeUInt32LE(0x7fffffff, AT.blocksHi));
    await assertRefused(ext, source, 'OUT_OF_BOUNDS');
  });

  test('a group for every block of 16 TiB is refused before it is read', async () => {
    const source = changed('-t ext2 -b 1024', (bytes) => {
      bytes.writeUInt32LE(0xffffffff, AT.blocksLo);
      bytes.writeUInt32LE(8, AT.blocksPerGroup);
      bytes.writeUInt32LE(8, AT.clustersPerGroup);
    });
    const large = { ...source, sizeBytes: 16 * 2 ** 40 };
    await assertRefused(ext, large, 'LIMIT', 'block groups');
    assert.ok(source.statistics.bytes < 10_000);
  });

  test('a read for each of 65536 descriptor blocks is refused', async () => {
    const source = changed('-t ext2 -b 1024', (bytes) => {
      bytes.writeUInt32LE(0xffffffff, AT.blocksLo);
      bytes.writeUInt32LE(2048, AT.blocksPerGroup);
      bytes.writeUInt32LE(2048, AT.clustersPerGroup);
      bytes.writeUInt32LE(8 * 2097152, AT.inodes);
      bytes.writeUInt32LE(8, AT.inodesPerGroup);
      bytes.writeUInt32LE(0x10, AT.incompat);
      bytes.writeUInt32LE(0, AT.firstMetaGroup);
    });
    const large = { ...source, sizeBytes: 16 * 2 ** 40 };
    await assertRefused(ext, large, 'LIMIT', 'scattered descriptor blocks');
  });

  test('cut off at any 4 KiB of the first MiB', async () => {
    await truncateEverywhere(ext, recordingOf('ext', '-t ext4'));
  });

  test('2000 flips of bits', async () => {
    await flipBits(ext, recordings('ext'), 2000, heal);
  });
});

describe('16 TiB', () => {
  const groups = 131072;
  const perBlock = 64;
  const bpg = 32768;

  /** Group `g` has `g % 1000` free blocks and 5 free inodes. */
  function large(isMeta: boolean): SparseSource {
    const source = sparseSource(groups * bpg * 4096);
    const bytes = Buffer.alloc(1024);
    bytes.writeUInt32LE(groups * 16, AT.inodes);
    bytes.writeUInt32LE(0, AT.blocksLo);
    bytes.writeUInt32LE(1, AT.blocksHi);
    bytes.writeUInt32LE(2, AT.logBlockSize);
    bytes.writeUInt32LE(2, AT.logClusterSize);
    bytes.writeUInt32LE(bpg, AT.blocksPerGroup);
    bytes.writeUInt32LE(bpg, AT.clustersPerGroup);
    bytes.writeUInt32LE(16, AT.inodesPerGroup);
    bytes.writeUInt16LE(0xef53, 0x38);
    bytes.writeUInt16LE(1, AT.state);
    bytes.writeUInt32LE(1, AT.revision);
    bytes.writeUInt32LE(11, 0x54);
    bytes.writeUInt16LE(256, AT.inodeSize);
    bytes.writeUInt32LE(0x2c0 | (isMeta ? 0x10 : 0), AT.incompat);
    bytes.writeUInt32LE(1, AT.roCompat);
    bytes.writeUInt16LE(64, AT.descriptorSize);
    source.write(SUPERBLOCK, bytes);
    const sparse = (group: number) => isMeta && [0, 3, 5, 7].includes(group);
    for (let block = 0; block < groups / perBlock; block++) {
      const table = Buffer.alloc(4096);
      for (let i = 0; i < perBlock; i++) {
        const start = (block * perBlock + i) * bpg + 10_000;
        for (const part of [0, 1, 2]) table.writeUInt32LE(start + part, i * 64 + part * 4);
        table.writeUInt16LE((block * perBlock + i) % 1000, i * 64 + 0xc);
        table.writeUInt16LE(5, i * 64 + 0xe);
      }
      const group = block * perBlock;
      const at = isMeta ? group * bpg + (sparse(group) ? 1 : 0) : block + 1;
      source.write(at * 4096, table);
    }
    return source;
  }

  for (const isMeta of [false, true]) {
    test(isMeta ? 'descriptors in their groups' : 'descriptors in one piece', async () => {
      const source = large(isMeta);
      const usage = await usageOf(ext, source);
      let free = 0;
      for (let group = 0; group < groups; group++) free += group % 1000;
      assert.equal(usage.freeBlockCount, free);
      assert.equal(usage.freeFileCount, groups * 5);
      assert.equal(usage.fileCount, groups * 16);
      // 3^0..3^10, 5^1..5^7, 7^1..7^6 and group 0 hold a superblock; every group two bitmaps and a table of one block.
      const copies = 25;
      const descriptors = isMeta ? 3 * (groups / perBlock) : copies * (groups / perBlock);
      assert.equal(usage.blockCount, groups * bpg - (copies + descriptors + 3 * groups));
      assert.equal(usage.basis, 'metadata');
      assert.ok(
        source.statistics.reads <= (isMeta ? 2060 : 40),
        `${source.statistics.reads} reads`,
      );
      assert.ok(source.statistics.bytes <= 8.1 * 2 ** 20);
    });
  }
});
