// qcow (version 1) as qemu-img and qemu-io write it.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../run.js';
import type { MatrixCase } from './case.js';

const needs = { 'qemu-img': 'qemu-utils', 'qemu-io': 'qemu-utils' };

type Tool = (tool: 'qemu-img' | 'qemu-io', ...args: readonly string[]) => Promise<void>;

function qcow(
  name: string,
  work: (tool: Tool, raw: string, sizeBytes: number) => Promise<'raw' | 'truth'>,
): MatrixCase {
  return {
    name: `qcow ${name}`,
    needs,
    async make(directory, raw) {
      const tool: Tool = async (program, ...args) => {
        await run(program, args, { cwd: directory });
      };
      const truth = await work(tool, raw, (await stat(raw)).size);
      const image = join(directory, 'disk.qcow');
      return truth === 'raw' ? { image } : { image, truth: join(directory, truth) };
    },
  };
}

const SCRIBBLES = ['-c', 'write -P 17 0 3k', '-c', 'write -P 34 70k 130k', '-c', 'write -z 1M 9k'];

export const cases: readonly MatrixCase[] = [
  qcow('converted', async (tool, raw) => {
    await tool('qemu-img', 'convert', '-f', 'raw', '-O', 'qcow', raw, 'disk.qcow');
    return 'raw';
  }),
  qcow('compressed', async (tool, raw) => {
    const convert = ['convert', '-c', '-f', 'raw', '-O', 'qcow', raw, 'disk.qcow'];
    // qemu-img 7.2 writes all of it, and then ends with 1 without a word; `compare` tells whether it did.
    await tool('qemu-img', ...convert).catch(() => undefined);
    await tool('qemu-img', 'compare', '-q', '-f', 'raw', '-F', 'qcow', raw, 'disk.qcow');
    return 'raw';
  }),
  qcow('written', async (tool, _raw, size) => {
    await tool('qemu-img', 'create', '-q', '-f', 'qcow', 'disk.qcow', String(size));
    await tool('qemu-io', '-f', 'qcow', ...SCRIBBLES, 'disk.qcow');
    await tool('qemu-img', 'convert', '-f', 'qcow', '-O', 'raw', 'disk.qcow', 'truth');
    return 'truth';
  }),
  ...(['', '1M', '64M'] as const).map((resize) =>
    qcow(`over raw ${resize}`, async (tool, raw, size) => {
      await tool('qemu-img', 'convert', '-f', 'raw', '-O', 'raw', raw, 'base');
      if (resize !== '')
        await tool('qemu-img', 'resize', '-q', '--shrink', '-f', 'raw', 'base', resize);
      // With a backing file, clusters have 512 bytes.
      const create = ['-f', 'qcow', '-o', 'backing_file=base,backing_fmt=raw', 'disk.qcow'];
      await tool('qemu-img', 'create', '-q', ...create, String(size));
      await tool('qemu-io', '-f', 'qcow', ...SCRIBBLES, 'disk.qcow');
      await tool('qemu-img', 'convert', '-f', 'qcow', '-O', 'raw', 'disk.qcow', 'truth');
      return 'truth';
    }),
  ),
];
