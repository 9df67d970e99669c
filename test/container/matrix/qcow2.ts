// qcow2 as qemu-img and qemu-io write it: cluster sizes, versions, entries, compression, chains, data files, snapshots.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../run.js';
import type { MadeImage, MatrixCase } from './case.js';

const needs = { 'qemu-img': 'qemu-utils' };
const writes = { ...needs, 'qemu-io': 'qemu-utils' };

/** QEMU's tools run in the directory, so that images name each other without it. */
type Tools = (tool: 'qemu-img' | 'qemu-io', ...args: readonly string[]) => Promise<void>;

function toolsIn(directory: string): Tools {
  return async (tool, ...args) => {
    await run(tool, args, { cwd: directory });
  };
}

/** The raw disk as it is, in an image of these options. */
function converted(options: string, ...flags: readonly string[]): MatrixCase {
  return {
    name: `qcow2 ${[options, ...flags].join(' ')}`,
    needs,
    async make(directory, raw) {
      const tools = toolsIn(directory);
      const convert = ['convert', ...flags, '-f', 'raw', '-O', 'qcow2', '-o', options];
      await tools('qemu-img', ...convert, raw, 'disk.qcow2');
      return { image: join(directory, 'disk.qcow2') };
    },
  };
}

/** What QEMU reads in an image that was made here. */
function made(
  name: string,
  work: (tools: Tools, raw: string, sizeBytes: number) => Promise<void>,
): MatrixCase {
  return {
    name: `qcow2 ${name}`,
    needs: writes,
    async make(directory, raw): Promise<MadeImage> {
      const tools = toolsIn(directory);
      await work(tools, raw, (await stat(raw)).size);
      await tools('qemu-img', 'convert', '-f', 'qcow2', '-O', 'raw', 'disk.qcow2', 'truth');
      return { image: join(directory, 'disk.qcow2'), truth: join(directory, 'truth') };
    },
  };
}

const SCRIBBLES = [
  'write -P 17 0 3k',
  'write -P 34 70k 130k',
  'write -z 300k 200k',
  'discard 600k 256k',
  'write -P 51 1000k 1k',
];

async function scribble(tools: Tools, image: string, commands = SCRIBBLES): Promise<void> {
  await tools('qemu-io', '-t', 'unsafe', ...commands.flatMap((one) => ['-c', one]), image);
}

/** An image over what was made of the raw disk. */
function overlay(options: string, base: 'raw' | 'qcow2', resize = ''): MatrixCase {
  const what = resize === '' ? '' : `, base of ${resize}`;
  return made(`${options}, over ${base}${what}`, async (tools, raw, size) => {
    await tools('qemu-img', 'convert', '-f', 'raw', '-O', base, raw, 'base');
    if (resize !== '')
      await tools('qemu-img', 'resize', '--shrink', '-q', '-f', base, 'base', resize);
    const create = ['-o', `${options},backing_file=base,backing_fmt=${base}`, 'disk.qcow2'];
    await tools('qemu-img', 'create', '-q', '-f', 'qcow2', ...create, String(size));
    await scribble(tools, 'disk.qcow2');
  });
}

function preallocated(mode: string): MatrixCase {
  return made(`preallocation=${mode}`, async (tools, _raw, size) => {
    const create = ['-o', `preallocation=${mode}`, 'disk.qcow2', String(size)];
    await tools('qemu-img', 'create', '-q', '-f', 'qcow2', ...create);
    await scribble(tools, 'disk.qcow2');
  });
}

const CONVERTED: readonly MatrixCase[] = [
  ...['512', '1k', '4k', '16k', '64k', '256k', '1M', '2M'].flatMap((size) => [
    converted(`cluster_size=${size},compat=0.10`),
    converted(`cluster_size=${size},compat=1.1`),
  ]),
  ...[1, 2, 4, 8, 32, 64].map((bits) => converted(`refcount_bits=${bits}`)),
  converted('lazy_refcounts=on'),
  ...['16k', '64k', '2M'].map((size) => converted(`extended_l2=on,cluster_size=${size}`)),
  ...['512', '4k', '64k', '2M'].map((size) => converted(`cluster_size=${size}`, '-c')),
  ...['512', '64k', '2M'].map((size) =>
    converted(`compression_type=zstd,cluster_size=${size}`, '-c'),
  ),
  converted('extended_l2=on', '-c'),
  converted('data_file=clusters'),
  converted('data_file=clusters,data_file_raw=on'),
];

const MADE: readonly MatrixCase[] = [
  ...['off', 'metadata', 'falloc', 'full'].map(preallocated),
  ...['cluster_size=4k', 'cluster_size=64k,compat=0.10', 'extended_l2=on'].flatMap((options) => [
    overlay(options, 'raw'),
    overlay(options, 'qcow2'),
  ]),
  overlay('cluster_size=64k', 'raw', '1M'),
  overlay('cluster_size=64k', 'qcow2', '1M'),
  overlay('cluster_size=64k', 'raw', '64M'),
  made('resized, with snapshots', async (tools, raw, size) => {
    await tools('qemu-img', 'convert', '-f', 'raw', '-O', 'qcow2', raw, 'disk.qcow2');
    await tools('qemu-img', 'snapshot', '-c', 'one', 'disk.qcow2');
    await scribble(tools, 'disk.qcow2');
    await tools('qemu-img', 'snapshot', '-c', 'two', 'disk.qcow2');
    await tools('qemu-img', 'resize', '-q', 'disk.qcow2', String(size + 1536 * 1024));
    await scribble(tools, 'disk.qcow2', [`write -P 68 ${size} 100k`, 'write -P 85 5k 90k']);
    await tools('qemu-img', 'snapshot', '-d', 'one', 'disk.qcow2');
  }),
  made('compressed, and written over', async (tools, raw) => {
    await tools('qemu-img', 'convert', '-c', '-f', 'raw', '-O', 'qcow2', raw, 'disk.qcow2');
    await scribble(tools, 'disk.qcow2');
  }),
  made('with bitmaps', async (tools, raw) => {
    await tools('qemu-img', 'convert', '-f', 'raw', '-O', 'qcow2', raw, 'disk.qcow2');
    await tools('qemu-img', 'bitmap', '--add', 'disk.qcow2', 'changes');
    await scribble(tools, 'disk.qcow2');
  }),
  made('extended L2, of sub-clusters', async (tools, _raw, size) => {
    const options = 'extended_l2=on,cluster_size=128k';
    await tools(
      'qemu-img',
      'create',
      '-q',
      '-f',
      'qcow2',
      '-o',
      options,
      'disk.qcow2',
      String(size),
    );
    const commands = Array.from({ length: 12 }, (_, i) => `write -P ${i + 1} ${i * 68}k ${i + 1}k`);
    await scribble(tools, 'disk.qcow2', [...commands, 'write -z 200k 6k', ...SCRIBBLES]);
  }),
];

export const cases: readonly MatrixCase[] = [...CONVERTED, ...MADE];
