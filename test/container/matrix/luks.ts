// LUKS1 as QEMU's driver of that name writes it: the image is opened as what it is declared to be, with its passphrase.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { MatrixCase } from './case.js';

const run = promisify(execFile);
const PASSPHRASE = 'correct horse';
const ATTEMPTS = 10;

function encrypted(name: string, options: string): MatrixCase {
  return {
    name: `luks ${name}`,
    needs: { 'qemu-img': 'qemu-utils' },
    async make(directory, raw) {
      const image = join(directory, 'disk.luks');
      const secret = `secret,id=key,data=${PASSPHRASE}`;
      const all = `key-secret=key,iter-time=10${options}`;
      const args = [
        'convert',
        '--object',
        secret,
        '-f',
        'raw',
        '-O',
        'luks',
        '-o',
        all,
        raw,
        image,
      ];
      // QEMU measures how many iterations take that long, and gives up when the kernel's clock is coarse.
      for (let left = ATTEMPTS; ; left--) {
        try {
          await run('qemu-img', args);
          return { image, format: 'luks', passphrase: PASSPHRASE };
        } catch (error) {
          if (left === 0 || !String(error).includes('accurate CPU usage')) throw error;
        }
      }
    },
  };
}

export const cases: readonly MatrixCase[] = [
  encrypted('aes-256-xts-plain64', ''),
  encrypted('aes-128-xts-plain', ',cipher-alg=aes-128,cipher-mode=xts,ivgen-alg=plain'),
  encrypted(
    'aes-256-cbc-essiv:sha256',
    ',cipher-alg=aes-256,cipher-mode=cbc,ivgen-alg=essiv,ivgen-hash-alg=sha256',
  ),
  encrypted('aes-128-cbc-plain64, sha1', ',cipher-alg=aes-128,cipher-mode=cbc,hash-alg=sha1'),
];
