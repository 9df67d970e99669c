// Raw disks over parts, as split(1) cuts them with the endings of several tools.
import { join } from 'node:path';
import { run } from '../../run.js';
import type { MatrixCase } from './case.js';

function splitCase(name: string, first: string, ...options: readonly string[]): MatrixCase {
  return {
    name: `split, ${name}`,
    needs: { split: 'coreutils' },
    async make(directory, raw) {
      await run('split', [...options, raw, join(directory, 'disk.raw.')]);
      return { image: join(directory, `disk.raw.${first}`) };
    },
  };
}

export const cases: readonly MatrixCase[] = [
  splitCase('.001', '001', '-b', '500000', '--numeric-suffixes=1', '-a', '3'),
  splitCase('.000', '000', '-b', '1M', '-d', '-a', '3'),
  splitCase('.00', '00', '-b', '65536', '-d'),
  splitCase('.aa', 'aa', '-b', '99999'),
  {
    name: 'split, declared, of a qcow2',
    needs: { split: 'coreutils', 'qemu-img': 'qemu-utils' },
    async make(directory, raw) {
      await run('qemu-img', ['convert', '-O', 'qcow2', raw, join(directory, 'disk.qcow2')]);
      const options = ['-b', '60000', '--numeric-suffixes=1', '-a', '3'];
      await run('split', [...options, 'disk.qcow2', 'disk.qcow2.'], { cwd: directory });
      return { image: join(directory, 'disk.qcow2.001'), format: 'split' };
    },
  },
];
