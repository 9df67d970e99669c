// LUKS1 as QEMU's driver of that name writes it: the image is opened as what it is declared to be, with its passphrase.
// Its ciphers, modes and hashes are in luks.test.ts: what a disk holds makes no difference to them.
import { join } from 'node:path';
import { encrypt, PASSPHRASE } from '../luks-images.js';
import type { MatrixCase } from './case.js';

export const cases: readonly MatrixCase[] = [
  {
    name: 'luks aes-256-xts-plain64',
    needs: { 'qemu-img': 'qemu-utils' },
    async make(directory, raw) {
      const image = join(directory, 'disk.luks');
      await encrypt(directory, raw, image, '');
      return { image, format: 'luks', passphrase: PASSPHRASE };
    },
  },
];
