// bzip2, decompressed: a stream of blocks, each sorted by Burrows and Wheeler's transform and coded with up to 6 trees.
// docs/decisions/0005-own-clients-and-decoders.md says why it is written here.
// References: Julian Seward, bzip2 1.0 manual; https://en.wikipedia.org/wiki/Bzip2#File_format (no specification exists).
import { FormatError, invalidIn } from '../../errors.js';

const invalid = invalidIn('bzip2: ');

const STREAM_MAGIC = 0x425a68; // "BZh"
const BLOCK_MAGIC = [0x314159, 0x265359] as const;
const END_MAGIC = [0x177245, 0x385090] as const;
/** The digit behind the magic number times this is the most bytes that a block has before it is coded. */
const BLOCK_UNIT_BYTES = 100_000;
const MAX_CODE_BITS = 20;
/** Codes up to this length are looked up at once. */
const SHORT_BITS = 10;
/** A power of two above the number of symbols: 256 bytes, a second one for runs, and the end. */
const SYMBOL_UNIT = 512;
const MIN_TREES = 2;
const MAX_TREES = 6;
/** A tree codes so many symbols, then the next selector chooses. */
const SYMBOLS_OF_A_SELECTOR = 50;
const RUN_A = 0;
const RUN_B = 1;
/** So many equal bytes are followed by a count of further ones. */
const RUN_LENGTH = 4;

/**
 * Decompresses a stream to at most `maxBytes`; bytes behind its end are ignored.
 * @throws FormatError INVALID, TRUNCATED, BAD_CHECKSUM; LIMIT when it holds more.
 */
export function decompressBzip2(stream: Uint8Array, maxBytes: number): Uint8Array {
  const bits = bitReader(stream);
  if (bits.read(24) !== STREAM_MAGIC) throw invalid('the stream does not begin with "BZh"');
  const level = bits.read(8) - 0x30;
  if (level < 1 || level > 9) throw invalid(`the block size ${level} is not in 1..9`);
  const output = { bytes: new Uint8Array(maxBytes), length: 0 };
  const symbols = new Uint32Array(level * BLOCK_UNIT_BYTES);
  let streamCrc = 0;
  for (;;) {
    const [high, low] = [bits.read(24), bits.read(24)];
    if (high === END_MAGIC[0] && low === END_MAGIC[1]) break;
    if (high !== BLOCK_MAGIC[0] || low !== BLOCK_MAGIC[1])
      throw invalid('a block has no signature');
    const wanted = bits.read32();
    const start = output.length;
    readBlock(bits, symbols, output);
    const crc = crcOf(output.bytes.subarray(start, output.length));
    if (crc !== wanted) throw badChecksum('a block', crc, wanted);
    streamCrc = (((streamCrc << 1) | (streamCrc >>> 31)) ^ crc) >>> 0;
  }
  const wanted = bits.read32();
  if (streamCrc !== wanted) throw badChecksum('the stream', streamCrc, wanted);
  return output.bytes.subarray(0, output.length);
}

interface Bits {
  /** The next bits as a number, the first one highest; at most 24. */
  read(count: number): number;
  read32(): number;
  /** As `read`, without going on; behind the stream's end there are zeros. */
  peek(count: number): number;
  skip(count: number): void;
}

function bitReader(stream: Uint8Array): Bits {
  let [at, held, heldBits, missingBits] = [0, 0, 0, 0];
  function peek(count: number): number {
    while (heldBits < count) {
      if (at >= stream.length) missingBits += 8;
      // At most 23 + 8 bits are held.
      held = (held << 8) | (stream[at++] ?? 0);
      heldBits += 8;
    }
    return held >>> (heldBits - count);
  }
  function skip(count: number): void {
    heldBits -= count;
    held &= (1 << heldBits) - 1;
    if (heldBits < missingBits) {
      throw new FormatError('TRUNCATED', `bzip2: the stream ends after ${stream.length} bytes`);
    }
  }
  function read(count: number): number {
    const value = peek(count);
    skip(count);
    return value;
  }
  return { read, peek, skip, read32: () => read(16) * 65536 + read(16) };
}

interface Output {
  readonly bytes: Uint8Array;
  length: number;
}

function readBlock(bits: Bits, symbols: Uint32Array, output: Output): void {
  if (bits.read(1) === 1)
    throw invalid('a block is randomised, which no writer has done since 1996');
  const origin = bits.read(24);
  const used = readUsedBytes(bits);
  const count = readSymbols(bits, used, symbols);
  if (origin >= count) throw invalid(`a block begins at ${origin} of ${count} bytes`);
  untransform(symbols, count, origin, output);
}

/** The byte values that occur: 16 bits say which 16ths of them do, then 16 bits for each of those. */
function readUsedBytes(bits: Bits): Uint8Array {
  const ranges = bits.read(16);
  const used: number[] = [];
  for (let i = 0; i < 16; i++) {
    if (((ranges >>> (15 - i)) & 1) === 0) continue;
    const values = bits.read(16);
    for (let j = 0; j < 16; j++) if (((values >>> (15 - j)) & 1) === 1) used.push(i * 16 + j);
  }
  if (used.length === 0) throw invalid('a block uses no byte');
  return Uint8Array.from(used);
}

/** Decodes the symbols and undoes the moves to the front; the bytes stand in the lowest 8 bits. */
function readSymbols(bits: Bits, used: Uint8Array, symbols: Uint32Array): number {
  const endSymbol = used.length + 1;
  const treeCount = bits.read(3);
  if (treeCount < MIN_TREES || treeCount > MAX_TREES)
    throw invalid(`a block has ${treeCount} trees`);
  const selectors = readSelectors(bits, treeCount);
  const trees = Array.from({ length: treeCount }, () => readTree(bits, endSymbol + 1));
  const front = Uint8Array.from(used);
  let [count, run, runUnit] = [0, 0, 1];
  for (let position = 0; ; position++) {
    const tree = trees[selectors[Math.floor(position / SYMBOLS_OF_A_SELECTOR)] ?? MAX_TREES];
    if (tree === undefined) throw invalid('a block has more symbols than its selectors reach');
    const symbol = decodeSymbol(bits, tree);
    if (symbol === RUN_A || symbol === RUN_B) {
      run += symbol === RUN_A ? runUnit : 2 * runUnit;
      runUnit *= 2;
      if (run > symbols.length - count) throw tooLong(symbols.length);
      continue;
    }
    if (run > 0) symbols.fill(front[0] ?? 0, count, count + run);
    count += run;
    [run, runUnit] = [0, 1];
    if (symbol === endSymbol) return count;
    if (count === symbols.length) throw tooLong(symbols.length);
    const value = front[symbol - 1] ?? 0;
    front.copyWithin(1, 0, symbol - 1);
    front[0] = value;
    symbols[count++] = value;
  }
}

/** Which tree codes each group of symbols, as moves to the front in unary. */
function readSelectors(bits: Bits, treeCount: number): Uint8Array {
  const count = bits.read(15);
  if (count === 0) throw invalid('a block has no selectors');
  const front = Array.from({ length: treeCount }, (_, i) => i);
  const selectors = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    let place = 0;
    while (bits.read(1) === 1) {
      if (++place >= treeCount)
        throw invalid(`a selector names one of more than ${treeCount} trees`);
    }
    const [tree = 0] = front.splice(place, 1);
    front.unshift(tree);
    selectors[i] = tree;
  }
  return selectors;
}

/** A canonical Huffman code. */
interface Tree {
  /** By the next bits: length * 512 + symbol of the code that they begin with; 0 if it is longer. */
  readonly short: Uint16Array;
  /** By length: the largest code, or -1. */
  readonly limits: Int32Array;
  /** By length: the number that is subtracted from a code to give its index in `order`. */
  readonly bases: Int32Array;
  readonly order: Uint16Array;
}

function readTree(bits: Bits, symbolCount: number): Tree {
  const lengths = new Uint8Array(symbolCount);
  let length = bits.read(5);
  for (let i = 0; i < symbolCount; i++) {
    for (;;) {
      if (length < 1 || length > MAX_CODE_BITS) throw invalid(`a code has ${length} bits`);
      if (bits.read(1) === 0) break;
      length += bits.read(1) === 0 ? 1 : -1;
    }
    lengths[i] = length;
  }
  const short = new Uint16Array(2 ** SHORT_BITS);
  const limits = new Int32Array(MAX_CODE_BITS + 1).fill(-1);
  const bases = new Int32Array(MAX_CODE_BITS + 1);
  const order = new Uint16Array(symbolCount);
  let [code, place] = [0, 0];
  for (let bitCount = 1; bitCount <= MAX_CODE_BITS; bitCount++) {
    const first = place;
    bases[bitCount] = code - first;
    for (let symbol = 0; symbol < symbolCount; symbol++) {
      if (lengths[symbol] !== bitCount) continue;
      order[place++] = symbol;
      if (bitCount <= SHORT_BITS) {
        const unit = 2 ** (SHORT_BITS - bitCount);
        short.fill(bitCount * SYMBOL_UNIT + symbol, code * unit, (code + 1) * unit);
      }
      code++;
    }
    if (place > first) limits[bitCount] = code - 1;
    if (code > 2 ** bitCount) throw invalid('a tree has more codes than bits can tell apart');
    code *= 2;
  }
  return { short, limits, bases, order };
}

function decodeSymbol(bits: Bits, { short, limits, bases, order }: Tree): number {
  const next = bits.peek(MAX_CODE_BITS);
  const found = short[next >>> (MAX_CODE_BITS - SHORT_BITS)] ?? 0;
  if (found !== 0) {
    bits.skip(Math.floor(found / SYMBOL_UNIT));
    return found % SYMBOL_UNIT;
  }
  for (let length = SHORT_BITS + 1; length <= MAX_CODE_BITS; length++) {
    const code = next >>> (MAX_CODE_BITS - length);
    // Codes of one length follow those of all shorter ones, so the first limit that reaches it is its own.
    if (code > (limits[length] ?? -1)) continue;
    bits.skip(length);
    return order[code - (bases[length] ?? 0)] ?? 0;
  }
  throw invalid('a code belongs to no symbol');
}

/** Follows the sorted bytes back to their order, and the counts that follow runs. */
function untransform(symbols: Uint32Array, count: number, origin: number, output: Output): void {
  const starts = new Uint32Array(257);
  for (let i = 0; i < count; i++) {
    const next = ((symbols[i] ?? 0) & 0xff) + 1;
    starts[next] = (starts[next] ?? 0) + 1;
  }
  for (let value = 0; value < 256; value++) {
    starts[value + 1] = (starts[value + 1] ?? 0) + (starts[value] ?? 0);
  }
  // Above the byte, each place holds the place of the byte that follows it: 900,000 fit into 24 bits.
  for (let i = 0; i < count; i++) {
    const value = (symbols[i] ?? 0) & 0xff;
    const place = starts[value] ?? 0;
    starts[value] = place + 1;
    symbols[place] = ((symbols[place] ?? 0) & 0xff) + i * 256;
  }
  const { bytes } = output;
  let [at, run, last] = [Math.floor((symbols[origin] ?? 0) / 256), 0, -1];
  for (let i = 0; i < count; i++) {
    const entry = symbols[at] ?? 0;
    const value = entry & 0xff;
    at = Math.floor(entry / 256);
    const repeat = run === RUN_LENGTH ? value : 1;
    if (output.length + repeat > bytes.length) throw tooMuch(bytes.length);
    if (run === RUN_LENGTH) {
      bytes.fill(last, output.length, output.length + repeat);
      run = 0;
      output.length += repeat;
      continue;
    }
    bytes[output.length++] = value;
    run = value === last ? run + 1 : 1;
    last = value;
  }
}

/** CRC-32 with the highest bit first, which is not zlib's. */
function crcOf(bytes: Uint8Array): number {
  const table = new Uint32Array(256);
  for (let i = 0; i < 256; i++) {
    let crc = i * 2 ** 24;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
    table[i] = crc >>> 0;
  }
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc << 8) ^ (table[((crc >>> 24) ^ byte) & 0xff] ?? 0);
  return ~crc >>> 0;
}

function tooLong(blockBytes: number): FormatError {
  return invalid(`a block has more than the ${blockBytes} bytes that the stream says`);
}

function tooMuch(maxBytes: number): FormatError {
  return new FormatError('LIMIT', `bzip2: the stream holds more than ${maxBytes} bytes`);
}

function badChecksum(what: string, found: number, wanted: number): FormatError {
  const [one, other] = [found.toString(16), wanted.toString(16)];
  const message = `bzip2: the checksum of ${what} is 0x${one}; the stream says 0x${other}`;
  return new FormatError('BAD_CHECKSUM', message);
}
