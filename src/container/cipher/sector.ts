// Sector encryption: XTS, CBC and ECB over a block cipher that takes many blocks a call. The modes differ only in the bytes
// that are XORed before and behind the block cipher; a cipher object for each sector of 512 bytes would cost more than the
// encryption itself.
// References: IEEE 1619-2018 (XTS); NIST SP 800-38A (CBC, ECB); Linux drivers/md/dm-crypt.c; QEMU crypto/block.c.
import { SECTOR_BYTES } from '../../bytes/sector.js';
import { UnsupportedError } from '../../errors.js';
import { KIB } from '../../limits.js';
import { printable } from '../../validation/guest.js';
import { BLOCK_BYTES, type BlockCipher, blockCipher } from './block.js';
import { diffuse } from './diffuser.js';
import { type Vectors, vectorsOf } from './vector.js';

/** How many bytes are decrypted at a time: a multiple of every sector size, and small enough for the processor's cache. */
const CHUNK_BYTES = 64 * KIB;

interface SectorCipher {
  /**
   * Decrypts whole sectors into new memory.
   * @param firstUnit number of the first sector in units of `vectorUnitBytes`: it makes the initial vector.
   */
  decrypt(bytes: Uint8Array, firstUnit: number): Uint8Array;
}

/** How sectors are encrypted, in the kernel's words. */
interface SectorCipherParts {
  /** `aes`. */
  readonly cipher: string;
  /** `xts-plain64`, `cbc-essiv:sha256`, `ecb`. */
  readonly mode: string;
  readonly key: Uint8Array;
  /** A power of two, 512 to 4096. */
  readonly sectorBytes: number;
  /** The unit in which sectors are numbered for their initial vectors: 512 if left out, whatever the size of a sector. */
  readonly vectorUnitBytes?: number;
  /** The word that messages begin with. */
  readonly format: string;
}

/**
 * @throws UnsupportedError UNSUPPORTED_FEATURE for a cipher or mode that is not known, by name; FormatError INVALID for a
 * key that does not fit.
 */
export function sectorCipher(parts: SectorCipherParts): SectorCipher {
  const decryptChunk = chunkCipher(parts);
  const { sectorBytes, vectorUnitBytes = SECTOR_BYTES } = parts;
  return {
    decrypt(bytes, firstUnit) {
      if (bytes.length % sectorBytes !== 0) {
        throw new RangeError(`${bytes.length} bytes are not whole sectors of ${sectorBytes}`);
      }
      const plain = new Uint8Array(bytes.length);
      for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
        const chunk = new Uint8Array(bytes.subarray(at, at + CHUNK_BYTES)); // A copy of its own is aligned.
        plain.set(decryptChunk(chunk, firstUnit + at / vectorUnitBytes), at);
      }
      return plain;
    },
  };
}

/** Of the two blocks that make a sector's key, what tells the second one from the first. */
const SECOND_HALF = 0x80;

type ChunkCipher = (chunk: Uint8Array, firstUnit: number) => Uint8Array;

function chunkCipher(parts: SectorCipherParts): ChunkCipher {
  const { cipher, mode, key, sectorBytes, vectorUnitBytes = SECTOR_BYTES, format } = parts;
  const dash = mode.indexOf('-');
  const chaining = dash === -1 ? mode : mode.slice(0, dash);
  const step = sectorBytes / vectorUnitBytes;
  const generator = dash === -1 ? 'null' : mode.slice(dash + 1);
  const vectors = (): Vectors => vectorsOf({ generator, cipher, key, format });
  switch (chaining) {
    case 'ecb': {
      const blocks = blockCipher(cipher, key, format);
      return (chunk) => blocks.decrypt(chunk);
    }
    case 'cbc':
      if (generator === 'elephant') return elephant(parts);
      return cbc(blockCipher(cipher, key, format), vectors(), sectorBytes, step);
    case 'xts': {
      const half = Math.floor(key.length / 2);
      const data = blockCipher(cipher, key.subarray(0, half), format);
      const tweaks = blockCipher(cipher, key.subarray(half), format);
      return xts(data, tweaks, vectors(), sectorBytes, step);
    }
    default:
      throw new UnsupportedError(
        'UNSUPPORTED_FEATURE',
        `${format}: the encryption mode ${printable(mode)} is not supported; xts, cbc and ecb are`,
        { data: { mode: printable(mode) } },
      );
  }
}

/** Each block is XORed with the ciphertext before it, the first of a sector with the initial vector. */
function cbc(
  blocks: BlockCipher,
  vectors: Vectors,
  sectorBytes: number,
  step: number,
): ChunkCipher {
  return (chunk, firstUnit) => {
    const count = chunk.length / sectorBytes;
    const initial = vectors(firstUnit, count, step);
    const before = new Uint8Array(chunk.length);
    before.set(chunk.subarray(0, chunk.length - BLOCK_BYTES), BLOCK_BYTES);
    for (let i = 0; i < count; i++) {
      before.set(initial.subarray(i * BLOCK_BYTES, (i + 1) * BLOCK_BYTES), i * sectorBytes);
    }
    const plain = new Uint8Array(blocks.decrypt(chunk));
    xor(plain, before);
    return plain;
  };
}

/** As `cbc-eboiv` with the first half of the key; a sector is then diffused, and XORed with a key of its own by the second half. */
function elephant(parts: SectorCipherParts): ChunkCipher {
  const { cipher, key, sectorBytes, format } = parts;
  const half = key.length / 2;
  const chained = chunkCipher({ ...parts, mode: 'cbc-eboiv', key: key.subarray(0, half) });
  const tweaks = blockCipher(cipher, key.subarray(half), format);
  const plain = vectorsOf({ generator: 'plain64', cipher, key, format });
  return (chunk, firstUnit) => {
    const sectors = chained(chunk, firstUnit);
    diffuse(sectors, sectorBytes);
    const offsets = plain(firstUnit * SECTOR_BYTES, sectors.length / sectorBytes, sectorBytes);
    const twice = new Uint8Array(offsets.length * 2);
    for (let at = 0; at < offsets.length; at += BLOCK_BYTES) {
      const block = offsets.subarray(at, at + BLOCK_BYTES);
      twice.set(block, at * 2);
      twice.set(block, at * 2 + BLOCK_BYTES);
      twice[at * 2 + 2 * BLOCK_BYTES - 1] = SECOND_HALF;
    }
    const keys = new Uint8Array(tweaks.encrypt(twice));
    const masks = new Uint8Array(sectors.length);
    for (let at = 0; at < masks.length; at += 2 * BLOCK_BYTES) {
      const from = Math.floor(at / sectorBytes) * 2 * BLOCK_BYTES;
      masks.set(keys.subarray(from, from + 2 * BLOCK_BYTES), at);
    }
    xor(sectors, masks);
    return sectors;
  };
}

/** Each block is XORed with a tweak before and behind the cipher. */
function xts(
  data: BlockCipher,
  tweaks: BlockCipher,
  vectors: Vectors,
  sectorBytes: number,
  step: number,
): ChunkCipher {
  return (chunk, firstUnit) => {
    const count = chunk.length / sectorBytes;
    const first = new Uint8Array(tweaks.encrypt(vectors(firstUnit, count, step)));
    const masks = tweakMasks(first, sectorBytes);
    xor(chunk, masks);
    const plain = new Uint8Array(data.decrypt(chunk));
    xor(plain, masks);
    return plain;
  };
}

/** The x^128 of the field's polynomial, x^128 + x^7 + x^2 + x + 1, comes back in as this. */
const REDUCTION = 0x87;

/** The tweak of every block: a sector's first one, times x from block to block, as a little-endian polynomial. */
function tweakMasks(first: Uint8Array, sectorBytes: number): Uint8Array {
  const masks = new Uint8Array((first.length / BLOCK_BYTES) * sectorBytes);
  const from = new DataView(first.buffer, first.byteOffset, first.length);
  const to = new DataView(masks.buffer);
  for (let sector = 0, at = 0; at < masks.length; sector++) {
    let t0 = from.getUint32(sector * BLOCK_BYTES, true);
    let t1 = from.getUint32(sector * BLOCK_BYTES + 4, true);
    let t2 = from.getUint32(sector * BLOCK_BYTES + 8, true);
    let t3 = from.getUint32(sector * BLOCK_BYTES + 12, true);
    for (const end = at + sectorBytes; at < end; at += BLOCK_BYTES) {
      to.setUint32(at, t0, true);
      to.setUint32(at + 4, t1, true);
      to.setUint32(at + 8, t2, true);
      to.setUint32(at + 12, t3, true);
      const carry = t3 >>> 31;
      t3 = (t3 << 1) | (t2 >>> 31);
      t2 = (t2 << 1) | (t1 >>> 31);
      t1 = (t1 << 1) | (t0 >>> 31);
      t0 = (t0 << 1) ^ (carry * REDUCTION);
    }
  }
  return masks;
}

/** XORs word by word: both arrays have memory of their own, so they are aligned, and are whole blocks long. */
function xor(target: Uint8Array, mask: Uint8Array): void {
  const length = target.length / 4;
  const words = new Uint32Array(target.buffer, target.byteOffset, length);
  const others = new Uint32Array(mask.buffer, mask.byteOffset, length);
  for (let i = 0; i < length; i++) words[i] = (words[i] ?? 0) ^ (others[i] ?? 0);
}
