// Sparse bundles: a real disk that is cut into bands reads as the disk itself, and what cannot be a band is no band.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { copyFile, rm, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import type { ByteSource } from '../../src/bytes/source.js';
import { isZeros } from '../../src/bytes/zero.js';
import { hostNumbers } from '../../src/container/container.js';
import { VirtDfError } from '../../src/errors.js';
import { scanImageChains, scanImages } from '../../src/index.js';
import { runReader } from '../bytes/read-by-runs.js';
import { random } from '../random.js';
import {
  inDirectory,
  KIB,
  MIB,
  opened,
  outcomeOf,
  qemuReads,
  sameContent,
} from './block-images.js';
import { decodeAny } from './decoders.js';
import { write } from './machine-folders.js';
import { writeBundle } from './sparsebundle-writer.js';

const IMAGES = resolve('images');
const BUNDLE = 'disk.sparsebundle';

/** How often this process has called read(2) and the like, as Linux counts it (proc_pid_io(5)). */
function readCallCount(): number {
  const [, count] = /^syscr: (\d+)$/mu.exec(readFileSync('/proc/self/io', 'latin1')) ?? [];
  return Number(count);
}

async function diskOf(folder: string, name: string): Promise<Buffer> {
  const copy = join(folder, name);
  await copyFile(join(IMAGES, name), copy);
  return qemuReads(copy, 'qcow2');
}

for (const name of ['ext2-1k.qcow2', 'gpt-ext4.qcow2']) {
  test(`sparsebundle: ${name} in bands reads as the image, and has its rows`, () =>
    inDirectory(async (folder) => {
      const disk = await diskOf(folder, name);
      for (const [bandBytes, cutsZeros] of [
        [MIB, false],
        [64 * KIB, true],
        [96 * KIB, true],
      ] as const) {
        const bundle = join(folder, `${bandBytes}.sparsebundle`);
        const written = await writeBundle(bundle, disk, { bandBytes, cutsZeros });
        assert.ok(written.length * bandBytes < disk.length, 'no band is missing');
        await opened(bundle, async ({ content, layer }) => {
          assert.deepEqual([layer.format, layer.clusterBytes], ['sparsebundle', bandBytes]);
          await sameContent({ content, layer }, disk, bundle);
          await sameByRuns(content, disk);
          const du = execFileSync('du', ['-cB1', join(bundle, 'Info.plist'), ...bandsIn(bundle)]);
          const total = Number(/(\d+)\ttotal/u.exec(du.toString())?.[1]);
          assert.equal(hostNumbers(layer).allocationBytes, total);
        });
        const [[image], [other], [chain]] = [
          await scanImages([join(folder, name)]),
          await scanImages([bundle]),
          await scanImageChains([bundle]),
        ];
        const rows = (report: typeof image) =>
          report?.filesystems.map(({ guest: _, disk: __, ...row }) => row);
        assert.ok((rows(image)?.length ?? 0) > 0);
        assert.deepEqual(rows(other), rows(image));
        assert.deepEqual(chain?.problems, []);
      }
    }));
}

function bandsIn(bundle: string): readonly string[] {
  return readdirSync(join(bundle, 'bands')).map((name) => join(bundle, 'bands', name));
}

async function sameByRuns(content: ByteSource, disk: Uint8Array): Promise<void> {
  const { read } = runReader(new Map(), decodeAny);
  const next = random('runs');
  for (let count = 0; count < 40; count++) {
    const length = next(300_000);
    const offset = next(disk.length - length);
    const found = await read(content, offset, length);
    assert.equal(Buffer.compare(found, disk.subarray(offset, offset + length)), 0);
  }
}

const DISK = Buffer.alloc(4 * MIB, 'bands');

test('sparsebundle: an encrypted one says what opens it', () =>
  inDirectory(async (folder) => {
    const bundle = join(folder, BUNDLE);
    await writeBundle(bundle, DISK, { bandBytes: MIB, token: `encrcdsa${'\0'.repeat(100)}` });
    await assert.rejects(
      opened(bundle, () => undefined),
      { code: 'ENCRYPTED', message: /hdiutil convert/u },
    );
  }));

test('sparsebundle: no band is larger than the others, a link, or anywhere else', () =>
  inDirectory(async (folder) => {
    const bundle = join(folder, BUNDLE);
    await writeBundle(bundle, DISK, { bandBytes: MIB });
    assert.equal(await outcomeOf(bundle, {}), 'read');
    // A file of that name elsewhere is no band: what is missing is zeros.
    await rm(join(bundle, 'bands', '2'));
    for (const place of ['2', 'Info.plist.2']) await write(join(bundle, place), DISK);
    await write(join(folder, 'away', '2'), DISK);
    const policy = { files: [], roots: [join(folder, 'away')] };
    const zeros = Buffer.from(DISK).fill(0, 2 * MIB, 3 * MIB);
    await opened(bundle, (disk) => sameContent(disk, zeros, 'a band is missing'), { policy });
    await symlink(join(folder, 'secret'), join(bundle, 'bands', '2'));
    await write(join(folder, 'secret'), Buffer.alloc(MIB, 'secret'));
    assert.equal(await readAt(bundle, 2 * MIB), 'NOT_ALLOWED');
    await rm(join(bundle, 'bands', '2'));
    execFileSync('mkfifo', [join(bundle, 'bands', '2')]);
    assert.equal(await readAt(bundle, 2 * MIB), 'NOT_ALLOWED');
    await write(join(bundle, 'bands', '1'), Buffer.alloc(MIB + 1));
    assert.equal(await outcomeOf(bundle, {}), 'INVALID');
  }));

/** What the first bytes there are: zeros, data or an error. */
async function readAt(bundle: string, offset: number): Promise<string> {
  try {
    return await opened(bundle, async ({ content }) => {
      const bytes = await content.read(offset, 512);
      return isZeros(bytes) ? 'zeros' : 'data';
    });
  } catch (error) {
    assert.ok(error instanceof VirtDfError, String(error));
    return error.code;
  }
}

test('sparsebundle: of very many bands only those that are read are opened', () =>
  inDirectory(async (folder) => {
    const bundle = join(folder, BUNDLE);
    const bandBytes = 4 * KIB;
    const sizeBytes = 2 ** 20 * bandBytes;
    await writeBundle(bundle, DISK, { bandBytes, sizeBytes });
    const script =
      "import sys\nfor i in range(1024, 20000): open('%s/%x' % (sys.argv[1], i), 'w').close()";
    execFileSync('python3', ['-c', script, join(bundle, 'bands')]);
    const before = readCallCount();
    await opened(bundle, async ({ content, layer }) => {
      assert.equal(content.sizeBytes, sizeBytes);
      assert.equal(hostNumbers(layer).allocationBytes, null);
      assert.equal(Buffer.compare(await content.read(0, DISK.length), DISK), 0);
      assert.ok(isZeros(await content.read(sizeBytes - 8192, 8192)));
    });
    // Of a band that is opened some twelve, those by which threads wake each other among them; of all files it would be 240,000.
    const [readCount, bandCount] = [readCallCount() - before, DISK.length / bandBytes];
    assert.ok(readCount >= bandCount && readCount < 20 * bandCount, `${readCount} calls of read`);
    await write(join(bundle, 'bands', '5'), Buffer.alloc(bandBytes + 1));
    assert.equal(await readAt(bundle, 5 * bandBytes), 'INVALID');
    await symlink(join(folder, 'secret'), join(bundle, 'bands', 'f0000'));
    await write(join(folder, 'secret'), Buffer.alloc(bandBytes, 'secret'));
    assert.equal(await readAt(bundle, 0xf0000 * bandBytes), 'NOT_ALLOWED');
    assert.equal(await readAt(bundle, 0xf0001 * bandBytes), 'zeros');
    await rm(join(bundle, 'bands', 'f0000'));
    await rm(join(bundle, 'bands', '5'));
    // To say where all of the data lie would take more files than one chain opens.
    const [chain] = await scanImageChains([bundle]);
    assert.deepEqual(
      chain?.problems.map(({ code }) => code),
      ['LIMIT'],
    );
  }));

test('sparsebundle: a description that is none', () =>
  inDirectory(async (folder) => {
    const bundle = join(folder, BUNDLE);
    await writeBundle(bundle, DISK, { bandBytes: MIB });
    const info = readFileSync(join(bundle, 'Info.plist'), 'utf8');
    const bad = [
      info.replace('.sparsebundle<', '.other<'),
      info.replace(`${MIB}`, '0'),
      info.replace(`${MIB}`, '../../etc'),
      info.replace(`${DISK.length}`, '-1'),
      info.replace(`${DISK.length}`, '99999999999999999999'),
      info.replace('<integer>', '<string>'),
      '<plist/>',
      '',
    ];
    for (const text of bad) {
      await write(join(bundle, 'Info.plist'), text);
      assert.equal(await outcomeOf(bundle, {}), 'INVALID', text);
    }
    await write(join(bundle, 'Info.plist'), 'bplist00');
    assert.equal(await outcomeOf(bundle, {}), 'UNSUPPORTED_FORMAT');
  }));
