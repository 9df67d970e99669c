// The tree of a guest's storage: all that df lists is in it, with the same identity and numbers; the places and sizes of
// partitions are those that sfdisk gives.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { scanImages, scanImageTrees, type TreeNode } from '../../src/index.js';
import { diskFolder, put, run } from '../disks.js';
import { missing } from '../tools.js';

const MIB = 1024 * 1024;

const { folder, sparse, made } = diskFolder('tree');

function flat(nodes: readonly TreeNode[]): readonly TreeNode[] {
  return nodes.flatMap((node) => [node, ...flat(node.children)]);
}

async function treeOf(...images: readonly string[]): Promise<readonly TreeNode[]> {
  const [report] = await scanImageTrees(images, { sameGuest: true });
  assert.ok(report !== undefined);
  return report.nodes;
}

/** The images of one guest each: `lvm-linear.1`, `lvm-linear.2` belong together. */
function guests(): readonly (readonly string[])[] {
  const groups = new Map<string, string[]>();
  for (const name of readdirSync('images').sort()) {
    if (!name.endsWith('.qcow2')) continue;
    const key = name.replace(/(?:\.\d+)?\.qcow2$/u, '');
    groups.set(key, [...(groups.get(key) ?? []), join('images', name)]);
  }
  return [...groups.values()];
}

interface LvmFigures {
  readonly disks: readonly string[];
  readonly pools: readonly {
    device: string;
    size_bytes: number;
    data_percent: string;
    metadata_percent: string;
  }[];
  readonly snapshots: readonly { device: string; snap_percent: string }[];
  readonly thin_volumes: readonly {
    device: string;
    mapped_bytes: number;
    exclusive_bytes: number;
  }[];
}

/** 83.125 is 83.12 to printf(3), which rounds halves to even numbers. */
function assertPercent(percent: number | null | undefined, printed: string): void {
  assert.ok(Math.abs((percent ?? -1) - Number(printed)) <= 0.0101, `${percent} ${printed}`);
}

test('a thin pool lies in its volume group, as full as lvs says, and its volumes lie in it', async () => {
  const text = readFileSync('images/lvm-thin.expected.json', 'utf8');
  const { disks, pools, snapshots, thin_volumes } = JSON.parse(text) as LvmFigures;
  const images = disks.map((name) => join('images', name));
  const [report] = await scanImageTrees(images, { sameGuest: true, exclusive: true });
  const nodes = flat(report?.nodes ?? []);
  const called = (device: string) => nodes.find(({ name }) => name === device);
  assert.ok(pools.length > 0 && snapshots.length > 0 && thin_volumes.length > 2);
  for (const { device, size_bytes, data_percent, metadata_percent } of pools) {
    const pool = called(device);
    assert.deepEqual([pool?.kind, pool?.type, pool?.sizeBytes], ['group', 'thin-pool', size_bytes]);
    assertPercent(((pool?.usedBytes ?? 0) / size_bytes) * 100, data_percent);
    assertPercent(pool?.dataPercent, data_percent);
    assertPercent(pool?.metadataPercent, metadata_percent);
    const inside = pool?.children.map(({ name }) => name) ?? [];
    assert.ok(inside.includes('/dev/vg_thin/first') && !inside.includes('/dev/vg_thin/base'));
    assert.ok(called('/dev/vg_thin')?.children.includes(pool as TreeNode));
  }
  for (const { device, snap_percent } of snapshots) {
    assertPercent(called(device)?.snapPercent, snap_percent);
  }
  for (const { device, mapped_bytes, exclusive_bytes } of thin_volumes) {
    const { mappedBytes, exclusiveBytes } = called(device) ?? {};
    assert.deepEqual([mappedBytes, exclusiveBytes], [mapped_bytes, exclusive_bytes], device);
  }
});

test('has all rows and volumes of df, with the same names and numbers', async () => {
  const all = guests();
  assert.ok(all.length > 300);
  for (const images of all) {
    const [[report], nodes] = [
      await scanImages(images, { sameGuest: true }),
      await treeOf(...images),
    ];
    assert.ok(report !== undefined);
    const found = flat(nodes);
    for (const {
      device,
      type,
      label,
      fsUuid,
      usedBytes,
      sizeBytes,
      problem,
    } of report.filesystems) {
      if (problem !== null) {
        const codes = found.filter(({ name }) => name === device).map((node) => node.problem?.code);
        assert.ok(codes.includes(problem.code), `${images[0]} ${device} ${problem.code}`);
        continue;
      }
      const same = found.find(
        (node) => node.kind === 'filesystem' && node.name === device && node.type === type,
      );
      assert.deepEqual(
        [same?.label, same?.uuid, same?.usedBytes, same?.sizeBytes],
        [label, fsUuid, usedBytes, sizeBytes],
        `${images[0]} ${device}`,
      );
    }
    for (const { device, type } of report.volumes) {
      const types = found.filter(({ name }) => name === device).map((node) => node.type);
      assert.ok(types.includes(type), `${images[0]} ${device}: ${type} is not in ${types}`);
    }
  }
});

/** The parts of `sfdisk --json` that count. */
interface Sfdisk {
  readonly partitiontable: {
    readonly partitions: readonly { start: number; size: number; uuid: string }[];
  };
}

test('has the places of partitions, and the room between them', {
  skip: missing({ sgdisk: 'gdisk', sfdisk: 'fdisk', 'mkfs.ext4': 'e2fsprogs' }),
}, async () => {
  const disk = sparse('disk.img', 100 * MIB);
  run('sgdisk', '-n1:2048:+10M', '-n2:61440:+20M', '-n3:0:+10M', disk);
  put(disk, MIB, made('part.img', 6 * MIB, 'mkfs.ext4', '-q', '-F'));
  const table: Sfdisk = JSON.parse(run('sfdisk', '--json', disk));
  const found = flat(await treeOf(disk));
  assert.deepEqual(
    found
      .filter(({ kind }) => kind === 'partition')
      .map(({ offsetBytes, sizeBytes, uuid }) => [offsetBytes, sizeBytes, uuid]),
    table.partitiontable.partitions.map(({ start, size, uuid }) => [
      start * 512,
      size * 512,
      uuid.toLowerCase(),
    ]),
  );
  // Behind the filesystem of 6 MiB in a partition of 10; between partitions 1 and 2; behind partition 3.
  const room = found.filter(({ kind }) => kind === 'free');
  assert.deepEqual(
    room.map(({ offsetBytes }) => offsetBytes),
    [6 * MIB, 11 * MIB, 60 * MIB],
  );
  assert.deepEqual(
    room.slice(0, 2).map(({ sizeBytes }) => sizeBytes),
    [4 * MIB, 19 * MIB],
  );
});

test('draws a group on two disks under the first, and names it under the other', async () => {
  const nodes = await treeOf('images/lvm-linear.1.qcow2', 'images/lvm-linear.2.qcow2');
  const groups = flat(nodes).filter(({ kind }) => kind === 'group');
  assert.deepEqual(
    groups.map(({ isRepeated, children }) => [isRepeated, children.length > 0]),
    [
      [false, true],
      [true, false],
    ],
  );
  const [group] = groups;
  const [free] = (group?.children ?? []).filter(({ kind }) => kind === 'free');
  assert.ok(group?.sizeBytes && group.usedBytes && free?.sizeBytes);
  assert.equal(group.usedBytes + free.sizeBytes, group.sizeBytes);
  const volumes = group.children.filter(({ kind }) => kind === 'volume');
  const taken = volumes.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0);
  assert.equal(taken, group.usedBytes);
});

test('has the layers of a chain, each in the one that names it', {
  skip: missing({ 'qemu-img': 'qemu-utils' }),
}, async () => {
  const [base, top] = [join(folder, 'base.qcow2'), join(folder, 'top.qcow2')];
  run('qemu-img', 'create', '-q', '-f', 'qcow2', base, '64M');
  run('qemu-img', 'create', '-q', '-f', 'qcow2', '-b', base, '-F', 'qcow2', top);
  const layers = flat(await treeOf(top)).filter(({ kind }) => kind === 'layer');
  assert.deepEqual(
    layers.map(({ name, children }) => [name, children.length]),
    [
      [top, 1],
      [base, 0],
    ],
  );
});
