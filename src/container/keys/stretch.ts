// How BitLocker makes a key of a password: the SHA-256 of its own last value, the password's hash, a salt and a count, 2^20 times.
// A call of node:crypto for each takes twice the time of the loop below, most of it for making objects.
// References: libbde documentation, "Recovery password key" and "User password key"; FIPS 180-4, 4.2.2, 5.3.3 and 6.2.

export const STRETCH_ROUNDS = 2 ** 20;
/** Of the hash of a password, and of the key that comes out. */
export const STRETCHED_BYTES = 32;
const HASH_WORDS = 8;
const BLOCK_WORDS = 16;
const SALT_WORDS = 4;
/** What is hashed: two hashes, a salt of 16 bytes and a count of 8 bytes. */
const MESSAGE_BITS = 88 * 8;

/** @param hash of the password; @param salt 16 bytes. */
export function stretch(hash: Uint8Array, salt: Uint8Array): Uint8Array {
  const first = new Int32Array(BLOCK_WORDS);
  first.set(wordsOf(hash, HASH_WORDS), HASH_WORDS);
  const second = new Int32Array(BLOCK_WORDS);
  second.set(wordsOf(salt, SALT_WORDS));
  second.set([0x80000000], SALT_WORDS + 2);
  second.set([MESSAGE_BITS], BLOCK_WORDS - 1);
  const { initial, compress } = sha256();
  const state = new Int32Array(HASH_WORDS);
  for (let round = 0; round < STRETCH_ROUNDS; round++) {
    state.set(initial);
    compress(state, first);
    second[SALT_WORDS] = swapped(round);
    compress(state, second);
    first.set(state);
  }
  const key = new DataView(new ArrayBuffer(STRETCHED_BYTES));
  for (const [i, word] of state.entries()) key.setInt32(i * 4, word);
  return new Uint8Array(key.buffer);
}

function wordsOf(bytes: Uint8Array, count: number): Int32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Int32Array.from({ length: count }, (_, i) => view.getInt32(i * 4));
}

/** The count is little-endian in a message of big-endian words. */
function swapped(count: number): number {
  return (
    (count << 24) | ((count << 8) & 0xff0000) | ((count >>> 8) & 0xff00) | ((count >>> 24) & 0xff)
  );
}

interface Sha256 {
  readonly initial: Int32Array;
  /** Adds a block to the state. */
  compress(state: Int32Array, block: Int32Array): void;
}

const ROUNDS = 64;

function sha256(): Sha256 {
  const primes = firstPrimes(ROUNDS);
  const constants = Int32Array.from(primes, (prime) => fraction(Math.cbrt(prime)));
  const initial = Int32Array.from(primes.slice(0, HASH_WORDS), (p) => fraction(Math.sqrt(p)));
  const schedule = new Int32Array(ROUNDS);
  return {
    initial,
    compress(state, block) {
      schedule.set(block);
      expand(schedule);
      mix(state, schedule, constants);
    },
  };
}

function firstPrimes(count: number): readonly number[] {
  const primes: number[] = [];
  for (let n = 2; primes.length < count; n++) {
    if (primes.every((prime) => n % prime !== 0)) primes.push(n);
  }
  return primes;
}

/** The first 32 bits behind the point. */
function fraction(value: number): number {
  return Math.floor((value % 1) * 2 ** 32) | 0;
}

function expand(w: Int32Array): void {
  for (let i = BLOCK_WORDS; i < ROUNDS; i++) {
    const a = w[i - 15] ?? 0;
    const b = w[i - 2] ?? 0;
    const s0 = ((a >>> 7) | (a << 25)) ^ ((a >>> 18) | (a << 14)) ^ (a >>> 3);
    const s1 = ((b >>> 17) | (b << 15)) ^ ((b >>> 19) | (b << 13)) ^ (b >>> 10);
    w[i] = ((w[i - 16] ?? 0) + s0 + (w[i - 7] ?? 0) + s1) | 0;
  }
}

function mix(state: Int32Array, w: Int32Array, constants: Int32Array): void {
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let i = 0; i < ROUNDS; i++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + (constants[i] ?? 0) + (w[i] ?? 0)) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  // One by one: an array of them would be made 2^21 times.
  state[0] = (state[0] ?? 0) + a;
  state[1] = (state[1] ?? 0) + b;
  state[2] = (state[2] ?? 0) + c;
  state[3] = (state[3] ?? 0) + d;
  state[4] = (state[4] ?? 0) + e;
  state[5] = (state[5] ?? 0) + f;
  state[6] = (state[6] ?? 0) + g;
  state[7] = (state[7] ?? 0) + h;
}
