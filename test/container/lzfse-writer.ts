// Compresses with LZFSE and LZVN, for which Debian has no program: 7-Zip says whether what is written is right.
// References: https://github.com/lzfse/lzfse src/lzfse_fse.h, lzfse_internal.h, lzvn_decode_base.c.

/** Literals, and a copy behind them; a last one of no length has the literals that are left. */
interface Match {
  readonly literals: Uint8Array;
  readonly length: number;
  readonly distance: number;
}

const MAX_LITERAL_RUN = 315;
const MAX_MATCH = 2359;
const MAX_DISTANCE = 65_535;
const MIN_MATCH = 4;

/** Greedy matches of at least four bytes, within what the codes can say. */
function* matchesOf(bytes: Uint8Array): Generator<Match, void, undefined> {
  const seen = new Map<number, number>();
  const word = (at: number) => Buffer.from(bytes.buffer, bytes.byteOffset + at, 4).readUInt32LE();
  let from = 0;
  for (let at = 0; at + MIN_MATCH <= bytes.length; ) {
    const key = word(at);
    const before = seen.get(key);
    seen.set(key, at);
    const literals = bytes.subarray(from, at);
    if (before === undefined || at - before > MAX_DISTANCE) {
      at++;
      if (at - from < MAX_LITERAL_RUN) continue;
      yield { literals: bytes.subarray(from, at), length: 0, distance: 0 };
      from = at;
      continue;
    }
    let length = 0;
    while (length < MAX_MATCH && bytes[at + length] === bytes[before + length]) {
      if (at + length >= bytes.length) break;
      length++;
    }
    yield { literals, length, distance: at - before };
    at += length;
    from = at;
  }
  yield { literals: bytes.subarray(from), length: 0, distance: 0 };
}

interface Coding {
  readonly states: number;
  readonly extra: readonly number[];
}

const SIXTEEN: readonly number[] = new Array<number>(16).fill(0);
const L: Coding = { states: 64, extra: [...SIXTEEN, 2, 3, 5, 8] };
const M: Coding = { states: 64, extra: [...SIXTEEN, 3, 5, 8, 11] };
const D: Coding = { states: 256, extra: Array.from({ length: 64 }, (_, i) => i >> 2) };
const LITERAL: Coding = { states: 1024, extra: new Array<number>(256).fill(0) };

function basesOf({ extra }: Coding): readonly number[] {
  let sum = 0;
  return extra.map((bits) => {
    sum += 2 ** bits;
    return sum - 2 ** bits;
  });
}

function symbolOf(coding: Coding, value: number): number {
  return basesOf(coding).findLastIndex((base) => base <= value);
}

/** Frequencies that add up to the number of states, at least one for each symbol that is there. */
function frequenciesOf(coding: Coding, symbols: readonly number[]): readonly number[] {
  const counts = coding.extra.map(() => 0);
  for (const symbol of symbols) counts[symbol] = (counts[symbol] ?? 0) + 1;
  const scaled = counts.map((count) =>
    count === 0 ? 0 : Math.max(1, Math.floor((count * coding.states) / symbols.length)),
  );
  let rest = coding.states - scaled.reduce((sum, one) => sum + one, 0);
  while (rest !== 0 && symbols.length > 0) {
    const largest = scaled.indexOf(Math.max(...scaled));
    const step = rest > 0 ? rest : -1;
    scaled[largest] = (scaled[largest] ?? 0) + step;
    rest -= step;
  }
  return scaled;
}

/** Bits, the first ones lowest. */
class BitWriter {
  readonly #bytes: number[] = [];
  #bitCount = 0;
  push(value: number, count: number): void {
    for (let i = 0; i < count; i++) {
      const at = this.#bitCount >> 3;
      this.#bytes[at] = (this.#bytes[at] ?? 0) | (((value >>> i) & 1) << (this.#bitCount & 7));
      this.#bitCount++;
    }
  }
  /** The bytes, and how many bits of the last one are used, less 1. */
  end(): { bytes: Buffer; lastBits: number } {
    return { bytes: Buffer.from(this.#bytes), lastBits: (this.#bitCount + 7) & 7 };
  }
}

/** Encodes from the last number to the first. */
function encoder(coding: Coding, frequencies: readonly number[]) {
  const starts: number[] = [];
  let sum = 0;
  for (const frequency of frequencies) {
    starts.push(sum);
    sum += frequency;
  }
  const bases = basesOf(coding);
  let state = 0;
  return {
    get state() {
      return state;
    },
    push(out: BitWriter, value: number): void {
      const symbol = symbolOf(coding, value);
      out.push(value - (bases[symbol] ?? 0), coding.extra[symbol] ?? 0);
      const frequency = frequencies[symbol] ?? 0;
      const k = Math.clz32(frequency) - Math.clz32(coding.states);
      const bits = state >= (frequency << k) - coding.states ? k : k - 1;
      out.push(state & ((1 << bits) - 1), bits);
      const offset = (starts[symbol] ?? 0) - frequency + (coding.states >> bits);
      state = offset + (state >> bits);
    },
  };
}

function packFrequencies(all: readonly number[]): Buffer {
  const out = new BitWriter();
  for (const value of all) {
    if (value === 0) out.push(0, 2);
    else if (value === 1) out.push(2, 2);
    else if (value === 2) out.push(1, 3);
    else if (value === 3) out.push(5, 3);
    else if (value < 8) out.push(3 | ((value - 4) << 3), 5);
    else if (value < 24) out.push(7 | ((value - 8) << 4), 8);
    else out.push(15 | ((value - 24) << 4), 14);
  }
  return out.end().bytes;
}

/** One block (at most 40,000 literals and 10,000 matches). */
function codedBlock(content: Uint8Array, matches: readonly Match[]): Buffer {
  const plain = Buffer.concat(matches.map(({ literals }) => literals));
  const literals = Buffer.concat([plain, Buffer.alloc((4 - (plain.length % 4)) % 4)]);
  let last = 0;
  const lmd = matches.map(({ literals: { length: l }, length: m, distance }) => {
    const d = distance === last ? 0 : distance;
    last = distance === 0 ? last : distance;
    return { l, m, d };
  });
  const tables = [
    frequenciesOf(
      L,
      lmd.map(({ l }) => symbolOf(L, l)),
    ),
    frequenciesOf(
      M,
      lmd.map(({ m }) => symbolOf(M, m)),
    ),
    frequenciesOf(
      D,
      lmd.map(({ d }) => symbolOf(D, d)),
    ),
    frequenciesOf(LITERAL, [...literals]),
  ];
  const four = [0, 1, 2, 3].map(() => encoder(LITERAL, tables[3] ?? []));
  const literalBits = new BitWriter();
  for (let i = literals.length - 1; i >= 0; i--) four[i % 4]?.push(literalBits, literals[i] ?? 0);
  const [l, m, d] = [L, M, D].map((coding, i) => encoder(coding, tables[i] ?? []));
  const matchBits = new BitWriter();
  for (const one of lmd.toReversed()) {
    d?.push(matchBits, one.d);
    m?.push(matchBits, one.m);
    l?.push(matchBits, one.l);
  }
  const [literalStream, matches64] = [literalBits.end(), matchBits.end()];
  // Apple's encoder writes 64 bits of zeros in front, and 7-Zip wants them.
  const matchStream = { ...matches64, bytes: Buffer.concat([Buffer.alloc(8), matches64.bytes]) };
  const packed = packFrequencies(tables.flat());
  const head = new BitWriter();
  head.push(literals.length, 20);
  head.push(literalStream.bytes.length, 20);
  head.push(matches.length, 20);
  head.push(literalStream.lastBits, 3);
  head.push(0, 1);
  for (const { state } of four) head.push(state, 10);
  head.push(matchStream.bytes.length, 20);
  head.push(matchStream.lastBits, 3);
  head.push(0, 1);
  head.push(32 + packed.length, 32);
  for (const one of [l, m, d]) head.push(one?.state ?? 0, 10);
  head.push(0, 2);
  const parts = [head.end().bytes, packed, literalStream.bytes, matchStream.bytes];
  return Buffer.concat([blockHead('2', content.length), ...parts]);
}

function blockHead(kind: string, length: number): Buffer {
  const head = Buffer.alloc(8);
  head.write(`bvx${kind}`, 'latin1');
  head.writeUInt32LE(length, 4);
  return head;
}

function rawBlock(content: Uint8Array): Buffer {
  return Buffer.concat([blockHead('-', content.length), content]);
}

/** A block of LZVN, with all of its codes. */
function lzvnBlock(content: Uint8Array): Buffer {
  const out: number[] = [];
  let last = 0;
  for (const { literals, length, distance } of matchesOf(content)) {
    let left = [...literals];
    while (left.length > 3) {
      const run = left.slice(0, 271);
      if (run.length < 16) out.push(0xe0 | run.length, ...run);
      else out.push(0xe0, run.length - 16, ...run);
      left = left.slice(run.length);
    }
    let rest = length;
    if (length >= 3) {
      // Longer ones with as many literals are other codes.
      const count = Math.min(length, 10 - 2 * left.length);
      const bits = (left.length << 6) | ((count - 3) << 3);
      if (distance === last && left.length > 0) out.push(bits | 6, ...left);
      else if (distance < 1536) out.push(bits | (distance >> 8), distance & 255, ...left);
      else if (distance < 16_384) {
        const long = Math.min(length, 34);
        const tail = (distance << 2) | ((long - 3) & 3);
        out.push(0xa0 | (left.length << 3) | ((long - 3) >> 2), tail & 255, tail >> 8, ...left);
        rest -= long - count;
      } else out.push(bits | 7, distance & 255, distance >> 8, ...left);
      rest -= count;
      last = distance;
    } else if (left.length > 0) out.push(0xe0 | left.length, ...left);
    for (; rest > 0; ) {
      const count = Math.min(rest, 271);
      if (count < 16) out.push(0xf0 | count);
      else out.push(0xf0, count - 16);
      rest -= count;
    }
    out.push(0x0e);
  }
  const payload = Buffer.from([...out, 6, 0, 0, 0, 0, 0, 0, 0]);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(payload.length);
  return Buffer.concat([blockHead('n', content.length), size, payload]);
}

const PART_BYTES = 20_000;
const END = Buffer.from('bvx$');

const BLOCKS = { coded, lzvn: lzvnBlock, raw: rawBlock } as const;

/** A stream with blocks of these kinds in turns. (7-Zip does not come to the end of a raw one.) */
export function compressLzfse(
  content: Uint8Array,
  kinds: readonly (keyof typeof BLOCKS)[] = ['coded', 'lzvn'],
): Buffer {
  const blocks: Buffer[] = [];
  for (let at = 0; at < content.length; at += PART_BYTES) {
    const kind = kinds[(at / PART_BYTES) % kinds.length] ?? 'raw';
    blocks.push(BLOCKS[kind](content.subarray(at, at + PART_BYTES)));
  }
  return Buffer.concat([...blocks, END]);
}

function coded(content: Uint8Array): Buffer {
  return codedBlock(content, [...matchesOf(content)]);
}
