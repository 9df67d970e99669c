// The initial vectors of dm-crypt: a block of 16 bytes for each sector, made from its number.
// References: Linux drivers/md/dm-crypt.c (crypt_iv_plain_ops ... crypt_iv_elephant_ops); QEMU crypto/ivgen*.c.
import { createHash } from 'node:crypto';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import { UnsupportedError } from '../../errors.js';
import { printable } from '../../validation/guest.js';
import { BLOCK_BYTES, blockCipher } from './block.js';

/** The vectors of `count` sectors, `step` apart, as one run of blocks. Numbers count 512 bytes. */
export type Vectors = (firstSector: number, count: number, step: number) => Uint8Array;

const WORD = 2 ** 32;
/** Hashes that give a key's length for one of the ciphers. */
const ESSIV_HASHES = ['sha256', 'md5'];

/** The parts that the initial vectors of an encrypted volume are made of. */
interface VectorParts {
  /** `plain`, `plain64`, `plain64be`, `null`, `essiv:HASH`, `eboiv`. */
  readonly generator: string;
  /** The cipher and the key of the volume, whose hash is the key of essiv. */
  readonly cipher: string;
  readonly key: Uint8Array;
  readonly format: string;
}

/** @throws UnsupportedError UNSUPPORTED_FEATURE with the generator's name. */
export function vectorsOf({ generator, cipher, key, format }: VectorParts): Vectors {
  const [name, hash] = generator.split(':');
  switch (name) {
    case 'plain':
      return numbers((view, at, sector) => view.setUint32(at, sector % WORD, true));
    case 'plain64':
      return numbers(plain64);
    case 'plain64be':
      return numbers((view, at, sector) => view.setBigUint64(at + 8, BigInt(sector), false));
    case 'null':
      return numbers(() => undefined);
    case 'eboiv': {
      const salted = blockCipher(cipher, key, format);
      const offsets = numbers((view, at, sector) => plain64(view, at, sector * SECTOR_BYTES));
      return (first, count, step) => salted.encrypt(offsets(first, count, step));
    }
    case 'essiv': {
      if (hash === undefined || !ESSIV_HASHES.includes(hash)) break;
      const salted = blockCipher(cipher, createHash(hash).update(key).digest(), format);
      const plain = numbers(plain64);
      return (first, count, step) => salted.encrypt(plain(first, count, step));
    }
  }
  throw new UnsupportedError(
    'UNSUPPORTED_FEATURE',
    `${format}: initial vectors by ${printable(generator)} are not supported`,
    { data: { generator: printable(generator) } },
  );
}

type Put = (view: DataView, offset: number, sector: number) => void;

function plain64(view: DataView, at: number, sector: number): void {
  view.setUint32(at, sector % WORD, true);
  view.setUint32(at + 4, Math.floor(sector / WORD), true);
}

function numbers(put: Put): Vectors {
  return (firstSector, count, step) => {
    const bytes = new Uint8Array(count * BLOCK_BYTES);
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < count; i++) put(view, i * BLOCK_BYTES, firstSector + i * step);
    return bytes;
  };
}
