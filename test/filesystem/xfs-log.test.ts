// The recovery of XFS's log: what a crash leaves behind, and what only an attacker would write.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { CRC32C_SEED, crc32c, inverted } from '../../src/bytes/crc32c.js';
import { type ByteSource, memoryRuns } from '../../src/bytes/source.js';
import { openDisk } from '../../src/container/open.js';
import { VirtDfError } from '../../src/errors.js';
import type { Usage } from '../../src/filesystem/filesystem.js';
import { logChecksum } from '../../src/filesystem/xfs/log-checksum.js';
import { hasRightChecksum, loadRecord } from '../../src/filesystem/xfs/log-record.js';
import { type LogRing, ringReader } from '../../src/filesystem/xfs/log-ring.js';
import { transactionReader } from '../../src/filesystem/xfs/log-transactions.js';
import { recoveryMemory } from '../../src/filesystem/xfs/recovery-memory.js';
import { xfs } from '../../src/filesystem/xfs.js';
import { openScope } from '../../src/host/local-scope.js';
import { cpuTime } from '../cpu-time.js';
import { memorySource } from '../memory-source.js';
import { random } from '../random.js';
import { statfsOf } from './recorded.js';

const BLOCK = 512;
const scope = openScope();
after(() => scope.close());

/** A dirty filesystem in memory, and where its log is. */
interface Dirty {
  readonly bytes: Buffer;
  readonly log: number;
  readonly logBlocks: number;
}

async function dirty(name: string): Promise<Dirty> {
  const { content } = await openDisk(`images/${name}.qcow2`, { format: 'qcow2', scope });
  const bytes = Buffer.alloc(content.sizeBytes);
  const step = 2 ** 22;
  for (let at = 0; at < bytes.length; at += step) {
    bytes.set(await content.read(at, Math.min(step, bytes.length - at)), at);
  }
  const start = Number(bytes.readBigUInt64BE(48));
  const unit = 2 ** bytes.readUInt8(124);
  const blockBytes = bytes.readUInt32BE(4);
  const block = Math.floor(start / unit) * bytes.readUInt32BE(84) + (start % unit);
  const logBlocks = (bytes.readUInt32BE(96) * blockBytes) / BLOCK;
  return { bytes, log: block * blockBytes, logBlocks };
}

const small = await dirty('xfs-dirty-1k');
const truth = await read(memorySource(small.bytes));

async function read(source: ByteSource): Promise<Usage> {
  return (await xfs.open(source)).usage('mount');
}

/** The image with something changed in its log, of which alone a copy is made. */
function damaged(
  change: (log: Buffer) => void,
  { bytes, log, logBlocks }: Dirty = small,
): ByteSource {
  const end = log + logBlocks * BLOCK;
  const copy = Buffer.from(bytes.subarray(log, end));
  change(copy);
  const source = memorySource(bytes);
  return {
    sizeBytes: bytes.length,
    runs: memoryRuns,
    async read(offset, length) {
      if (offset < log || offset + length > end) return source.read(offset, length);
      return copy.subarray(offset - log, offset - log + length);
    },
  };
}

/** Offsets of the records that are heads of a written cycle. */
function records(log: Buffer): readonly number[] {
  const found: number[] = [];
  for (let at = 0; at < log.length; at += BLOCK) {
    if (log.readUInt32BE(at) === 0xfeedbabe && log.readUInt32BE(at + 12) > 0) found.push(at);
  }
  return found;
}

/** Puts a record's checksum right after a change. */
function seal(log: Buffer, at: number): void {
  const length = log.readUInt32BE(at + 12);
  if (length > 0x40000) return;
  const heads = Math.max(1, Math.ceil(log.readUInt32BE(at + 320) / 32768));
  if (at + heads * BLOCK + length > log.length) return;
  log.writeUInt32LE(0, at + 32);
  const crc = crc32c(CRC32C_SEED, log, at, at + 328);
  const data = at + heads * BLOCK;
  log.writeUInt32LE(inverted(crc32c(crc, log, data, data + length)), at + 32);
}

async function assertStaleOrExact(bytes: ByteSource, what: string): Promise<Usage | null> {
  const spentMs = cpuTime();
  try {
    const usage = await read(bytes);
    for (const value of statfsOf(usage)) assert.ok(Number.isSafeInteger(value), what);
    return usage;
  } catch (error) {
    assert.ok(error instanceof VirtDfError, `${what}: ${String(error)}`);
    return null;
  } finally {
    assert.ok(spentMs() < 3000, `${what} took too long`);
  }
}

describe('what a crash leaves', () => {
  test('the last record torn: the log ends before it', async () => {
    const bytes = damaged((log) => {
      const last = records(log).at(-1) ?? 0;
      log.fill(0xff, last + BLOCK + 100, last + BLOCK + 120);
    });
    const usage = await read(bytes);
    assert.equal(usage.isStale, false);
    assert.equal(usage.basis, 'log');
  });

  test('an older record damaged: no kernel mounts it, so it is stale', async () => {
    const bytes = damaged(
      (log) => {
        const many = records(log);
        const at = many.at(-12) ?? many[1] ?? 0;
        log.fill(0xff, at + BLOCK + 100, at + BLOCK + 120);
      },
      await dirty('xfs-dirty-wrapped'),
    );
    const usage = await read(bytes);
    assert.equal(usage.isStale, true);
    assert.equal(usage.basis, 'metadata');
  });

  test('the log of another filesystem is not replayed', async () => {
    const bytes = damaged((log) => {
      for (const at of records(log)) {
        log.fill(0xab, at + 304, at + 320);
        seal(log, at);
      }
    });
    assert.equal((await read(bytes)).isStale, true);
  });

  test('a log of another byte order is not replayed', async () => {
    const bytes = damaged((log) => {
      for (const at of records(log)) {
        log.writeUInt32BE(2, at + 300);
        seal(log, at);
      }
    });
    assert.equal((await read(bytes)).isStale, true);
  });

  test('metadata newer than the log is not overwritten', async () => {
    // The groups' headers say that they were written behind all of the log, so what they hold is taken.
    const copy = Buffer.from(small.bytes);
    const groupBytes = copy.readUInt32BE(84) * copy.readUInt32BE(4);
    for (let group = 0; group < copy.readUInt32BE(88); group++) {
      const agf = copy.subarray(group * groupBytes + BLOCK, group * groupBytes + 2 * BLOCK);
      agf.writeBigUInt64BE(0x7fffffff00000000n, 208);
      agf.writeUInt32LE(0, 216);
      agf.writeUInt32LE(inverted(crc32c(CRC32C_SEED, agf)), 216);
    }
    const usage = await read(memorySource(copy));
    assert.equal(usage.isStale, false);
    assert.notEqual(usage.freeBlockCount, truth.freeBlockCount);
  });
});

describe('hostile logs', () => {
  const fields: Readonly<Record<string, number>> = {
    cycle: 4,
    version: 8,
    length: 12,
    lsn: 20,
    tail: 28,
    operations: 40,
    format: 300,
    buffer: 320,
  };
  const values = [0, 1, 2, 3, 511, 512, 513, 0x7fff, 0x8000, 0x40000, 0x7fffffff, 0xffffffff];

  for (const [name, at] of Object.entries(fields)) {
    test(`${name} of any record set to anything`, async () => {
      const log = small.bytes.subarray(small.log, small.log + small.logBlocks * BLOCK);
      const heads = records(log);
      for (const head of [heads[0], heads[1], heads.at(-2), heads.at(-1)]) {
        for (const value of values) {
          if (head === undefined) continue;
          const bytes = damaged((copy) => {
            copy.writeUInt32BE(value, head + at);
            seal(copy, head);
          });
          await assertStaleOrExact(bytes, `${name} ${value} at ${head}`);
        }
      }
    });
  }

  test('cycles that lie', async () => {
    const draw = random('cycles');
    for (let i = 0; i < 60; i++) {
      const bytes = damaged((log) => {
        for (let n = 1 + draw(40); n > 0; n--) {
          log.writeUInt32BE(draw(4), draw(small.logBlocks) * BLOCK);
        }
      });
      await assertStaleOrExact(bytes, `case ${i}`);
    }
  });

  test('100 records with changed operations and right checksums', async () => {
    const draw = random('operations');
    for (let i = 0; i < 100; i++) {
      const bytes = damaged((log) => {
        const heads = records(log);
        const head = heads[1 + draw(heads.length - 1)] ?? 0;
        const length = log.readUInt32BE(head + 12);
        for (let n = 1 + draw(4); n > 0; n--) {
          const at = head + BLOCK + draw(length);
          log[at] = draw(2) === 0 ? draw(256) : (log[at] ?? 0) ^ (1 << draw(8));
        }
        seal(log, head);
      });
      await assertStaleOrExact(bytes, `case ${i}`);
    }
  });
});

/** Operations as they lie in a record. */
function operations(
  ...all: readonly { tid: number; flags: number; data?: Buffer; length?: number; client?: number }[]
): Buffer {
  return Buffer.concat(
    all.flatMap(({ tid, flags, data = Buffer.alloc(0), length = data.length, client = 0x69 }) => {
      const head = Buffer.alloc(12);
      head.writeUInt32BE(tid, 0);
      head.writeUInt32BE(length, 4);
      head.writeUInt8(client, 8);
      head.writeUInt8(flags, 9);
      return [head, data];
    }),
  );
}

const START = 1;
const COMMIT = 2;
const PARTED = 4;
const REST = 8;

function bufferItem(regions: number, flags: number, words: readonly number[]): Buffer {
  const item = Buffer.alloc(20 + words.length * 4);
  item.writeUInt16LE(0x123c, 0);
  item.writeUInt16LE(regions, 2);
  item.writeUInt16LE(flags, 4);
  item.writeUInt16LE(1, 6);
  item.writeBigUInt64LE(1n, 8);
  item.writeUInt32LE(words.length, 16);
  for (const [i, word] of words.entries()) item.writeUInt32LE(word, 20 + i * 4);
  return item;
}

describe('transactions', () => {
  const AGF = 5 << 11;
  const head = Buffer.alloc(16);

  function feed(...records: readonly Buffer[]): number {
    let commits = 0;
    const reader = transactionReader(
      recoveryMemory(2 ** 20),
      'counters',
      ({ changes }) => {
        commits += changes.length;
      },
      () => true,
    );
    for (const data of records) {
      reader.feed(data, { dataBytes: data.length, operationCount: 2 ** 32 - 1, lsn: 1n });
    }
    return commits;
  }

  test('a region that goes on in the next record', () => {
    const item = bufferItem(2, AGF, [1]);
    const chunk = Buffer.alloc(128, 7);
    const first = operations(
      { tid: 1, flags: START },
      { tid: 1, flags: 0, data: head },
      { tid: 1, flags: PARTED, data: item.subarray(0, 8) },
    );
    const second = operations(
      { tid: 1, flags: REST, data: item.subarray(8) },
      { tid: 1, flags: PARTED, data: chunk.subarray(0, 60) },
    );
    const third = operations(
      { tid: 1, flags: REST, data: chunk.subarray(60) },
      { tid: 1, flags: COMMIT },
    );
    assert.equal(feed(first, second, third), 1);
  });

  test('what is not committed does not count', () => {
    const open = operations(
      { tid: 1, flags: START },
      { tid: 1, flags: 0, data: head },
      { tid: 1, flags: 0, data: bufferItem(1, 2, [0]) },
    );
    assert.equal(feed(open), 0);
  });

  const refused: Readonly<Record<string, Buffer>> = {
    'an operation beyond the record': operations({ tid: 1, flags: 0, length: 4096 }),
    'an operation of no client': operations({ tid: 1, flags: 0, client: 3 }),
    'a length that is no multiple of four': operations(
      { tid: 1, flags: START },
      { tid: 1, flags: 0, data: Buffer.alloc(7) },
      { tid: 1, flags: COMMIT },
    ),
    'an item of no regions': operations(
      { tid: 1, flags: START },
      { tid: 1, flags: 0, data: head },
      { tid: 1, flags: 0, data: bufferItem(0, AGF, [1]) },
      { tid: 1, flags: COMMIT },
    ),
    'a map of more chunks than there are': operations(
      { tid: 1, flags: START },
      { tid: 1, flags: 0, data: head },
      { tid: 1, flags: 0, data: bufferItem(2, AGF, [0xff]) },
      { tid: 1, flags: 0, data: Buffer.alloc(128) },
      { tid: 1, flags: COMMIT },
    ),
    'a map of chunks beyond the buffer': operations(
      { tid: 1, flags: START },
      { tid: 1, flags: 0, data: head },
      { tid: 1, flags: 0, data: bufferItem(2, AGF, [0x100]) },
      { tid: 1, flags: 0, data: Buffer.alloc(128) },
      { tid: 1, flags: COMMIT },
    ),
    'a transaction that begins twice': operations(
      { tid: 1, flags: START },
      { tid: 1, flags: START },
    ),
  };
  for (const [name, record] of Object.entries(refused)) {
    test(`${name} is refused`, () => {
      assert.throws(() => feed(record), VirtDfError);
    });
  }

  test('a million transactions that are never committed', () => {
    const record = Buffer.alloc(12 * 1_000_000);
    for (let tid = 0; tid < 1_000_000; tid++) {
      record.writeUInt32BE(tid, tid * 12);
      record.writeUInt8(0x69, tid * 12 + 8);
      record.writeUInt8(START, tid * 12 + 9);
    }
    assert.throws(() => feed(record), { code: 'LIMIT' });
  });

  test('more changes than are kept in memory', () => {
    const item = bufferItem(2, AGF, [1]);
    const regions = Array.from({ length: 20_000 }, () => [
      { tid: 1, flags: 0, data: item },
      { tid: 1, flags: 0, data: Buffer.alloc(128) },
    ]).flat();
    const record = operations(
      { tid: 1, flags: START },
      { tid: 1, flags: 0, data: head },
      ...regions,
    );
    assert.throws(() => feed(record), { code: 'LIMIT' });
  });
});

test('each block of a log is read once', async () => {
  const bytes = Buffer.alloc(2 ** 22);
  let readBytes = 0;
  const source = {
    sizeBytes: bytes.length,
    runs: memoryRuns,
    async read(offset: number, length: number) {
      readBytes += length;
      return bytes.subarray(offset, offset + length);
    },
  };
  const ring: LogRing = { source, offsetBytes: 0, blockCount: bytes.length / BLOCK };
  const end = 5000 + Math.floor((ring.blockCount - 600) / 513) * 513;
  const reader = ringReader(ring, 5000, end % ring.blockCount);
  for (let at = 5000; at < end; at += 513) {
    const block = at % ring.blockCount;
    assert.equal((await reader.read(block, 1)).length, BLOCK);
    assert.equal((await reader.read(block, 513)).length, 513 * BLOCK);
  }
  assert.equal(readBytes, (end - 5000) * BLOCK);
});

test('the checksum of a record is the kernel’s', async () => {
  const { bytes, log, logBlocks } = small;
  const ring: LogRing = { source: memorySource(bytes), offsetBytes: log, blockCount: logBlocks };
  const owner = {
    hasLogV2: true,
    hasChecksums: true,
    uuid: bytes.subarray(32, 48),
    lastWriteLsn: null,
  };
  const checksum = await logChecksum();
  const heads = records(bytes.subarray(log, log + logBlocks * BLOCK)).slice(1);
  for (const head of heads) {
    const record = await loadRecord(ring, ringReader(ring, 0, 0), head / BLOCK, owner);
    assert.equal(hasRightChecksum(record, owner, checksum), true);
  }
  assert.ok(heads.length > 1);
});
