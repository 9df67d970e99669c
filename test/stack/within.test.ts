// Volumes that are disks of machines which the guest runs: their filesystems have the numbers that they have on a disk of their own,
// each machine's volumes are joined by themselves, and what an older use left of a table makes no machine.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import type { ByteSource } from '../../src/bytes/source.js';
import { openDisk } from '../../src/container/open.js';
import { openScope } from '../../src/host/local-scope.js';
import { MAX_STACK_DEPTH } from '../../src/limits.js';
import { noImages, virtDf } from '../cli/support.js';
import { memorySource } from '../memory-source.js';
import { dfOfSources, nodesOf } from '../queries/sources.js';
import { missing, toolEnv } from '../tools.js';
import { type LvmDisks, needsLvm, withLvmDisks } from '../volume/support/lvm.js';

const SECTOR = 512;
const MIB = 1024 * 1024;
const PIECE = 64 * 1024;

interface Row {
  readonly device: string;
  readonly problem: unknown;
}

/** The rows of images as disks of one guest, but for what tells where they lie. */
function rowsOfImages(paths: readonly string[]): readonly Row[] {
  const { stdout } = virtDf(['--json', ...paths.flatMap((path) => ['-a', path])]);
  return JSON.parse(stdout).filesystems;
}

const NUMBERS = ['type', 'label', 'fs_uuid', 'size_bytes', 'used_bytes', 'avail_bytes', 'files'];

function numbers(rows: readonly Row[], prefix = ''): readonly unknown[][] {
  return rows.map((row) => [prefix + row.device, ...NUMBERS.map((name) => Reflect.get(row, name))]);
}

const image = (name: string) => resolve('images', `${name}.qcow2`);

/** Puts an image onto a volume, extent by extent; zeros stay holes. */
function fill({ report, path, devices }: LvmDisks, volume: string, name: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'virt-df-within-'));
  const raw = join(folder, 'raw');
  execFileSync('qemu-img', ['convert', '-O', 'raw', image(name), raw], { env: toolEnv });
  const bytes = readFileSync(raw);
  rmSync(folder, { recursive: true });
  const { segments, physical } = report();
  for (const { lv_name, seg_start, seg_size, seg_pe_ranges } of segments) {
    if (lv_name !== volume) continue;
    const [, device = '', extent] = /^(.*):(\d+)-/u.exec(seg_pe_ranges) ?? [];
    const on = physical.find(({ pv_name }) => pv_name === device);
    const base = Number(on?.pe_start) + Number(extent) * Number(on?.vg_extent_size);
    const file = openSync(path(devices.indexOf(device)), 'r+');
    const part = bytes.subarray(Number(seg_start), Number(seg_start) + Number(seg_size));
    for (let at = 0; at < part.length; at += PIECE) {
      const piece = part.subarray(at, at + PIECE);
      if (piece.some((byte) => byte !== 0)) writeSync(file, piece, 0, piece.length, base + at);
    }
    closeSync(file);
  }
}

test('machines on logical volumes: rows as of their own disks, behind those of the guest', {
  skip: needsLvm || noImages,
}, async () => {
  await withLvmDisks(5, (disks) => {
    const { devices, lvm, create } = disks;
    lvm('pvcreate', '-y', ...devices);
    lvm('vgcreate', '-s', '1M', 'pve', ...devices);
    const volumes = [
      ['root', 'ext4-default'],
      ['vm-7', 'gpt-ext4'],
      ['vm-101-disk-0', 'lvm-linear.1'],
      ['vm-101-disk-1', 'lvm-linear.2'],
    ] as const;
    for (const [volume] of volumes) create('pve', volume, '-L', '64m');
    for (const [volume, name] of volumes) fill(disks, volume, name);
    const rows = rowsOfImages(devices.map((_, index) => disks.path(index)));
    const expected = [
      ...numbers(rowsOfImages([image('ext4-default')])).map(([, ...all]) => [
        '/dev/pve/root',
        ...all,
      ]),
      ...numbers(rowsOfImages([image('gpt-ext4')]), '/dev/pve/vm-7:'),
      ...numbers(rowsOfImages([image('lvm-linear.1'), image('lvm-linear.2')]), '/dev/pve/vm-101:'),
    ];
    assert.deepEqual(
      rows.filter(({ problem }) => problem !== null),
      [],
    );
    const byName = (all: readonly unknown[]) => [...all].sort();
    assert.deepEqual(byName(numbers(rows)), byName(expected));
    assert.equal(rows[0]?.device, '/dev/pve/root');
  });
});

/** A disk with an MBR of one partition that holds `content`. */
function inPartition(content: Uint8Array): Uint8Array {
  const disk = new Uint8Array(content.length + SECTOR * 8);
  const view = new DataView(disk.buffer);
  disk[450] = 0x83;
  view.setUint32(454, 8, true);
  view.setUint32(458, content.length / SECTOR, true);
  disk.set([0x55, 0xaa], 510);
  disk.set(content, SECTOR * 8);
  return disk;
}

async function bytesOf(name: string): Promise<Uint8Array> {
  const scope = openScope({ deadlineMs: null });
  try {
    const { content } = await openDisk(image(name), { format: 'auto', scope });
    return await content.read(0, content.sizeBytes);
  } finally {
    await scope.close();
  }
}

async function rowsOf(disk: ByteSource) {
  return (await dfOfSources([disk])).filesystems;
}

test('a machine on a partition, and machines within machines, to a bound', {
  skip: noImages,
}, async () => {
  let disk = await bytesOf('fat-partitions');
  const own = await rowsOf(memorySource(disk));
  let prefix = '';
  for (let depth = 1; depth <= MAX_STACK_DEPTH; depth += 1) {
    disk = inPartition(disk);
    prefix = `/dev/sda1:${prefix}`;
    if (depth !== 1 && depth !== MAX_STACK_DEPTH) continue;
    const within = await rowsOf(memorySource(disk));
    assert.deepEqual(
      within.map(({ device, type, usedBytes }) => [device, type, usedBytes]),
      own.map(({ device, type, usedBytes }) => [prefix + device, type, usedBytes]),
    );
  }
  const [row, ...others] = await rowsOf(memorySource(inPartition(disk)));
  assert.deepEqual([row?.problem?.code, others.length], ['LIMIT', 0]);
});

test('what an older use left of a table makes no machine', {
  skip: missing({ mkswap: 'util-linux' }) || noImages,
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'virt-df-within-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const disk = await bytesOf('gpt-ext4');
  assert.equal((await typesIn(disk)).includes('gpt'), true);
  const path = join(folder, 'volume');
  const file = openSync(path, 'w');
  writeSync(file, disk);
  closeSync(file);
  // Over the entries, and not over the header nor its copy at the end.
  execFileSync('mkswap', ['-q', path], { env: toolEnv, stdio: 'pipe' });
  assert.deepEqual(await typesIn(readFileSync(path)), ['swap']);
  const wiped = disk.slice();
  wiped.fill(0, 0, MIB);
  assert.equal((await typesIn(wiped)).includes('gpt'), false);
});

/** Of what fills a partition with these bytes: its type, or those of the table and of what lies in it. */
async function typesIn(content: Uint8Array): Promise<readonly (string | undefined)[]> {
  const nodes = await nodesOf([memorySource(inPartition(content))]);
  const inside = nodes.filter(({ kind, device }) => kind !== 'partition' && device !== '/dev/sda');
  return inside.flatMap(({ identity }) => (identity === null ? [] : [identity.type]));
}
