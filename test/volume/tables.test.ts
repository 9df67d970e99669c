// Tables of other systems, and those within a partition of an MBR, against what the kernel finds on the recorded images; and
// what no program writes.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import type { ByteSource } from '../../src/bytes/source.js';
import { openDisk } from '../../src/container/open.js';
import { openScope } from '../../src/host/local-scope.js';
import type { PartitionNode, StackNode } from '../../src/stack/node.js';
import { nodesOf } from '../queries/sources.js';
import { sparseSource } from './support/sources.js';
import { bootRecord, bsdLabel, gptEntry, gptHeader, PROTECTIVE } from './support/tables.js';

interface Recorded {
  readonly name: string;
  readonly disks: readonly string[];
  /** Set where the kernel told the partitions. */
  readonly partition_kernel?: string;
  readonly partitions?: readonly {
    readonly device: string;
    readonly offset_bytes: number;
    readonly size_bytes: number;
  }[];
}

const FOLDER = resolve('images');
const recorded = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.expected.json'))
  .map((name): Recorded => JSON.parse(readFileSync(join(FOLDER, name), 'utf8')))
  .filter(({ partition_kernel: kernel }) => kernel !== undefined);

/** The kernel keeps all but the first sectors of an extended partition from being used. */
const EXTENDED_BYTES = 1024;

async function nodesOfImage(...disks: readonly string[]): Promise<readonly StackNode[]> {
  const scope = openScope({ deadlineMs: null });
  try {
    const contents: ByteSource[] = [];
    for (const disk of disks) {
      contents.push((await openDisk(join(FOLDER, disk), { format: 'auto', scope })).content);
    }
    return await nodesOf(contents);
  } finally {
    await scope.close();
  }
}

function partitionsOf(nodes: readonly StackNode[]): readonly PartitionNode[] {
  return nodes.filter((node) => node.kind === 'partition');
}

/** Where it begins on the disk: a table within a partition counts from there. */
function startOf(node: PartitionNode): number {
  const start = node.partition.endBytes - node.sizeBytes;
  const on = node.parents[0]?.parents[0];
  return on?.kind === 'partition' ? startOf(on) + start : start;
}

function rowOf(node: PartitionNode) {
  const isExtended = node.partition.role === 'extended';
  return {
    device: node.device,
    offset_bytes: startOf(node),
    size_bytes: isExtended ? EXTENDED_BYTES : node.sizeBytes,
  };
}

for (const { name, disks, partitions } of recorded) {
  test(`${name}: partitions have the kernel's numbers, starts and sizes`, async () => {
    const nodes = partitionsOf(await nodesOfImage(...disks));
    const byDevice = new Map(nodes.map((node) => [node.device, rowOf(node)]));
    assert.deepEqual(
      partitions?.map(({ device }) => byDevice.get(device)),
      partitions,
    );
    assert.equal(nodes.length, partitions?.length);
  });
}

test('each of these tables is in a recorded image', async () => {
  const types = new Set<string>();
  for (const { disks } of recorded) {
    const nodes = await nodesOfImage(...disks);
    for (const { kind, identity } of nodes) if (kind === 'table') types.add(identity?.type ?? '');
  }
  const tables = ['pc98', 'sgi', 'mbr', 'sun', 'amiga', 'atari', 'mac', 'bsd', 'gpt', 'ldm'];
  const inner = ['minix', 'solaris', 'unixware'];
  assert.deepEqual([...types].sort(), [...tables, ...inner].sort());
});

/** The names that other systems give, by ours. */
async function nativeNames(disk: string): Promise<Readonly<Record<string, string | null>>> {
  const nodes = partitionsOf(await nodesOfImage(disk));
  return Object.fromEntries(nodes.map(({ device, nativeName }) => [device, nativeName]));
}

test('partitions have the names that their own systems give them', async () => {
  const bsds = await nativeNames('mbr-bsd.qcow2');
  assert.deepEqual(
    [6, 7, 8, 9, 12].map((number) => bsds[`/dev/sda${number}`]),
    ['da0s1a', 'da0s1b', 'da0s1d', 'sd0a', 'sd0a'],
  );
  const solaris = await nativeNames('mbr-inner.qcow2');
  assert.deepEqual([solaris['/dev/sda5'], solaris['/dev/sda7']], ['c0t0d0s0', 'c0t0d0s2']);
  assert.equal((await nativeNames('sun-two.qcow2'))['/dev/sda1'], 'c0t0d0s0');
  assert.equal((await nativeNames('sgi-two.qcow2'))['/dev/sda11'], 'dks0d1vol');
});

/** A label of DragonFly: partitions are [first byte, size in bytes], the second one is swap. */
function disklabel64Of(partitions: readonly (readonly [number, number])[]): Buffer {
  const label = Buffer.alloc(712 + 64 * partitions.length);
  label.writeUInt32LE(0xc4464c59, 512);
  label.writeUInt32LE(partitions.length, 524);
  for (const [index, [first, size]] of partitions.entries()) {
    const at = 712 + 64 * index;
    label.writeBigUInt64LE(BigInt(first), at);
    label.writeBigUInt64LE(BigInt(size), at + 8);
    label.writeUInt8(index === 1 ? 1 : 7, at + 16);
  }
  label.writeUInt32LE(crc32(label.subarray(512)), 516);
  return label;
}

/** [device, first byte on what it lies on, size, role, the system's own name] */
function shownOf(nodes: readonly StackNode[]) {
  return partitionsOf(nodes).map(({ device, partition, sizeBytes, nativeName }) => {
    const { endBytes, role } = partition;
    return [device, endBytes - sizeBytes, sizeBytes, role, nativeName];
  });
}

const MIB = 1024 * 1024;
const FFS = 7;
const UNUSED = 0;
const NO_ENTRY = { type: 0, first: 0, count: 0 };

test('a partition of a BSD that is all of its disk or slice is looked into', async () => {
  const scope = openScope({ deadlineMs: null });
  const { content } = await openDisk(join(FOLDER, 'ufs2-le.qcow2'), { format: 'auto', scope });
  const superblock = await content.read(64 * 1024, 2048);
  await scope.close();
  const count = content.sizeBytes / 512;
  const label = bsdLabel([
    [0, count, FFS],
    [0, 0, UNUSED],
    [0, count, UNUSED],
  ]);
  const at = (start: number) =>
    [
      [start + 512, label],
      [start + 64 * 1024, superblock],
    ] as const;
  const filesystems = async (sizeBytes: number, record: Buffer | null, start = 0) => {
    const head = record === null ? [] : [[0, record] as const];
    const nodes = await nodesOf([sparseSource(sizeBytes, [...head, ...at(start)])]);
    return nodes.flatMap((node) => (node.kind === 'filesystem' ? [node.device] : []));
  };
  assert.deepEqual(await filesystems(content.sizeBytes, null), ['/dev/sda1']);
  // What FreeBSD's boot program has where there is no MBR.
  const boot1 = { boot: 0x80, type: 0xa5, first: 0, count: 50_000 };
  const entries = [NO_ENTRY, NO_ENTRY, NO_ENTRY, boot1];
  assert.deepEqual(await filesystems(content.sizeBytes, bootRecord(entries)), ['/dev/sda1']);
  const slice = bootRecord([{ type: 0xa5, first: 2048, count }]);
  assert.deepEqual(await filesystems(content.sizeBytes + MIB, slice, MIB), ['/dev/sda1']);
});

test('a label in a slice of DragonFly is not numbered on, and counts from where the slice begins', async () => {
  const label = bsdLabel([
    [16, 8192, FFS],
    [8208, 1024, 1],
    [0, 20_480, UNUSED],
  ]);
  const pieces = [
    [0, bootRecord([{ type: 0x6c, first: 2048, count: 20_480 }])],
    [MIB + 512, label],
  ] as const;
  assert.deepEqual(shownOf(await nodesOf([sparseSource(16 * MIB, pieces)])).slice(1), [
    ['/dev/sda1p1', 16 * 512, 8192 * 512, 'data', 'da0s1a'],
    ['/dev/sda1p2', 8208 * 512, 1024 * 512, 'reserved', 'da0s1b'],
  ]);
});

test("OpenBSD's label in a GPT counts from where the disk begins, and names its other partitions", async () => {
  const label = bsdLabel([
    [4160, 8192, FFS],
    [12_352, 1024, 1],
    [0, 32_768, UNUSED],
    [64, 1984, 8],
  ]);
  const entry = gptEntry(4096n, 24_575n);
  entry.write('a0c74c82a836e311890a952519ad3f61', 0, 'hex');
  const pieces = [
    [0, bootRecord([PROTECTIVE])],
    [512, gptHeader({ lastUsableLba: 30_000n }, entry)],
    [1024, entry],
    [4097 * 512, label],
  ] as const;
  assert.deepEqual(shownOf(await nodesOf([sparseSource(16 * MIB, pieces)])).slice(1), [
    ['/dev/sda1p1', 64 * 512, 8192 * 512, 'data', 'sd0a'],
    ['/dev/sda1p2', 8256 * 512, 1024 * 512, 'reserved', 'sd0b'],
  ]);
});

test('Atari: the end of a chain that is not in use has a number all the same', async () => {
  const root = Buffer.alloc(512);
  for (const [at, type, first] of [
    [454, 'XGM', 2048],
    [466, 'LNX', 4096],
  ] as const) {
    root.writeUInt8(1, at);
    root.write(type, at + 1, 'latin1');
    root.writeUInt32BE(first, at + 4);
    root.writeUInt32BE(1024, at + 8);
  }
  const nodes = await nodesOf([sparseSource(4 * MIB, [[0, root]])]);
  assert.deepEqual(
    partitionsOf(nodes).map(({ device }) => device),
    ['/dev/sda2'],
  );
});

/** Linux does not know it. */
const UNKNOWN_TO_LINUX = 'disklabel64';

test(`${UNKNOWN_TO_LINUX}: on a disk, and in a slice of an MBR, which is not numbered on`, async () => {
  const label = disklabel64Of([
    [MIB, 4 * MIB],
    [5 * MIB, MIB],
    [0, 0],
    [6 * MIB, 8 * MIB],
  ]);
  const whole = await nodesOf([sparseSource(16 * MIB, [[0, label]])]);
  assert.deepEqual(shownOf(whole), [
    ['/dev/sda1', MIB, 4 * MIB, 'data', 'da0a'],
    ['/dev/sda2', 5 * MIB, MIB, 'reserved', 'da0b'],
    ['/dev/sda4', 6 * MIB, 8 * MIB, 'data', 'da0d'],
  ]);
  const record = bootRecord([{ type: 0x6c, first: 2048, count: 32_768 }]);
  const slice = await nodesOf([
    sparseSource(24 * MIB, [
      [0, record],
      [MIB, label],
    ]),
  ]);
  assert.deepEqual(shownOf(slice).at(-1), ['/dev/sda1p4', 6 * MIB, 8 * MIB, 'data', 'da0s1d']);
  const damaged = Buffer.from(label);
  damaged.writeUInt8(9, 720);
  assert.deepEqual(partitionsOf(await nodesOf([sparseSource(16 * MIB, [[0, damaged]])])), []);
});
