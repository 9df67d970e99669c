// LZFSE, decompressed: blocks of bytes as they are, of LZVN, or of literals and matches coded with finite state entropy.
// docs/decisions/0005-own-clients-and-decoders.md says why it is written here.
// References: https://github.com/lzfse/lzfse src/lzfse_internal.h, lzfse_decode_base.c (no specification exists);
// Jarek Duda, "Asymmetric numeral systems", https://arxiv.org/abs/1311.2540.
import {
  LzfseBlockKind,
  parseLzfse,
  parseLzfseLzvnHead,
  parseLzfsePackedHead,
} from '../../../generated/container/lzfse.js';
import { FormatError, invalidIn } from '../../errors.js';
import { int } from '../../validation/guest.js';
import {
  bitsOf,
  type Coding,
  decoderOf,
  decodersOf,
  LITERAL_CODING,
  MATCH_CODINGS,
  readFrequencies,
} from './lzfse-coding.js';
import { decompressLzvn } from './lzvn.js';
import { type Output, repeat, store } from './output.js';

const invalid = invalidIn('lzfse: ');

const MAGIC = 'bvx';
const MAGIC_BYTES = 4;
const HEAD_BYTES = 8;
const LZVN_HEAD_BYTES = 4;
const PACKED_HEAD_BYTES = 24;
/** What the reference writes and reads of one block. */
const MAX_LITERALS = 40_000;
const MAX_MATCHES = 10_000;
const MAX_FIELD = 2 ** 20 - 1;
/** 360 symbols of at most 14 bits. */
const MAX_TABLE_BYTES = 630;

/**
 * Decompresses a stream to at most `maxBytes`; bytes behind its end mark are ignored.
 * @throws FormatError INVALID, OUT_OF_BOUNDS, TRUNCATED; LIMIT when it holds more.
 */
export function decompressLzfse(stream: Uint8Array, maxBytes: number): Uint8Array {
  const output: Output = { format: 'lzfse', bytes: new Uint8Array(maxBytes), length: 0 };
  for (let at = 0; ; ) {
    const start = take(stream, at, MAGIC_BYTES);
    const kind = start[MAGIC.length];
    if (Buffer.from(start).toString('latin1', 0, MAGIC.length) !== MAGIC) {
      throw invalid(`the block at ${at} of the stream does not begin with "${MAGIC}"`);
    }
    if (kind === LzfseBlockKind.END) return output.bytes.subarray(0, output.length);
    const { lenContent } = parseLzfse(take(stream, at, HEAD_BYTES));
    const contentBytes = int(lenContent, 'lzfse: content of a block', 0, 2 ** 32);
    const end = output.length + contentBytes;
    if (end > maxBytes) {
      throw new FormatError('LIMIT', `lzfse: the stream holds more than ${maxBytes} bytes`);
    }
    at = readBlock(stream, at, kind, end, output);
    if (output.length !== end) {
      const missing = end - output.length;
      throw invalid(`a block says that it holds ${contentBytes} bytes, and lacks ${missing}`);
    }
  }
}

/** Decompresses the block at `at`; gives where the next one begins. */
function readBlock(
  stream: Uint8Array,
  at: number,
  kind: number | undefined,
  end: number,
  output: Output,
): number {
  const bodyAt = at + HEAD_BYTES;
  switch (kind) {
    case LzfseBlockKind.RAW: {
      const lengthBytes = end - output.length;
      store(output, take(stream, bodyAt, lengthBytes));
      return bodyAt + lengthBytes;
    }
    case LzfseBlockKind.LZVN: {
      const head = parseLzfseLzvnHead(take(stream, bodyAt, LZVN_HEAD_BYTES));
      const length = int(head.lenPayload, 'lzfse: size of a block of LZVN', 0, 2 ** 32);
      const payloadAt = bodyAt + LZVN_HEAD_BYTES;
      decompressLzvn(take(stream, payloadAt, length), end, output);
      return payloadAt + length;
    }
    case LzfseBlockKind.PACKED_TABLES:
      return readCoded(stream, at, end, output);
    default:
      throw invalid(`the block at ${at} of the stream is of the unknown kind ${kind}`);
  }
}

function take(stream: Uint8Array, at: number, length: number): Uint8Array {
  if (at + length <= stream.length) return stream.subarray(at, at + length);
  throw new FormatError('TRUNCATED', `lzfse: the stream ends after ${stream.length} bytes`);
}

interface Head {
  readonly tablesAt: number;
  readonly literalsAt: number;
  readonly matchesAt: number;
  readonly endsAt: number;
  readonly literalCount: number;
  readonly matchCount: number;
  readonly literalBits: number;
  readonly matchBits: number;
  readonly literalStates: readonly number[];
  readonly matchStates: readonly number[];
}

function readHead(stream: Uint8Array, at: number): Head {
  const head = parseLzfsePackedHead(take(stream, at + HEAD_BYTES, PACKED_HEAD_BYTES));
  const what = (name: string) => `lzfse: ${name} of a block`;
  const fixedBytes = HEAD_BYTES + PACKED_HEAD_BYTES;
  const maxHeadBytes = fixedBytes + MAX_TABLE_BYTES;
  const literalsAt = at + int(head.lenHead, what('head'), fixedBytes, maxHeadBytes);
  const matchesAt = literalsAt + int(head.lenLiterals, what('literals'), 0, MAX_FIELD);
  const state = (value: typeof head.lState, { stateCount }: Coding) =>
    int(value, what('first state'), 0, stateCount - 1);
  const [lengthCoding, matchCoding, distanceCoding] = MATCH_CODINGS;
  return {
    tablesAt: at + fixedBytes,
    literalsAt,
    matchesAt,
    endsAt: matchesAt + int(head.lenMatches, what('matches'), 0, MAX_FIELD),
    literalCount: int(head.numLiterals, what('number of literals'), 0, MAX_LITERALS),
    matchCount: int(head.numMatches, what('number of matches'), 0, MAX_MATCHES),
    literalBits: int(head.literalBits, what('bits'), 0, 7),
    matchBits: int(head.matchBits, what('bits'), 0, 7),
    literalStates: head.literalStates.map((value) => state(value, LITERAL_CODING)),
    matchStates: [
      state(head.lState, lengthCoding),
      state(head.mState, matchCoding),
      state(head.dState, distanceCoding),
    ],
  };
}

/** A block of literals and matches; gives where the next one begins. */
function readCoded(stream: Uint8Array, at: number, end: number, output: Output): number {
  const head = readHead(stream, at);
  const { tablesAt, literalsAt, matchesAt, endsAt } = head;
  const frequencies = readFrequencies(take(stream, tablesAt, literalsAt - tablesAt));
  const literals = readLiterals(
    take(stream, literalsAt, matchesAt - literalsAt),
    frequencies.at(-1) ?? [],
    head,
  );
  const bits = bitsOf(take(stream, matchesAt, endsAt - matchesAt), head.matchBits);
  const [lengths, matches, distances] = MATCH_CODINGS.map((coding, i) =>
    decoderOf(coding, frequencies[i] ?? [], head.matchStates[i] ?? 0),
  );
  let [literalAt, lastDistance] = [0, 0];
  for (let i = 0; i < head.matchCount; i++) {
    const literalCount = lengths?.next(bits) ?? 0;
    const matchCount = matches?.next(bits) ?? 0;
    // 0 is the distance of the match before.
    lastDistance = distances?.next(bits) || lastDistance;
    if (literalAt + literalCount > literals.length) {
      throw invalid(`a block has ${literals.length} literals, and its matches stand behind more`);
    }
    if (output.length + literalCount + matchCount > end) {
      throw invalid('a block holds more than it says');
    }
    store(output, literals.subarray(literalAt, literalAt + literalCount));
    literalAt += literalCount;
    repeat(output, matchCount, lastDistance);
  }
  return endsAt;
}

/** Four decoders take turns. */
function readLiterals(
  codes: Uint8Array,
  frequencies: readonly number[],
  { literalCount, literalBits, literalStates }: Head,
): Uint8Array {
  const bits = bitsOf(codes, literalBits);
  const decoders = decodersOf(LITERAL_CODING, frequencies, literalStates);
  return Uint8Array.from(
    { length: literalCount },
    (_, i) => decoders[i % literalStates.length]?.next(bits) ?? 0,
  );
}
