// Labels and UUIDs that do not stand in the superblock, against blkid: HFS+ (the name of its root folder, and a digest), HFS
// as its wrapper, ISO 9660 with Joliet names (put together from two).
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { filesystems } from '../../src/declarative/registry.js';
import { memorySource } from '../memory-source.js';
import { blkid } from '../stack/blkid.js';
import { missing, toolEnv } from '../tools.js';

const SECTOR_BYTES = 2048;
const MDB_OFFSET = 0x400;

let folder: string;
let path: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'virt-df-labels-'));
  path = join(folder, 'image');
  mkdirSync(join(folder, 'files'));
  writeFileSync(join(folder, 'files', 'hello'), 'hello');
});
after(() => rmSync(folder, { recursive: true, force: true }));

function run([tool = '', ...args]: readonly string[]): Buffer {
  execFileSync(tool, args, { cwd: folder, env: toolEnv, stdio: 'ignore' });
  return readFileSync(path);
}

async function names(format: string, bytes: Uint8Array) {
  const entry = filesystems.find(({ name }) => name === format);
  assert.ok(entry);
  const { type, label, uuid } = await (await entry.load()).open(memorySource(bytes));
  return { type, label, uuid };
}

/** Opens bytes as a format and compares the names with blkid's. */
async function compare(format: string, bytes: Uint8Array): Promise<string | null> {
  writeFileSync(path, bytes);
  const theirs = blkid(path);
  assert.ok(theirs !== 'ambivalent');
  const { TYPE, LABEL = null, UUID = null } = theirs;
  assert.deepEqual(await names(format, bytes), { type: TYPE, label: LABEL, uuid: UUID });
  return LABEL;
}

describe('HFS+', {
  skip: missing({ xorriso: 'xorriso', hformat: 'hfsutils', blkid: 'util-linux' }),
}, () => {
  /** The HFS+ volume of a disc that has the same files as ISO 9660. */
  function volume(label: string): Buffer {
    const command = 'xorriso -as mkisofs -quiet -hfsplus -o image -V';
    const disc = run([...command.split(' '), label, 'files']);
    return disc.subarray(disc.indexOf('H+\0\x04') - MDB_OFFSET);
  }

  function wrapped(inner: Buffer, offsetBytes: number): Buffer {
    writeFileSync(path, Buffer.alloc(4 * 1024 * 1024));
    const outer = run(['hformat', '-l', 'Wrapper', 'image']);
    const blockBytes = outer.readUInt32BE(MDB_OFFSET + 20);
    outer.writeUInt16BE(offsetBytes / 512, MDB_OFFSET + 28);
    outer.write('H+', MDB_OFFSET + 124);
    outer.writeUInt16BE(1, MDB_OFFSET + 126);
    outer.writeUInt16BE(Math.ceil(inner.length / blockBytes), MDB_OFFSET + 128);
    inner.copy(outer, offsetBytes + blockBytes);
    return outer;
  }

  it('has the name of its root folder, and a UUID where it has an identifier', async () => {
    for (const label of ['Größe', 'a', 'A volume with a longer name']) {
      const bytes = volume(label);
      const onDisk = label.normalize('NFD');
      assert.equal(await compare('hfsplus', bytes), onDisk);
      bytes.write('\x01\x02\x03\x04\x05\x06\x07\x08', MDB_OFFSET + 104, 'latin1');
      assert.equal(await compare('hfsplus', bytes), onDisk);
    }
  });

  it('in the wrapper of an HFS volume is the volume', async () => {
    const inner = volume('Inside');
    inner.write('\x01\x02\x03\x04\x05\x06\x07\x08', MDB_OFFSET + 104, 'latin1');
    assert.equal(await compare('hfs', wrapped(inner, 64 * 1024)), 'Inside');
  });

  it('without a sound catalog has no label, and is recognised all the same', async () => {
    const sound = volume('Inside');
    const catalogOffset = MDB_OFFSET + 272;
    const nodeOffset = sound.readUInt32BE(catalogOffset + 16) * SECTOR_BYTES;
    const damages: readonly ((bytes: Buffer) => void)[] = [
      (bytes) => bytes.fill(0, nodeOffset, nodeOffset + 512),
      (bytes) => bytes.writeUInt32BE(0xffffffff, catalogOffset + 16), // Where the catalog begins,
      (bytes) => bytes.writeUInt32BE(0, catalogOffset + 20), // and how long it is.
      (bytes) => bytes.writeUInt32BE(0xffffffff, nodeOffset + 24), // The first leaf,
      (bytes) => bytes.writeUInt16BE(3, nodeOffset + 32), // and the size of a node.
      (bytes) => bytes.writeUInt32BE(0, MDB_OFFSET + 40), // The size of a block.
    ];
    for (const damage of damages) {
      const bytes = Buffer.from(sound);
      damage(bytes);
      assert.deepEqual(await names('hfsplus', bytes), { type: 'hfsplus', label: null, uuid: null });
    }
  });
});

describe('HFS', { skip: missing({ hformat: 'hfsutils', blkid: 'util-linux' }) }, () => {
  it('has a UUID where it has an identifier', async () => {
    writeFileSync(path, Buffer.alloc(2 * 1024 * 1024));
    const bytes = run(['hformat', '-l', 'Old label', 'image']);
    assert.equal(await compare('hfs', bytes), 'Old label');
    bytes.write('\x11\x22\x33\x44\x55\x66\x77\x01', MDB_OFFSET + 116, 'latin1');
    assert.equal(await compare('hfs', bytes), 'Old label');
    assert.notEqual((await names('hfs', bytes)).uuid, null);
  });
});

describe('ISO 9660 with Joliet names', {
  skip: missing({ genisoimage: 'genisoimage', blkid: 'util-linux' }),
}, () => {
  // What the primary descriptor says, and what Joliet's.
  const cases: readonly (readonly [string, string])[] = [
    ['ABC', 'ABC'],
    ['ABC', 'abc'],
    ['abc', 'ABC'],
    ['aBcdEF', 'AbCdeF'],
    ['ABC', 'Abd'],
    ['ABCDEFGHIJKLMNOPQRSTUVWX', 'ABCDEFGHIJKLMNOP'],
    ['ABCDEFGHIJKLMNOPQRSTUVWX', 'Abcdefghijklmnop'],
    ['ABCDEFGHIJKLMNOPQRSTUVWX', 'abcdefghijklmnox'],
    ['ABCDEFGHIJKLMNOPQRSTUVWX', 'abcdefghijk'],
    ['NA_VE_AND_VERY_LONG_LABEL', 'Naïve and very l'],
    ['ABCDEFGHIJKLMNOPQRSTUVWX', 'ABCDEFGHIJKLMNÖP'],
    ['ABCDEFGHIJKLMN_PQ', 'ABCDEFGHIJKLMNÖP'],
    ['ABCDEFGHIJKLMN_PQ', 'ABCDEFGHIJKLMN😀'],
    ['ABCDEFGHIJKLM__PQ', 'ABCDEFGHIJKLM😀P'],
    ['ABCDEFGHIJKLMNOPQ', 'ABCDEFGHIJKLMNO_'],
    ['ISO/HFS/TABLE OR SO', 'iso_hfs_table or'],
    ['ABCDEFGHIJKLMNO Z', 'abcdefghijklmno '],
    ['ABC_DEF', 'abc'],
    ['ABC', '  ABC'],
    ['', 'ABC'],
    ['ABC', ''],
  ];

  it('has the better one of every two characters', async () => {
    const disc = run('genisoimage -quiet -J -V X -o image files'.split(' '));
    const joliet = disc.indexOf('\x02CD001', 16 * SECTOR_BYTES, 'latin1') + 40;
    const found = new Set<string | null>();
    for (const [long, short] of cases) {
      disc.write(long.padEnd(32), 16 * SECTOR_BYTES + 40);
      Buffer.from(short.padEnd(16), 'utf16le').swap16().copy(disc, joliet);
      found.add(await compare('iso9660', disc));
    }
    assert.ok(found.has('Naïve and very lONG_LABEL'));
  });
});

/** Bytes that are no UTF-8, a letter of two bytes, and what a terminal would obey. */
const OWN = Buffer.from('61ffc3a91b62', 'hex');
const LETTERS = Buffer.from('61c3a91b62', 'hex');
const MAKERS = {
  ext: ['mke2fs -q -F -L', '1M', OWN],
  xfs: ['mkfs.xfs -q -L', '300M', OWN],
  btrfs: ['mkfs.btrfs -q -L', '110M', OWN],
  swap: ['mkswap -q -L', '64K', OWN],
  ntfs: ['mkntfs -q -F -f -L', '2M', LETTERS],
} as const;

describe('a label that is not printable', {
  skip: missing({
    mke2fs: 'e2fsprogs',
    'mkfs.xfs': 'xfsprogs',
    'mkfs.btrfs': 'btrfs-progs',
    mkntfs: 'ntfs-3g',
    blkid: 'util-linux',
  }),
}, () => {
  /** What is shown of it and its bytes, which are blkid's. */
  async function label(format: string, file: string) {
    const entry = filesystems.find(({ name }) => name === format);
    assert.ok(entry);
    const source = memorySource(readFileSync(file));
    const { label: shown, labelBytes } = await (await entry.load()).open(source);
    const theirs = execFileSync('blkid', ['-p', '-o', 'value', '-s', 'LABEL', file]).subarray(
      0,
      -1,
    );
    assert.deepEqual(Buffer.from(labelBytes ?? ''), theirs);
    return { shown, bytes: theirs.toString('hex') };
  }

  for (const [format, [command, size, bytes]] of Object.entries(MAKERS)) {
    it(`of ${format} is not lost`, async () => {
      const file = join(folder, format);
      execFileSync('truncate', ['-s', size, file]);
      // A shell takes bytes that are no text, as no argument of a child is.
      const printed = bytes.toString('hex').replace(/../gu, '\\x$&');
      execFileSync('bash', ['-c', `${command} "$(printf '${printed}')" "$1"`, 'bash', file], {
        ...{ env: toolEnv, stdio: 'ignore' },
      });
      const shown = bytes === OWN ? 'a\ufffdé\ufffdb' : 'aé\ufffdb';
      assert.deepEqual(await label(format, file), { shown, bytes: bytes.toString('hex') });
      rmSync(file);
    });
  }

  it('of FAT is in a code page that nobody knows', async () => {
    const file = join(folder, 'fat');
    execFileSync('truncate', ['-s', '1M', file]);
    execFileSync('mkfs.fat', ['-n', 'ABC', file], { env: toolEnv, stdio: 'ignore' });
    const image = readFileSync(file);
    OWN.copy(image, image.lastIndexOf('ABC        '));
    writeFileSync(file, image);
    assert.equal((await label('fat', file)).shown, 'a\ufffd\ufffd\ufffd\ufffdb');
  });

  it('is in JSON, and one that is printable is there once', async () => {
    const [file, other] = ['cut', 'plain'].map((name) => join(folder, name)) as [string, string];
    writeFileSync(file, '');
    execFileSync('truncate', ['-s', '1M', file, other]);
    execFileSync('mke2fs', ['-q', '-F', '-L', 'a\u200bb', file], { env: toolEnv, stdio: 'ignore' });
    execFileSync('mke2fs', ['-q', '-F', '-L', 'é', other], { env: toolEnv, stdio: 'ignore' });
    const { filesystems: rows } = JSON.parse(
      execFileSync(process.execPath, ['dist/virt-df.js', '--json', file, other]).toString(),
    );
    const labels = rows.map(
      ({ label: shown, label_bytes: own }: Readonly<Record<string, string>>) => [shown, own],
    );
    const bytes = Buffer.from('a\u200bb').toString('base64');
    assert.deepEqual(labels, [
      ['a\\u{200b}b', bytes],
      ['é', undefined],
    ]);
  });
});
