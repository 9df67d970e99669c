// NTFS: recorded volumes to the cluster, what an attribute list spreads over records, damaged and hostile ones.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { memoryRuns } from '../../src/bytes/source.js';
import { openDisk } from '../../src/container/open.js';
import { readRuns } from '../../src/filesystem/ntfs/runlist.js';
import { ntfs } from '../../src/filesystem/ntfs.js';
import { openScope } from '../../src/host/local-scope.js';
import { memorySource } from '../memory-source.js';
import { missing, toolEnv } from '../tools.js';
import {
  attributeList,
  clusters,
  type ListEntry,
  recordBytes,
  resident,
  runs,
} from './ntfs-records.js';
import { assertOnlyExpectedErrors, assertRefused, statfsOf, usageOf } from './recorded.js';

const SECTOR = 512;
const STANDARD = 0x10;
const DATA = 0x80;
const BITMAP = 0xb0;
const SPARE = 40;

/** The content of a recorded image, to be changed. */
async function contentOf(name: string): Promise<Buffer> {
  const scope = openScope({ deadlineMs: null });
  try {
    const { content } = await openDisk(`images/${name}.qcow2`, { format: 'auto', scope });
    return Buffer.from(await content.read(0, content.sizeBytes));
  } finally {
    await scope.close();
  }
}

/** What ntfs-3g said of it. */
function expectedOf(name: string): readonly number[] {
  const text = readFileSync(`images/${name}.expected.json`, 'utf8');
  const { f_frsize, f_blocks, f_bfree, f_bavail, f_files, f_ffree } =
    JSON.parse(text).filesystems[0].guest;
  return [f_frsize, f_blocks, f_bfree, f_bavail, f_files, f_ffree];
}

const SMALL = await contentOf('ntfs-512');
const SMALL_NUMBERS = expectedOf('ntfs-512');
const MFT_OFFSET = Number(SMALL.readBigUInt64LE(0x30)) * SECTOR;
const RECORD = 1024;

function changed(change: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.from(SMALL);
  change(bytes);
  return bytes;
}

/** Where a record of $MFT is, as long as $MFT is in one piece. */
const recordAt = (number: number) => MFT_OFFSET + number * RECORD;

/** Offset in the volume of the attribute of this type. */
function attributeAt(bytes: Buffer, record: number, type: number): number {
  let at = recordAt(record) + bytes.readUInt16LE(recordAt(record) + 20);
  while (bytes.readUInt32LE(at) !== type) {
    assert.notEqual(bytes.readUInt32LE(at), 0xffffffff);
    at += bytes.readUInt32LE(at + 4);
  }
  return at;
}

/** Place and size in clusters of a value that lies in one piece. */
function pieceOf(record: number, type: number) {
  const at = attributeAt(SMALL, record, type);
  const list = at + SMALL.readUInt16LE(at + 32);
  const [head = 0] = SMALL.subarray(list);
  const lengthBytes = head & 15;
  const start = SMALL.readUIntLE(list + 1 + lengthBytes, head >> 4);
  const sizes = [40, 48, 56].map((offset) => Number(SMALL.readBigUInt64LE(at + offset)));
  const [allocated = 0, data = 0, initialized = 0] = sizes;
  return { start, count: SMALL.readUIntLE(list + 1, lengthBytes), allocated, data, initialized };
}

const bitmap = pieceOf(6, DATA);
const table = pieceOf(0, DATA);
const tableBitmap = pieceOf(0, BITMAP);

/** What ntfs-3g asks of every file: its first attribute, and where that is. */
function standard(record: number): Buffer {
  const at = attributeAt(SMALL, record, STANDARD);
  return Buffer.from(SMALL.subarray(at, at + SMALL.readUInt32LE(at + 4)));
}

/** $Bitmap in two spare records, the first of which has `split` of its clusters. */
function spreadBitmap(bytes: Buffer, split: number, list: (entries: ListEntry[]) => Buffer): void {
  const entries = [
    { type: STANDARD, firstCluster: 0, record: 6, base: 6 },
    { type: DATA, firstCluster: 0, record: SPARE, base: 6 },
    { type: DATA, firstCluster: split, record: SPARE + 1, base: 6 },
  ];
  const first = clusters(DATA, 0, split, bitmap, runs([[split, bitmap.start]]));
  const rest = bitmap.count - split;
  const second = clusters(DATA, split, rest, bitmap, runs([[rest, bitmap.start + split]]));
  recordBytes(6, null, [standard(6), list(entries)]).copy(bytes, recordAt(6));
  recordBytes(SPARE, 6, [first]).copy(bytes, recordAt(SPARE));
  recordBytes(SPARE + 1, 6, [second]).copy(bytes, recordAt(SPARE + 1));
}

async function numbers(bytes: Buffer) {
  return statfsOf(await usageOf(ntfs, memorySource(bytes)));
}

describe('recorded volumes', () => {
  for (const [name, isStale] of [
    ['ntfs-marked', true],
    ['ntfs-hibernated', true],
    ['ntfs-full', false],
  ] as const) {
    test(`${name}: as ntfs-3g says, and whether that is all`, async () => {
      const usage = await usageOf(ntfs, memorySource(await contentOf(name)));
      assert.deepEqual(statfsOf(usage), expectedOf(name));
      assert.equal(usage.isStale, isStale);
    });
  }

  test('the copy of a boot sector that is damaged', async () => {
    const bytes = changed((b) => b.writeUInt16LE(0, 11));
    assert.deepEqual(await numbers(bytes), SMALL_NUMBERS);
  });

  test("the mirror of $MFT's first record", async () => {
    const bytes = changed((b) => b.fill(0, recordAt(0), recordAt(0) + 4));
    assert.deepEqual(await numbers(bytes), SMALL_NUMBERS);
  });
});

describe('attribute lists', () => {
  test('$Bitmap in two records, the list in its own', async () => {
    const bytes = changed((b) => spreadBitmap(b, 3, attributeList));
    assert.deepEqual(await numbers(bytes), SMALL_NUMBERS);
  });

  test('$Bitmap in two records, the list in clusters', async () => {
    const at = SMALL.length / SECTOR - 20;
    const bytes = changed((b) =>
      spreadBitmap(b, 3, (entries) => {
        const list = attributeList(entries).subarray(24);
        list.copy(b, at * SECTOR);
        const sizes = { allocated: SECTOR, data: list.length, initialized: list.length };
        return clusters(0x20, 0, 1, sizes, runs([[1, at]]));
      }),
    );
    assert.deepEqual(await numbers(bytes), SMALL_NUMBERS);
  });

  test('$MFT itself, whose second part is known from a record in the first', async () => {
    const split = (SPARE + 2) * 2;
    const rest = table.count - split;
    const list = attributeList([
      { type: STANDARD, firstCluster: 0, record: 0, base: 0 },
      { type: DATA, firstCluster: 0, record: 0, base: 0 },
      { type: DATA, firstCluster: split, record: SPARE, base: 0 },
      { type: BITMAP, firstCluster: 0, record: 0, base: 0 },
    ]);
    const bytes = changed((b) => {
      const { count, start } = tableBitmap;
      recordBytes(0, null, [
        standard(0),
        list,
        clusters(DATA, 0, split, table, runs([[split, table.start]])),
        clusters(BITMAP, 0, count, tableBitmap, runs([[count, start]])),
      ]).copy(b, recordAt(0));
      const second = clusters(DATA, split, rest, table, runs([[rest, table.start + split]]));
      recordBytes(SPARE, 0, [second]).copy(b, recordAt(SPARE));
      const mirror = Number(b.readBigUInt64LE(0x38)) * SECTOR;
      b.copy(b, mirror, recordAt(0), recordAt(1));
    });
    assert.deepEqual(await numbers(bytes), SMALL_NUMBERS);
  });

  test('a run without clusters is free', async () => {
    const bytes = changed((b) => {
      const list = runs([
        [4, bitmap.start],
        [bitmap.count - 4, null],
      ]);
      const data = clusters(DATA, 0, bitmap.count, bitmap, list);
      recordBytes(6, null, [standard(6), data]).copy(b, recordAt(6));
    });
    // ntfs-3g says one more: it also counts the bit behind the last cluster, which is one on every real volume.
    assert.deepEqual(await numbers(bytes), [512, 32767, 31466, 31466, 19829, 19768]);
  });
});

describe('$Bitmap in pieces', () => {
  /** Bits of clusters, in the bitmap as it lies in one piece. */
  const bit = (bytes: Buffer, cluster: number) =>
    (bytes[bitmap.start * SECTOR + Math.floor(cluster / 8)] ?? 0) & (2 ** (cluster % 8));
  const turn = (bytes: Buffer, cluster: number) => {
    const at = bitmap.start * SECTOR + Math.floor(cluster / 8);
    bytes[at] = (bytes[at] ?? 0) ^ (2 ** (cluster % 8));
  };

  /** Each cluster of the bitmap, in turn from the last, lies where there was nothing; two are never side by side. */
  function scattered(bytes: Buffer): void {
    const places: number[] = [];
    for (let at = SMALL.length / SECTOR - 100; places.length < bitmap.count; at -= 3) {
      if (bit(bytes, at) === 0) places.push(at);
    }
    for (const place of places) turn(bytes, place);
    for (let i = 0; i < bitmap.count; i++) turn(bytes, bitmap.start + i);
    const whole = Buffer.from(
      bytes.subarray(bitmap.start * SECTOR, (bitmap.start + bitmap.count) * SECTOR),
    );
    for (const [i, place] of places.entries())
      whole.copy(bytes, place * SECTOR, i * SECTOR, (i + 1) * SECTOR);
    // Whoever looked there would count something else.
    bytes.fill(0xff, bitmap.start * SECTOR, (bitmap.start + bitmap.count) * SECTOR);
    const list = runs(places.map((place) => [1, place]));
    const data = clusters(DATA, 0, bitmap.count, bitmap, list);
    recordBytes(6, null, [standard(6), data]).copy(bytes, recordAt(6));
  }

  test('is the same bitmap', async () => {
    const bytes = changed(scattered);
    assert.ok(bitmap.count >= 8, 'there are pieces');
    assert.deepEqual(await numbers(bytes), SMALL_NUMBERS);
  });

  test('also for ntfsinfo', { skip: missing({ ntfsinfo: 'ntfs-3g' }) }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'virt-df-ntfs-'));
    try {
      const path = join(folder, 'volume');
      writeFileSync(path, changed(scattered));
      const text = execFileSync('ntfsinfo', ['-f', '-m', path], { env: toolEnv, stdio: 'pipe' });
      const free = /Free Clusters: (\d+)/u.exec(String(text))?.[1];
      assert.equal(Number(free), SMALL_NUMBERS[2]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('what is hostile', () => {
  const oneRun = (list: Buffer, sizes = bitmap) =>
    changed((b) =>
      recordBytes(6, null, [clusters(DATA, 0, bitmap.count, sizes, list)]).copy(b, recordAt(6)),
    );
  const cases: readonly (readonly [string, Buffer, string])[] = [
    ['a run beyond the volume', oneRun(runs([[bitmap.count, 32767]])), 'OUT_OF_BOUNDS'],
    ['a run before the volume', oneRun(runs([[bitmap.count, -5]])), 'OUT_OF_BOUNDS'],
    ['a run of no length', oneRun(runs([[0, 5]])), 'INVALID'],
    ['runs that end early', oneRun(runs([[1, 5]])), 'OUT_OF_BOUNDS'],
    ['runs without an end', oneRun(runs([[1, 5]]).subarray(0, 1)), 'OUT_OF_BOUNDS'],
    [
      'a bitmap that is too short',
      oneRun(runs([[8, 5]]), { ...bitmap, data: 9, initialized: 9 }),
      'INVALID',
    ],
    ['a run of 2^62 clusters', oneRun(Buffer.from('0800000000000000400000', 'hex')), 'INVALID'],
    ['records of no size', changed((b) => bothBoots(b, 0x40, 0)), 'INVALID'],
    ['records of 2 GiB', changed((b) => bothBoots(b, 0x40, 0xe1)), 'INVALID'],
    ['clusters of 2^127 sectors', changed((b) => bothBoots(b, 13, 0x81)), 'OUT_OF_BOUNDS'],
    ['clusters of no sectors', changed((b) => bothBoots(b, 13, 0)), 'OUT_OF_BOUNDS'],
    [
      'an update sequence of 65535',
      changed((b) => b.writeUInt16LE(0xffff, recordAt(6) + 6)),
      'INVALID',
    ],
    [
      'an update sequence behind its sector',
      changed((b) => b.writeUInt16LE(508, recordAt(6) + 4)),
      'OUT_OF_BOUNDS',
    ],
    [
      'a sector that was not written',
      changed((b) => b.writeUInt16LE(0xabcd, recordAt(6) + 510)),
      'BAD_CHECKSUM',
    ],
    [
      'an attribute of no length',
      changed((b) => b.writeUInt32LE(0, attributeAt(b, 6, DATA) + 4)),
      'OUT_OF_BOUNDS',
    ],
    [
      'a record that is not in use',
      changed((b) => b.writeUInt16LE(0, recordAt(6) + 22)),
      'INVALID',
    ],
    [
      'a list that names its own record for all',
      changed((b) =>
        recordBytes(6, null, [
          attributeList([
            { type: 0x20, firstCluster: 0, record: 6, base: 6 },
            { type: DATA, firstCluster: 0, record: 6, base: 6 },
          ]),
        ]).copy(b, recordAt(6)),
      ),
      'INVALID',
    ],
    [
      'a list that names a part twice',
      changed((b) => {
        const part = { type: DATA, firstCluster: 0, record: SPARE, base: 6 };
        recordBytes(6, null, [attributeList([part, part])]).copy(b, recordAt(6));
        const all = clusters(DATA, 0, bitmap.count, bitmap, runs([[bitmap.count, bitmap.start]]));
        recordBytes(SPARE, 6, [all]).copy(b, recordAt(SPARE));
      }),
      'INVALID',
    ],
    [
      'a list that names a record of another file',
      changed((b) => {
        const part = { type: DATA, firstCluster: 0, record: 2, base: 6 };
        recordBytes(6, null, [attributeList([part])]).copy(b, recordAt(6));
      }),
      'INVALID',
    ],
  ];
  for (const [name, bytes, code] of cases) {
    test(name, async () => assertRefused(ntfs, memorySource(bytes), code));
  }

  test('ten million runs', () => {
    const list = Buffer.alloc(2e7, Buffer.from('0101', 'hex'));
    const geometry = { clusterCount: 1000 };
    assert.throws(() => readRuns(list, 0, geometry, '$Bitmap'), { code: 'LIMIT' });
  });

  test('any record with any two bytes changed', async () => {
    for (let at = 0; at < RECORD; at += 2) {
      for (const number of [0, 3, 6]) {
        const bytes = memorySource(SMALL);
        const read = async (offset: number, length: number) => {
          const got = Buffer.from(await bytes.read(offset, length));
          const index = recordAt(number) + at - offset;
          if (index >= 0 && index + 2 <= length) got.writeUInt16LE(0xfff1, index);
          return got;
        };
        await assertOnlyExpectedErrors(ntfs, { sizeBytes: SMALL.length, runs: memoryRuns, read });
      }
    }
  });
});

function bothBoots(bytes: Buffer, offset: number, value: number): void {
  bytes[offset] = value;
  bytes[bytes.length - SECTOR + offset] = value;
}

describe('the state of the volume', () => {
  const log = pieceOf(2, DATA).start * SECTOR;
  const page = (sequence: number, client: number, flags: number) => {
    const bytes = Buffer.alloc(SECTOR);
    bytes.write('RSTR', 0, 'latin1');
    bytes.writeUInt32LE(4096, 16);
    bytes.writeUInt32LE(4096, 20);
    bytes.writeUInt16LE(48, 24);
    bytes.writeUInt32LE(sequence, 48);
    bytes.writeUInt16LE(client, 48 + 12);
    bytes.writeUInt16LE(flags, 48 + 14);
    return bytes;
  };
  const withPages = (first: Buffer, second: Buffer) =>
    changed((b) => {
      first.copy(b, log);
      second.copy(b, log + 4096);
    });
  const isStale = async (bytes: Buffer) => (await usageOf(ntfs, memorySource(bytes))).isStale;

  test('the newer page of the log says whether it was closed', async () => {
    const [open, closed, clean] = [page(1, 0, 0), page(2, 0xffff, 0), page(3, 0, 2)];
    assert.equal(await isStale(withPages(open, open)), true);
    assert.equal(await isStale(withPages(open, closed)), false);
    assert.equal(await isStale(withPages(clean, open)), false);
    assert.equal(await isStale(withPages(page(9, 0, 0), closed)), true);
    assert.equal(await isStale(withPages(Buffer.alloc(SECTOR), Buffer.alloc(SECTOR))), true);
    const { doubts } = await usageOf(ntfs, memorySource(withPages(open, open)));
    assert.match(doubts[0]?.message ?? '', /\$LogFile was not closed/u);
  });

  test('a version that is not known', async () => {
    const at = attributeAt(SMALL, 3, 0x70);
    const bytes = changed((b) => b.writeUInt8(4, at + b.readUInt16LE(at + 20) + 8));
    await assertRefused(ntfs, memorySource(bytes), 'UNSUPPORTED_FEATURE');
  });

  test('BitLocker is named', async () => {
    const bytes = changed((b) => b.write('-FVE-FS-', 3, 'latin1'));
    const filesystem = await ntfs.open(memorySource(bytes));
    assert.equal(filesystem.type, 'BitLocker');
    await assert.rejects(filesystem.usage('guest'), { code: 'ENCRYPTED' });
  });

  test('a resident attribute is no bitmap of the whole volume', async () => {
    const bytes = changed((b) =>
      recordBytes(6, null, [resident(DATA, Buffer.alloc(16))]).copy(b, recordAt(6)),
    );
    await assertRefused(ntfs, memorySource(bytes), 'INVALID');
  });
});
