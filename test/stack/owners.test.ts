// The signature of one filesystem among the files of another: what owns the place holds.
// The hosts are made by their own mkfs programs; what each has at the places of other formats' signatures are those
// formats' real first blocks, as a guest's file of that content would lie there.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { filesystems } from '../../src/declarative/registry.js';
import type { Usage } from '../../src/filesystem/filesystem.js';
import { detect } from '../../src/stack/detect.js';
import { diskFolder, run } from '../disks.js';
import { memorySource } from '../memory-source.js';
import { missing } from '../tools.js';

const KIB = 1024;

const disks = diskFolder('owners');

function made(sizeMib: number, [tool = '', ...args]: readonly string[]): Buffer {
  return readFileSync(disks.made('image', sizeMib * KIB * KIB, tool, ...args));
}

function disc(): Buffer {
  const path = join(disks.folder, 'disc.iso');
  run('genisoimage', '-quiet', '-J', '-o', path, 'docs/decisions');
  return readFileSync(path);
}

async function found(bytes: Uint8Array) {
  const detected = await detect(memorySource(bytes), false, filesystems);
  assert.ok(detected.kind === 'filesystem');
  return detected.filesystem;
}

/** Where a format's first block lies, and how it is made. */
interface Guest {
  readonly name: string;
  readonly offset: number;
  readonly length: number;
  readonly bytes: () => Buffer;
}

const GUESTS: readonly Guest[] = [
  { name: 'iso9660', offset: 32 * KIB, length: 8 * KIB, bytes: disc },
  { name: 'jfs', offset: 32 * KIB, length: 4 * KIB, bytes: () => made(16, ['mkfs.jfs', '-q']) },
  {
    name: 'reiserfs',
    offset: 64 * KIB,
    length: 4 * KIB,
    bytes: () => made(48, ['mkreiserfs', '-q', '-ff']),
  },
  {
    name: 'btrfs',
    offset: 64 * KIB,
    length: 4 * KIB,
    bytes: () => made(128, ['mkfs.btrfs', '-q']),
  },
];

/** Each with blocks that files may have, and df does not read, at 32 KiB and at 64 KiB. */
const HOSTS: readonly (readonly [type: string, sizeMib: number, command: readonly string[]])[] = [
  ['ext4', 32, ['mkfs.ext4', '-q', '-F', '-b', '1024', '-O', '^resize_inode']],
  ['xfs', 320, ['mkfs.xfs', '-q', '-f']],
  ['vfat', 4, ['mkfs.vfat', '-F', '12']],
  ['ntfs', 64, ['mkntfs', '-F', '-Q', '-q', '-c', '4096']],
];

describe('a signature among the files of another filesystem', () => {
  const skip = missing({
    'mkfs.ext4': 'e2fsprogs',
    'mkfs.xfs': 'xfsprogs',
    'mkfs.vfat': 'dosfstools',
    mkntfs: 'ntfs-3g',
    'mkfs.jfs': 'jfsutils',
    mkreiserfs: 'reiserfsprogs',
    'mkfs.btrfs': 'btrfs-progs',
    genisoimage: 'genisoimage',
  });
  for (const [type, sizeMib, command] of HOSTS) {
    it(`is a file's: ${command.join(' ')}`, { skip }, async () => {
      const host = made(sizeMib, command);
      const plain: Usage = await (await found(host)).usage('guest');
      for (const { name, offset, length, bytes } of GUESTS) {
        const holds = Buffer.from(host);
        holds.set(bytes().subarray(offset, offset + length), offset);
        const filesystem = await found(holds);
        assert.equal(filesystem.type, type, name);
        assert.deepEqual(await filesystem.usage('guest'), plain, name);
      }
    });
  }
});

describe('a boot sector before a disc', () => {
  const skip = missing({ 'mkfs.vfat': 'dosfstools', genisoimage: 'genisoimage' });
  it('is a part of the disc where it reserves the room of the disc', { skip }, async () => {
    const bytes = disc();
    // 1,000 reserved sectors: what FAT itself has begins behind the disc's descriptors.
    const fat = made(64, ['mkfs.vfat', '-F', '16', '-R', '1000']);
    fat.set(bytes.subarray(32 * KIB, 64 * KIB), 32 * KIB);
    assert.equal((await found(fat)).type, 'iso9660');
  });
});

describe('metadata of an array at the end', () => {
  const skip = missing({ 'mkfs.btrfs': 'btrfs-progs', 'mkfs.f2fs': 'f2fs-tools' });
  it('are a file’s where a filesystem owns the place', { skip }, async () => {
    for (const [type, sizeMib, command] of [
      ['btrfs', 128, ['mkfs.btrfs', '-q']],
      ['f2fs', 64, ['mkfs.f2fs', '-q']],
    ] as const) {
      const bytes = made(sizeMib, command);
      // DDF's anchor, in the last sector.
      bytes.set([0xde, 0x11, 0xde, 0x11], bytes.length - 512);
      assert.equal((await found(bytes)).type, type);
    }
  });
});
