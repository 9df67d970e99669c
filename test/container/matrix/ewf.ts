// E01: what libewf writes in the forms of the programs that it knows.
import { join } from 'node:path';
import { run } from '../../run.js';
import type { MatrixCase } from './case.js';

const needs = { ewfacquire: 'ewf-tools' };

function ewfCase(name: string, ending: string, ...options: readonly string[]): MatrixCase {
  return {
    name: `ewf, ${name}`,
    needs,
    async make(directory, raw) {
      const target = join(directory, 'disk');
      await run('ewfacquire', ['-u', '-q', '-t', target, ...options, raw]);
      return { image: `${target}.${ending}` };
    },
  };
}

const FORMATS = ['ftk', 'encase2', 'encase3', 'encase4', 'encase5', 'encase6', 'encase7'];

export const cases: readonly MatrixCase[] = [
  ...FORMATS.map((format) => ewfCase(`${format}, not compressed`, 'E01', '-f', format)),
  ...['linen5', 'linen6', 'linen7', 'ewf', 'ewfx'].map((format) =>
    ewfCase(
      `${format}, fast`,
      format.startsWith('ewf') ? 'e01' : 'E01',
      '-f',
      format,
      '-c',
      'fast',
    ),
  ),
  ewfCase('smart', 's01', '-f', 'smart', '-c', 'fast'),
  ewfCase('encase6, best', 'E01', '-f', 'encase6', '-c', 'best'),
  ewfCase('encase6, empty blocks', 'E01', '-f', 'encase6', '-c', 'empty-block'),
  ewfCase('encase6, chunks of 8 KiB', 'E01', '-f', 'encase6', '-c', 'fast', '-b', '16'),
  ewfCase('encase6, chunks of 16 MiB', 'E01', '-f', 'encase6', '-c', 'fast', '-b', '32768'),
  ewfCase('encase6, files of 1 MiB', 'E01', '-f', 'encase6', '-S', '1048576'),
  ewfCase('encase5, files of 1 MiB, fast', 'E01', '-f', 'encase5', '-c', 'fast', '-S', '1048576'),
  {
    name: 'ewf, from a stream',
    needs: { ewfacquirestream: 'ewf-tools' },
    async make(directory, raw) {
      const command = 'ewfacquirestream -q -c fast -t disk < "$1"';
      await run('bash', ['-ec', command, 'bash', raw], { cwd: directory });
      return { image: join(directory, 'disk.E01') };
    },
  },
];
