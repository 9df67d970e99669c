// FAT against what no mkfs.fat writes: numbers that do not fit together, boot sectors of others, chains in a ring.
// What the kernel says of those that mkfs.fat does write is in images/fat*.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { ByteSource } from '../../src/bytes/source.js';
import { filesystems } from '../../src/declarative/registry.js';
import { FormatError } from '../../src/errors.js';
import { fat } from '../../src/filesystem/fat.js';
import { detect } from '../../src/stack/detect.js';
import { memorySource } from '../memory-source.js';
import { missing, toolEnv } from '../tools.js';
import { recognises } from './recognises.js';

const KIB = 1024;
const skip = missing({ 'mkfs.fat': 'dosfstools' });
const SECTOR = 512;
/** Fields of the boot sector. */
const [LEN_SECTOR, CLUSTER_SECTORS, RESERVED, FATS, ROOT_ENTRIES] = [11, 13, 14, 16, 17];
const [MEDIA, FAT_SECTORS_16, SECTORS_32, FAT_SECTORS_32, ROOT_CLUSTER] = [21, 22, 32, 36, 44];

function made(t: TestContext, sizeKib: number, ...options: readonly string[]): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'virt-df-fat-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'disk.raw');
  writeFileSync(path, '');
  truncateSync(path, sizeKib * KIB);
  execFileSync('mkfs.fat', ['--invariant', ...options, path], { stdio: 'ignore', env: toolEnv });
  return readFileSync(path);
}

async function usageOf(bytes: Uint8Array) {
  const source = memorySource(bytes);
  assert.equal(await recognises(fat, source), true);
  return (await fat.open(source)).usage('guest');
}

async function refused(bytes: Uint8Array, code: string, words: RegExp): Promise<void> {
  await assert.rejects(usageOf(bytes), (error) => {
    assert.ok(error instanceof FormatError);
    assert.equal(error.code, code);
    assert.match(error.message, words);
    return true;
  });
}

const detected = async (source: ByteSource) => (await detect(source, true, filesystems)).kind;

test('the fields that a kernel looks at decide what FAT is', { skip }, async (t) => {
  const bytes = made(t, 8 * KIB, '-F', '16', '-s', '1');
  const changes: readonly (readonly [number, readonly number[]])[] = [
    [LEN_SECTOR, [0, 0]],
    [LEN_SECTOR, [3, 0]],
    [LEN_SECTOR, [0, 32]],
    [CLUSTER_SECTORS, [0]],
    [CLUSTER_SECTORS, [3]],
    [RESERVED, [0, 0]],
    [FATS, [0]],
    [MEDIA, [0x12]],
    [3, [...Buffer.from('NTFS    ')]],
    [3, [...Buffer.from('EXFAT   ')]],
    [3, [...Buffer.from('-FVE-FS-')]],
    [0x36, [...Buffer.from('JFS     ')]],
    [0x36, [...Buffer.from('HPFS    ')]],
  ];
  assert.equal(await recognises(fat, memorySource(bytes)), true);
  for (const [at, values] of changes) {
    const changed = Buffer.from(bytes);
    changed.set(values, at);
    assert.equal(await recognises(fat, memorySource(changed)), false, `${values} at ${at}`);
  }
  assert.equal(await recognises(fat, memorySource(bytes.subarray(0, 511))), false);
  assert.equal(await recognises(fat, memorySource(new Uint8Array(4096))), false);
});

test('numbers that do not fit together are refused', { skip }, async (t) => {
  const bytes = made(t, 8 * KIB, '-F', '16', '-s', '1');
  const changed = (change: (copy: Buffer) => void) => {
    const copy = Buffer.from(bytes);
    change(copy);
    return copy;
  };
  const moreSectors = changed((copy) => {
    copy.writeUInt16LE(0, 19);
    copy.writeUInt32LE(0xffffffff, SECTORS_32);
  });
  // Linux mounts what ends behind its volume, but not without the FAT.
  const whole = await usageOf(bytes);
  for (const cut of [moreSectors, bytes.subarray(0, 4 * 1024 * KIB)]) {
    const { freeBlockCount, blockCount, doubts } = await usageOf(cut);
    assert.equal(doubts[0]?.code, 'TRUNCATED');
    assert.equal(
      blockCount - (freeBlockCount ?? 0),
      whole.blockCount - (whole.freeBlockCount ?? 0),
    );
  }
  await refused(bytes.subarray(0, 2 * KIB), 'TRUNCATED', /ends at byte 8388608/u);
  await refused(
    changed((copy) => copy.writeUInt16LE(0xffff, FAT_SECTORS_16)),
    'INVALID',
    /the data begins at sector/u,
  );
  await refused(
    changed((copy) => copy.writeUInt16LE(7, ROOT_ENTRIES)),
    'INVALID',
    /7 entries of the root directory/u,
  );
});

test('a FAT that is too short has as many clusters as entries', { skip }, async (t) => {
  const bytes = made(t, 8 * KIB, '-F', '32', '-s', '1');
  bytes.writeUInt32LE(1, FAT_SECTORS_32);
  assert.equal((await usageOf(bytes)).blockCount, SECTOR / 4 - 2);
});

test('the upper bits of an entry of FAT32 do not count', { skip }, async (t) => {
  const bytes = made(t, 8 * KIB, '-F', '32', '-s', '1');
  const before = await usageOf(bytes);
  const table = bytes.readUInt16LE(RESERVED) * SECTOR;
  bytes.writeUInt32LE(0xf0000000, table + 4 * 100);
  bytes.writeUInt32LE(0xf0000001, table + 4 * 101);
  assert.equal((await usageOf(bytes)).freeBlockCount, (before.freeBlockCount ?? 0) - 1);
});

test('entries of FAT12 that straddle a sector are counted', { skip }, async (t) => {
  const bytes = made(t, 1440, '-F', '12');
  const before = await usageOf(bytes);
  const table = bytes.readUInt16LE(RESERVED) * SECTOR;
  // Cluster 341 has the upper half of the first sector's last byte, and the second sector's first byte.
  bytes[table + SECTOR] = 0x01;
  assert.equal((await usageOf(bytes)).freeBlockCount, (before.freeBlockCount ?? 0) - 1);
  bytes[table + SECTOR - 1] = 0x10;
  assert.equal((await usageOf(bytes)).freeBlockCount, (before.freeBlockCount ?? 0) - 1);
  bytes[table + SECTOR - 1] = 0x11;
  assert.equal((await usageOf(bytes)).freeBlockCount, (before.freeBlockCount ?? 0) - 2);
});

test('a root directory in a ring, and one beyond the volume, has no label', { skip }, async (t) => {
  const bytes = made(t, 8 * KIB, '-F', '32', '-s', '1');
  const table = bytes.readUInt16LE(RESERVED) * SECTOR;
  const data = table + bytes.readUInt32LE(FAT_SECTORS_32) * 2 * SECTOR;
  bytes.writeUInt32LE(2, table + 4 * 2);
  for (let at = 0; at < SECTOR; at += 32) bytes[data + at] = 0xe5;
  const expected = (await usageOf(bytes)).freeBlockCount;
  assert.equal((await fat.open(memorySource(bytes))).label, null);
  bytes.writeUInt32LE(0xffffffff, ROOT_CLUSTER);
  assert.equal((await fat.open(memorySource(bytes))).label, null);
  assert.equal((await usageOf(bytes)).freeBlockCount, expected);
});

test('FAT on a whole disk is no partition table, whatever its boot code looks like', {
  skip,
}, async (t) => {
  for (const options of [
    ['-F', '12'],
    ['-F', '16', '-s', '1'],
    ['-F', '32', '-s', '1', '--mbr=y'],
  ]) {
    const bytes = made(t, options[1] === '12' ? 1440 : 8 * KIB, '-I', ...options);
    assert.equal(await detected(memorySource(bytes)), 'filesystem', options.join(' '));
  }
  const bytes = made(t, 8 * KIB, '-F', '16', '-s', '1');
  const tables = [
    '80010100 20746865 206e6578 74207379', // Text behind a byte that is a boot flag.
    '80000000 0c000000 00000000 00400000', // From the boot sector on.
    '00000000 0c000000 01000000 ff3f0100', // Longer than the disk.
  ];
  for (const table of tables) {
    const copy = Buffer.from(bytes);
    copy.set(Buffer.from(table.replaceAll(' ', ''), 'hex'), 446);
    assert.equal(await detected(memorySource(copy)), 'filesystem', table);
  }
});

for (const sectorBytes of [512, 2048]) {
  test(`an Atari's boot sector of ${sectorBytes} bytes, which no signature marks`, {
    skip,
  }, async (t) => {
    const options = ['-A', '-S', `${sectorBytes}`, '-n', 'HELLO'];
    const bytes = made(t, 256, ...options);
    assert.notDeepEqual([...bytes.subarray(0x1fe, 0x200)], [0x55, 0xaa]);
    const found = await detect(memorySource(bytes), true, filesystems);
    assert.ok(found.kind === 'filesystem');
    assert.deepEqual([found.filesystem.type, found.filesystem.label], ['vfat', 'HELLO']);
    // Linux looks at neither, so that the numbers are those of the boot sector of a PC.
    const plain = Buffer.from(bytes);
    plain.set([0xeb, 0x3c]);
    plain.set([0x55, 0xaa], 0x1fe);
    assert.deepEqual(await found.filesystem.usage('guest'), await usageOf(plain));
  });
}
