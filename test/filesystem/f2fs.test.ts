// F2FS: damaged and hostile filesystems, several devices, what a df reads. What the kernel said is in test/images/.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, describe, test } from 'node:test';
import { type ByteSource, memoryRuns } from '../../src/bytes/source.js';
import { openDisk } from '../../src/container/open.js';
import { checksum } from '../../src/filesystem/f2fs/checksum.js';
import { f2fs } from '../../src/filesystem/f2fs.js';
import { openScope } from '../../src/host/local-scope.js';
import { isContrary } from '../../src/queries/problem.js';
import { cpuTime } from '../cpu-time.js';
import { dfOfSources } from '../queries/sources.js';
import { random } from '../random.js';
import { missing, toolEnv } from '../tools.js';
import {
  assertOnlyExpectedErrors,
  assertRefused,
  PAGE_BYTES,
  type SparseSource,
  sparseSource,
  usageOf,
} from './recorded.js';

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;
const SEGMENT_BLOCKS = 512;
const SUPERBLOCKS = [1024, 5120];
const AT = {
  magic: 0,
  logBlock: 16,
  logSegment: 20,
  perSection: 24,
  blocks: 36,
  sections: 44,
  segments: 48,
  nat: 60,
  main: 68,
  checkpointBlock: 76,
  natBlock: 84,
  mainBlock: 92,
  root: 96,
  payload: 1664,
  features: 2180,
  devices: 2201,
  checksum: 3068,
};
const CHECKPOINT = {
  version: 0,
  userBlocks: 8,
  validBlocks: 16,
  reserved: 24,
  warmNode: 40,
  warmNodeNext: 70,
  flags: 132,
  packBlocks: 136,
  summaries: 140,
  validNodes: 144,
  natBitmap: 160,
  checksumAt: 164,
};
const NODE = { inode: 4076, flags: 4080, version: 4084, next: 4092, parent: 84, addresses: 360 };

const loaded = new Map<string, SparseSource>();
const NOTHING = Buffer.alloc(PAGE_BYTES);

/** All of a disk of images/, in memory. */
async function imageSource(name: string): Promise<SparseSource> {
  const known = loaded.get(name) ?? (await load(name));
  loaded.set(name, known);
  return copyOf(known);
}

async function load(name: string): Promise<SparseSource> {
  const scope = openScope({ deadlineMs: null });
  try {
    const path = resolve('images', `${name}.qcow2`);
    const { content } = await openDisk(path, { format: 'auto', scope });
    const copy = sparseSource(content.sizeBytes);
    for (let at = 0; at < content.sizeBytes; at += MIB) {
      const bytes = await content.read(at, Math.min(MIB, content.sizeBytes - at));
      for (let page = 0; page < bytes.length; page += PAGE_BYTES) {
        const part = bytes.subarray(page, page + PAGE_BYTES);
        if (!NOTHING.equals(part)) copy.write(at + page, part);
      }
    }
    return copy;
  } finally {
    await scope.close();
  }
}

function copyOf(source: SparseSource): SparseSource {
  const copy = sparseSource(source.sizeBytes);
  for (const [at, bytes] of source.pages) copy.pages.set(at, Buffer.from(bytes));
  return copy;
}

/** A block that is there; what is written to it is changed. */
function block(source: SparseSource, number: number): Buffer {
  const found = source.pages.get(number) ?? Buffer.alloc(PAGE_BYTES);
  source.pages.set(number, found);
  return found;
}

function superblock(source: SparseSource, copy = 0): Buffer {
  return block(source, copy).subarray(1024);
}

/** Where both packs begin, the newer one first. */
function packs(source: SparseSource): readonly [number, number] {
  const first = superblock(source).readUInt32LE(AT.checkpointBlock);
  const second = first + SEGMENT_BLOCKS;
  const version = (at: number) => block(source, at).readBigUInt64LE(CHECKPOINT.version);
  return version(first) > version(second) ? [first, second] : [second, first];
}

function sealSuperblocks(source: SparseSource): void {
  for (const copy of SUPERBLOCKS.keys()) {
    const bytes = superblock(source, copy);
    bytes.writeUInt32LE(checksum(bytes.subarray(0, AT.checksum)), AT.checksum);
  }
}

function sealCheckpoint(bytes: Buffer): void {
  const at = Math.min(4092, bytes.readUInt32LE(CHECKPOINT.checksumAt));
  bytes.writeUInt32LE(checksum(bytes.subarray(0, at)), at);
}

/** A change of both superblocks, with their checksums right again. */
async function changed(name: string, change: (bytes: Buffer) => void): Promise<SparseSource> {
  const source = await imageSource(name);
  for (const copy of SUPERBLOCKS.keys()) change(superblock(source, copy));
  sealSuperblocks(source);
  return source;
}

/** A change of the first and last block of the newer checkpoint. */
function changeCheckpoint(source: SparseSource, change: (bytes: Buffer) => void): void {
  const [first] = packs(source);
  const count = block(source, first).readUInt32LE(CHECKPOINT.packBlocks);
  for (const number of [first, first + count - 1]) {
    const bytes = block(source, number);
    const old = bytes.readUInt32LE(4092);
    change(bytes);
    sealCheckpoint(bytes);
    if (number === first) renewChain(source, old, bytes.readUInt32LE(4092));
  }
}

/** Nodes bear the checksum of the checkpoint that is before them. */
function renewChain(source: SparseSource, from: number, to: number): void {
  for (const bytes of source.pages.values()) {
    if (bytes.readUInt32LE(NODE.version + 4) === from) bytes.writeUInt32LE(to, NODE.version + 4);
  }
}

/** The blocks of the nodes behind the checkpoint. */
function chain(source: SparseSource): readonly number[] {
  const [first] = packs(source);
  const head = block(source, first);
  const main = superblock(source).readUInt32LE(AT.mainBlock);
  const blocks: number[] = [];
  let at =
    main +
    head.readUInt32LE(CHECKPOINT.warmNode) * SEGMENT_BLOCKS +
    head.readUInt16LE(CHECKPOINT.warmNodeNext);
  while (block(source, at).readUInt32LE(NODE.version + 4) === head.readUInt32LE(4092)) {
    blocks.push(at);
    at = block(source, at).readUInt32LE(NODE.next);
  }
  return blocks;
}

const fields = (bytes: Buffer) => ({
  user: Number(bytes.readBigUInt64LE(CHECKPOINT.userBlocks)),
  valid: Number(bytes.readBigUInt64LE(CHECKPOINT.validBlocks)),
});

describe('the superblock', () => {
  test('that is damaged is replaced by its copy', async () => {
    // The first one of this image is damaged already.
    const source = await imageSource('f2fs-second-superblock');
    assert.ok((await usageOf(f2fs, source)).blockCount > 0);
    superblock(source, 1).writeUInt8(9, AT.segments);
    await assertRefused(f2fs, source, 'BAD_CHECKSUM', 'the superblock');
  });

  test('features that are not read are named', async () => {
    const withBits = (bits: number) =>
      changed('f2fs-default', (bytes) => bytes.writeUInt32LE(bits, AT.features));
    await assertRefused(f2fs, await withBits(0x2), 'UNSUPPORTED_FEATURE', 'zoned block device');
    await assertRefused(f2fs, await withBits(0x80000000), 'UNSUPPORTED_FEATURE', '0x80000000');
  });

  test('of larger blocks is refused by their size', async () => {
    const source = await changed('f2fs-default', (bytes) => bytes.writeUInt32LE(14, AT.logBlock));
    await assertRefused(f2fs, source, 'UNSUPPORTED_FEATURE', '16384 bytes');
  });

  const numbers: Readonly<Record<string, readonly [(bytes: Buffer) => void, string]>> = {
    'blocks of 2^200 bytes': [(bytes) => bytes.writeUInt32LE(200, AT.logBlock), 'OUT_OF_BOUNDS'],
    'segments of 2^32 blocks': [(bytes) => bytes.writeUInt32LE(32, AT.logSegment), 'OUT_OF_BOUNDS'],
    'segments by 2^32': [(bytes) => bytes.writeUInt32LE(0xffffffff, AT.segments), 'OUT_OF_BOUNDS'],
    'sections of nothing': [(bytes) => bytes.writeUInt32LE(0, AT.perSection), 'OUT_OF_BOUNDS'],
    'sections that are too many': [(bytes) => bytes.writeUInt32LE(5, AT.sections), 'INVALID'],
    'a main area of 2^32 segments': [
      (bytes) => bytes.writeUInt32LE(0xffffffff, AT.main),
      'OUT_OF_BOUNDS',
    ],
    'a NAT that reaches into the summaries': [
      (bytes) => bytes.writeUInt32LE(3, AT.nat),
      'OUT_OF_BOUNDS',
    ],
    'a NAT elsewhere': [(bytes) => bytes.writeUInt32LE(0, AT.natBlock), 'OUT_OF_BOUNDS'],
    'blocks by 2^63': [(bytes) => bytes.writeBigUInt64LE(2n ** 63n, AT.blocks), 'OUT_OF_BOUNDS'],
    'another root directory': [(bytes) => bytes.writeUInt32LE(4, AT.root), 'OUT_OF_BOUNDS'],
    'bitmaps of 2^32 blocks': [
      (bytes) => bytes.writeUInt32LE(0xffffffff, AT.payload),
      'OUT_OF_BOUNDS',
    ],
    'devices that have other sizes': [(bytes) => bytes.writeUInt8(0x2f, AT.devices), 'INVALID'],
  };
  for (const [name, [change, code]] of Object.entries(numbers)) {
    test(`with ${name} is refused`, async () => {
      await assertRefused(f2fs, await changed('f2fs-default', change), code);
    });
  }
});

test('more blocks than the volume has are those that Linux shows', async () => {
  const large = await changed('f2fs-default', (bytes) =>
    bytes.writeBigUInt64LE(2n ** 31n, AT.blocks),
  );
  const { blockCount, doubts } = await usageOf(f2fs, large);
  assert.equal(blockCount, 2 ** 31 - SEGMENT_BLOCKS);
  assert.deepEqual(
    doubts.map(({ code }) => code),
    ['TRUNCATED'],
  );
});

describe('the checkpoint', () => {
  test('that was not written to its end gives way to the one before', async () => {
    for (const damage of ['its head', 'its tail']) {
      const source = await imageSource('f2fs-default');
      const [newer, older] = packs(source);
      const count = block(source, newer).readUInt32LE(CHECKPOINT.packBlocks);
      const at = damage === 'its head' ? newer : newer + count - 1;
      block(source, at).writeUInt8(0xff, CHECKPOINT.validBlocks);
      const { user, valid } = fields(block(source, older));
      assert.equal((await usageOf(f2fs, source)).freeBlockCount, user - valid, damage);
    }
  });

  test('whose beginning and end are of two versions gives way too', async () => {
    const source = await imageSource('f2fs-default');
    const [newer, older] = packs(source);
    const head = block(source, newer);
    head.writeBigUInt64LE(head.readBigUInt64LE(CHECKPOINT.version) + 2n, CHECKPOINT.version);
    sealCheckpoint(head);
    const { user, valid } = fields(block(source, older));
    assert.equal((await usageOf(f2fs, source)).freeBlockCount, user - valid);
  });

  test('is refused where neither is sound', async () => {
    const source = await imageSource('f2fs-default');
    for (const at of packs(source)) block(source, at).writeUInt8(0xff, CHECKPOINT.validBlocks);
    await assertRefused(f2fs, source, 'BAD_CHECKSUM', 'the checkpoint');
  });

  test('with the error flag is stale: Linux does not mount it before a check', async () => {
    const source = await imageSource('f2fs-default');
    assert.equal((await usageOf(f2fs, source)).isStale, false);
    changeCheckpoint(source, (bytes) => {
      bytes.writeUInt32LE(bytes.readUInt32LE(CHECKPOINT.flags) + 8, CHECKPOINT.flags);
    });
    const { isStale, doubts } = await usageOf(f2fs, source);
    assert.equal(isStale, true);
    assert.match(doubts[0]?.message ?? '', /error flag/u);
  });

  const numbers: Readonly<Record<string, (bytes: Buffer) => void>> = {
    'more blocks than there are': (bytes) =>
      bytes.writeBigUInt64LE(2n ** 32n, CHECKPOINT.userBlocks),
    'more blocks in use': (bytes) => bytes.writeBigUInt64LE(2n ** 63n, CHECKPOINT.validBlocks),
    'more nodes than there are': (bytes) => bytes.writeUInt32LE(0xffffffff, CHECKPOINT.validNodes),
    'no reserve': (bytes) => bytes.writeUInt32LE(0, CHECKPOINT.reserved),
    'a current segment outside': (bytes) => bytes.writeUInt32LE(0xffff, CHECKPOINT.warmNode),
    'a full current segment': (bytes) => bytes.writeUInt16LE(512, CHECKPOINT.warmNodeNext),
    'summaries before it': (bytes) => bytes.writeUInt32LE(0, CHECKPOINT.summaries),
    'a bitmap of 2^32 bytes': (bytes) => bytes.writeUInt32LE(0xffffffff, CHECKPOINT.natBitmap),
  };
  for (const [name, change] of Object.entries(numbers)) {
    test(`with ${name} is refused`, async () => {
      const source = await imageSource('f2fs-default');
      changeCheckpoint(source, change);
      await assertRefused(f2fs, source, 'OUT_OF_BOUNDS');
    });
  }
});

describe('what is behind the checkpoint', () => {
  /** The kernel gives all of it up: the numbers are the checkpoint's. */
  async function assertGivenUp(source: SparseSource): Promise<void> {
    const { user, valid } = fields(block(source, packs(source)[0]));
    const usage = await usageOf(f2fs, source);
    assert.deepEqual([usage.freeBlockCount, usage.isStale], [user - valid, true]);
    assert.notEqual(usage.basis, 'log');
    assert.deepEqual(usage.doubts.map(isContrary), [true]);
    assert.match(usage.doubts[0]?.message ?? '', /^f2fs: .*(?:node|block|inode|room)/u);
  }

  const damages: Readonly<
    Record<string, (source: SparseSource, nodes: readonly number[]) => void>
  > = {
    'a node that is the next one of itself': (source, [first = 0]) => {
      block(source, first).writeUInt32LE(first, NODE.next);
    },
    'a chain that comes back to its beginning': (source, nodes) => {
      block(source, nodes.at(-1) ?? 0).writeUInt32LE(nodes[0] ?? 0, NODE.next);
    },
    'a node at a place that is not its own': (source, [, second = 0]) => {
      block(source, second).writeUInt32LE(0x12345678 * 8 + 2, NODE.flags);
    },
    'a block in the NAT': (source, [, second = 0]) => {
      block(source, second).writeUInt32LE(1024, 0);
    },
    'an inode with the number of a table': (source, [first = 0]) => {
      block(source, first).writeUInt32LE(1, NODE.inode);
    },
  };
  for (const [name, damage] of Object.entries(damages)) {
    test(`is given up for ${name}`, async () => {
      const source = await imageSource('f2fs-dirty-grown');
      damage(source, chain(source));
      await assertGivenUp(source);
    });
  }

  test('is given up for a name in a directory that does not exist', async () => {
    const source = await imageSource('f2fs-dirty');
    for (const at of chain(source)) block(source, at).writeUInt32LE(0x7000, NODE.parent);
    await assertGivenUp(source);
  });

  test('is given up when it is longer than a minute of writing makes', async () => {
    const source = await imageSource('f2fs-sections');
    const head = block(source, packs(source)[0]);
    const main = superblock(source).readUInt32LE(AT.mainBlock);
    const segment = head.readUInt32LE(CHECKPOINT.warmNode);
    const first = main + segment * SEGMENT_BLOCKS + head.readUInt16LE(CHECKPOINT.warmNodeNext);
    // A node of the root directory, again and again, its blocks always elsewhere.
    for (let i = 0; i < 6000; i++) {
      const bytes = block(source, first + i);
      for (let at = 0; at < 1018; at++) {
        bytes.writeUInt32LE(first + 10_000 + 2 * at + (i % 2), 4 * at);
      }
      bytes.writeUInt32LE(5000, 4072);
      bytes.writeUInt32LE(3, NODE.inode);
      bytes.writeUInt32LE(8 + 2, NODE.flags);
      bytes.writeUInt32LE(head.readUInt32LE(CHECKPOINT.version), NODE.version);
      bytes.writeUInt32LE(head.readUInt32LE(4092), NODE.version + 4);
      bytes.writeUInt32LE(first + i + 1, NODE.next);
    }
    assert.equal(chain(source).length, 6000);
    const spentMs = cpuTime();
    await assertGivenUp(source);
    assert.ok(spentMs() < 4000, `${spentMs()} ms`);
  });

  test('ends where a node of another time is', async () => {
    const source = await imageSource('f2fs-dirty');
    const nodes = chain(source);
    assert.ok(nodes.length >= 9, `${nodes.length} nodes`);
    const all = await usageOf(f2fs, source);
    block(source, nodes[4] ?? 0).writeUInt32LE(7, NODE.version);
    const some = await usageOf(f2fs, source);
    assert.deepEqual([all.basis, some.basis, some.isStale], ['log', 'log', false]);
    assert.ok(Number(some.freeBlockCount) > Number(all.freeBlockCount));
    block(source, nodes[0] ?? 0).writeUInt32LE(7, NODE.version);
    const { user, valid } = fields(block(source, packs(source)[0]));
    const none = await usageOf(f2fs, source);
    assert.deepEqual([none.freeBlockCount, none.basis], [user - valid, 'superblock']);
  });
});

describe('orphans', () => {
  const COUNT = 4088;

  function orphans(source: SparseSource): Buffer {
    const [first] = packs(source);
    return block(source, first + 1 + superblock(source).readUInt32LE(AT.payload));
  }

  test('are named once each, and exist', async () => {
    const source = await imageSource('f2fs-dirty-orphan');
    const count = orphans(source).readUInt32LE(COUNT);
    assert.equal(count, 3);
    const changes: readonly (readonly [(bytes: Buffer) => void, string])[] = [
      [(bytes) => bytes.writeUInt32LE(bytes.readUInt32LE(0), 4), 'INVALID'],
      [(bytes) => bytes.writeUInt32LE(0xffffffff, 0), 'OUT_OF_BOUNDS'],
      [(bytes) => bytes.writeUInt32LE(2, 0), 'OUT_OF_BOUNDS'],
      [(bytes) => bytes.writeUInt32LE(1021, COUNT), 'OUT_OF_BOUNDS'],
      [(bytes) => bytes.writeUInt32LE(1020, COUNT), 'OUT_OF_BOUNDS'],
    ];
    for (const [change, code] of changes) {
      const copy = copyOf(source);
      change(orphans(copy));
      await assertRefused(f2fs, copy, code);
    }
  });

  test('whose nodes are those of others are refused', async () => {
    const source = await imageSource('f2fs-dirty-sparse');
    const number = orphans(source).readUInt32LE(0);
    let nodes = 0;
    for (const bytes of source.pages.values()) {
      if (bytes.readUInt32LE(4072) !== number || bytes.readUInt32LE(NODE.inode) !== number)
        continue;
      // The first direct node is the root directory.
      bytes.writeUInt32LE(3, 4052);
      nodes++;
    }
    assert.ok(nodes > 0, 'there is the inode');
    await assertRefused(f2fs, source, 'INVALID', 'is one of inode 3');
  });
});

describe('several devices', () => {
  const skip = missing({ 'mkfs.f2fs': 'f2fs-tools', 'dump.f2fs': 'f2fs-tools' });
  const folder = mkdtempSync(join(tmpdir(), 'virt-df-f2fs-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  function made(name: string, sizeBytes: number, options: readonly string[] = []): string {
    const path = join(folder, name);
    writeFileSync(path, '');
    truncateSync(path, sizeBytes);
    if (options.length > 0) {
      const devices = options.filter((word) => word !== '-q');
      execFileSync('mkfs.f2fs', ['-q', ...devices, path], { env: toolEnv, stdio: 'ignore' });
    }
    return path;
  }

  async function opened<T>(path: string, use: (source: ByteSource) => Promise<T>): Promise<T> {
    const scope = openScope({ deadlineMs: null });
    try {
      return await use((await openDisk(path, { format: 'raw', scope })).content);
    } finally {
      await scope.close();
    }
  }

  function dumped(path: string): (name: string) => number {
    const text = execFileSync('dump.f2fs', ['-d', '1', path], { env: toolEnv, encoding: 'utf8' });
    return (name) => Number(new RegExp(`^${name} .*: ([0-9]+)\\]`, 'mu').exec(text)?.[1]);
  }

  test('are one row, of the first one', { skip }, async () => {
    const second = made('second', 120 * MIB);
    const first = made('first', 100 * MIB, ['-c', second]);
    const value = dumped(first);
    await opened(first, async (source) => {
      const { filesystems: rows } = await dfOfSources([source]);
      const [row] = rows;
      assert.equal(row?.problem, null);
      assert.equal(row?.sizeBytes, (value('block_count') - value('segment0_blkaddr')) * 4096);
      const free = value('user_block_count') - value('valid_block_count');
      assert.equal(row?.freeBytes, free * 4096);
      assert.ok(Number(row?.sizeBytes) > source.sizeBytes);
    });
  });

  test('a df of 1 TiB reads less than 64 KiB', { skip }, async () => {
    const path = made('large', 1024 * GIB, ['-q', '-l', 'large']);
    const value = dumped(path);
    await opened(path, async (source) => {
      let [bytes, reads] = [0, 0];
      const counted: ByteSource = {
        sizeBytes: source.sizeBytes,
        runs: memoryRuns,
        read(offset, length) {
          bytes += length;
          reads++;
          return source.read(offset, length);
        },
      };
      const usage = await usageOf(f2fs, counted);
      assert.equal(usage.freeBlockCount, value('user_block_count') - value('valid_block_count'));
      assert.ok(bytes < 64 * KIB, `${bytes} bytes in ${reads} reads`);
    });
  });
});

describe('bounds', () => {
  test('a device cut off anywhere is refused, or known to be cut', async () => {
    const source = await imageSource('f2fs-default');
    for (let size = 0; size < source.sizeBytes; size += MIB + PAGE_BYTES) {
      const cut = { ...source, sizeBytes: size };
      if ((await assertOnlyExpectedErrors(f2fs, cut)) === 'refused') continue;
      const { doubts } = await usageOf(f2fs, cut);
      assert.deepEqual(
        doubts.map(({ code }) => code),
        ['TRUNCATED'],
        `${size} bytes`,
      );
    }
  });

  for (const name of [
    'f2fs-default',
    'f2fs-dirty-grown',
    'f2fs-dirty-orphan',
    'f2fs-dirty-folded',
  ]) {
    test(`${name}: flipped bits give numbers or coded errors`, async () => {
      const draw = random(`flip ${name}`);
      const original = await imageSource(name);
      const places = [0, 1, ...packs(original), ...chain(original)];
      const all = [...original.pages.keys()];
      for (let i = 0; i < 150; i++) {
        const source = copyOf(original);
        let isHealed = draw(4) > 0;
        for (let flips = draw(4); flips >= 0; flips--) {
          const from = draw(3) > 0 ? places : all;
          const number = from[draw(from.length)] ?? 0;
          const bytes = block(source, number);
          const index = draw(2) === 0 ? draw(PAGE_BYTES) : (number < 2 ? 1024 : 0) + draw(200);
          bytes[index] = (bytes[index] ?? 0) ^ (1 << draw(8));
          isHealed ||= number > 1;
        }
        if (isHealed) {
          sealSuperblocks(source);
          changeCheckpoint(source, () => {});
        }
        const spentMs = cpuTime();
        await assertOnlyExpectedErrors(f2fs, source);
        assert.ok(spentMs() < 2000, `case ${i} took too long`);
      }
    });
  }
});
