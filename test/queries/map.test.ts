// What lies at each byte of recorded images, beside the kernel's FIEMAP of every file; asked in whole, and by offset.
import assert from 'node:assert/strict';
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import type { MapOptions } from '../../src/queries/map/options.js';
import type { MapKind, MapRow } from '../../src/queries/map/record.js';
import { joined, type Piece } from '../filesystem/files/kernel-pieces.js';
import { asBytes, type ExtTruth, type FatTruth, truthOf } from '../filesystem/files/truth.js';
import { latin1, mapOf, textOf } from './map-support.js';

const image = (name: string) => resolve(`images/${name}.qcow2`);
const UNWRITTEN = 1;
const SHARED = 2;

/** By path, as the kernel tells them. */
function piecesOf(rows: readonly MapRow[]): ReadonlyMap<string, readonly Piece[]> {
  const found = new Map<string, Piece[]>();
  for (const { kind, owner, fileOffsetBytes, offsetBytes, lengthBytes, isShared } of rows) {
    if (owner === null || fileOffsetBytes === null || kind === 'system' || kind === 'log') continue;
    const flags = (kind === 'unwritten' ? UNWRITTEN : 0) + (isShared === true ? SHARED : 0);
    for (const path of owner.paths) {
      const name = latin1(path);
      const own = found.get(name === '/' ? '' : name) ?? [];
      found.set(name === '/' ? '' : name, own);
      own.push([fileOffsetBytes, offsetBytes, lengthBytes, flags]);
    }
  }
  return found;
}

/** Each byte once, but those that files share; none is missing. */
function checkWhole(rows: readonly MapRow[], sizeBytes: number, name: string): void {
  let end = 0;
  for (const { offsetBytes, lengthBytes, isShared } of rows) {
    assert.ok(offsetBytes <= end, `${name}: nothing at ${end}`);
    assert.ok(offsetBytes === end || isShared === true, `${name}: twice at ${offsetBytes}`);
    end = Math.max(end, offsetBytes + lengthBytes);
  }
  assert.equal(end, sizeBytes, name);
}

const BY_FIEMAP = [
  ...['ext3-4k', 'ext4-inline-data', 'ext4-bigalloc-4k-16k', 'ext4-dirty-orphans'],
  ...['xfs-files', 'xfs-rmapbt', 'xfs-dirty'],
];

test('every file lies where FIEMAP says, and every byte has its owners', async () => {
  for (const name of BY_FIEMAP) {
    const { rows, problems, filesystems } = await mapOf([image(name)]);
    assert.deepEqual(problems, [], name);
    const [device] = filesystems.map(({ record }) => record.device);
    const ours = piecesOf(rows);
    for (const [path, { kind, pieces, blocks }] of Object.entries(
      truthOf<ExtTruth>(name)[device ?? '']?.files ?? {},
    )) {
      // A link's target and XFS's directories have no FIEMAP.
      if (pieces === undefined || pieces === null || blocks !== undefined) continue;
      if (kind === 'symlink' || (kind === 'directory' && name.startsWith('xfs'))) continue;
      const own = joined([...(ours.get(asBytes(path)) ?? [])].sort(([a], [b]) => a - b));
      assert.deepEqual(own, joined(pieces), `${name} ${path}`);
    }
    const last = rows.at(-1);
    checkWhole(rows, (last?.offsetBytes ?? 0) + (last?.lengthBytes ?? 0), name);
  }
});

test('FAT’s clusters are those that mtools lists', async () => {
  const { rows } = await mapOf([image('fat16-16m')]);
  const lengths = new Map<string, number>();
  for (const { owner, lengthBytes } of rows) {
    for (const path of owner?.paths ?? []) {
      lengths.set(latin1(path), (lengths.get(latin1(path)) ?? 0) + lengthBytes);
    }
  }
  const files = Object.entries(truthOf<FatTruth>('fat16-16m')['/dev/sda']?.files ?? {});
  assert.ok(files.length > 10);
  const [unit] = files.flatMap(([path, { clusters }]) => {
    const count = clusters.reduce((sum, [first, end]) => sum + end - first + 1, 0);
    return count === 0 ? [] : [(lengths.get(asBytes(path)) ?? 0) / count];
  });
  for (const [path, { clusters }] of files) {
    const count = clusters.reduce((sum, [first, end]) => sum + end - first + 1, 0);
    assert.equal(lengths.get(asBytes(path)) ?? 0, count * (unit ?? 0), path);
  }
});

test('asked by offset each range has the owners that it has in the whole', async () => {
  for (const name of ['gpt-ext4', 'xfs-files', 'fat-partitions']) {
    const whole = (await mapOf([image(name)])).rows;
    // The last byte of each range, and the first one of the next.
    const ranges = whole.map(({ offsetBytes, lengthBytes }) => {
      return { offsetBytes: offsetBytes + lengthBytes - 1, lengthBytes: 1 };
    });
    // Where content lies within a record is told of offsets alone, beside the record's own line; a map of all lacks it.
    const byOffset = (await mapOf([image(name)], { ranges })).rows;
    for (const row of byOffset.filter(({ kind }) => kind === 'inline')) {
      const besides = byOffset.filter(({ offsetBytes }) => offsetBytes === row.offsetBytes);
      assert.ok(besides.some(({ kind }) => kind === 'metadata'));
    }
    const asked = byOffset.filter(({ kind }) => kind !== 'inline').map(textOf);
    const expected = ranges.flatMap(({ offsetBytes: at }) =>
      whole
        .filter(
          ({ offsetBytes, lengthBytes }) => offsetBytes <= at && at < offsetBytes + lengthBytes,
        )
        .map((row) => textOf(cutTo(row, at))),
    );
    assert.deepEqual([...asked].sort(), [...expected].sort(), name);
  }
});

function cutTo(row: MapRow, at: number): MapRow {
  const moved = (value: number | null) => (value === null ? null : value + at - row.offsetBytes);
  return {
    ...row,
    offsetBytes: at,
    lengthBytes: 1,
    deviceOffsetBytes: moved(row.deviceOffsetBytes),
    fileOffsetBytes: moved(row.fileOffsetBytes),
  };
}

test('a block in several files has a row for each, and all their paths', async () => {
  const { rows } = await mapOf([image('xfs-files')]);
  const shared = rows.filter(({ isShared }) => isShared === true);
  assert.ok(shared.length >= 2);
  for (const { offsetBytes } of shared) {
    assert.ok(shared.filter((other) => other.offsetBytes === offsetBytes).length >= 1);
  }
  const linked = rows.find(({ owner }) => (owner?.paths.length ?? 0) > 1);
  assert.equal(linked?.owner?.paths.length, linked?.owner?.linkCount);
});

test('each device of a filesystem on several has its own', async () => {
  const { rows, problems } = await mapOf(['btrfs-half-raid1.1', 'btrfs-half-raid1.2'].map(image));
  assert.deepEqual(problems, []);
  const owned = (device: string) =>
    rows.filter((row) => row.device === device && row.kind === 'data').map(textOf);
  assert.ok(owned('/dev/sda').length > 0);
  assert.ok(owned('/dev/sdb').length > 0);
  const first = rows.findIndex(({ device }) => device === '/dev/sdb');
  const sizeBytes = rows.slice(0, first).reduce((bytes, one) => bytes + one.lengthBytes, 0);
  checkWhole(rows.slice(0, first), sizeBytes, '/dev/sda');
});

test('tables, gaps, swap and what no volume has', async () => {
  const images = ['lvm-linear.1', 'lvm-linear.2'].map(image);
  const { rows, problems } = await mapOf(images);
  assert.deepEqual(problems, []);
  const sum = (device: string, ...kinds: readonly MapKind[]) =>
    rows
      .filter((row) => row.device === device && kinds.includes(row.kind))
      .reduce((bytes, { lengthBytes }) => bytes + lengthBytes, 0);
  const MIB = 1024 * 1024;
  assert.equal(sum('/dev/vg_linear/swap_1', 'swap'), 16 * MIB);
  // As tree says: 16 MiB of the group are free, and each member has its metadata in the first MiB.
  assert.ok(sum('/dev/sda2', 'member') + sum('/dev/sdb1', 'member') >= 18 * MIB);
  // As vgs says.
  const named = (name: string) =>
    rows.filter((row) => row.name === name).reduce((bytes, row) => bytes + row.lengthBytes, 0);
  assert.equal(named('unused extents'), 16 * MIB);
  assert.equal(named('volume metadata'), 2 * MIB);
  assert.equal(sum('/dev/sda', 'table'), 2 * (33 * 512) + 2 * 512 - 512);
  assert.equal(
    rows.reduce((bytes, { lengthBytes }) => bytes + lengthBytes, 0),
    128 * MIB,
  );
});

test('the sectors that describe logical partitions are tables', async () => {
  const name = 'mbr-logical';
  const { rows } = await mapOf([image(name)]);
  const tables = rows.filter(({ kind, device }) => kind === 'table' && device === '/dev/sda2');
  const logical = new Set(
    rows.flatMap(({ device }) => /^\/dev\/sda(?:[5-9]|\d\d)$/u.exec(device ?? '') ?? []),
  );
  assert.equal(tables.length, logical.size);
  assert.ok(tables.every(({ lengthBytes }) => lengthBytes === 512));
  assert.equal(tables[0]?.deviceOffsetBytes, 0);
});

test('what a missing device leaves untold is unread, with the reason', async () => {
  const ranges = [{ offsetBytes: 14 * 2 ** 20, lengthBytes: 8 * 2 ** 20 }];
  for (const [name, asked] of [
    ['lvm-partial.1', { ranges }],
    ['btrfs-missing-disk.1', {}],
  ] as const) {
    const { rows, filesystems, problems } = await mapOf([image(name)], asked);
    const told = [...problems, ...filesystems.flatMap(({ problem }) => problem ?? [])];
    assert.equal(told[0]?.code, 'MISSING_DEVICE', name);
    assert.deepEqual(
      rows.map((row) => [row.kind, row.name]),
      [['unread', told[0]?.message]],
    );
  }
});

test('a disk or a file that is not there is told once, and nothing else of it', async () => {
  const ranges = [{ offsetBytes: 0, lengthBytes: 1 }];
  const codesOf = async (images: readonly string[], options: Partial<MapOptions>) => {
    const { rows, problems } = await mapOf(images, { ranges, ...options });
    assert.deepEqual(rows, []);
    return problems.map(({ code, message }) => `${code} ${message}`);
  };
  const [missing, ...others] = await codesOf([image('no-such-image')], {});
  assert.match(missing ?? '', /^NOT_FOUND .*does not exist/u);
  assert.deepEqual(others, []);
  const two = ['lvm-linear.1', 'lvm-linear.2'].map(image);
  assert.match((await codesOf(two, { from: 'host' })).join(), /2 disks .*--host-file says/u);
  const elsewhere = await codesOf([image('gpt-ext4')], { from: 'host', hostFile: '/nowhere' });
  assert.deepEqual(elsewhere, ['NOT_FOUND no disk lies in /nowhere']);
});

test('each byte of an image of compressed clusters is a stream’s or the image’s', async () => {
  const sizeBytes = statSync(image('ext4-default')).size;
  const ranges = [{ offsetBytes: 0, lengthBytes: sizeBytes + 10 }];
  const { rows, problems } = await mapOf([image('ext4-default')], { from: 'host', ranges });
  assert.deepEqual(
    problems.map(({ code }) => code),
    ['OUT_OF_BOUNDS'],
  );
  // Where one stream ends and the next begins within a sector the format does not tell: both have it.
  const sorted = [...rows].sort((a, b) => a.offsetBytes - b.offsetBytes);
  let end = 0;
  for (const { offsetBytes, lengthBytes, kind } of sorted) {
    assert.ok(offsetBytes <= end, `nothing at ${end}`);
    if (kind === 'image' || kind === 'unread') assert.equal(offsetBytes, end);
    end = Math.max(end, offsetBytes + lengthBytes);
  }
  assert.equal(end, sizeBytes + 10);
  assert.deepEqual([sorted[0]?.kind, sorted[0]?.offsetBytes], ['image', 0]);
  assert.deepEqual([sorted.at(-1)?.kind, sorted.at(-1)?.lengthBytes], ['unread', 10]);
});

test('on a device the bytes are counted from its begin', async () => {
  const ranges = [{ offsetBytes: 1024, lengthBytes: 1024 }];
  const { rows } = await mapOf([image('gpt-ext4')], { device: '/dev/sda2', ranges });
  assert.deepEqual(rows.map(textOf), ['metadata /dev/sda2@1024+1024 superblock']);
  const missing = await mapOf([image('gpt-ext4')], { device: '/dev/sdz', ranges });
  assert.match(missing.problems[0]?.message ?? '', /there is no \/dev\/sdz/u);
  const behind = [{ offsetBytes: 2 ** 40, lengthBytes: 1 }];
  const [problem] = (await mapOf([image('gpt-ext4')], { ranges: behind })).problems;
  assert.equal(problem?.code, 'OUT_OF_BOUNDS');
});

test('a directory leads to its bytes in the image, and they lead back to it', async () => {
  const name = 'qcow2-chain-4';
  const { rows } = await mapOf([image(name)]);
  const directories = rows.filter(({ owner }) => owner?.type === 'directory');
  assert.ok(directories.length > 10);
  for (const { owner } of directories.filter((_, index) => index % 4 === 0)) {
    const [path] = owner?.paths ?? [];
    assert.ok(path);
    const { filesystems } = await mapOf([image(name)], {
      from: 'file',
      path: path.text.split('/').filter((one) => one !== ''),
    });
    const piece = filesystems[0]?.file?.pieces.find(({ host }) => host?.kind !== 'zero');
    const { path: hostFile = null, offsetBytes = null } = piece?.host ?? {};
    assert.ok(hostFile !== null && offsetBytes !== null);
    const ranges = [{ offsetBytes, lengthBytes: 1 }];
    const back = (await mapOf([image(name)], { from: 'host', ranges, hostFile })).rows;
    const same = back.filter((row) => row.deviceOffsetBytes === piece?.deviceOffsetBytes);
    assert.deepEqual(
      same.map((row) => row.owner?.paths.map(latin1)),
      [[latin1(path)]],
    );
  }
});

test('the bytes of a file are in the file of the host that is told, at that place', async () => {
  const name = 'qcow2-data-file-raw';
  const { filesystems } = await mapOf([image(name)], { from: 'file', path: [] });
  const [piece] = filesystems[0]?.file?.pieces ?? [];
  const { path = null, offsetBytes = null } = piece?.host ?? {};
  assert.ok(path !== null && offsetBytes !== null);
  assert.match(path, /qcow2-data-file-raw\.data$/u);
  const bytes = Buffer.alloc(piece?.lengthBytes ?? 0);
  const file = openSync(path, 'r');
  readSync(file, bytes, 0, bytes.length, offsetBytes);
  closeSync(file);
  assert.ok(bytes.includes('lost+found'));
  const [head] = (
    await mapOf([image(name)], { from: 'host', ranges: [{ offsetBytes: 0, lengthBytes: 4 }] })
  ).rows;
  assert.equal(head?.kind, 'image');
});
