// UDF volumes that mkudffs makes in the test: their names are blkid's, and a large one is read with little.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type ByteSource, memoryRuns } from '../../src/bytes/source.js';
import { openDisk } from '../../src/container/open.js';
import { udf } from '../../src/filesystem/udf.js';
import { openScope } from '../../src/host/local-scope.js';
import { missing, toolEnv } from '../tools.js';
import { recognises } from './recognises.js';
import { sealTag } from './udf-disc.js';

const MIB = 2 ** 20;
const skip = missing({ mkudffs: 'udftools', blkid: 'util-linux' });

let folder: string;
let path: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'virt-df-udf-'));
  path = join(folder, 'image');
});
after(() => rmSync(folder, { recursive: true }));

function run(tool: string, ...args: readonly string[]): string {
  const stdio = ['ignore', 'pipe', 'ignore'] as const;
  return execFileSync(tool, [...args, path], { env: toolEnv, encoding: 'utf8', stdio: [...stdio] });
}

function make(sizeBytes: number, ...options: readonly string[]): void {
  writeFileSync(path, '');
  truncateSync(path, sizeBytes);
  run('mkudffs', ...options);
}

async function withContent<T>(use: (content: ByteSource) => Promise<T>): Promise<T> {
  const scope = openScope({ deadlineMs: null });
  try {
    return await use((await openDisk(path, { format: 'raw', scope })).content);
  } finally {
    await scope.close();
  }
}

/** One value, as it is. */
function blkid(name: string): string | null {
  return run('blkid', '-p', '-o', 'value', '-s', name).replace(/\n$/u, '') || null;
}

const NAMES: readonly (readonly string[])[] = [
  ['--u8', '--label=plain'],
  ['--utf8', '--label=café'],
  ['--utf8', '--label=猫と犬'],
  ['--utf8', '--lvid=😀 outside of the plane'],
  ['--utf8', '--label=  with blanks  '],
  ['--u16', '--lvid='],
  ['--u8', `--lvid=${'l'.repeat(125)}`],
  ['--u8', '--udfrev=1.50', '--fullvsid=0123456789ABCDEFand more'],
  ['--u8', '--udfrev=1.02', '--fullvsid=0123456789abcdeg'],
  ['--u8', '--fullvsid=01234567nothex'],
  ['--u8', '--fullvsid=012345678'],
  ['--u8', '--fullvsid=0123456'],
  ['--u8', '--fullvsid=not a number at all'],
  ['--utf8', '--fullvsid=été 1234567890'],
  ['--utf8', '--fullvsid=猫と犬と猫と犬'],
  ['--utf8', '--fullvsid=0123456789猫と犬'],
];

/** Revision 1.01 in little room, and f_frsize, f_blocks, f_bfree, f_files and f_ffree of a mount by Linux 6.1. */
const SMALL: readonly (readonly [kib: number, options: string, statvfs: readonly number[]])[] = [
  [64, '--blocksize=512', [512, 40, 37, 38, 37]],
  [64, '--blocksize=1024', [1024, 16, 13, 14, 13]],
  [64, '--blocksize=512 --space=unallocbitmap --ad=short', [512, 40, 36, 37, 36]],
  [64, '--blocksize=512 --space=unalloctable --ad=inicb', [512, 43, 40, 41, 40]],
  [64, '--blocksize=512 --space=unalloctable --ad=long', [512, 43, 39, 40, 39]],
  [128, '--blocksize=2048', [2048, 32, 29, 30, 29]],
  [128, '--blocksize=4096', [4096, 8, 5, 6, 5]],
];

test('the smallest volumes have the numbers of their mounts', { skip }, async () => {
  for (const [kib, options, statvfs] of SMALL) {
    make(kib * 1024, '--udfrev=1.01', ...options.split(' '));
    const usage = await withContent(async (content) => (await udf.open(content)).usage('guest'));
    const { blockSizeBytes, blockCount, freeBlockCount, fileCount, freeFileCount } = usage;
    const found = [blockSizeBytes, blockCount, freeBlockCount, fileCount, freeFileCount];
    assert.deepEqual(found, statvfs, `${kib} KiB, ${options}`);
  }
});

test('names are as blkid prints them', { skip }, async () => {
  for (const options of NAMES) {
    make(2 * MIB, ...options, '--blocksize=512');
    const { label, uuid, version } = await withContent((content) => udf.open(content));
    const words = options.join(' ');
    // blkid keeps blanks before a label or not, by its version.
    assert.equal(label, blkid('LABEL')?.trim() || null, words);
    assert.equal(uuid, blkid('UUID'), words);
    assert.equal(version, blkid('VERSION'), words);
  }
});

const GIB = 2 ** 30;
const BLOCK = 2048;
const BITMAP_BYTES = (64 * GIB) / BLOCK / 8;

test('64 GiB cost their bitmap once, where it must be counted, and else next to nothing', {
  skip,
}, async () => {
  make(64 * GIB, `--blocksize=${BLOCK}`, '--media-type=hd');
  const free = async () => {
    const counter = { reads: 0, bytes: 0 };
    const blocks = await withContent(async (content) => {
      const source: ByteSource = {
        sizeBytes: content.sizeBytes,
        runs: memoryRuns,
        read(offset, length) {
          counter.reads++;
          counter.bytes += length;
          return content.read(offset, length);
        },
      };
      assert.equal(await recognises(udf, source), true);
      return (await (await udf.open(source)).usage('guest')).freeBlockCount;
    });
    return { ...counter, blocks };
  };
  const known = await free();
  assert.ok(known.bytes < 128 * 1024, `${known.bytes} bytes`);
  await forgetFree();
  const counted = await free();
  assert.equal(counted.blocks, known.blocks);
  assert.ok(counted.bytes < BITMAP_BYTES + 256 * 1024, `${counted.bytes} bytes`);
  assert.ok(counted.reads < 100, `${counted.reads} reads`);
});

/** The integrity descriptor, in the place that mkudffs gives it, no longer says what is free. */
async function forgetFree(): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const bytes = Buffer.alloc(BLOCK);
    for (let block = 0; block < 256; block++) {
      await file.read(bytes, 0, BLOCK, block * BLOCK);
      if (bytes.readUInt16LE(0) !== 9 || bytes.readUInt32LE(12) !== block) continue;
      bytes.writeUInt32LE(0xffffffff, 80);
      sealTag(bytes, block);
      await file.write(bytes, 0, BLOCK, block * BLOCK);
    }
  } finally {
    await file.close();
  }
}
