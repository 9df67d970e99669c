// Compressed loop devices, made by their own tool and read by QEMU.
import { join } from 'node:path';
import { run } from '../../run.js';
import type { MatrixCase } from './case.js';

const needs = { create_compressed_fs: 'cloop-utils', 'qemu-img': 'qemu-utils' };

function compressed(blockBytes: number, level: number): MatrixCase {
  return {
    name: `cloop, blocks of ${blockBytes}, level ${level}`,
    needs,
    async make(directory, raw) {
      const image = join(directory, 'disk.cloop');
      const options = ['-q', '-B', String(blockBytes), '-L', String(level)];
      await run('create_compressed_fs', [...options, raw, image]);
      // The last block is filled up with zeros.
      const truth = `${image}.truth`;
      await run('qemu-img', ['convert', '-f', 'cloop', '-O', 'raw', image, truth]);
      return { image, truth };
    },
  };
}

export const cases: readonly MatrixCase[] = [compressed(65536, 6), compressed(131072, 1)];
