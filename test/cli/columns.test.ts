// Where a filesystem lies, against sfdisk, and which columns --output adds and leaves out.
// References: sfdisk(8), --json; mount(8) of the formats that are written once.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { missing, toolEnv } from '../tools.js';
import { EXT4, GPT, noImages, virtDf } from './support.js';

const noTools = missing({ sfdisk: 'fdisk', 'qemu-img': 'qemu-utils' });

interface Record {
  readonly device: string;
  readonly type: string | null;
  readonly path: string | null;
  readonly offset_bytes: number | null;
  readonly partition_bytes: number | null;
  readonly read_only: boolean | null;
}

function found(names: readonly string[]): readonly Record[] {
  const { stdout } = virtDf(['--json', ...names.map((name) => join('images', name))]);
  const { filesystems, volumes } = JSON.parse(stdout);
  return [...filesystems, ...volumes];
}

/** `[offset, size]` of each partition, by its number. */
function partitions(path: string): ReadonlyMap<number, readonly [number, number]> {
  const text = execFileSync('sfdisk', ['--json', path], { encoding: 'utf8', env: toolEnv });
  const { partitiontable: table } = JSON.parse(text);
  const sector = table.sectorsize ?? 512;
  return new Map(
    table.partitions.map((one: { node: string; start: number; size: number }) => [
      Number(/(\d+)$/u.exec(one.node)?.[1]),
      [one.start * sector, one.size * sector],
    ]),
  );
}

test('offset_bytes and partition_bytes are those of sfdisk', { skip: noImages || noTools }, (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'virt-df-test-'));
  t.after(() => rmSync(folder, { recursive: true }));
  let count = 0;
  for (const name of ['gpt-ext4.qcow2', 'mbr-logical.qcow2', 'luks2-partition.qcow2']) {
    const raw = join(folder, name);
    execFileSync('qemu-img', ['convert', '-O', 'raw', join('images', name), raw]);
    const known = partitions(raw);
    for (const { device, type, offset_bytes, partition_bytes } of found([name])) {
      const number = /^\/dev\/sda(\d+)$/u.exec(device)?.[1];
      if (number === undefined) continue;
      const expected = known.get(Number(number));
      // In a logical partition's frame sfdisk counts what the kernel shows of it, a KiB.
      if (type === 'extended') assert.equal(offset_bytes, expected?.[0], device);
      else assert.deepEqual([offset_bytes, partition_bytes], expected, device);
      count += 1;
    }
  }
  assert.ok(count >= 9);
});

test('what lies on several pieces of a disk has no offset, and a whole disk no partition', {
  skip: noImages,
}, () => {
  const [whole] = found(['ext4-default.qcow2']);
  assert.deepEqual([whole?.offset_bytes, whole?.partition_bytes], [0, null]);
  assert.equal(whole?.path, EXT4);
  const volumes = found(['lvm-linear.1.qcow2']).filter(({ device }) => /^\/dev\/vg/u.test(device));
  assert.ok(volumes.length > 0);
  for (const { offset_bytes, partition_bytes } of volumes) {
    assert.deepEqual([offset_bytes, partition_bytes], [null, null]);
  }
});

test('read_only is what nothing can be written to', { skip: noImages }, () => {
  const once = ['squashfs-xz', 'erofs-plain', 'iso-plain', 'udf-read-only', 'udf-dvd-102'];
  for (const [names, expected] of [
    [once, true],
    [['ext4-default', 'xfs-default', 'udf-hd', 'ntfs-default', 'btrfs-default'], false],
  ] as const) {
    const records = found(names.map((name) => `${name}.qcow2`));
    assert.equal(records.length, names.length);
    for (const { type, read_only } of records) assert.equal(read_only, expected, `${type}`);
  }
  assert.equal(
    found(['luks1-partition.qcow2']).find(({ device }) => device === '/dev/sda1')?.read_only,
    null,
  );
});

test('--output adds columns with + and leaves them out with -', { skip: noImages }, () => {
  const table = (output: string, ...more: readonly string[]) =>
    virtDf([`--output=${output}`, ...more, GPT]).stdout.split('\n')[0];
  const wide = ['--width', '100', '-h'];
  assert.equal(
    table('+label,-used,+offset', ...wide)?.trimEnd(),
    'GUEST           DEVICE     TYPE  LABEL  SIZE  AVAIL  USE%  OFFSET',
  );
  assert.match(table('+label,-use%') ?? '', /^Filesystem +Label +1K-blocks +Used +Available$/u);
  assert.match(table('+state,-guest', '--csv') ?? '', /^uuid,disk,.*,state,.*,uri,mountpoint$/u);
  assert.match(
    table('-type', '--plain') ?? '',
    /^guest: gpt-ext4\.qcow2, device: \/dev\/sda2, size:/u,
  );
  for (const words of [['--output', '-type,-used'], ['--output=-type,-used']]) {
    const [head] = virtDf([...words, '--width', '90', '-h', GPT]).stdout.split('\n');
    assert.match(head ?? '', /^GUEST +DEVICE +SIZE +AVAIL +USE%$/u);
  }
  const path = resolve(GPT);
  assert.equal(
    virtDf(['--output=path,offset', GPT]).stdout.split('\n')[1]?.trim(),
    `${path}   2048`,
  );
  for (const wrong of ['guest,+label', '+nosuch', '+']) {
    assert.equal(virtDf([`--output=${wrong}`, GPT]).code, 2, wrong);
  }
});

const FULL = ['ntfs-full', 'ext4-default', 'squashfs-xz', 'luks1-partition', 'udf-read-only'].map(
  (name) => `images/${name}.qcow2`,
);

test('--min-use and --exclude-read-only leave rows out of every output', { skip: noImages }, () => {
  const guests = (...flags: readonly string[]): readonly string[] =>
    JSON.parse(virtDf(['--json', ...flags, ...FULL]).stdout).filesystems.map(
      ({ guest }: { readonly guest: string }) => guest.replace('.qcow2', ''),
    );
  const locked = 'luks1-partition';
  assert.deepEqual(guests('--min-use', '32'), ['ntfs-full', 'squashfs-xz', locked]);
  assert.deepEqual(guests('--min-use', '31', '--exclude-read-only'), [
    ...['ntfs-full', 'ext4-default'],
    locked,
  ]);
  assert.deepEqual(guests('--exclude-read-only'), ['ntfs-full', 'ext4-default', locked]);
  assert.deepEqual(guests('--min-use', '99', '-i'), ['squashfs-xz', locked]);
  const flags = ['--min-use', '32', '--exclude-read-only'];
  for (const output of [['--csv'], ['--ndjson'], ['--plain'], []]) {
    const { stdout } = virtDf([...output, ...flags, ...FULL]);
    assert.match(stdout, /ntfs-full/u);
    assert.doesNotMatch(
      stdout,
      /"type":"(?:squashfs|ext4)"|,(?:squashfs|ext4),|type: (?:squashfs|ext4)|(?:xz|default)\.qcow2:/u,
    );
  }
  const none = virtDf(['--min-use', '100', EXT4]);
  assert.deepEqual([none.code, none.stderr], [1, 'virt-df: no filesystem matches\n']);
});

test('--all-volumes has rows for what is no filesystem, which count for nothing', {
  skip: noImages,
}, () => {
  const rows = (...flags: readonly string[]) =>
    virtDf([...flags, '--output', 'device,type,size', GPT])
      .stdout.split('\n')
      .slice(1, -1);
  const all = rows('--all-volumes', '--total').map((line) => line.split(/ +/u));
  assert.deepEqual(
    all.map(([device, type]) => [device, type]),
    [
      ['/dev/sda1', 'reserved'],
      ['/dev/sda2', 'ext2'],
      ['/dev/sda3', 'swap'],
      ['/dev/sda4', 'ext4'],
      ['-', '-'],
    ],
  );
  assert.equal(Number(all[4]?.[2]), Number(all[1]?.[2]) + Number(all[3]?.[2]));
  assert.equal(all[2]?.[2], '8192');
  assert.equal(rows().length, 2);
  const wide = virtDf(['--all-volumes', '--width', '100', GPT]).stdout;
  assert.match(wide, /^2 filesystems and 2 other volumes in 1 guest\.$/mu);
  const locked = virtDf(['--all-volumes', '--csv', 'images/luks1-partition.qcow2']).stdout;
  assert.equal(locked.split('\n').filter((line) => line.includes('crypto_LUKS')).length, 1);
});
