// VMware's disks: those that QEMU writes, and those that only VMware writes, of which QEMU tells the content.
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { run } from '../../run.js';
import {
  cowdExtent,
  descriptor,
  hostedExtent,
  hostedHeader,
  type SparseOptions,
  seSparseExtent,
  streamExtent,
} from '../vmdk-writer.js';
import type { MadeImage, MatrixCase } from './case.js';

const SECTOR = 512;
const needs = { 'qemu-img': 'qemu-utils' };

async function convert(raw: string, image: string, options: string): Promise<MadeImage> {
  await run('qemu-img', ['convert', '-O', 'vmdk', '-o', options, raw, image]);
  return { image };
}

/** The image, and what QEMU reads in it. */
async function withTruth(image: string): Promise<MadeImage> {
  const truth = `${image}.truth`;
  await run('qemu-img', ['convert', '-f', 'vmdk', '-O', 'raw', image, truth]);
  return { image, truth };
}

const CONVERTED: readonly (readonly [name: string, options: string])[] = [
  ['monolithicSparse', 'subformat=monolithicSparse'],
  ['monolithicFlat', 'subformat=monolithicFlat'],
  ['twoGbMaxExtentSparse', 'subformat=twoGbMaxExtentSparse'],
  ['twoGbMaxExtentFlat', 'subformat=twoGbMaxExtentFlat'],
  ['streamOptimized', 'subformat=streamOptimized'],
  ['monolithicSparse, zero grains', 'subformat=monolithicSparse,zeroed_grain=on'],
  ['twoGbMaxExtentSparse, zero grains', 'subformat=twoGbMaxExtentSparse,zeroed_grain=on'],
  ['monolithicSparse of version 6', 'subformat=monolithicSparse,compat6=on'],
  ['monolithicSparse, LSI Logic', 'subformat=monolithicSparse,adapter_type=lsilogic,hwversion=7'],
];

const converted = CONVERTED.map(
  ([name, options]): MatrixCase => ({
    name: `vmdk ${name}`,
    needs,
    make: (directory, raw) => convert(raw, join(directory, 'disk.vmdk'), options),
  }),
);

interface Written {
  readonly name: string;
  /** Files beside the descriptor, and the descriptor itself, from the disk's content. */
  files(content: Buffer): Promise<Readonly<Record<string, Uint8Array | string>>>;
}

/** Of the kind that is one sparse file with its descriptor in it. */
function embedded(
  name: string,
  write: (content: Uint8Array, options: SparseOptions) => Uint8Array,
  options: SparseOptions = {},
  type = 'monolithicSparse',
): Written {
  return {
    name,
    async files(content) {
      const extents = [`RW ${content.length / SECTOR} SPARSE "disk.vmdk"`];
      return {
        'disk.vmdk': write(content, { ...options, descriptor: descriptor({ type, extents }) }),
      };
    },
  };
}

/** A descriptor of its own, and one sparse file. */
function described(
  name: string,
  type: string,
  word: string,
  write: (content: Uint8Array) => Uint8Array,
): Written {
  return {
    name,
    async files(content) {
      const extents = [`RW ${content.length / SECTOR} ${word} "disk-000001.vmdk"`];
      return { 'disk-000001.vmdk': write(content), 'disk.vmdk': descriptor({ type, extents }) };
    },
  };
}

const third = (index: number): boolean => index % 3 === 0;

/** What a snapshot holds of a disk whose base has been written over. */
function snapshot(
  name: string,
  type: string,
  word: string,
  write: (content: Uint8Array, options: SparseOptions) => Uint8Array,
): Written {
  return {
    name,
    async files(content) {
      const sectors = content.length / SECTOR;
      const base = Buffer.from(content).fill('base', 0, Math.floor(content.length / 2));
      return {
        'base-flat.vmdk': base,
        'base.vmdk': descriptor({ type: 'vmfs', extents: [`RW ${sectors} VMFS "base-flat.vmdk"`] }),
        'disk-delta.vmdk': write(content, { has: third, isZero: (index) => index % 7 === 1 }),
        'disk.vmdk': descriptor({
          ...{ type, extents: [`RW ${sectors} ${word} "disk-delta.vmdk"`], cid: 'fffffffe' },
          ...{ parentCid: '12345678', parent: 'base.vmdk' },
        }),
      };
    },
  };
}

/** Pieces of different kinds and grain sizes, each a multiple of its grain's: QEMU reads others beyond their ends. */
const pieces: Written = {
  name: 'vmdk of flat and sparse pieces',
  async files(content) {
    const sectors = content.length / SECTOR;
    const part = (from: number, to: number) => content.subarray(from * SECTOR, to * SECTOR);
    return {
      's1.vmdk': hostedExtent(part(0, 256)),
      's2.vmdk': hostedExtent(part(256, 560), { grain: 16, isReversed: true }),
      'f3.vmdk': Buffer.concat([Buffer.alloc(7 * SECTOR, 1), part(560, 561), part(1400, 1440)]),
      's4.vmdk': cowdExtent(part(561, 1361), { grain: 8 }),
      'rest.vmdk': part(1361, sectors),
      'disk.vmdk': descriptor({
        type: 'twoGbMaxExtentSparse',
        extents: [
          'RW 256 SPARSE "s1.vmdk"',
          'RW 304 SPARSE "s2.vmdk"',
          'RW 1 FLAT "f3.vmdk" 7',
          'RW 800 VMFSSPARSE "s4.vmdk"',
          `RW ${sectors - 1361} FLAT "rest.vmdk" 0`,
          'RW 40 FLAT "f3.vmdk" 8',
        ],
      }),
    };
  },
};

const spaced: Written = {
  name: 'vmdk with a descriptor from Windows',
  async files(content) {
    const extents = [`RW\t${content.length / SECTOR}   VMFS  "disk-flat.vmdk"`];
    const text = descriptor({ type: 'vmfs', extents }).replaceAll('\n', '\r\n');
    return { 'disk-flat.vmdk': content, 'disk.vmdk': text };
  },
};

const empty: Written = {
  name: 'vmdk with its descriptor in a sparse file of no capacity',
  async files(content) {
    const extents = [`RW ${content.length / SECTOR} FLAT "disk-flat.vmdk" 0`];
    const text = descriptor({ type: 'monolithicFlat', extents });
    const file = Buffer.concat([hostedHeader({ capacity: 0 }), Buffer.alloc(20 * SECTOR)]);
    file.write(text, SECTOR);
    return { 'disk-flat.vmdk': content, 'disk.vmdk': file };
  },
};

const WRITTEN: readonly Written[] = [
  embedded('vmdk monolithicSparse, grains of 8 KiB, backwards', hostedExtent, {
    grain: 16,
    isReversed: true,
  }),
  embedded('vmdk monolithicSparse, grains of 1 MiB', hostedExtent, { grain: 2048 }),
  embedded('vmdk monolithicSparse, small tables', hostedExtent, { grain: 32, tableEntries: 128 }),
  embedded('vmdk monolithicSparse, zero and missing grains', hostedExtent, {
    has: third,
    isZero: (index) => index % 2 === 0,
  }),
  embedded('vmdk streamOptimized as VMware exports it', streamExtent, {}, 'streamOptimized'),
  embedded(
    'vmdk streamOptimized, every grain written, small ones',
    streamExtent,
    { grain: 16, has: () => true },
    'streamOptimized',
  ),
  embedded(
    'vmdk streamOptimized without markers',
    (content, options) => {
      // QEMU wants streams of at most a grain.
      const plain = content.map((byte) => byte % 16);
      return streamExtent(plain, { ...options, hasMarkers: false });
    },
    {},
    'streamOptimized',
  ),
  described('vmdk vmfsSparse', 'vmfsSparse', 'VMFSSPARSE', cowdExtent),
  described('vmdk vmfsSparse, grains of 64 KiB', 'vmfsSparse', 'VMFSSPARSE', (content) =>
    cowdExtent(content, { grain: 128, isReversed: true }),
  ),
  described('vmdk seSparse', 'seSparse', 'SESPARSE', seSparseExtent),
  described('vmdk twoGbMaxExtentSparse, one piece', 'twoGbMaxExtentSparse', 'SPARSE', hostedExtent),
  snapshot('vmdk vmfsSparse over vmfs', 'vmfsSparse', 'VMFSSPARSE', (content) =>
    cowdExtent(content, { has: third, grain: 64 }),
  ),
  snapshot('vmdk seSparse over vmfs', 'seSparse', 'SESPARSE', seSparseExtent),
  snapshot('vmdk sparse over vmfs', 'twoGbMaxExtentSparse', 'SPARSE', hostedExtent),
  pieces,
  spaced,
  empty,
];

const written = WRITTEN.map(
  ({ name, files }): MatrixCase => ({
    name,
    needs,
    async make(directory, raw) {
      const made = await files(await readFile(raw));
      for (const [file, bytes] of Object.entries(made))
        await writeFile(join(directory, file), bytes);
      return withTruth(join(directory, 'disk.vmdk'));
    },
  }),
);

const chain: MatrixCase = {
  name: 'vmdk, a snapshot of a snapshot',
  needs: { ...needs, 'qemu-io': 'qemu-utils' },
  async make(directory, raw) {
    const image = (index: number): string => join(directory, `disk-${index}.vmdk`);
    await convert(raw, image(0), 'subformat=monolithicSparse');
    for (const index of [1, 2]) {
      const backing = ['-b', basename(image(index - 1)), '-F', 'vmdk'];
      const options = ['-o', 'subformat=monolithicSparse,zeroed_grain=on'];
      await run('qemu-img', ['create', '-q', '-f', 'vmdk', ...backing, ...options, image(index)]);
      const writes = [`write -P ${index} ${index * 100}k 200k`, `write -z ${index * 512}k 128k`];
      await run('qemu-io', ['-t', 'unsafe', ...writes.flatMap((one) => ['-c', one]), image(index)]);
    }
    return withTruth(image(2));
  },
};

/** QEMU passes over such extents, and 7-Zip fails to read them: the truth is what the specification says. */
const zeros: MatrixCase = {
  name: 'vmdk with extents of zeros',
  needs: {},
  async make(directory, raw) {
    const content = await readFile(raw);
    const sectors = content.length / SECTOR;
    const [image, truth] = [join(directory, 'disk.vmdk'), join(directory, 'truth')];
    await writeFile(join(directory, 'disk-flat.vmdk'), content);
    const extents = [
      'RW 64 ZERO',
      'RW 100 FLAT "disk-flat.vmdk" 63',
      'NOACCESS 1000 ZERO',
      `RDONLY ${sectors - 1000} FLAT "disk-flat.vmdk" 1000`,
    ];
    await writeFile(image, descriptor({ type: 'custom', extents }));
    const parts = [
      Buffer.alloc(64 * SECTOR),
      content.subarray(63 * SECTOR, 163 * SECTOR),
      Buffer.alloc(1000 * SECTOR),
      content.subarray(1000 * SECTOR),
    ];
    await writeFile(truth, Buffer.concat(parts));
    return { image, truth };
  },
};

export const cases: readonly MatrixCase[] = [...converted, ...written, chain, zeros];
