// MBR against what libblkid finds on tables that fdisk and sfdisk write, and against what no tool writes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ByteSource, memoryRuns } from '../../src/bytes/source.js';
import { isUnusedMbr, mbr } from '../../src/volume/mbr.js';
import type { PartitionTable } from '../../src/volume/volume.js';
import { missing } from '../tools.js';
import { bytesOf, problemOf } from './support/outcome.js';
import { counted, fileSource, patch, sparseSource } from './support/sources.js';
import { bootRecord, type MbrEntry, PROTECTIVE } from './support/tables.js';
import { emptyImage, partx, run } from './support/tools.js';

const MIB = 1024 * 1024;
const needsFdisk = missing({ fdisk: 'fdisk', sfdisk: 'fdisk', partx: 'util-linux' });

/** Rows as `partx` gives them; where a partition begins is found by what is written there. */
async function rowsOf(source: ByteSource, table: PartitionTable) {
  assert.deepEqual(table.problems, []);
  const starts = await startsOf(source, table);
  return table.partitions.map(({ number, typeCode, uuid, sizeBytes }, index) => ({
    number,
    startBytes: starts[index],
    sizeBytes,
    typeCode,
    uuid,
  }));
}

/** Where each partition's source begins in the disk, by the offset that a read of its first byte arrives at. */
async function startsOf(source: ByteSource, table: PartitionTable): Promise<number[]> {
  const starts: number[] = [];
  const spied: ByteSource = {
    sizeBytes: source.sizeBytes,
    runs: memoryRuns,
    async read(offset, length) {
      starts.push(offset);
      return source.read(offset, length);
    },
  };
  const again = await mbr.open(spied);
  starts.length = 0;
  assert.equal(again.partitions.length, table.partitions.length);
  for (const partition of again.partitions) await bytesOf(partition.source)?.read(0, 1);
  return starts;
}

const LOGICALS = `label: dos
label-id: 0x12345678
1: start=2048,size=8192,type=83,bootable
2: start=10240,size=100000,type=5
3: start=110592,size=2048,type=41
5: start=12288,size=4096,type=82
6: start=18432,size=4096,type=8e
7: start=24576,size=2048,type=83
`;

test('primary and logical partitions are those of libblkid', { skip: needsFdisk }, async (t) => {
  const path = emptyImage(t, 64 * MIB);
  run('sfdisk', ['-q', path], LOGICALS);
  const source = fileSource(path);
  assert.equal(await mbr.probe(source), true);
  const table = await mbr.open(source);
  assert.equal(table.uuid, '12345678');
  assert.equal(table.sectorSizeBytes, 512);
  assert.deepEqual(await rowsOf(source, table), partx(path));
  const roles = table.partitions.map(({ role }) => role);
  assert.deepEqual(roles, ['data', 'extended', 'reserved', 'data', 'data', 'data']);
});

test('a deleted logical partition leaves no gap in the numbers', {
  skip: needsFdisk,
}, async (t) => {
  const path = emptyImage(t, 64 * MIB);
  run('sfdisk', ['-q', path], LOGICALS);
  run('sfdisk', ['-q', '--delete', path, '6']);
  const source = fileSource(path);
  const table = await mbr.open(source);
  assert.deepEqual(await rowsOf(source, table), partx(path));
  assert.deepEqual(
    table.partitions.map(({ number }) => number),
    [1, 2, 3, 5, 6],
  );
});

/** A primary partition from 1 MiB on, and two logical ones. */
function largeSectors(first: number): string {
  return `o\nn\np\n1\n${first}\n+1024\nn\ne\n2\n${first + 2048}\n\nn\nl\n\n+100\nn\nl\n\n+200\nw\n`;
}

for (const sectorBytes of [1024, 2048, 4096]) {
  test(`sectors of ${sectorBytes} bytes are found by what lies there`, {
    skip: needsFdisk,
  }, async (t) => {
    const path = emptyImage(t, 64 * MIB);
    run('fdisk', ['-b', `${sectorBytes}`, path], largeSectors(MIB / sectorBytes));
    patch(path, MIB + 1024, Buffer.from('a filesystem'));
    const source = fileSource(path);
    const table = await mbr.open(source);
    assert.equal(table.sectorSizeBytes, sectorBytes);
    assert.deepEqual(await rowsOf(source, table), partx(path, sectorBytes));
  });
}

test('a small partition on a large disk has sectors of 512 bytes', {
  skip: needsFdisk,
}, async (t) => {
  const path = emptyImage(t, 64 * MIB);
  run(
    'sfdisk',
    ['-q', path],
    'label: dos\nstart=2048,size=2048,type=83\nstart=4096,size=8,type=83\n',
  );
  const source = fileSource(path);
  assert.equal((await mbr.open(source)).sectorSizeBytes, 512, 'nothing is written at all');
  patch(path, 2048 * 512 + 1024, Buffer.from('a filesystem'));
  assert.deepEqual(await rowsOf(source, await mbr.open(source)), partx(path));
});

test('an extended partition without logical ones is no problem', {
  skip: needsFdisk,
}, async (t) => {
  const path = emptyImage(t, 64 * MIB);
  run(
    'sfdisk',
    ['-q', path],
    'label: dos\nstart=2048,size=8192,type=83\nstart=10240,size=9000,type=f\n',
  );
  const table = await mbr.open(fileSource(path));
  assert.deepEqual(table.problems, []);
  assert.equal(table.partitions.length, 2);
});

test('a FAT filesystem on a whole disk is no table', {
  skip: missing({ 'mkfs.fat': 'dosfstools' }),
}, async (t) => {
  for (const [bits, clusterSectors] of [
    ['12', '32'],
    ['16', '2'],
    ['32', '1'],
  ] as const) {
    const path = emptyImage(t, 40 * MIB);
    run('mkfs.fat', ['-s', clusterSectors, '-F', bits, path]);
    assert.equal(await mbr.probe(fileSource(path)), false, `FAT${bits}`);
  }
});

test('an NTFS filesystem on a whole disk is no table', {
  skip: missing({ mkntfs: 'ntfs-3g' }),
}, async (t) => {
  const path = emptyImage(t, 8 * MIB);
  run('mkntfs', ['-F', '-q', path]);
  assert.equal(await mbr.probe(fileSource(path)), false);
});

const FAT_HEAD = Buffer.concat([
  Buffer.from([0xeb, 0x3c, 0x90]),
  Buffer.from('mkfs.fat'),
  Buffer.from([0x00, 0x02, 4, 1, 0, 2, 0, 2, 0, 0x40, 0xf8, 32, 0]),
]);

function disk(entries: readonly MbrEntry[], head?: Uint8Array): ByteSource {
  return sparseSource(64 * MIB, [[0, bootRecord(entries, head)]]);
}

const LINUX: MbrEntry = { type: 0x83, first: 2048, count: 4096 };

test('the probe decides as the kernel', async () => {
  assert.equal(await mbr.probe(disk([LINUX])), true);
  assert.equal(await mbr.probe(disk([])), false, 'no entry');
  assert.equal(await mbr.probe(disk([{ ...LINUX, boot: 0x12 }])), false, 'no boot indicator');
  assert.equal(await mbr.probe(disk([LINUX, { ...LINUX, count: 0, boot: 7 }])), false);
  assert.equal(await mbr.probe(disk([LINUX, PROTECTIVE])), false, 'left to GPT');
  assert.equal(await mbr.probe(disk([{ ...LINUX, first: 0 }])), true, 'a hybrid ISO image');
  assert.equal(await mbr.probe(disk([LINUX], FAT_HEAD)), true, 'boot code that begins as FAT does');
  const overlapping = [LINUX, { ...LINUX, first: 3000 }];
  assert.equal(await mbr.probe(disk(overlapping)), true);
  assert.equal(await mbr.probe(disk(overlapping, FAT_HEAD)), false, 'a FAT boot sector');
  assert.equal(await mbr.probe(disk([{ ...LINUX, first: 200_000 }], FAT_HEAD)), false);
  assert.equal(await mbr.probe(sparseSource(511, [])), false);
  assert.equal(await mbr.probe(sparseSource(0, [])), false);
});

test('a partition over the end of the disk is cut, one behind it cannot be read', async () => {
  const { partitions, problems } = await mbr.open(
    disk([LINUX, { ...LINUX, first: 131_000 }, { ...LINUX, first: 131_072 }]),
  );
  assert.deepEqual(
    partitions.map(({ sizeBytes, source: outcome }) => [
      sizeBytes,
      problemOf(outcome)?.code ?? null,
    ]),
    [
      [2 * MIB, null],
      [72 * 512, null],
      [0, 'OUT_OF_BOUNDS'],
    ],
  );
  assert.equal(bytesOf(partitions[1]?.source)?.sizeBytes, 72 * 512);
  assert.equal(bytesOf(partitions[2]?.source), null);
  assert.deepEqual(
    problems.map(({ code, message }) => [code, message]),
    [
      [
        'OUT_OF_BOUNDS',
        'mbr: partition 2 ends at byte 69169152, but the disk has only 67108864: it is cut there',
      ],
    ],
  );
});

const EXTENDED: MbrEntry = { type: 0x05, first: 1000, count: 100_000 };

/** A disk whose boot records of the extended partition are given by their sectors. */
function chain(records: readonly (readonly [number, readonly MbrEntry[]])[]): ByteSource {
  return sparseSource(64 * MIB, [
    [0, bootRecord([EXTENDED])],
    ...records.map(([sector, entries]) => [sector * 512, bootRecord(entries)] as const),
  ]);
}

async function numbersAndCode(source: ByteSource) {
  const { partitions, problems } = await mbr.open(source);
  return [partitions.map(({ number }) => number), problems.map(({ code }) => code)];
}

const DATA: MbrEntry = { type: 0x83, first: 8, count: 8 };
const link = (sector: number): MbrEntry => ({ type: 0x05, first: sector, count: 100 });

test('a chain that breaks keeps the partitions before the break', async () => {
  const loop = chain([[1000, [DATA, link(0)]]]);
  assert.deepEqual(await numbersAndCode(loop), [[1, 5], ['LOOP']]);
  const ring = chain([
    [1000, [DATA, link(100)]],
    [1100, [DATA, link(200)]],
    [1200, [DATA, link(100)]],
  ]);
  assert.deepEqual(await numbersAndCode(ring), [[1, 5, 6, 7], ['LOOP']]);
  const outside = chain([[1000, [DATA, link(0xffffffff)]]]);
  assert.deepEqual(await numbersAndCode(outside), [[1, 5], ['OUT_OF_BOUNDS']]);
  const nothing = chain([[1000, [DATA, link(100)]]]);
  assert.deepEqual(await numbersAndCode(nothing), [[1, 5], ['BAD_MAGIC']]);
});

test('links and starts are relative to what the kernel takes them from', async () => {
  const source = chain([
    [1000, [DATA, link(100)]],
    [1100, [{ ...DATA, first: 16 }, link(200)]],
    [1200, [DATA]],
  ]);
  const table = await mbr.open(source);
  assert.deepEqual(
    await startsOf(source, table),
    [1000, 1008, 1116, 1208].map((sector) => sector * 512),
  );
});

test('the third and fourth entry count only if they fit', async () => {
  const far = { ...DATA, first: 200 };
  const unused = { type: 0, first: 0, count: 0 };
  const source = chain([
    [1000, [DATA, link(100)]],
    [1100, [DATA, unused, { ...DATA, first: 20 }, far]],
  ]);
  assert.deepEqual(await numbersAndCode(source), [[1, 5, 6, 7], []]);
});

test('a chain of a million records ends at the kernel’s 255th partition', async () => {
  const endless = await mbr.open(endlessChain([DATA]));
  assert.equal(endless.partitions.at(-1)?.number, 255);
  assert.deepEqual(
    endless.problems.map(({ code }) => code),
    ['LIMIT'],
  );
  const source = counted(endlessChain([]));
  assert.deepEqual(await numbersAndCode(source), [[1], ['LIMIT']]);
  assert.ok(source.statistics.reads < 200, `${source.statistics.reads} reads`);
});

/** Every sector of the extended partition is a boot record that links to the next sector. */
function endlessChain(entries: readonly MbrEntry[]): ByteSource {
  const sizeBytes = 2_000_000 * 512;
  return {
    sizeBytes,
    runs: memoryRuns,
    async read(offset, length) {
      const sector = offset / 512;
      const first = { ...EXTENDED, count: 1_500_000 };
      const record =
        sector < 1000 ? bootRecord([first]) : bootRecord([...entries, link(sector - 999)]);
      return record.subarray(0, length);
    },
  };
}

test('several extended partitions share the numbers', async () => {
  const second: MbrEntry = { type: 0x0f, first: 110_000, count: 1000 };
  const source = sparseSource(64 * MIB, [
    [0, bootRecord([EXTENDED, LINUX, second])],
    [1000 * 512, bootRecord([DATA])],
    [110_000 * 512, bootRecord([DATA])],
  ]);
  assert.deepEqual(await numbersAndCode(source), [[1, 2, 3, 5, 6], []]);
});

test('a new table without partitions is told from other first sectors', async () => {
  assert.equal(isUnusedMbr(bootRecord([])), true);
  assert.equal(isUnusedMbr(new Uint8Array(512)), false);
  assert.equal(isUnusedMbr(new Uint8Array(100)), false);
  assert.equal(isUnusedMbr(bootRecord([LINUX])), false);
  assert.equal(isUnusedMbr(bootRecord([{ ...LINUX, count: 0 }])), false);
});
