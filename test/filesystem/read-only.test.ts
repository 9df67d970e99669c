// Read-only filesystems, compared with what their own tools say of an image that mkfs made here. images/ has some with the
// kernel's word for it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { filesystems } from '../../src/declarative/registry.js';
import type { Filesystem, Usage } from '../../src/filesystem/filesystem.js';
import { candidates } from '../../src/kaitai/signature.js';
import { memorySource } from '../memory-source.js';
import { random } from '../random.js';
import { missing, toolEnv } from '../tools.js';
import { recognises } from './recognises.js';

let folder: string;
let image: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'virt-df-read-only-'));
  image = join(folder, 'image');
  const next = random('files');
  mkdirSync(join(folder, 'tree', 'inner'), { recursive: true });
  writeFileSync(join(folder, 'tree', 'text'), 'a line of text\n'.repeat(5000));
  const noise = Uint8Array.from({ length: 300_000 }, () => next(256));
  writeFileSync(join(folder, 'tree', 'inner', 'noise'), noise);
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a command line in the folder; `tree` is what to put into the image `image`. */
function run(command: string): string {
  rmSync(image, { force: true });
  return execFileSync('sh', ['-c', command], {
    cwd: folder,
    env: toolEnv,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

/** What another tool prints of the image. */
function ask(command: string): string {
  return execFileSync('sh', ['-c', command], { cwd: folder, env: toolEnv, encoding: 'utf8' });
}

function number(text: string, pattern: RegExp): number {
  const found = pattern.exec(text)?.[1];
  assert.ok(found !== undefined, `${pattern} in ${text}`);
  return Number(found);
}

async function read(): Promise<{ filesystem: Filesystem; usage: Usage }> {
  const source = memorySource(readFileSync(image));
  for (const entry of await candidates(source, filesystems)) {
    const format = await entry.load();
    if (!(await recognises(format, source))) continue;
    const filesystem = await format.open(source);
    return { filesystem, usage: await filesystem.usage('guest') };
  }
  return assert.fail('nothing was found');
}

/** Nothing is ever free. */
function assertFull({ freeBlockCount, availableBlockCount }: Usage): void {
  assert.deepEqual([freeBlockCount, availableBlockCount], [0, 0]);
}

describe('squashfs', {
  skip: missing({ mksquashfs: 'squashfs-tools', unsquashfs: 'squashfs-tools' }),
}, () => {
  for (const blockSize of [4096, 131072, 1048576]) {
    it(`rounds its size up to blocks of ${blockSize}`, async () => {
      run(`mksquashfs tree image -b ${blockSize} -noappend`);
      const said = ask('unsquashfs -s image');
      const { filesystem, usage } = await read();
      assert.equal(filesystem.type, 'squashfs');
      assert.equal(usage.blockSizeBytes, number(said, /^Block size (\d+)/mu));
      const sizeBytes = number(said, /^Filesystem size (\d+) bytes/mu);
      assert.equal(usage.blockCount, Math.ceil(sizeBytes / blockSize));
      assert.equal(usage.fileCount, number(said, /^Number of inodes (\d+)/mu));
      assertFull(usage);
    });
  }
});

describe('erofs', {
  skip: missing({ 'mkfs.erofs': 'erofs-utils', 'dump.erofs': 'erofs-utils' }),
}, () => {
  for (const options of ['', '-zlz4']) {
    it(`has the size that dump.erofs says ${options}`, async () => {
      run(`mkfs.erofs ${options} image tree`);
      const said = ask('dump.erofs image');
      const { filesystem, usage } = await read();
      assert.equal(filesystem.type, 'erofs');
      assert.equal(filesystem.uuid, /^Filesystem UUID: +(\S+)/mu.exec(said)?.[1]);
      assert.equal(usage.blockCount, number(said, /^Filesystem blocks: +(\d+)/mu));
      assert.equal(usage.fileCount, null);
      assertFull(usage);
    });
  }
});

describe('iso9660', { skip: missing({ xorriso: 'xorriso', isoinfo: 'genisoimage' }) }, () => {
  for (const extensions of ['', '-J', '-R', '-J -R']) {
    it(`has the size and label that isoinfo says ${extensions}`, async () => {
      run(`xorriso -as mkisofs ${extensions} -V 'A LABEL' -o image tree`);
      const said = ask('isoinfo -d -i image');
      const { filesystem, usage } = await read();
      assert.equal(filesystem.type, 'iso9660');
      assert.equal(filesystem.label, /^Volume id: (.*)$/mu.exec(said)?.[1]);
      assert.equal(usage.blockSizeBytes, number(said, /^Logical block size is: (\d+)/mu));
      assert.equal(usage.blockCount, number(said, /^Volume size is: (\d+)/mu));
      assertFull(usage);
    });
  }

  it('has the UUID that blkid makes', { skip: missing({ blkid: 'util-linux' }) }, async () => {
    run(`xorriso -as mkisofs -V 'A LABEL' -o image tree`);
    const said = ask('blkid -p -o value -s UUID image');
    assert.equal((await read()).filesystem.uuid, said.trim());
  });
});

describe('romfs', { skip: missing({ genromfs: 'genromfs' }) }, () => {
  it('has the size of its image in blocks of 1024', async () => {
    run('genromfs -f image -d tree -V alabel');
    const { filesystem, usage } = await read();
    assert.equal(filesystem.type, 'romfs');
    assert.equal(filesystem.label, 'alabel');
    // genromfs pads the image to 1024 bytes, and that is what the kernel counts.
    assert.equal(usage.blockCount * 1024, readFileSync(image).length);
    assertFull(usage);
  });
});

describe('cramfs', { skip: missing({ 'mkfs.cramfs': 'util-linux' }) }, () => {
  for (const order of ['little', 'big']) {
    it(`counts what it holds uncompressed, ${order} endian`, async () => {
      run(`mkfs.cramfs -N ${order} -n alabel tree image`);
      const { filesystem, usage } = await read();
      assert.equal(filesystem.type, 'cramfs');
      assert.equal(filesystem.label, 'alabel');
      // Two files of 75,000 and 300,000 bytes, in pages; with the folders there are four inodes.
      assert.equal(usage.blockCount, Math.ceil(75_000 / 4096) + Math.ceil(300_000 / 4096));
      assert.equal(usage.fileCount, 4);
      assertFull(usage);
    });
  }
});
