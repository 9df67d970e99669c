// The encryption of qcow and of the first qcow2: AES-128-CBC by the sector of the guest's disk. Its key is the passphrase
// itself, and nothing tells whether it is the right one.
// References: QEMU crypto/block-qcow.c; crypto/ivgen-plain64.c.

import { SECTOR_BYTES } from '../../bytes/sector.js';
import { UnsupportedError } from '../../errors.js';
import type { ContainerContext } from '../container.js';
import type { ExtentCipher } from '../tables/extents.js';
import { sectorCipher } from './sector.js';

const KEY_BYTES = 16;

/**
 * @param format the word that messages begin with.
 * @throws UnsupportedError ENCRYPTED without a passphrase; AMBIGUOUS with several, since nothing tells which one fits.
 */
export function legacyAesCipher(
  context: Pick<ContainerContext, 'secrets'>,
  format: string,
): ExtentCipher {
  const [passphrase, ...others] = context.secrets(null).passphrases;
  if (passphrase === undefined) {
    throw new UnsupportedError(
      'ENCRYPTED',
      `${format}: the image is encrypted with AES; to read it give --key all:file:PATH`,
      { data: { method: 'AES' } },
    );
  }
  if (others.length > 0) {
    throw new UnsupportedError(
      'AMBIGUOUS',
      `${format}: the image is encrypted with AES, which does not tell a right key from a wrong one; ` +
        `${others.length + 1} were given where one is wanted`,
      { data: { method: 'AES', keyCount: others.length + 1 } },
    );
  }
  const key = new Uint8Array(KEY_BYTES);
  key.set(passphrase.subarray(0, KEY_BYTES));
  const cipher = sectorCipher({
    cipher: 'aes',
    mode: 'cbc-plain64',
    key,
    sectorBytes: SECTOR_BYTES,
    format,
  });
  return {
    sectorBytes: SECTOR_BYTES,
    decrypt: (bytes, { offsetBytes }) => cipher.decrypt(bytes, offsetBytes / SECTOR_BYTES),
  };
}
