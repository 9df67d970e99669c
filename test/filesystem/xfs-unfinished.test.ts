// What a mount of XFS does after the replay of its log, on chains and promises that only an attacker would write.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { openDisk } from '../../src/container/open.js';
import type { Usage } from '../../src/filesystem/filesystem.js';
import { readInodeItem } from '../../src/filesystem/xfs/log-inode-item.js';
import { readIntentItem } from '../../src/filesystem/xfs/log-intent-item.js';
import { addedBlocks, withPieces } from '../../src/filesystem/xfs/pending-pieces.js';
import { recoveryMemory } from '../../src/filesystem/xfs/recovery-memory.js';
import { apply } from '../../src/filesystem/xfs/replay-changes.js';
import { replayState } from '../../src/filesystem/xfs/replay-state.js';
import { xfs } from '../../src/filesystem/xfs.js';
import { openScope } from '../../src/host/local-scope.js';
import { memorySource } from '../memory-source.js';

const scope = openScope();
after(() => scope.close());

async function imageOf(name: string): Promise<Buffer> {
  const { content } = await openDisk(`images/${name}.qcow2`, { format: 'qcow2', scope });
  const bytes = Buffer.alloc(content.sizeBytes);
  const step = 2 ** 22;
  for (let at = 0; at < bytes.length; at += step) {
    bytes.set(await content.read(at, Math.min(step, bytes.length - at)), at);
  }
  return bytes;
}

async function read(bytes: Buffer): Promise<Usage> {
  return (await xfs.open(memorySource(bytes))).usage('mount');
}

const RECORD = Buffer.from([0xfe, 0xed, 0xba, 0xbe]);
/** An AGI as it is logged: its magic, and where its chains begin. */
const AGI = Buffer.from('XAGI');
const BUCKETS_OFFSET = 40;

/** The first group's AGI wherever it is in the log, with one bucket set; the checksums of the records are void, as those of old kernels. */
function withBucket(bytes: Buffer, bucket: number, inode: number): Buffer {
  const copy = Buffer.from(bytes);
  const start = Number(copy.readBigUInt64BE(48));
  const unit = 2 ** copy.readUInt8(124);
  const group = Math.floor(start / unit);
  const log = (group * copy.readUInt32BE(84) + (start % unit)) * copy.readUInt32BE(4);
  const end = log + copy.readUInt32BE(96) * copy.readUInt32BE(4);
  for (let at = copy.indexOf(AGI, log); at >= 0 && at < end; at = copy.indexOf(AGI, at + 1)) {
    const isFirst = copy.readUInt32BE(at + 8) === 0;
    if (isFirst) copy.writeUInt32BE(inode, at + BUCKETS_OFFSET + bucket * 4);
  }
  for (let at = log; at < end; at += 512) {
    if (copy.compare(RECORD, 0, 4, at, at + 4) === 0) copy.writeUInt32LE(0, at + 32);
  }
  return copy;
}

describe('chains of inodes without a name', () => {
  /** The image with the root directory, which has a name, at the head of a chain, and `next` behind it. */
  function withRoot(bytes: Buffer, next: number): Buffer {
    const root = Number(bytes.readBigUInt64BE(56));
    const copy = withBucket(bytes, 6, root);
    copy.writeUInt32BE(next, root * bytes.readUInt16BE(104) + 96);
    return copy;
  }

  // Version 4 has no checksums that must be right.
  test('what has a name is left alone', async () => {
    const bytes = await imageOf('xfs-dirty-v4');
    assert.deepEqual(await read(withRoot(bytes, 0xffffffff)), await read(bytes));
  });

  test('a chain that comes back to an inode ends there', async () => {
    const bytes = await imageOf('xfs-dirty-v4');
    const root = Number(bytes.readBigUInt64BE(56));
    assert.equal((await read(bytes)).isStale, false);
    assert.equal((await read(withRoot(bytes, root))).isStale, true);
  });

  test('a bucket or an inode that names one beyond the group is refused', async () => {
    const bytes = await imageOf('xfs-dirty-v4');
    for (const inode of [0x7fffffff, 0xfffffffe, 0xf0000000]) {
      // Linux 6.1 refuses these three, read-only and writable: it does not read such an AGI.
      await assert.rejects(read(withBucket(bytes, 6, inode)), { code: 'INVALID' });
      assert.equal((await read(withRoot(bytes, inode))).isStale, true, `inode ${inode}`);
    }
  });
});

describe('items', () => {
  function inodeItem(isShort: boolean): Buffer {
    const item = Buffer.alloc(isShort ? 52 : 56);
    const at = isShort ? 12 : 16;
    item.writeUInt16LE(0x123b, 0);
    item.writeUInt16LE(2, 2);
    item.writeUInt32LE(1, 4);
    item.writeBigUInt64LE(131n, at);
    item.writeBigUInt64LE(64n, at + 24);
    item.writeUInt32LE(32, at + 32);
    item.writeUInt32LE(1536, at + 36);
    return item;
  }

  test('an inode of a 32-bit kernel is where that of a 64-bit kernel is', () => {
    const core = Buffer.alloc(176);
    core.writeUInt16LE(0x494e, 0);
    core.writeUInt16LE(0o100644, 2);
    core.writeUInt8(3, 4);
    core.writeUInt8(2, 5);
    core.writeBigUInt64LE(7n, 64);
    const [long, short] = [false, true].map((isShort) => readInodeItem([inodeItem(isShort), core]));
    assert.equal(long?.offsetBytes, 64 * 512 + 1536);
    assert.equal(long?.isUnnamed, true);
    assert.deepEqual(short, long);
  });

  function intent(type: number, extents: readonly (readonly [bigint, number, number])[]): Buffer {
    const item = Buffer.alloc(16 + extents.length * 16);
    item.writeUInt16LE(type, 0);
    item.writeUInt16LE(1, 2);
    item.writeUInt32LE(extents.length, 4);
    item.writeBigUInt64LE(77n, 8);
    for (const [i, [start, count, flags]] of extents.entries()) {
      item.writeBigUInt64LE(start, 16 + i * 16);
      item.writeUInt32LE(count, 24 + i * 16);
      item.writeUInt32LE(flags, 28 + i * 16);
    }
    return item;
  }

  test('promises to count references anew', () => {
    const change = readIntentItem([
      intent(0x1242, [
        [100n, 3, 2],
        [200n, 4, 1],
        [300n, 5, 4],
      ]),
    ]);
    assert.ok(change?.kind === 'intent');
    assert.deepEqual(
      change.promised?.map(({ blockCount, action }) => [blockCount, action]),
      [
        [3, 'decrease'],
        [4, 'increase'],
        [5, 'forget'],
      ],
    );
  });

  test('a flag that is not known makes a promise one that cannot be followed', () => {
    for (const flags of [0, 9, 255, 0x100, 0x80000002]) {
      const change = readIntentItem([intent(0x1242, [[100n, 3, flags]])]);
      assert.ok(change?.kind === 'intent');
      assert.equal(change.promised, null, String(flags));
    }
  });

  test('more extents than the item has are refused', () => {
    const item = intent(0x1242, [[100n, 3, 2]]);
    item.writeUInt32LE(2, 4);
    assert.throws(() => readIntentItem([item]), { code: 'OUT_OF_BOUNDS' });
  });

  test('what frees nothing, and what cannot be known', () => {
    for (const [type, promised] of [
      [0x1240, []],
      [0x1244, []],
      [0x1248, []],
      [0x1246, null],
      [0x124a, null],
    ] as const) {
      const change = readIntentItem([intent(type, [])]);
      assert.ok(change?.kind === 'intent');
      assert.deepEqual(change.promised, promised);
      const done = readIntentItem([intent(type + 1, [])]);
      assert.equal(done?.kind, 'intent-done');
      assert.equal(done?.intent, change.intent);
    }
  });
});

describe('pieces that a transaction promised to a file', () => {
  function mapIntent(flags: number): Buffer {
    const item = Buffer.alloc(16 + 32);
    item.writeUInt16LE(0x1244, 0);
    item.writeUInt32LE(1, 4);
    for (const [i, value] of [131n, 500n, 20n].entries()) item.writeBigUInt64LE(value, 16 + 8 * i);
    item.writeUInt32LE(4, 40);
    item.writeUInt32LE(flags, 44);
    return item;
  }

  test('are read with what is done with them', () => {
    // XFS_BMAP_EXTENT_UNWRITTEN, _ATTR_FORK, _REALTIME; and an action that there is not.
    for (const [flags, action, isUnwritten] of [
      [1, 'map', false],
      [0x40000001, 'map', true],
      [2, 'unmap', false],
      [0x80000001, 'remap', false],
      [0x20000001, 'remap', false],
      [3, 'remap', false],
      [5, 'remap', false],
    ] as const) {
      const change = readIntentItem([mapIntent(flags)]);
      assert.ok(change?.kind === 'intent');
      const piece = { firstBlock: 500n, fileBlock: 20n, blockCount: 4, inode: 131n };
      assert.deepEqual(change.promised, [{ action, isUnwritten, ...piece }], String(flags));
    }
  });

  const run = (fileBlock: number, block: number, count: number) => {
    return { group: 0, fileBlock, block, count, isUnwritten: false };
  };

  test('are put into its map, and taken out of it, one after the other', () => {
    const runs = [run(0, 100, 10), run(30, 200, 5)];
    const pieces = [
      { action: 'unmap', run: run(4, 104, 2) },
      { action: 'map', run: run(4, 900, 2) },
    ] as const;
    const expected = [run(0, 100, 4), run(4, 900, 2), run(6, 106, 4), run(30, 200, 5)];
    assert.deepEqual(withPieces(runs, pieces), expected);
    assert.equal(addedBlocks(pieces), 0);
    assert.equal(addedBlocks(pieces.slice(1)), 2);
  });

  test('are not so many that it takes long', () => {
    const runs = Array.from({ length: 1000 }, (_, i) => run(2 * i, 2 * i, 1));
    const pieces = runs.map((one) => ({ action: 'unmap', run: one }) as const);
    assert.throws(() => withPieces(runs, pieces), { code: 'LIMIT' });
  });
});

describe('what is kept of a log', () => {
  const geometry = {
    blockSizeBytes: 4096,
    blockCount: 2 ** 20,
    sectorSizeBytes: 512,
    groupCount: 4,
    blocksPerGroup: 2 ** 18,
    inodesPerBlock: 8,
    inodeAlignmentBlocks: 1,
    rootInodeGroup: 0,
    log: null,
    maxInodePercent: 25,
  };

  function bufferOf(kind: 'tree' | 'buffer', sector: number) {
    return {
      kind,
      sector,
      sectorCount: 8,
      runs: [{ index: 0, at: 0, lengthBytes: 4096 }],
      content: new Uint8Array(4096),
      costBytes: 0,
    };
  }

  test('blocks of trees are given up before what the counters need', () => {
    const state = replayState(geometry, recoveryMemory(2 ** 20), 'counters');
    apply(state, { changes: [bufferOf('buffer', 8)], settledInodes: [], lsn: 1n });
    for (let i = 2; i < 1000; i++) {
      apply(state, { changes: [bufferOf('tree', i * 8)], settledInodes: [], lsn: 2n });
    }
    assert.equal(state.hasTrees, false);
    assert.deepEqual([...state.buffers.keys()], [8]);
    apply(state, { changes: [bufferOf('buffer', 16)], settledInodes: [], lsn: 3n });
    assert.equal(state.buffers.size, 2);
  });

  /** An inode at sector 64 that has no name, or one. */
  function inodeOf(version: 2 | 3, links: number) {
    const item = Buffer.alloc(56);
    item.writeUInt16LE(0x123b, 0);
    item.writeUInt16LE(2, 2);
    item.writeBigUInt64LE(64n, 40);
    const core = Buffer.alloc(176);
    core.writeUInt16LE(0x494e, 0);
    core.writeUInt16LE(0o100644, 2);
    core.writeUInt8(version, 4);
    core.writeUInt32LE(links, 16);
    const change = readInodeItem([item, core]);
    assert.ok(change !== null);
    return change;
  }

  test('an inode that is changed again and again takes the memory of one', () => {
    for (const kept of ['counters', 'all'] as const) {
      const memory = recoveryMemory(2 ** 12);
      const state = replayState(geometry, memory, kept);
      for (let i = 0; i < 1000; i++) {
        apply(state, { changes: [inodeOf(3, 0)], settledInodes: [], lsn: BigInt(i) });
      }
      assert.deepEqual([...state.inodes.keys()], [64], kept);
      // It has a name now, which df does not count.
      apply(state, { changes: [inodeOf(3, 1)], settledInodes: [], lsn: 1000n });
      assert.equal(state.inodes.size, kept === 'all' ? 1 : 0);
      const cancel = { kind: 'cancel' as const, sector: 64, sectorCount: 8, costBytes: 0 };
      apply(state, { changes: [cancel], settledInodes: [], lsn: 1001n });
      assert.equal(state.inodes.size, 0);
      assert.ok(memory.hasRoom(2 ** 12), kept);
    }
  });

  test('an inode that changes its version is refused, as the kernel verifies each that it recovers', () => {
    for (const [first, second] of [[2, 3] as const, [3, 2] as const]) {
      const state = replayState(geometry, recoveryMemory(2 ** 20), 'all');
      apply(state, { changes: [inodeOf(first, 0)], settledInodes: [], lsn: 1n });
      assert.throws(
        () => apply(state, { changes: [inodeOf(second, 0)], settledInodes: [], lsn: 2n }),
        { code: 'INVALID' },
      );
    }
  });

  test('promises that were kept, and buffers that were cancelled, take no memory', () => {
    const memory = recoveryMemory(2 ** 20);
    const state = replayState(geometry, memory, 'counters');
    for (let i = 0; i < 20_000; i++) {
      const intent = `4662 ${i}`;
      const promised = [{ firstBlock: 5n, blockCount: 1, action: 'free' as const }];
      apply(state, {
        changes: [{ kind: 'intent', intent, promised, costBytes: 0 }, bufferOf('buffer', 8)],
        settledInodes: [],
        lsn: 1n,
      });
      apply(state, {
        changes: [
          { kind: 'intent-done', intent, costBytes: 0 },
          { kind: 'cancel', sector: 8, sectorCount: 8, costBytes: 0 },
        ],
        settledInodes: [],
        lsn: 2n,
      });
    }
    assert.ok(memory.hasRoom(2 ** 20));
  });
});
