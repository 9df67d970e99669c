// gzip: the dialects that can be read at random, and small files of the others.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../run.js';
import type { MatrixCase } from './case.js';

const shell = (directory: string, command: string, ...args: readonly string[]) =>
  run('bash', ['-ec', command, 'bash', ...args], { cwd: directory });

function gzipCase(
  name: string,
  command: string,
  needs: Readonly<Record<string, string>>,
): MatrixCase {
  return {
    name: `gzip, ${name}`,
    needs,
    async make(directory, raw) {
      await shell(directory, command, raw);
      return { image: join(directory, 'disk.raw.gz') };
    },
  };
}

const bgzip = { bgzip: 'tabix' };

export const cases: readonly MatrixCase[] = [
  gzipCase('BGZF', 'bgzip -c "$1" > disk.raw.gz', bgzip),
  gzipCase('BGZF of level 0', 'bgzip -l 0 -c "$1" > disk.raw.gz', bgzip),
  gzipCase(
    'two BGZF files in one',
    '(head -c 1048576 "$1" | bgzip -c; tail -c +1048577 "$1" | bgzip -c) > disk.raw.gz',
    bgzip,
  ),
  gzipCase('dictzip', 'cp "$1" disk.raw; dictzip -k disk.raw; mv disk.raw.dz disk.raw.gz', {
    dictzip: 'dictzip',
  }),
  gzipCase('one member, small', 'gzip -c "$1" > disk.raw.gz', { gzip: 'gzip' }),
  gzipCase(
    'several members, small',
    '(head -c 700000 "$1" | gzip -c; tail -c +700001 "$1" | gzip -1c) > disk.raw.gz',
    {
      gzip: 'gzip',
    },
  ),
  {
    name: 'gzip, BGZF of a qcow2',
    needs: { ...bgzip, 'qemu-img': 'qemu-utils' },
    async make(directory, raw) {
      await run('qemu-img', ['convert', '-O', 'qcow2', raw, join(directory, 'disk.qcow2')]);
      await shell(directory, 'bgzip -c disk.qcow2 > disk.qcow2.gz');
      return { image: join(directory, 'disk.qcow2.gz') };
    },
  },
  {
    name: 'gzip, a member within a member',
    needs: bgzip,
    async make(directory, raw) {
      const image = join(directory, 'disk.raw.gz.gz');
      await shell(directory, 'bgzip -c "$1" | bgzip -c > disk.raw.gz.gz', raw);
      await writeFile(image, await readFile(image));
      return { image };
    },
  },
];
