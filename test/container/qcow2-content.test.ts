// The disk inside a qcow2 image, byte for byte as QEMU reads it, over every layout that QEMU writes.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import type { ByteSource } from '../../src/bytes/source.js';
import { random } from '../random.js';
import { inWorkshop, noQemu, type Workshop, withDisk } from './images.js';

const KIB = 1024;
const MIB = 1024 * KIB;
const CLUSTERS = [512, KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, MIB, 2 * MIB];
/** No multiple of any cluster but the smallest; with small clusters it needs several L2 tables. */
const DISK_BYTES = 5 * MIB + 3 * 512;

interface Variant {
  /** Options for `qemu-img create -o`, besides cluster size and version. */
  readonly options?: string;
  readonly minClusterBytes?: number;
  /** Only version 3 has it. */
  readonly isModern?: boolean;
  /** Makes the image `disk`; `create` is the whole `-o`. */
  make(shop: Workshop, create: string, seed: string): Promise<void>;
}

const size = String(DISK_BYTES);

async function createImage(shop: Workshop, name: string, create: string) {
  await shop.img('create', '-q', '-f', 'qcow2', '-o', create, name);
}

/** Writes at places across clusters, at the start and at the end: patterns, and text that compresses only partly. */
async function scribble(shop: Workshop, name: string, seed: string, limit = DISK_BYTES) {
  const next = random(seed);
  const words = Array.from({ length: 40_000 }, () => next(5000).toString(36));
  await writeFile(shop.path('words'), words.join(next(2) === 0 ? ' ' : '\0'));
  const commands = [`write -P 9 0 ${3 * 512}`, `write -P 7 ${limit - 512} 512`];
  for (let i = 0; i < 20; i++) {
    const length = 512 * (1 + next(i % 3 === 0 ? 500 : 9));
    const offset = 512 * next(Math.floor((limit - length) / 512));
    const pattern = i % 2 === 0 ? '-s words' : `-P ${1 + next(255)}`;
    commands.push(`write ${pattern} ${offset} ${Math.min(length, 100 * KIB)}`);
  }
  await shop.io(name, ...commands);
}

/** Discards and zero writes, aligned to clusters and not. */
async function punch(shop: Workshop, name: string, seed: string) {
  const next = random(`${seed} holes`);
  const kinds = ['write -z', 'write -z -u', 'discard'];
  const commands = Array.from({ length: 12 }, (_, i) => {
    const length = 512 * (1 + next(i % 2 === 0 ? 1200 : 20));
    return `${kinds[i % 3]} ${512 * next((DISK_BYTES - length) / 512)} ${length}`;
  });
  await shop.io(name, ...commands);
}

async function convertCompressed(shop: Workshop, create: string, seed: string) {
  await shop.img('create', '-q', '-f', 'raw', 'plain', size);
  await scribble(shop, 'plain', seed);
  await shop.img('convert', '-c', '-f', 'raw', '-O', 'qcow2', '-o', create, 'plain', 'disk');
}

const VARIANTS: Readonly<Record<string, Variant>> = {
  empty: { make: (shop, create) => createImage(shop, 'disk', create) },
  written: {
    async make(shop, create, seed) {
      await createImage(shop, 'disk', create);
      await scribble(shop, 'disk', seed);
    },
  },
  holes: {
    async make(shop, create, seed) {
      await createImage(shop, 'disk', create);
      await scribble(shop, 'disk', seed);
      await punch(shop, 'disk', seed);
      await scribble(shop, 'disk', `${seed} again`);
    },
  },
  deflate: { make: convertCompressed },
  zstd: { options: 'compression_type=zstd', isModern: true, make: convertCompressed },
  'compressed and written over': {
    async make(shop, create, seed) {
      await convertCompressed(shop, create, seed);
      await scribble(shop, 'disk', `${seed} over`);
      await punch(shop, 'disk', seed);
    },
  },
  'extended L2': {
    options: 'extended_l2=on',
    isModern: true,
    minClusterBytes: 16 * KIB,
    async make(shop, create, seed) {
      await createImage(shop, 'disk', create);
      await scribble(shop, 'disk', seed);
      await punch(shop, 'disk', seed);
      await scribble(shop, 'disk', `${seed} again`);
    },
  },
  'extended L2, compressed, over a backing file': {
    options: 'extended_l2=on',
    isModern: true,
    minClusterBytes: 16 * KIB,
    async make(shop, create, seed) {
      await shop.img('create', '-q', '-f', 'raw', 'base', size);
      await scribble(shop, 'base', seed);
      const backing = 'backing_file=base,backing_fmt=raw';
      await createImage(shop, 'disk', `${create},${backing}`);
      await shop.io('disk', 'write -c -P 5 0 2M', 'write -P 6 3M 1M');
      await scribble(shop, 'disk', `${seed} over`);
      await punch(shop, 'disk', seed);
    },
  },
  'chain of three, the last one shorter, the middle one longer': {
    async make(shop, create, seed) {
      const [short, long] = [3 * MIB + 512, 7 * MIB];
      await shop.img('create', '-q', '-f', 'qcow2', 'base', String(short));
      await scribble(shop, 'base', seed, short);
      const backing = 'backing_fmt=qcow2,backing_file';
      await shop.img(
        'create',
        '-q',
        '-f',
        'qcow2',
        '-o',
        `${backing}=base`,
        'middle',
        String(long),
      );
      await scribble(shop, 'middle', `${seed} middle`, long);
      await createImage(shop, 'disk', `${create},${backing}=middle`);
      await scribble(shop, 'disk', `${seed} top`);
      await punch(shop, 'disk', seed);
    },
  },
  'raw backing file that is shorter and ends within a sector': {
    async make(shop, create, seed) {
      const next = random(seed);
      await writeFile(
        shop.path('base'),
        Uint8Array.from({ length: 2_000_001 }, () => next(256)),
      );
      await createImage(shop, 'disk', `${create},backing_file=base,backing_fmt=raw`);
      await scribble(shop, 'disk', seed);
    },
  },
  'external data file': {
    options: 'data_file=clusters',
    isModern: true,
    async make(shop, create, seed) {
      await createImage(shop, 'disk', create);
      await scribble(shop, 'disk', seed);
      await punch(shop, 'disk', seed);
    },
  },
  'raw external data file': {
    options: 'data_file=clusters,data_file_raw=on',
    isModern: true,
    async make(shop, create, seed) {
      await createImage(shop, 'disk', create);
      await scribble(shop, 'disk', seed);
      await punch(shop, 'disk', seed);
    },
  },
  'preallocated metadata': {
    options: 'preallocation=metadata',
    async make(shop, create, seed) {
      await createImage(shop, 'disk', create);
      await scribble(shop, 'disk', seed);
    },
  },
  'preallocated space': {
    options: 'preallocation=falloc',
    async make(shop, create, seed) {
      await createImage(shop, 'disk', create);
      await scribble(shop, 'disk', seed);
    },
  },
  'lazy reference counts': {
    options: 'lazy_refcounts=on',
    isModern: true,
    async make(shop, create, seed) {
      await createImage(shop, 'disk', create);
      await scribble(shop, 'disk', seed);
    },
  },
  'internal snapshots': {
    async make(shop, create, seed) {
      await createImage(shop, 'disk', create);
      await scribble(shop, 'disk', seed);
      await shop.img('snapshot', '-c', 'first', 'disk');
      await scribble(shop, 'disk', `${seed} later`);
      await shop.img('snapshot', '-c', 'second', 'disk');
      await punch(shop, 'disk', seed);
    },
  },
};

for (const [name, variant] of Object.entries(VARIANTS)) {
  test(`qcow2: ${name}: the content is what qemu-img convert writes`, {
    skip: noQemu,
  }, async () => {
    for (const clusterBytes of CLUSTERS) {
      if (clusterBytes < (variant.minClusterBytes ?? 0)) continue;
      const versions = variant.isModern === true ? ['1.1'] : ['0.10', '1.1'];
      // Two at a time: most of the time goes by in QEMU's processes.
      await Promise.all(
        versions.map((compat) =>
          compare(name, variant, `cluster_size=${clusterBytes},compat=${compat}`),
        ),
      );
    }
  });
}

function compare(name: string, variant: Variant, layout: string): Promise<void> {
  const create = [layout, `size=${size}`, variant.options].filter(Boolean).join(',');
  return inWorkshop(async (shop) => {
    await variant.make(shop, create, `${name} ${layout}`);
    const truth = await shop.truth('disk');
    await withDisk(shop.path('disk'), (disk) => sameContent(disk, truth, layout));
  });
}

/** The whole at once, then pieces of all sizes at places of all kinds, in a scope whose cache is warm. */
async function sameContent(disk: ByteSource, truth: Uint8Array, layout: string): Promise<void> {
  assert.equal(disk.sizeBytes, truth.length, layout);
  assert.deepEqual(Buffer.compare(await disk.read(0, truth.length), truth), 0, `${layout}: whole`);
  const next = random(layout);
  for (let i = 0; i < 200; i++) {
    const length = next(i % 4 === 0 ? 300_000 : 5000);
    const offset = next(truth.length - length);
    const piece = await disk.read(offset, length);
    const expected = truth.subarray(offset, offset + length);
    assert.equal(Buffer.compare(piece, expected), 0, `${layout}: ${length} bytes at ${offset}`);
  }
}
