// Block ciphers of OpenSSL, many blocks a call. One cipher object serves a whole volume: with every block by itself there
// is no state between calls; sector.ts chains blocks and sectors outside of it.
// References: Node.js crypto; EVP_CIPHER-AES(7), EVP_CIPHER-CAMELLIA(7).
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { FormatError, UnsupportedError } from '../../errors.js';
import { printable } from '../../validation/guest.js';

export const BLOCK_BYTES = 16;
const CIPHERS = ['aes', 'camellia'];
const KEY_BYTES = [16, 24, 32];

/** A block cipher with its key; each call takes whole blocks of 16 bytes. */
export interface BlockCipher {
  encrypt(blocks: Uint8Array): Uint8Array;
  decrypt(blocks: Uint8Array): Uint8Array;
}

/**
 * @param name as the kernel calls it: `aes`, `camellia`.
 * @param format the word that messages begin with.
 * @throws UnsupportedError UNSUPPORTED_FEATURE with the name; FormatError INVALID for a key of another length.
 */
export function blockCipher(name: string, key: Uint8Array, format: string): BlockCipher {
  if (!CIPHERS.includes(name)) {
    throw new UnsupportedError(
      'UNSUPPORTED_FEATURE',
      `${format}: the cipher ${printable(name)} is not supported; ${CIPHERS.join(' and ')} are`,
      { data: { cipher: printable(name) } },
    );
  }
  if (!KEY_BYTES.includes(key.length)) {
    throw new FormatError('INVALID', `${format}: ${name} has no keys of ${key.length} bytes`, {
      data: { cipher: name, keyBytes: key.length },
    });
  }
  const algorithm = `${name}-${key.length * 8}-ecb`;
  const encryptor = createCipheriv(algorithm, key, null).setAutoPadding(false);
  const decryptor = createDecipheriv(algorithm, key, null).setAutoPadding(false);
  return {
    encrypt: (blocks) => encryptor.update(blocks),
    decrypt: (blocks) => decryptor.update(blocks),
  };
}
