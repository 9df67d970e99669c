// The filesystem inside a partclone image: what partclone makes and restores, and by hand what it does not write.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ErrorCode } from '../../src/errors.js';
import { imageGuest } from '../../src/guests/images.js';
import { dfOf } from '../queries/sources.js';
import { run } from '../run.js';
import { missing, toolEnv } from '../tools.js';
import {
  diskContent,
  extentsOf,
  inDirectory,
  MIB,
  mutated,
  opened,
  outcome,
  sameContent,
} from './block-images.js';
import { imageOfVersion1, imageOfVersion2, type Version2 } from './partclone-writer.js';

const env = { env: toolEnv };

/** Each with a device that is longer than the filesystem, or not. */
const FILESYSTEMS = [
  ['ext4', 'mke2fs', ['-q', '-F', '-t', 'ext4'], 'partclone.ext4', 'e2fsprogs'],
  ['vfat', 'mkfs.fat', [], 'partclone.vfat', 'dosfstools'],
  ['ntfs', 'mkntfs', ['-q', '-F'], 'partclone.ntfs', 'ntfs-3g'],
] as const;

for (const [type, mkfs, options, clone, package_] of FILESYSTEMS) {
  const skip = missing({ [mkfs]: package_, [clone]: 'partclone' });
  test(`partclone: ${type}: the row and the used bytes are those of the disk`, { skip }, () =>
    inDirectory(async (directory) => {
      const [raw, path] = [join(directory, 'raw'), join(directory, 'disk.img')];
      await writeFile(raw, Buffer.alloc(24 * MIB));
      await run(mkfs, [...options, raw], env);
      await run(clone, ['-c', '-s', raw, '-o', path, '-L', '/dev/null'], env);
      await opened(path, async (disk) => {
        const { layer, content } = disk;
        assert.deepEqual([layer.format, layer.version], ['partclone', '2']);
        assert.equal(content.sizeBytes, 24 * MIB);
        const info = await run('partclone.info', ['-s', path, '-L', '/dev/null'], env);
        const used = /Space in use:.*= (\d+) Blocks/u.exec(`${info.stdout}${info.stderr}`)?.[1];
        const data = (await extentsOf(disk)).filter(({ kind }) => kind === 'data');
        const dataBytes = data.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0);
        assert.equal(dataBytes / (layer.clusterBytes ?? 0), Number(used));
        assert.equal((await layer.inspect?.())?.watermarkBytes, (await readFile(path)).length);
      });
      const rows = await Promise.all([raw, path].map((one) => dfOf(imageGuest([one], 'auto'))));
      const [ofRaw, ofImage] = rows.map(({ filesystems }) =>
        filesystems.map(({ type: found, sizeBytes, usedBytes, label, fsUuid }) => {
          return { found, sizeBytes, usedBytes, label, fsUuid };
        }),
      );
      assert.equal(ofRaw?.length, 1);
      assert.deepEqual(ofImage, ofRaw);
    }),
  );
}

const BLOCK = 1024;
const disk = diskContent(301 * BLOCK, 'partclone');
const PLAIN: Version2 = {
  blockBytes: BLOCK,
  checksumKind: 0x20,
  checksumBytes: 4,
  blocksPerChecksum: 16,
};

test('partclone: every kind of checksum and bitmap', () =>
  inDirectory(async (directory) => {
    const all: readonly (readonly [string, Partial<Version2>])[] = [
      ['crc32', {}],
      ['none', { checksumKind: 0, checksumBytes: 0, blocksPerChecksum: 0 }],
      ['xxh64', { checksumKind: 0x30, checksumBytes: 8, blocksPerChecksum: 1 }],
      ['xxh128', { checksumKind: 0x31, checksumBytes: 16, blocksPerChecksum: 5 }],
      ['bytes', { bitmapKind: 8 }],
      ['no bitmap', { bitmapKind: 0 }],
      ['blocks of 512 bytes', { blockBytes: 512 }],
    ];
    for (const [name, fields] of all) {
      const path = join(directory, 'disk.img');
      await writeFile(path, imageOfVersion2(disk, { ...PLAIN, ...fields }));
      await opened(path, (found) => sameContent(found, disk, name));
    }
    const path = join(directory, 'first.img');
    await writeFile(path, imageOfVersion1(disk, BLOCK));
    await opened(path, async (found) => {
      await sameContent(found, disk, 'version 1');
      assert.deepEqual([found.layer.version, found.layer.features], ['1', ['extfs', 'crc32']]);
    });
  }));

test('partclone: bitmaps of several pieces', () =>
  inDirectory(async (directory) => {
    const large = Buffer.alloc(40 * MIB);
    for (const at of [0, 32 * MIB - 512, 32 * MIB, 39 * MIB + 1024, large.length - 512]) {
      large.fill(1 + (at % 7), at, at + 512);
    }
    for (const bitmapKind of [1, 8] as const) {
      const path = join(directory, 'disk.img');
      await writeFile(path, imageOfVersion2(large, { ...PLAIN, blockBytes: 512, bitmapKind }));
      await opened(path, (found) => sameContent(found, large, `bitmap of kind ${bitmapKind}`));
    }
  }));

test('partclone: what no writer says is an error with a code', async () => {
  const cases: readonly (readonly [string, ErrorCode | 'read', (head: Buffer) => void])[] = [
    ['sound', 'read', () => undefined],
    ['version 3', 'UNSUPPORTED_FEATURE', (head) => head.write('0003', 30, 'latin1')],
    ['the other byte order', 'UNSUPPORTED_FEATURE', (head) => head.writeUInt16LE(0xdec0, 34)],
    ['no byte order', 'INVALID', (head) => head.writeUInt16LE(0, 34)],
    ['a device of 2^63 bytes', 'OUT_OF_BOUNDS', (head) => head.writeUInt8(0x80, 59)],
    ['2^63 blocks', 'OUT_OF_BOUNDS', (head) => head.writeUInt8(0x80, 67)],
    ['2^40 blocks', 'LIMIT', (head) => head.writeUInt8(1, 65)],
    ['2^24 blocks', 'TRUNCATED', (head) => head.writeUInt8(1, 63)],
    ['blocks of 0 bytes', 'OUT_OF_BOUNDS', (head) => head.writeUInt32LE(0, 84)],
    ['blocks of 4 GiB', 'OUT_OF_BOUNDS', (head) => head.writeUInt32LE(0xffffffff, 84)],
    ['blocks of 8 KiB', 'TRUNCATED', (head) => head.writeUInt32LE(8192, 84)],
    ['more options', 'UNSUPPORTED_FEATURE', (head) => head.writeUInt32LE(20, 88)],
    ['checksums of another kind', 'UNSUPPORTED_FEATURE', (head) => head.writeUInt16LE(0x77, 96)],
    ['checksums of 65535 bytes', 'INVALID', (head) => head.writeUInt16LE(0xffff, 98)],
    ['a checksum for no block', 'OUT_OF_BOUNDS', (head) => head.writeUInt32LE(0, 100)],
    ['a bitmap of another kind', 'UNSUPPORTED_FEATURE', (head) => head.writeUInt8(7, 105)],
  ];
  for (const [what, code, edit] of cases) {
    assert.equal(await outcome(imageOfVersion2(disk, { ...PLAIN, edit }), 'partclone'), code, what);
  }
  const sound = imageOfVersion2(disk, PLAIN);
  for (const at of [70, 106, 112, 110 + 38]) {
    const bytes = Buffer.from(sound);
    bytes[at] = (bytes[at] ?? 0) ^ 0x10;
    assert.equal(await outcome(bytes, 'partclone'), 'BAD_CHECKSUM', `byte ${at}`);
  }
  const first = imageOfVersion1(disk, BLOCK);
  first[4160 + 301] = 0;
  assert.equal(await outcome(first, 'partclone'), 'BAD_MAGIC');
});

test('partclone: an image that was cut off anywhere is TRUNCATED', async () => {
  for (const sound of [imageOfVersion2(disk, PLAIN), imageOfVersion1(disk, BLOCK)]) {
    for (const length of [20, 50, 109, 120, 140, 5000, sound.length - 1]) {
      assert.equal(await outcome(sound.subarray(0, length), 'partclone'), 'TRUNCATED', `${length}`);
    }
  }
});

test('partclone: whatever is changed, there is content or a code', async () => {
  const images = [imageOfVersion2(disk, PLAIN), imageOfVersion1(disk, BLOCK)];
  for (let i = 0; i < 300; i++) {
    await outcome(
      mutated(images[i % 2] ?? disk, `partclone ${i}`, i % 3 ? 110 : 4700),
      'partclone',
    );
  }
});
