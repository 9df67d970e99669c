// VDI as QEMU writes it, and differencing images, which it neither writes nor reads: there the truth is put together from
// what QEMU reads in the base.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../run.js';
import { vdiImage } from '../vdi-writer.js';
import type { MadeImage, MatrixCase } from './case.js';

const MIB = 2 ** 20;
const needs = { 'qemu-img': 'qemu-utils' };
const writes = { ...needs, 'qemu-io': 'qemu-utils' };
const UUID = '12345678-1234-4234-8234-123456789012';

async function withTruth(image: string): Promise<MadeImage> {
  const truth = `${image}.truth`;
  await run('qemu-img', ['convert', '-f', 'vdi', '-O', 'raw', image, truth]);
  return { image, truth };
}

function converted(name: string, options: string): MatrixCase {
  return {
    name: `vdi ${name}`,
    needs,
    async make(directory, raw) {
      const image = join(directory, 'disk.vdi');
      await run('qemu-img', ['convert', '-f', 'raw', '-O', 'vdi', '-o', options, raw, image]);
      return { image };
    },
  };
}

/** Every third block is the differencing image's, every fifth is zeros in it. */
async function overParent(directory: string, raw: string): Promise<MadeImage> {
  const base = join(directory, 'base.vdi');
  await run('qemu-img', ['convert', '-f', 'raw', '-O', 'vdi', raw, base]);
  const header = await readFile(base);
  header.set(Buffer.from('78563412341234428234123456789012', 'hex'), 392);
  await writeFile(base, header);
  const { truth } = await withTruth(base);
  const disk = await readFile(truth ?? raw);
  const blocks = new Map<number, Uint8Array | 'zero'>();
  for (let i = 0; i * MIB < disk.length; i++) {
    const length = Math.min(MIB, disk.length - i * MIB);
    if (i % 5 === 4) {
      blocks.set(i, 'zero');
      disk.fill(0, i * MIB, i * MIB + length);
    } else if (i % 3 === 1) {
      const block = Buffer.alloc(MIB, `block ${i} `);
      blocks.set(i, block);
      disk.set(block.subarray(0, length), i * MIB);
    }
  }
  const image = join(directory, 'top.vdi');
  const fields = { sizeBytes: disk.length, kind: 4, parentUuid: UUID, blocks };
  await writeFile(image, vdiImage(fields));
  await writeFile(`${image}.truth`, disk);
  return { image, truth: `${image}.truth` };
}

export const cases: readonly MatrixCase[] = [
  converted('dynamic', 'static=off'),
  converted('fixed', 'static=on'),
  {
    name: 'vdi dynamic, written to in places',
    needs: writes,
    async make(directory) {
      const image = join(directory, 'disk.vdi');
      await run('qemu-img', ['create', '-q', '-f', 'vdi', image, String(40 * MIB + 512)]);
      const commands = ['write -P 7 39M 1M', 'write -P 8 1000k 100k', 'write -P 9 40M 512'];
      const args = commands.flatMap((command) => ['-c', command]);
      await run('qemu-io', ['-f', 'vdi', '-t', 'unsafe', ...args, image]);
      return withTruth(image);
    },
  },
  {
    name: 'vdi empty, no whole number of blocks',
    needs,
    async make(directory) {
      const image = join(directory, 'disk.vdi');
      await run('qemu-img', ['create', '-q', '-f', 'vdi', image, String(3 * MIB + 512)]);
      return withTruth(image);
    },
  },
  { name: 'vdi differencing', needs, make: overParent },
];
