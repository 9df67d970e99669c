// jbd2: what a recovery takes from a log, how often it reads it, and logs that lie. That the numbers are the kernel's is
// held by the images of filesystems in use (test/images).
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, test } from 'node:test';
import { CRC32C_SEED, crc32c } from '../../src/bytes/crc32c.js';
import { VirtDfError } from '../../src/errors.js';
import { journalPlace } from '../../src/filesystem/ext/jbd2/blocks.js';
import { scanJournal } from '../../src/filesystem/ext/jbd2/scan.js';
import { readJournalHead } from '../../src/filesystem/ext/jbd2/superblock.js';
import { ext } from '../../src/filesystem/ext.js';
import { imageGuest } from '../../src/guests/images.js';
import { dfOf } from '../queries/sources.js';
import {
  BLOCK_BYTES,
  countingSource,
  journalBytes,
  writeCommit,
  writeDescriptor,
  writeHeader,
  writeRevoke,
} from './jbd2-writer.js';
import { recordedSource, recordingOf, type SparseSource, usageOf } from './recorded.js';

async function scanned(bytes: Buffer) {
  const source = countingSource(bytes);
  const blockCount = bytes.length / BLOCK_BYTES;
  const place = journalPlace(source, BLOCK_BYTES, [
    { fileBlock: 0, block: 0, count: blockCount, isUnwritten: false },
  ]);
  const head = readJournalHead(bytes.subarray(0, BLOCK_BYTES), BLOCK_BYTES, blockCount);
  return { log: await scanJournal(place, head), counts: source.counts };
}

async function refused(bytes: Buffer, code: string): Promise<void> {
  await assert.rejects(scanned(bytes), (error) => {
    assert.ok(error instanceof VirtDfError, String(error));
    assert.equal(error.code, code, error.message);
    return true;
  });
}

describe('which copy counts', () => {
  test('the newest, of complete transactions only', async () => {
    const bytes = journalBytes({ blockCount: 32 });
    writeDescriptor(bytes, 1, 1, [100, 101]);
    writeCommit(bytes, 4, 1);
    writeDescriptor(bytes, 5, 2, [101]);
    writeCommit(bytes, 7, 2);
    writeDescriptor(bytes, 8, 3, [100]);
    const { log } = await scanned(bytes);
    assert.equal(log.find(100)?.journalBlock, 2);
    assert.equal(log.find(101)?.journalBlock, 6);
    assert.equal(log.find(102), null);
    assert.equal(log.nextSequence, 3);
  });

  test('what is revoked does not, unless it was logged again since', async () => {
    const bytes = journalBytes({ blockCount: 32 });
    writeDescriptor(bytes, 1, 1, [100, 101, 102]);
    writeCommit(bytes, 5, 1);
    writeRevoke(bytes, 6, 2, [100, 101]);
    writeDescriptor(bytes, 7, 2, [102]);
    writeCommit(bytes, 9, 2);
    writeDescriptor(bytes, 10, 3, [101]);
    writeCommit(bytes, 12, 3);
    writeRevoke(bytes, 13, 4, [102]);
    const { log } = await scanned(bytes);
    assert.equal(log.find(100), null);
    assert.equal(log.find(101)?.journalBlock, 11);
    assert.equal(log.find(102)?.journalBlock, 8, 'its revocation was not committed');
  });

  test('around the end of the journal and of the numbers of transactions', async () => {
    const bytes = journalBytes({ blockCount: 16, start: 14, sequence: 0xffffffff });
    writeDescriptor(bytes, 14, 0xffffffff, [100, 101]);
    writeCommit(bytes, 2, 0xffffffff);
    writeDescriptor(bytes, 3, 0, [101]);
    writeCommit(bytes, 5, 0);
    const { log } = await scanned(bytes);
    assert.equal(log.find(100)?.journalBlock, 15);
    assert.equal(log.find(101)?.journalBlock, 4);
  });

  test('a log that was emptied holds nothing', async () => {
    const bytes = journalBytes({ blockCount: 32, start: 0 });
    writeDescriptor(bytes, 1, 1, [100]);
    writeCommit(bytes, 3, 1);
    const { log, counts } = await scanned(bytes);
    assert.equal(log.size, 0);
    assert.deepEqual(new Set(counts), new Set([0]));
  });
});

test('each block is read once at most, and copies are left out', async () => {
  const blockCount = 64 * 1024;
  const perTransaction = 120;
  const bytes = journalBytes({ blockCount, start: 40_000 });
  const next = (block: number) => (block + 1 === blockCount ? 1 : block + 1);
  let block = 40_000;
  let transactions = 0;
  for (; (transactions + 1) * (perTransaction + 2) < blockCount; transactions++) {
    const targets = Array.from({ length: perTransaction }, (_, i) => 100_000 + i * transactions);
    writeDescriptor(bytes, block, 1 + transactions, targets);
    for (let i = 0; i <= perTransaction; i++) block = next(block);
    writeCommit(bytes, block, 1 + transactions);
    block = next(block);
  }
  const { log, counts } = await scanned(bytes);
  assert.equal(log.nextSequence, 1 + transactions);
  assert.ok(Math.max(...counts.slice(0, 1000)) <= 1);
  assert.ok(counts.every((count) => count <= 1));
});

describe('logs that lie', () => {
  test('about where they begin and how long they are', async () => {
    await refused(journalBytes({ blockCount: 32, start: 32 }), 'OUT_OF_BOUNDS');
    await refused(journalBytes({ blockCount: 32, start: 0xffffffff }), 'OUT_OF_BOUNDS');
    await refused(journalBytes({ blockCount: 32, first: 5, start: 4 }), 'OUT_OF_BOUNDS');
    await refused(journalBytes({ blockCount: 32, first: 0, start: 1 }), 'OUT_OF_BOUNDS');
    await refused(journalBytes({ blockCount: 32, claimedCount: 33 }), 'OUT_OF_BOUNDS');
    await refused(journalBytes({ blockCount: 32, claimedCount: 0 }), 'OUT_OF_BOUNDS');
  });

  test('one transaction all around', async () => {
    const bytes = journalBytes({ blockCount: 1024 });
    for (let block = 1; block < 1024; block++) writeRevoke(bytes, block, 1, [block]);
    assert.equal((await scanned(bytes)).log.size, 0);
  });

  test('descriptors whose copies are more than the journal', async () => {
    const bytes = journalBytes({ blockCount: 64 });
    writeDescriptor(
      bytes,
      1,
      1,
      Array.from({ length: 120 }, (_, i) => i),
      false,
    );
    await refused(bytes, 'LOOP');
  });

  test('about the bytes of a revoke block', async () => {
    const bytes = journalBytes({ blockCount: 32 });
    writeRevoke(bytes, 1, 1, [100], 1025);
    await refused(bytes, 'INVALID');
    writeRevoke(bytes, 1, 1, [100], 3);
    assert.equal((await scanned(bytes)).log.size, 0);
  });

  test('about the number of a transaction, or the kind of a block', async () => {
    const bytes = journalBytes({ blockCount: 32 });
    writeDescriptor(bytes, 1, 1, [100]);
    writeCommit(bytes, 3, 2);
    assert.equal((await scanned(bytes)).log.size, 0);
    writeHeader(bytes, 3, 7, 1);
    assert.equal((await scanned(bytes)).log.size, 0);
  });

  test('millions of revoked blocks', async () => {
    const blockCount = 9000;
    const bytes = journalBytes({ blockCount });
    const some = Array.from({ length: 252 }, (_, i) => i);
    for (let block = 1; block < blockCount; block++) writeRevoke(bytes, block, 1, some);
    await refused(bytes, 'LIMIT');
  });
});

describe('orphans that lie', () => {
  const LAST_ORPHAN = 0xe8;
  const DELETION_TIME = 0x14;
  const number = 12;

  /** A sound filesystem whose inode 12 is an orphan that names `next`. */
  function orphaned(next: number, mode = 0x8180): SparseSource {
    const source = recordedSource(recordingOf('ext', '-t ext4'));
    const superblock = source.pages.get(0)?.subarray(1024, 2048);
    const descriptor = source.pages.get(1);
    assert.ok(superblock && descriptor);
    superblock.writeUInt32LE(number, LAST_ORPHAN);
    superblock.writeUInt32LE(crc32c(CRC32C_SEED, superblock, 0, 0x3fc), 0x3fc);
    source.write(descriptor.readUInt32LE(4) * 4096, Buffer.from([0xff, 0xff]));
    const inode = Buffer.alloc(128);
    inode.writeUInt16LE(mode, 0);
    inode.writeUInt32LE(next, DELETION_TIME);
    const bytes = superblock.readUInt16LE(0x58);
    source.write(descriptor.readUInt32LE(8) * 4096 + (number - 1) * bytes, inode);
    return source;
  }

  test('one that holds nothing gives its inode back', async () => {
    const sound = await usageOf(ext, recordedSource(recordingOf('ext', '-t ext4')));
    const usage = await usageOf(ext, orphaned(0));
    assert.equal(usage.isStale, false);
    assert.equal(usage.freeFileCount, (sound.freeFileCount ?? 0) + 1);
    assert.equal(usage.freeBlockCount, sound.freeBlockCount);
  });

  test('a list that comes back to itself is a stale row', async () => {
    const usage = await usageOf(ext, orphaned(number));
    assert.equal(usage.isStale, true);
  });

  test('a list that leaves the filesystem ends there', async () => {
    assert.equal((await usageOf(ext, orphaned(0x7fffffff))).isStale, false);
  });
});

test('a journal on a disk that was not given is named', async () => {
  const disk = resolve('images', 'ext4-dirty-external-journal.1.qcow2');
  const { filesystems: rows, problems } = await dfOf(imageGuest([disk], 'auto'));
  const [row] = rows;
  assert.equal(row?.stale, true);
  assert.equal(row?.problem, null);
  assert.ok((row?.freeBytes ?? 0) > 0);
  assert.deepEqual(
    problems.map(({ code, device }) => `${code} ${device}`),
    ['MISSING_DEVICE /dev/sda'],
  );
  assert.match(problems[0]?.message ?? '', /0e2fe2f5-0000-4000-8000-000000000989/u);
});

test('every ext filesystem in use is replayed, but for what is said to be not', async () => {
  const exceptions = new Map([['ext4-fast-inline', 'estimate']]);
  const folder = resolve('images');
  const names = readdirSync(folder).filter((name) => /^ext[34]-.*\.expected\.json$/.test(name));
  let count = 0;
  for (const name of names) {
    const expected = JSON.parse(readFileSync(join(folder, name), 'utf8'));
    if (expected.filesystems[0]?.stale !== true) continue;
    count++;
    const disks = expected.disks.map((disk: string) => join(folder, disk));
    const report = await dfOf(imageGuest(disks, 'auto'));
    const basis = exceptions.get(expected.name) ?? 'log';
    assert.equal(report.filesystems[0]?.basis, basis, expected.name);
  }
  assert.ok(count >= 20, `only ${count}`);
});
