// Partition tables with bytes changed at random and checksums made right again, and tables cut off anywhere.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import type { ByteSource } from '../../src/bytes/source.js';
import { openDisk } from '../../src/container/open.js';
import { VirtDfError } from '../../src/errors.js';
import { openScope } from '../../src/host/local-scope.js';
import { candidates } from '../../src/kaitai/signature.js';
import { objectsOf } from '../../src/volume/ldm/objects.js';
import { ldmGroup } from '../../src/volume/ldm.js';
import { tables } from '../../src/volume/registry.js';
import { random } from '../random.js';
import { bytesOf } from './support/outcome.js';
import { type Seal, sealWords, sealXor } from './support/sealed.js';
import { counted, type Pieces, sparseSource } from './support/sources.js';
import { bootRecord, gptEntry, gptHeader, type MbrEntry, PROTECTIVE } from './support/tables.js';

const MIB = 1024 * 1024;
/** Partitions, chained records and the padding that a table of 4 MiB needs. */
const MAX_READS = 700;
const MAX_BYTES = 10 * MIB;

/** Opens whatever finds itself in the source and reads a little of every partition. */
async function openAll(source: ByteSource, what: string): Promise<number> {
  const spent = counted(source);
  let partitionCount = 0;
  for (const entry of await candidates(spent, tables)) {
    const format = await entry.load();
    if (!(await format.probe(spent))) continue;
    try {
      const { partitions } = await format.open(spent);
      partitionCount += partitions.length;
      assert.ok(partitions.length <= 255 + 4, what);
      for (const { source: content, sizeBytes, inner } of partitions) {
        assert.ok(sizeBytes >= 0 && sizeBytes <= source.sizeBytes, what);
        const bytes = bytesOf(content);
        await bytes?.read(0, Math.min(512, sizeBytes));
        const table = bytes === null ? null : await inner?.(bytes);
        partitionCount += table?.partitions.length ?? 0;
      }
    } catch (error) {
      assert.ok(error instanceof VirtDfError, `${what}: ${error}`);
    }
  }
  const { reads, bytes } = spent.statistics;
  assert.ok(reads <= MAX_READS && bytes <= MAX_BYTES, `${what}: ${reads} reads, ${bytes} bytes`);
  return partitionCount;
}

/** Most changes are small or extreme numbers: those are where bounds are. */
function damage(bytes: Buffer, from: number, to: number, next: (limit: number) => number): void {
  for (let count = next(5) + 1; count > 0; count--) {
    bytes[from + next(to - from)] = [0, 1, 0x7f, 0x80, 0xff, next(256)][next(6)] ?? 0;
  }
}

const DATA: MbrEntry = { type: 0x83, first: 8, count: 64 };
const LINK: MbrEntry = { type: 0x05, first: 100, count: 100 };

function mutatedMbr(seed: string): Pieces {
  const next = random(seed);
  const records = [
    bootRecord([DATA, { type: 0x05, first: 1000, count: 60_000 }, { ...DATA, first: 70_000 }]),
    bootRecord([DATA, LINK]),
    bootRecord([DATA, { ...LINK, first: 200 }]),
    bootRecord([DATA]),
  ];
  damage(records[next(records.length)] ?? Buffer.alloc(0), 440, 510, next);
  return [0, 1000, 1100, 1200].map((sector, index) => {
    return [sector * 512, records[index] ?? Buffer.alloc(0)] as const;
  });
}

function mutatedGpt(seed: string): Pieces {
  const next = random(seed);
  const entries = Buffer.concat([
    gptEntry(64n, 127n, 'a'),
    gptEntry(128n, 2000n),
    Buffer.alloc(256),
  ]);
  if (next(2) === 0) damage(entries, 0, 256, next);
  const header = gptHeader({}, entries);
  if (next(2) === 0) damage(header, 8, 92, next);
  header.writeUInt32LE(0, 16);
  header.writeUInt32LE(crc32(header.subarray(0, Math.min(512, header.readUInt32LE(12)))), 16);
  return [
    [0, bootRecord([PROTECTIVE])],
    [512, header],
    [1024, entries],
  ];
}

for (const [name, mutated] of [
  ['mbr', mutatedMbr],
  ['gpt', mutatedGpt],
] as const) {
  test(`${name}: two thousand mutations give partitions or coded errors`, async () => {
    let partitionCount = 0;
    for (let index = 0; index < 2000; index++) {
      const seed = `${name} ${index}`;
      partitionCount += await openAll(sparseSource(64 * MIB, mutated(seed)), seed);
    }
    assert.ok(partitionCount > 2000, `${partitionCount} partitions: the mutations are too harsh`);
  });

  test(`${name}: a disk cut off anywhere gives partitions or coded errors`, async () => {
    for (let sizeBytes = 0; sizeBytes < MIB; sizeBytes += sizeBytes < 4096 ? 128 : 4096) {
      await openAll(sparseSource(sizeBytes, mutated('')), `${name} of ${sizeBytes} bytes`);
    }
  });
}

/** Where the recorded images have their tables, and how those are sealed. */
const SEEDS: readonly (readonly [image: string, places: readonly number[], seal?: Seal])[] = [
  ['sun-two', [0], sealXor(510, () => 512)],
  ['sgi-two', [0], sealWords(504, () => 512)],
  ['mac-two', [0, 512, 1024, 1536, 2048]],
  ['amiga-two', [1024, 1536, 2048], sealWords(8, (bytes) => 4 * (bytes.readUInt32BE(4) & 0x7f))],
  ['atari-xgm', [0, 20_480 * 512, 36_864 * 512, 53_248 * 512]],
  ['atari-icd', [0]],
  ['bsd-whole', [0]],
  ['mbr-bsd', [0, 2049 * 512, 22_529 * 512, 43_009 * 512], sealLabel],
  ['mbr-inner', [0, 4097 * 512, 28_672 * 512, 49_153 * 512]],
];

/** Of a BSD's label; the MBR has no sum. */
function sealLabel(bytes: Buffer): void {
  if (bytes.readUInt32LE(0) !== 0x82564557) return;
  sealXor(136, (label) => Math.min(512, 148 + 16 * label.readUInt16LE(138)))(bytes);
}

async function seedOf(image: string, places: readonly number[]) {
  const scope = openScope({ deadlineMs: null });
  try {
    const disk = await openDisk(`images/${image}.qcow2`, { format: 'auto', scope });
    const pieces: (readonly [number, Buffer])[] = [];
    for (const at of places) pieces.push([at, Buffer.from(await disk.content.read(at, 512))]);
    return { sizeBytes: disk.content.sizeBytes, pieces };
  } finally {
    await scope.close();
  }
}

for (const [image, places, seal] of SEEDS) {
  test(`${image}: two hundred mutations give partitions or coded errors`, async () => {
    const seed = await seedOf(image, places);
    let partitionCount = 0;
    for (let index = 0; index < 200; index++) {
      const next = random(`${image} ${index}`);
      const pieces = seed.pieces.map(([at, bytes]) => [at, Buffer.from(bytes)] as const);
      const [, changed = Buffer.alloc(0)] = pieces[next(pieces.length)] ?? [];
      damage(changed, 0, 512, next);
      seal?.(changed);
      partitionCount += await openAll(sparseSource(seed.sizeBytes, pieces), `${image} ${index}`);
    }
    assert.ok(partitionCount > 200, `${partitionCount} partitions: the mutations are too harsh`);
  });
}

/** The problems of a table that is found in these bytes. */
async function problemsOf(name: string, pieces: Pieces): Promise<readonly string[]> {
  const source = sparseSource(40 * MIB, pieces);
  const format = await tables.find((entry) => entry.name === name)?.load();
  assert.equal(await format?.probe(source), true);
  return (await format?.open(source))?.problems.map(({ code }) => code) ?? [];
}

test('chains that come back or lead out end with the reason', async () => {
  const atari = await seedOf('atari-xgm', [0, 20_480 * 512]);
  const amiga = await seedOf('amiga-two', [1024, 1536]);
  const [, link] = atari.pieces;
  const [, block] = amiga.pieces;
  assert.ok(link !== undefined && block !== undefined);
  link[1].writeUInt32BE(0, 470);
  assert.deepEqual(await problemsOf('atari', atari.pieces), ['LOOP']);
  link[1].writeUInt32BE(0x7fff_ffff, 470);
  assert.deepEqual(await problemsOf('atari', atari.pieces), ['OUT_OF_BOUNDS']);
  const seal = sealWords(8, () => 256);
  for (const [next, code] of [
    [3, 'LOOP'],
    [0x7fff_ffff, 'OUT_OF_BOUNDS'],
  ] as const) {
    block[1].writeUInt32BE(next, 16);
    seal(block[1]);
    assert.deepEqual(await problemsOf('amiga', amiga.pieces), [code]);
  }
});

/** Both disks of the recorded group: what the heads, the databases and their copies have. */
async function dynamicDisks() {
  const sizes: number[] = [];
  const disks: (readonly [number, Buffer])[][] = [];
  for (const number of [1, 2]) {
    const scope = openScope({ deadlineMs: null });
    try {
      const path = `images/ldm-two.${number}.qcow2`;
      const { content } = await openDisk(path, { format: 'auto', scope });
      const start = content.sizeBytes - MIB;
      const places = [
        [0, 4096],
        [start, 32 * 512],
        [start + 1856 * 512, 512],
      ] as const;
      const pieces: (readonly [number, Buffer])[] = [];
      for (const [at, length] of places) {
        pieces.push([at, Buffer.from(await content.read(at, length))]);
      }
      sizes.push(content.sizeBytes);
      disks.push(pieces);
    } finally {
      await scope.close();
    }
  }
  return { sizes, disks };
}

test('dynamic disks: four hundred mutations give volumes or coded errors', async () => {
  const { sizes, disks } = await dynamicDisks();
  let volumeCount = 0;
  for (let index = 0; index < 400; index++) {
    const next = random(`ldm ${index}`);
    const sources = disks.map((pieces, disk) => {
      const copies = pieces.map(([at, bytes]) => [at, Buffer.from(bytes)] as const);
      const [header, database] = [copies[0]?.[1], copies[1]?.[1]];
      assert.ok(header !== undefined && database !== undefined);
      if (next(4) === 0) damage(header, 3072, 3500, next);
      else damage(database, 17 * 512, 23 * 512, next);
      return counted(sparseSource(sizes[disk] ?? 0, copies));
    });
    for (const source of sources) await openAll(source, `ldm ${index}`);
    try {
      const members = sources.map((source, disk) => ({ device: `/dev/sd${'ab'[disk]}`, source }));
      for (const { source } of (await ldmGroup.join(members)).volumes) {
        volumeCount += 1;
        const content = bytesOf(source);
        await content?.read(
          Math.max(0, content.sizeBytes - 4096),
          Math.min(4096, content.sizeBytes),
        );
      }
    } catch (error) {
      assert.ok(error instanceof VirtDfError, `ldm ${index}: ${error}`);
    }
    for (const { statistics } of sources) assert.ok(statistics.bytes <= MAX_BYTES, `ldm ${index}`);
  }
  assert.ok(volumeCount > 100, `${volumeCount} volumes: the mutations are too harsh`);
});

test('dynamic disks: components of one number are refused, each of which would have all partitions', () => {
  const records = Buffer.alloc(256);
  for (const at of [0, 128]) {
    records.write('VBLK', at, 'latin1');
    records.writeUInt16BE(1, at + 14);
    records.writeUInt8(0x32, at + 19);
    // Its number, and that of its volume.
    records.set([1, 5], at + 24);
    records.set([1, 7], at + 50);
  }
  assert.throws(() => objectsOf(records, 128), { code: 'INVALID', message: /same number/u });
  records.writeUInt8(6, 153);
  const { components } = objectsOf(records, 128);
  assert.deepEqual(
    components.map(({ id, volumeId }) => [id, volumeId]),
    [
      [5, 7],
      [6, 7],
    ],
  );
});

test('random bytes with the signatures of everything', async () => {
  for (let index = 0; index < 500; index++) {
    const next = random(`noise ${index}`);
    const bytes = Buffer.from(Array.from({ length: 8192 }, () => (next(3) === 0 ? next(256) : 0)));
    bytes.writeUInt16BE(0x55aa, 510);
    for (let slot = 0; slot < 4; slot++) bytes[446 + slot * 16] = next(2) * 0x80;
    if (next(2) === 0) bytes.write('EFI PART', next(2) === 0 ? 512 : 4096, 'latin1');
    await openAll(sparseSource(MIB, [[0, bytes]]), `noise ${index}`);
  }
});
