// Every format, every option, several contents: the disk's bytes are those that another program reads in the image.
// Each format brings its cases (matrix/*.ts); the images are made here and now.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, open, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { ByteSource } from '../../src/bytes/source.js';
import { readLuks, unlock } from '../../src/container/luks/unlock.js';
import { openDisk } from '../../src/container/open.js';
import { openScope } from '../../src/host/local-scope.js';
import { compareResolved, type RunCipher, runReader } from '../bytes/read-by-runs.js';
import { random } from '../random.js';
import { secretsOf } from '../secrets.js';
import { missing } from '../tools.js';
import { decodeAny } from './decoders.js';
import type { MadeImage, MakeImage, MatrixCase } from './matrix/case.js';

const MIB = 2 ** 20;
/** No power of two, so that pieces end at other places than the formats' units. */
const CHUNK_BYTES = 3 * MIB;
const MIN_IMAGES = 60;
const RUN_RANGES = 5;
/** Of runs of each kind, what was read by them at least. */
const MIN_RUN_BYTES = 5 * MIB;

interface Content {
  readonly name: string;
  readonly sizeBytes: number;
  /** Runs of bytes that are not zeros: `[offset, length, random or one byte]`. */
  runs(next: (limit: number) => number): Iterable<readonly [number, number, 'random' | 'text']>;
}

const CONTENTS: readonly Content[] = [
  {
    name: 'dense',
    sizeBytes: 3 * MIB,
    *runs() {
      yield [0, 2 * MIB, 'random'];
      yield [2 * MIB, MIB, 'text'];
    },
  },
  {
    name: 'sparse',
    sizeBytes: 12 * MIB + 512 * 129,
    *runs(next) {
      for (let i = 0; i < 20; i++) {
        const offset = next(24 * 1024) * 512;
        yield [offset, (1 + next(100)) * 512, i % 2 === 0 ? 'random' : 'text'];
      }
      yield [12 * MIB + 512 * 128, 512, 'random'];
    },
  },
  { name: 'empty', sizeBytes: 4 * MIB, *runs() {} },
];

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'virt-df-matrix-'));
  for (const content of CONTENTS) {
    await writeFile(join(folder, `${content.name}.raw`), contentBytes(content));
  }
});
after(() => rm(folder, { recursive: true, force: true }));

function contentBytes({ name, sizeBytes, runs }: Content): Uint8Array {
  const next = random(name);
  const bytes = new Uint8Array(sizeBytes);
  for (const [offset, length, kind] of runs(next)) {
    for (let at = offset; at < Math.min(offset + length, sizeBytes); at++) {
      bytes[at] = kind === 'random' ? next(256) : 65 + ((at >> 6) % 26);
    }
  }
  return bytes;
}

/** What was read of the truth, in memory that is used again: the kernel takes longer to give new memory than to read. */
const truthBytes = Buffer.alloc(CHUNK_BYTES);

/** All bytes, once from end to end and then here and there, as filesystems are read. */
async function compare(disk: ByteSource, truth: string, name: string): Promise<void> {
  const file = await open(truth);
  try {
    const { size } = await file.stat();
    assert.equal(disk.sizeBytes, size, 'size');
    const next = random(name);
    const ranges: [number, number][] = [];
    for (let at = 0; at < size; at += CHUNK_BYTES) ranges.push([at, CHUNK_BYTES]);
    for (let i = 0; i < 40; i++) ranges.push([next(Math.min(size, 2 ** 31)), 1 + next(70_000)]);
    for (const [offset, wanted] of ranges) {
      const length = Math.min(wanted, size - offset);
      const expected = truthBytes.subarray(0, length);
      await file.read(expected, 0, length, offset);
      const bytes = await disk.read(offset, length);
      if (Buffer.compare(bytes, expected) === 0) continue;
      const first = offset + expected.findIndex((byte, i) => byte !== bytes[i]);
      assert.fail(`${length} bytes at ${offset}: the first that differs is at ${first}`);
    }
  } finally {
    await file.close();
  }
}

const ciphers = new Map<ByteSource, RunCipher>();
const { read: readByRuns, counts } = runReader(ciphers, decodeAny);

/** Some ranges once more, read where their runs say that they lie. */
async function compareRuns(disk: ByteSource, name: string): Promise<void> {
  const next = random(name);
  for (let i = 0; i < RUN_RANGES; i++) {
    const offset = next(Math.min(disk.sizeBytes, 2 ** 31));
    const length = Math.min(disk.sizeBytes - offset, 1 + next(200_000));
    const bytes = await disk.read(offset, length);
    const found = await readByRuns(disk, offset, length);
    assert.equal(Buffer.compare(found, bytes), 0, `${length} bytes at ${offset} by their runs`);
    await compareResolved(disk, offset, bytes);
  }
}

/** As the header says, unlocked once more. */
async function luksCipher(file: ByteSource, keys: readonly Uint8Array[]): Promise<RunCipher> {
  const { sectorBytes, decrypt } = await unlock(
    await readLuks(file, 'luks'),
    secretsOf(keys),
    'luks',
  );
  return { sectorBytes, decrypt: (sectors, { offsetBytes }) => decrypt(sectors, offsetBytes) };
}

async function check(made: MadeImage, raw: string, name: string): Promise<void> {
  const { image, truth = raw, format = 'auto', passphrase } = made;
  const keys = passphrase === undefined ? [] : [Buffer.from(passphrase)];
  const scope = openScope();
  try {
    const disk = await openDisk(image, { format, scope, secrets: () => secretsOf(keys) });
    await compare(disk.content, truth, name);
    if (format === 'luks')
      ciphers.set(disk.content, await luksCipher(await scope.open(image), keys));
    await compareRuns(disk.content, name);
  } finally {
    await scope.close();
  }
}

async function allCases(): Promise<readonly MatrixCase[]> {
  const names = await readdir(join(import.meta.dirname, 'matrix'));
  const modules = names.filter((name) => name.endsWith('.js') && name !== 'case.js').sort();
  const loaded = modules.map(async (name) => {
    const { cases }: { cases: readonly MatrixCase[] } = await import(`./matrix/${name}`);
    return cases;
  });
  return (await Promise.all(loaded)).flat();
}

const cases = await allCases();
let imageCount = 0;
for (const { name, needs, make } of cases) {
  test(name, { skip: missing(needs) }, async () => {
    const directory = await mkdtemp(join(folder, 'images-'));
    // What is made without a raw disk is the same each time.
    const contents = make.length > 1 ? CONTENTS : CONTENTS.slice(0, 1);
    try {
      const images = await Promise.all(contents.map((content) => makeIn(directory, content, make)));
      for (const { made, raw, content } of images) {
        await ofContent(content, () => check(made, raw, name));
        imageCount++;
      }
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
}

async function makeIn(directory: string, content: Content, make: MakeImage) {
  const home = join(directory, content.name);
  const raw = join(folder, `${content.name}.raw`);
  await mkdir(home);
  return { made: await ofContent(content, () => make(home, raw)), raw, content };
}

/** Whose error names the content. */
async function ofContent<T>({ name }: Content, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new Error(`${name}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

test('the matrix is wide', (t) => {
  assert.equal(new Set(cases.map(({ name }) => name)).size, cases.length, 'names are distinct');
  t.diagnostic(`${cases.length} cases, ${imageCount} images`);
  assert.ok(cases.length >= MIN_IMAGES);
  for (const kind of ['host', 'data', 'zero', 'compressed'] as const) {
    const bytes = counts.get(kind) ?? 0;
    t.diagnostic(`${bytes} bytes of runs of kind ${kind}`);
    assert.ok(bytes > MIN_RUN_BYTES || cases.some(({ needs }) => missing(needs) !== false));
  }
  assert.ok(counts.has('encrypted') || missing({ 'qemu-img': 'qemu-utils' }) !== false);
});
