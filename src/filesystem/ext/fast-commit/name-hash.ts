// The hash of a name, by which a directory with an index finds it.
// References: Linux 6.18 fs/ext4/hash.c: ext4fs_dirhash; RFC 1320 (MD4, of which this is a half).

const LEGACY = 0;
const HALF_MD4 = 1;
const TEA = 2;
const MD4_START = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
const ROUND_2 = 0x5a827999;
const ROUND_3 = 0x6ed9eba1;
const TEA_DELTA = 0x9e3779b9;
const TEA_ROUNDS = 16;
/** The last hash is left for the end of a directory. */
const END_OF_DIRECTORY = 0xfffffffe;

/** How a directory's names are hashed. */
export interface HashKind {
  readonly version: number;
  /** Characters are of the type unsigned char. */
  readonly isUnsigned: boolean;
  /** Four words; all 0: none. */
  readonly seed: readonly number[];
}

export function isKnownHash(version: number): boolean {
  return version >= LEGACY && version <= TEA;
}

/** An even number of 32 bits. */
export function nameHash({ version, isUnsigned, seed }: HashKind, name: Uint8Array): number {
  const characters = isUnsigned ? name : new Int8Array(name);
  const buffer = Int32Array.from(seed.some((word) => word !== 0) ? seed : MD4_START);
  let hash = 0;
  if (version === LEGACY) hash = legacyHash(characters);
  else {
    const words = version === HALF_MD4 ? 8 : 4;
    for (let at = 0; at < name.length; at += 4 * words) {
      const input = hashInput(characters.subarray(at), words);
      if (version === HALF_MD4) halfMd4(buffer, input);
      else tea(buffer, input);
    }
    hash = buffer[version === HALF_MD4 ? 1 : 0] ?? 0;
  }
  const even = (hash & ~1) >>> 0;
  return even === END_OF_DIRECTORY ? END_OF_DIRECTORY - 2 : even;
}

function legacyHash(characters: Uint8Array | Int8Array): number {
  let [before, hash] = [0x37abe8f9, 0x12a3fe2d];
  for (const character of characters) {
    let next = (before + (hash ^ Math.imul(character, 7152373))) | 0;
    if (next < 0) next = (next - 0x7fffffff) | 0;
    before = hash;
    hash = next;
  }
  return hash << 1;
}

/** The first characters in words, filled up with their number. */
function hashInput(characters: Uint8Array | Int8Array, words: number): Int32Array {
  const { length } = characters;
  const pad = Math.imul(length, 0x01010101);
  const input = new Int32Array(words).fill(pad);
  let value = pad;
  const count = Math.min(length, 4 * words);
  for (let i = 0; i < count; i++) {
    value = ((characters[i] ?? 0) + (value << 8)) | 0;
    if (i % 4 === 3 || i === count - 1) {
      input[Math.floor(i / 4)] = value;
      value = pad;
    }
  }
  return input;
}

type Round = (x: number, y: number, z: number) => number;

const ROUNDS: readonly (readonly [Round, number, readonly number[], readonly number[]])[] = [
  [(x, y, z) => z ^ (x & (y ^ z)), 0, [0, 1, 2, 3, 4, 5, 6, 7], [3, 7, 11, 19]],
  [(x, y, z) => ((x & y) + ((x ^ y) & z)) | 0, ROUND_2, [1, 3, 5, 7, 0, 2, 4, 6], [3, 5, 9, 13]],
  [(x, y, z) => x ^ y ^ z, ROUND_3, [3, 7, 2, 6, 1, 5, 0, 4], [3, 9, 11, 15]],
];

function halfMd4(buffer: Int32Array, input: Int32Array): void {
  let [a = 0, b = 0, c = 0, d = 0] = buffer;
  for (const [mix, constant, order, shifts] of ROUNDS) {
    for (const [i, word] of order.entries()) {
      const shift = shifts[i % 4] ?? 0;
      const sum = (a + mix(b, c, d) + (input[word] ?? 0) + constant) | 0;
      // The four words take turns.
      [a, b, c, d] = [d, (sum << shift) | (sum >>> (32 - shift)), b, c];
    }
  }
  for (const [i, word] of [a, b, c, d].entries()) buffer[i] = ((buffer[i] ?? 0) + word) | 0;
}

function tea(buffer: Int32Array, [a = 0, b = 0, c = 0, d = 0]: Int32Array): void {
  let [first = 0, second = 0] = buffer;
  let sum = 0;
  for (let i = 0; i < TEA_ROUNDS; i++) {
    sum = (sum + TEA_DELTA) | 0;
    first = (first + (((second << 4) + a) ^ (second + sum) ^ ((second >>> 5) + b))) | 0;
    second = (second + (((first << 4) + c) ^ (first + sum) ^ ((first >>> 5) + d))) | 0;
  }
  buffer[0] = ((buffer[0] ?? 0) + first) | 0;
  buffer[1] = ((buffer[1] ?? 0) + second) | 0;
}
