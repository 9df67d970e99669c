// QED as qemu-img and qemu-io write it.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../run.js';
import type { MatrixCase } from './case.js';

const needs = { 'qemu-img': 'qemu-utils', 'qemu-io': 'qemu-utils' };

function converted(options: string): MatrixCase {
  return {
    name: `qed ${options}`,
    needs,
    async make(directory, raw) {
      const image = join(directory, 'disk.qed');
      await run('qemu-img', ['convert', '-f', 'raw', '-O', 'qed', '-o', options, raw, image]);
      return { image };
    },
  };
}

const SCRIBBLES = [
  'write -P 17 0 3k',
  'write -P 34 70k 130k',
  'write -z 1M 512k',
  'write -z 3k 9k',
];

function overRaw(options: string, resize: string): MatrixCase {
  return {
    name: `qed ${options}, over raw ${resize}`,
    needs,
    async make(directory, raw) {
      const tool = async (program: string, ...args: readonly string[]): Promise<void> => {
        await run(program, args, { cwd: directory });
      };
      await tool('qemu-img', 'convert', '-f', 'raw', '-O', 'raw', raw, 'base');
      if (resize !== '')
        await tool('qemu-img', 'resize', '-q', '--shrink', '-f', 'raw', 'base', resize);
      const create = ['-f', 'qed', '-o', `${options},backing_file=base,backing_fmt=raw`];
      const { size } = await stat(raw);
      await tool('qemu-img', 'create', '-q', ...create, 'disk.qed', String(size));
      await tool('qemu-io', '-f', 'qed', ...SCRIBBLES.flatMap((one) => ['-c', one]), 'disk.qed');
      await tool('qemu-img', 'convert', '-f', 'qed', '-O', 'raw', 'disk.qed', 'truth');
      return { image: join(directory, 'disk.qed'), truth: join(directory, 'truth') };
    },
  };
}

export const cases: readonly MatrixCase[] = [
  converted('cluster_size=4k,table_size=2'),
  converted('cluster_size=64k'),
  converted('cluster_size=256k,table_size=4'),
  overRaw('cluster_size=64k', ''),
  overRaw('cluster_size=64k', '1M'),
  overRaw('cluster_size=4k,table_size=8', '64M'),
];
