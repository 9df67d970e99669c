// GPT against what libblkid finds on tables that sgdisk, fdisk and parted write, and against what no tool writes.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type ByteSource, memoryRuns } from '../../src/bytes/source.js';
import { VirtDfError } from '../../src/errors.js';
import { gpt, unprotectedGpt } from '../../src/volume/gpt.js';
import { mbr } from '../../src/volume/mbr.js';
import { missing } from '../tools.js';
import { bytesOf, problemOf } from './support/outcome.js';
import { counted, fileSource, patch, sparseSource } from './support/sources.js';
import {
  bootRecord,
  type GptHeader,
  gptEntry,
  gptHeader,
  type MbrEntry,
  PROTECTIVE,
} from './support/tables.js';
import { emptyImage, partx, run } from './support/tools.js';

const MIB = 1024 * 1024;
const needsSgdisk = missing({ sgdisk: 'gdisk', partx: 'util-linux' });
const needsFdisk = missing({ fdisk: 'fdisk', partx: 'util-linux' });

/** Where each partition begins, by the offset that a read of its first byte arrives at. */
async function rowsOf(source: ByteSource) {
  const starts: number[] = [];
  const { partitions } = await gpt.open({
    sizeBytes: source.sizeBytes,
    runs: memoryRuns,
    async read(offset, length) {
      starts.push(offset);
      return source.read(offset, length);
    },
  });
  const rows = [];
  for (const { number, typeCode, uuid, sizeBytes, source: content } of partitions) {
    await bytesOf(content)?.read(0, 1);
    rows.push({ number, startBytes: starts.at(-1), sizeBytes, typeCode, uuid });
  }
  return rows;
}

const SGDISK = [
  ...['-n', '1:2048:+1M', '-t', '1:ef02', '-c', '1:BIOS'],
  ...['-n', '2:0:+4M', '-t', '2:8300', '-c', '2:Größe 日本 😀'],
  ...['-n', '5:0:+4M', '-t', '5:0c01'],
  ...['-n', '7:0:0', '-t', '7:8e00'],
];

function sgdiskImage(t: Parameters<typeof emptyImage>[0], ...more: readonly string[]): string {
  const path = emptyImage(t, 64 * MIB);
  run('sgdisk', [...SGDISK, ...more, path]);
  return path;
}

test('partitions, names and roles are those of sgdisk', { skip: needsSgdisk }, async (t) => {
  const path = sgdiskImage(t, '-U', '11112222-3333-4444-5555-666677778888');
  const source = fileSource(path);
  assert.equal(await gpt.probe(source), true);
  assert.equal(await mbr.probe(source), false);
  const table = await gpt.open(source);
  assert.deepEqual(table.problems, []);
  assert.equal(table.uuid, '11112222-3333-4444-5555-666677778888');
  assert.equal(table.sectorSizeBytes, 512);
  assert.deepEqual(await rowsOf(source), partx(path));
  assert.deepEqual(
    table.partitions.map(({ number, role, label }) => [number, role, label]),
    [
      [1, 'reserved', 'BIOS'],
      [2, 'data', 'Größe 日本 😀'],
      [5, 'reserved', null],
      [7, 'data', null],
    ],
  );
});

test('a table that parted made is read', {
  skip: missing({ parted: 'parted', partx: 'util-linux' }),
}, async (t) => {
  const path = emptyImage(t, 64 * MIB);
  run('parted', [
    ...['-s', path, 'mklabel', 'gpt', 'mkpart', 'first', 'ext4', '1MiB', '9MiB'],
    ...['mkpart', 'second', '9MiB', '100%'],
  ]);
  const source = fileSource(path);
  assert.equal(await gpt.probe(source), true);
  assert.deepEqual((await gpt.open(source)).problems, []);
  assert.deepEqual(await rowsOf(source), partx(path));
});

const LARGE_SECTORS = 'g\nn\n1\n256\n+1024\nn\n\n\n\nw\n';

test('sectors of 4096 bytes are found by the header', { skip: needsFdisk }, async (t) => {
  const path = emptyImage(t, 64 * MIB);
  run('fdisk', ['-b', '4096', path], LARGE_SECTORS);
  const source = fileSource(path);
  assert.equal(await gpt.probe(source), true);
  const table = await gpt.open(source);
  assert.deepEqual(table.problems, []);
  assert.equal(table.sectorSizeBytes, 4096);
  assert.deepEqual(await rowsOf(source), partx(path, 4096));
});

for (const sectorSize of [512, 4096]) {
  test(`the backup replaces a damaged primary table, sectors of ${sectorSize} bytes`, {
    skip: needsFdisk,
  }, async (t) => {
    const path = emptyImage(t, 64 * MIB);
    run('fdisk', ['-b', `${sectorSize}`, path], LARGE_SECTORS);
    const source = fileSource(path);
    const expected = await rowsOf(source);
    const damages: readonly (readonly [string, number, number, string])[] = [
      ['an entry', 2 * sectorSize + 40, 8, 'BAD_CHECKSUM'],
      ['the header', sectorSize + 50, 1, 'BAD_CHECKSUM'],
      ['the signature', sectorSize, 8, 'BAD_MAGIC'],
    ];
    for (const [what, offset, length, code] of damages) {
      patch(path, offset, new Uint8Array(length).fill(0x5a));
      assert.equal(await gpt.probe(source), true, what);
      const { problems } = await gpt.open(source);
      assert.deepEqual(await rowsOf(source), expected, what);
      assert.deepEqual(
        problems.map((problem) => problem.code),
        [code],
        what,
      );
      assert.match(problems[0]?.message ?? '', /the backup at byte \d+ is used instead/u);
    }
    patch(path, 64 * MIB - sectorSize, new Uint8Array(8));
    await assert.rejects(gpt.open(source), { code: 'BAD_MAGIC' });
  });
}

test('the backup is where the header says it is, also on a disk that has grown', {
  skip: needsSgdisk,
}, async (t) => {
  const path = sgdiskImage(t);
  const expected = partx(path);
  patch(path, 100 * MIB, new Uint8Array(1));
  const source = fileSource(path);
  assert.deepEqual((await gpt.open(source)).problems, [], 'as cloud images are');
  assert.deepEqual(await rowsOf(source), expected);
  patch(path, 1024 + 40, new Uint8Array(8).fill(0x5a));
  assert.deepEqual(await rowsOf(source), expected);
});

test('a GPT wins over the other partitions of a hybrid MBR', { skip: needsSgdisk }, async (t) => {
  const path = sgdiskImage(t, '-h', '2:7');
  const source = fileSource(path);
  assert.equal(await gpt.probe(source), true);
  assert.equal(await mbr.probe(source), false);
  assert.deepEqual(await rowsOf(source), partx(path));
});

test('a stale GPT is hidden by an MBR with partitions', { skip: needsSgdisk }, async (t) => {
  const path = sgdiskImage(t);
  patch(path, 0, bootRecord([{ type: 0x83, first: 2048, count: 4096 }]));
  assert.equal(await gpt.probe(fileSource(path)), false);
  assert.equal(await mbr.probe(fileSource(path)), true);
});

test('a GPT without its MBR counts only if it is sound', { skip: needsSgdisk }, async (t) => {
  const path = sgdiskImage(t);
  const expected = partx(path);
  const source = fileSource(path);
  for (const sector of [new Uint8Array(512), bootRecord([])]) {
    patch(path, 0, sector);
    assert.equal(await gpt.probe(source), false);
    assert.equal(await unprotectedGpt.probe(source), true);
    assert.deepEqual(await rowsOf(source), expected);
    assert.match(
      (await unprotectedGpt.open(source)).problems[0]?.message ?? '',
      /protective MBR is missing/u,
    );
  }
  // The primary table is damaged, then it is gone, then the backup's header is damaged as well.
  patch(path, 1024 + 40, new Uint8Array(8).fill(0x5a));
  assert.equal(await unprotectedGpt.probe(source), true);
  patch(path, 0, new Uint8Array(64 * 1024));
  assert.equal(await unprotectedGpt.probe(source), true);
  assert.deepEqual(await rowsOf(source), expected);
  patch(path, source.sizeBytes - 512 + 40, new Uint8Array(8).fill(0x5a));
  assert.equal(await unprotectedGpt.probe(source), false);
});

test('an image that was cut off says so and shows what is there', {
  skip: needsSgdisk,
}, async (t) => {
  const path = sgdiskImage(t);
  const whole = readFileSync(path);
  const source = sparseSource(10 * MIB, [[0, whole.subarray(0, 10 * MIB)]]);
  assert.equal(await gpt.probe(source), true);
  const { partitions, problems } = await gpt.open(source);
  assert.deepEqual(
    partitions.map(({ number, sizeBytes, source: outcome }) => [
      number,
      sizeBytes,
      problemOf(outcome)?.code ?? null,
    ]),
    [
      [1, MIB, null],
      [2, 4 * MIB, null],
      [5, 4 * MIB, null],
      [7, 0, 'OUT_OF_BOUNDS'],
    ],
  );
  assert.deepEqual(
    problems.map(({ code }) => code),
    ['TRUNCATED'],
  );
});

/** A table with an odd stride or size, as no tool makes one. */
function madeDisk(
  header: GptHeader,
  entries: Uint8Array = gptEntry(64n, 127n),
  protective: MbrEntry = PROTECTIVE,
): ByteSource {
  return sparseSource(64 * MIB, [
    [0, bootRecord([protective])],
    [512, gptHeader(header, entries)],
    [1024, entries],
  ]);
}

test('entries lie as far apart as the header says', async () => {
  const entries = Buffer.concat([gptEntry(64n, 127n), Buffer.alloc(128), gptEntry(128n, 255n)]);
  const table = await gpt.open(
    madeDisk({ entryBytes: 256, entryCount: 2 }, Buffer.concat([entries, Buffer.alloc(128)])),
  );
  assert.deepEqual(
    table.partitions.map(({ number, sizeBytes }) => [number, sizeBytes]),
    [
      [1, 64 * 512],
      [2, 128 * 512],
    ],
  );
});

test('the checksum covers as much as the header says', async () => {
  const table = await gpt.open(madeDisk({ headerBytes: 512 }));
  assert.equal(table.partitions.length, 1);
});

test('hostile headers are refused at once', async () => {
  const max = 0xffff_ffff_ffff_ffffn;
  const hostile: readonly (readonly [string, GptHeader])[] = [
    ['2^32 entries', { entryCount: 0xffffffff }],
    ['2^32 entries of 4096 bytes', { entryCount: 0xffffffff, entryBytes: 4096 }],
    ['entries of 0 bytes', { entryBytes: 0, entryCount: 0xffffffff }],
    ['entries of 127 bytes', { entryBytes: 127 }],
    ['entries of 2^31 bytes', { entryBytes: 2 ** 31 }],
    ['a table behind the end', { entriesLba: max }],
    ['a table at 2^53 bytes', { entriesLba: 2n ** 44n }],
    ['a header of 91 bytes', { headerBytes: 91 }],
    ['a header of 513 bytes', { headerBytes: 513 }],
    ['a header of 2^32 bytes', { headerBytes: 0xffffffff }],
    ['a header elsewhere', { lba: 2n }],
    ['no usable sector', { firstUsableLba: max, lastUsableLba: 0n }],
    ['another checksum', { entriesCrc32: 1 }],
    ['a backup at itself', { entriesCrc32: 1, alternateLba: 1n }],
    ['a backup at 2^64-1', { entriesCrc32: 1, alternateLba: max }],
  ];
  for (const [what, header] of hostile) {
    const source = counted(madeDisk(header));
    assert.equal(await gpt.probe(source), true, what);
    await assert.rejects(gpt.open(source), VirtDfError, what);
    assert.ok(source.statistics.bytes < 100_000, what);
  }
});

test('hostile entries are partitions with a problem', async () => {
  const max = 0xffff_ffff_ffff_ffffn;
  const entries = Buffer.concat([
    gptEntry(64n, max),
    gptEntry(max, max),
    gptEntry(100n, 99n),
    gptEntry(100n, 50n),
    gptEntry(2n ** 53n, 2n ** 53n + 1n),
    gptEntry(64n, 127n, '\u001b[2Ja\u202eb\r\n\u0000garbage'),
    gptEntry(64n, 127n, Buffer.from([0x00, 0xd8, 0x41, 0x00])),
  ]);
  const { partitions, problems } = await gpt.open(madeDisk({}, entries));
  assert.deepEqual(
    partitions.map(({ sizeBytes, source: outcome }) => [
      sizeBytes,
      problemOf(outcome)?.code ?? null,
    ]),
    [
      [64 * MIB - 64 * 512, null],
      [0, 'OUT_OF_BOUNDS'],
      [0, 'INVALID'],
      [0, 'INVALID'],
      [0, 'OUT_OF_BOUNDS'],
      [64 * 512, null],
      [64 * 512, null],
    ],
  );
  assert.equal(partitions[5]?.label, '\ufffd[2Ja\ufffdb\ufffd\ufffd');
  assert.equal(partitions[6]?.label, '\ufffdA');
  assert.match(problems[0]?.message ?? '', /ends at byte 9444732965739290427392, but the disk/u);
});

test('only as many partitions as the kernel has are listed', async () => {
  const entries = Buffer.concat(Array.from({ length: 300 }, () => gptEntry(64n, 127n)));
  const { partitions, problems } = await gpt.open(madeDisk({ firstUsableLba: 500n }, entries));
  assert.equal(partitions.length, 255);
  assert.deepEqual(
    problems.map(({ code }) => code),
    ['LIMIT'],
  );
});

test('the probe is false on what is too small or foreign', async () => {
  for (const size of [0, 1, 511, 512, 1023, 1024, 4096, 8192]) {
    assert.equal(await gpt.probe(sparseSource(size, [])), false, `${size}`);
    const protective = sparseSource(size, [[0, bootRecord([PROTECTIVE])]]);
    assert.equal(await gpt.probe(protective), false, `${size}, protective`);
  }
});
