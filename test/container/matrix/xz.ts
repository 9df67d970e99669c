// xz: blocks, streams and checks of all kinds that its program writes.
import { join } from 'node:path';
import { run } from '../../run.js';
import type { MatrixCase } from './case.js';

const needs = { xz: 'xz-utils' };

function xzCase(name: string, command: string): MatrixCase {
  return {
    name: `xz, ${name}`,
    needs,
    async make(directory, raw) {
      await run('bash', ['-ec', command, 'bash', raw], { cwd: directory });
      return { image: join(directory, 'disk.raw.xz') };
    },
  };
}

export const cases: readonly MatrixCase[] = [
  xzCase('one block', 'xz -c "$1" > disk.raw.xz'),
  xzCase('blocks of 64 KiB', 'xz -0 --block-size=64KiB -c "$1" > disk.raw.xz'),
  xzCase('blocks of several threads', 'xz -1 -T2 --block-size=512KiB -c "$1" > disk.raw.xz'),
  xzCase('the largest dictionary', 'xz -9 -c "$1" > disk.raw.xz'),
  xzCase('without a check', 'xz -1 --check=none --block-size=300001 -c "$1" > disk.raw.xz'),
  xzCase('CRC-32', 'xz -1 --check=crc32 --block-size=300002 -c "$1" > disk.raw.xz'),
  xzCase('SHA-256', 'xz -1 --check=sha256 --block-size=300003 -c "$1" > disk.raw.xz'),
  xzCase(
    'streams with padding and other checks',
    '(head -c 1000000 "$1" | xz -1c; head -c 64 /dev/zero; tail -c +1000001 "$1" | xz -1c --check=sha256; head -c 4 /dev/zero) > disk.raw.xz',
  ),
  {
    name: 'xz, of a vmdk',
    needs: { ...needs, 'qemu-img': 'qemu-utils' },
    async make(directory, raw) {
      const options = ['-o', 'subformat=streamOptimized'];
      await run('qemu-img', [
        'convert',
        '-O',
        'vmdk',
        ...options,
        raw,
        join(directory, 'disk.vmdk'),
      ]);
      await run('xz', ['-1', '--block-size=256KiB', 'disk.vmdk'], { cwd: directory });
      return { image: join(directory, 'disk.vmdk.xz') };
    },
  },
];
