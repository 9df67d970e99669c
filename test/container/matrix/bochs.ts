// Growing images of Bochs's, made by its own tool.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../run.js';
import { bochsImage } from '../bochs-writer.js';
import type { MadeImage, MatrixCase } from './case.js';

const needs = { bximage: 'bximage', 'qemu-img': 'qemu-utils' };

async function convert(directory: string, raw: string): Promise<string> {
  const image = join(directory, 'disk.bochs');
  await run('bximage', ['-q', '-func=convert', '-imgmode=growing', raw, image]);
  return image;
}

async function withTruth(image: string): Promise<MadeImage> {
  const truth = `${image}.truth`;
  await run('qemu-img', ['convert', '-f', 'bochs', '-O', 'raw', image, truth]);
  return { image, truth };
}

export const cases: readonly MatrixCase[] = [
  {
    name: 'bochs growing',
    needs,
    make: async (directory, raw) => ({ image: await convert(directory, raw) }),
  },
  {
    name: 'bochs growing, by the word of QEMU',
    needs,
    make: async (directory, raw) => withTruth(await convert(directory, raw)),
  },
  {
    name: 'bochs growing of version 1, sectors in any order',
    needs: { 'qemu-img': 'qemu-utils' },
    async make(directory) {
      const image = join(directory, 'disk.bochs');
      await writeFile(image, bochsImage({ version: 1, extentBytes: 65536, extentCount: 20 }));
      return withTruth(image);
    },
  },
];
