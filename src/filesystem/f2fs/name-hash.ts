// The hash that says into which bucket of a directory a name goes: the "TEA" hash of ext3, of the whole name.
// References: Linux 6.1 fs/f2fs/hash.c: TEA_hash_name, f2fs_hash_filename.
import { isDots } from '../file-kinds.js';

const DELTA = 0x9e3779b9;
const ROUNDS = 16;
const PIECE_BYTES = 16;

/** As an unsigned number of 32 bits. */
export function hashOf(name: Uint8Array): number {
  if (isDots(name)) return 0;
  let state: readonly [number, number] = [0x67452301, 0xefcdab89];
  for (let at = 0; ; at += PIECE_BYTES) {
    state = mix(state, words(name.subarray(at)));
    if (name.length - at <= PIECE_BYTES) return state[0] >>> 0;
  }
}

/** Four words of a name; bytes that it does not have are its length. */
function words(name: Uint8Array): readonly number[] {
  const length = name.length & 0xff;
  const pad = (length | (length << 8) | (length << 16) | (length << 24)) >>> 0;
  return [0, 4, 8, 12].map((start) => {
    const bytes = name.subarray(start, start + 4);
    return bytes.reduce((word, byte) => ((word << 8) + byte) >>> 0, pad);
  });
}

function mix(
  [first, second]: readonly [number, number],
  [a = 0, b = 0, c = 0, d = 0]: readonly number[],
): readonly [number, number] {
  let sum = 0;
  let [x, y] = [first, second];
  for (let round = 0; round < ROUNDS; round++) {
    sum = (sum + DELTA) >>> 0;
    x = (x + (((y << 4) + a) ^ (y + sum) ^ ((y >>> 5) + b))) >>> 0;
    y = (y + (((x << 4) + c) ^ (x + sum) ^ ((x >>> 5) + d))) >>> 0;
  }
  return [(first + x) >>> 0, (second + y) >>> 0];
}
