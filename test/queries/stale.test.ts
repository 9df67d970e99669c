// A disk that was formatted again is what it was formatted to last, whatever the older use left on it: made by the real
// tools, and compared with blkid, which sees some of them in another way.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type ByteSource, memoryRuns } from '../../src/bytes/source.js';
import { filesystems } from '../../src/declarative/registry.js';
import { detect } from '../../src/stack/detect.js';
import { blkid } from '../stack/blkid.js';
import { type MdVersion, mdOffset, mdSuperblock } from '../stack/md-superblock.js';
import { missing, toolEnv } from '../tools.js';

const MIB = 1024 * 1024;

let folder: string;
let path: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'virt-df-stale-'));
  path = join(folder, 'image');
  writeFileSync(join(folder, 'key'), 'secret');
});
after(() => rmSync(folder, { recursive: true, force: true }));

function empty(sizeMib: number): void {
  const file = openSync(path, 'w');
  ftruncateSync(file, sizeMib * MIB);
  closeSync(file);
}

function overwrite(bytes: Uint8Array, offset: number): void {
  const file = openSync(path, 'r+');
  writeSync(file, bytes, 0, bytes.length, offset);
  closeSync(file);
}

function run([tool = '', ...args]: readonly string[]): void {
  const words = args.map((word) => (word === 'KEY' ? join(folder, 'key') : word));
  execFileSync(tool, words.includes('IMAGE') ? words.map(image) : [...words, path], {
    env: toolEnv,
    stdio: 'ignore',
  });
}

const image = (word: string) => (word === 'IMAGE' ? path : word);

/** The disk, mostly holes, without reading it as a whole. */
function fileSource(): ByteSource {
  const { size } = statSync(path);
  return {
    sizeBytes: size,
    runs: memoryRuns,
    async read(offset, length) {
      const bytes = Buffer.alloc(length);
      const file = openSync(path, 'r');
      const count = readSync(file, bytes, 0, length, offset);
      closeSync(file);
      assert.equal(count, length);
      return bytes;
    },
  };
}

/** The type of the whole disk; `table` is a partition table. */
async function typeOf(): Promise<string> {
  const found = await detect(fileSource(), true, filesystems);
  if (found.kind === 'filesystem') return found.filesystem.type;
  if (found.kind === 'member') return (await found.group.member(fileSource())).type;
  return found.kind === 'encrypted' ? found.volume.type : found.kind;
}

/** What blkid says: a type, `table`, `ambivalent`, or nothing. */
function verdict(): string | undefined {
  const theirs = blkid(path);
  if (theirs === 'ambivalent') return theirs;
  return theirs.TYPE ?? (theirs.PTTYPE === undefined ? undefined : 'table');
}

const ext4 = ['mkfs.ext4', '-q', '-F'];
const btrfs = ['mkfs.btrfs', '-q', '-f'];
const xfs = ['mkfs.xfs', '-q', '-f'];
const ntfs = ['mkntfs', '-q', '-F', '-Q'];
const vfat = ['mkfs.vfat', '-I'];
const exfat = ['mkfs.exfat'];
const swap = ['mkswap', '-q'];
const gpt = ['sgdisk', '-g', '-o', '-n', '1:2048:0'];
const mbr = ['parted', '-s', 'IMAGE', 'mklabel', 'msdos', 'mkpart', 'primary', '1MiB', '100%'];
const luks = (type: string) => [
  ...['cryptsetup', 'luksFormat', '-q', '--type', type, '--pbkdf', 'pbkdf2'],
  ...['--pbkdf-force-iterations', '1000', 'IMAGE', 'KEY'],
];

const PACKAGES: Readonly<Record<string, string>> = {
  'mkfs.ext4': 'e2fsprogs',
  'mkfs.btrfs': 'btrfs-progs',
  'mkfs.xfs': 'xfsprogs',
  mkntfs: 'ntfs-3g',
  'mkfs.vfat': 'dosfstools',
  'mkfs.exfat': 'exfatprogs',
  mkswap: 'util-linux',
  sgdisk: 'gdisk',
  cryptsetup: 'cryptsetup-bin',
};

interface Case {
  readonly steps: readonly (readonly string[])[];
  readonly type: string;
  readonly sizeMib?: number;
  /** blkid's verdict where it is another one, and why it is not followed. */
  readonly blkid?: string;
}

const CASES: readonly Case[] = [
  { steps: [gpt, vfat], type: 'vfat' },
  { steps: [gpt, exfat], type: 'exfat' },
  { steps: [gpt, ext4], type: 'ext4' },
  { steps: [gpt, ntfs], type: 'ntfs' },
  // The kernel still shows the partitions of the GPT, which mkswap leaves in the room for a boot loader.
  { steps: [gpt, swap], type: 'table', blkid: 'swap' },
  // Here blkid names the table as well.
  { steps: [vfat, gpt], type: 'table', blkid: 'vfat' },
  { steps: [ntfs, gpt], type: 'table' },
  { steps: [ext4, btrfs], type: 'btrfs', sizeMib: 128 },
  { steps: [btrfs, xfs], type: 'xfs', sizeMib: 320 },
  { steps: [btrfs, ext4], type: 'ext4', sizeMib: 128 },
  { steps: [btrfs, exfat], type: 'exfat', sizeMib: 128 },
  { steps: [btrfs, vfat], type: 'vfat', sizeMib: 128 },
  { steps: [ext4, luks('luks1')], type: 'crypto_LUKS' },
  { steps: [ext4, luks('luks2')], type: 'crypto_LUKS' },
  { steps: [luks('luks2'), ext4], type: 'ext4' },
  { steps: [luks('luks2'), vfat], type: 'vfat' },
  { steps: [ntfs, vfat], type: 'vfat' },
  { steps: [ntfs, exfat], type: 'exfat' },
  { steps: [ntfs, ext4], type: 'ext4' },
  { steps: [ext4, ntfs], type: 'ntfs' },
  { steps: [ext4, vfat], type: 'vfat' },
  { steps: [ext4, exfat], type: 'exfat' },
  { steps: [xfs, vfat], type: 'vfat', sizeMib: 320 },
  { steps: [swap, ext4], type: 'ext4' },
  { steps: [vfat, swap], type: 'swap' },
];

describe('what was formatted again', () => {
  for (const { steps, type, sizeMib = 64, blkid: other = type } of CASES) {
    const tools = steps.map(([tool = '']) => [tool, PACKAGES[tool] ?? ''] as const);
    const skip = missing({ ...Object.fromEntries(tools), blkid: 'util-linux' });
    it(`is the last: ${tools.map(([tool]) => tool).join(', then ')}`, { skip }, async () => {
      empty(sizeMib);
      for (const step of steps) run(step);
      assert.equal(await typeOf(), type);
      assert.equal(verdict(), other);
    });
  }
});

describe('the superblock of an array that the disk was in', () => {
  const skip = missing({
    blkid: 'util-linux',
    'mkfs.ext4': 'e2fsprogs',
    'mkfs.vfat': 'dosfstools',
    'mkfs.xfs': 'xfsprogs',
    mkntfs: 'ntfs-3g',
    sgdisk: 'gdisk',
    parted: 'parted',
  });
  const versions: readonly MdVersion[] = ['0.90', '1.0', '1.2'];
  const sizeBytes = 320 * MIB;
  const member = 'linux_raid_member';

  /** An empty disk but for the superblock, which blkid takes for one. */
  function array(version: MdVersion): void {
    empty(320);
    overwrite(mdSuperblock({ version, sizeBytes }), mdOffset(version, sizeBytes));
    assert.equal(verdict(), member);
  }

  // blkid believes an array before it looks for a filesystem. One that reaches over the array's superblock was not made
  // in the array. The mkfs of FAT leaves a part of a track at the end, so that its filesystem may end before one.
  const over: readonly (readonly [string, readonly string[], Readonly<Record<string, string>>])[] =
    [
      ['ext4', ext4, {}],
      ['xfs', xfs, {}],
      ['ntfs', ntfs, { '0.90': member, '1.0': member }],
      ['exfat', exfat, { '0.90': member, '1.0': member }],
      ['vfat', vfat, { '0.90': member, '1.0': member }],
    ];
  for (const [type, step, theirs] of over) {
    for (const version of versions) {
      const isBefore = type === 'vfat' && version === '1.0';
      it(`${version} is ${isBefore ? 'believed' : 'stale'} under ${type}`, { skip }, async () => {
        array(version);
        run(step);
        assert.equal(await typeOf(), isBefore ? member : type);
        assert.equal(verdict(), theirs[version] ?? type);
      });
    }
  }

  it('is not stale behind a filesystem or a table that ends before it', { skip }, async () => {
    for (const version of ['0.90', '1.0'] as const) {
      for (const step of [ext4, xfs, vfat, gpt]) {
        const offset = mdOffset(version, sizeBytes);
        const file = openSync(path, 'w');
        ftruncateSync(file, offset);
        closeSync(file);
        run(step);
        const whole = openSync(path, 'r+');
        ftruncateSync(whole, sizeBytes);
        closeSync(whole);
        overwrite(mdSuperblock({ version, sizeBytes }), offset);
        assert.equal(await typeOf(), member, `${version} ${step[0]}`);
        assert.equal(verdict(), member);
      }
    }
  });

  it('is the one of the last partition if that covers it', { skip }, async () => {
    empty(320);
    run(mbr);
    overwrite(mdSuperblock({ version: '0.90', sizeBytes: 318 * MIB }), mdOffset('0.90', sizeBytes));
    assert.equal(await typeOf(), 'table');
    assert.equal(verdict(), 'table');
  });
});
