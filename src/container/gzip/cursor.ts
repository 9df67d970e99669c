// Reads the members of a gzip file forward, from its beginning or from a mark, and makes marks at the borders of blocks.
// References: RFC 1952; zlib examples/zran.c.
import { parseGzipTrailer } from '../../../generated/container/gzip.js';
import { FormatError } from '../../errors.js';
import type { HostFile, Scope } from '../../host/scope.js';
import { KIB } from '../../limits.js';
import { equals } from '../../validation/guest.js';
import type { Cursor, Mark, Step } from '../stream/cursor.js';
import { inputOf } from '../stream/input.js';
import { BORDER_INPUT_BYTES, type Border, findBit, fromBit } from './border.js';
import { readGzipHead, TRAILER_BYTES } from './head.js';
import { type Inflater, openInflater } from './inflater.js';
import { windowOf } from './window.js';

/** The border of two blocks, or, without a window, the header of a member. */
export interface GzipMark extends Mark {
  /** Where in the file the next block begins, or the member. */
  readonly at: number;
  readonly bit: number;
  /** The 32 KiB before it, deflated; null at a member's header. */
  readonly window: Uint8Array | null;
}

/** A step takes no more. What comes out of it is 1032 times as much at most, since two bits may stand for 258 bytes. */
const MAX_STEP_BYTES = BORDER_INPUT_BYTES;
const MIN_STEP_BYTES = 64;
/** What is to come out of a step: it has room in the inflater's own memory. */
const STEP_CONTENT_BYTES = 192 * KIB;
/** What an array and an object take besides their content. */
const OVERHEAD_BYTES = 256;
const MAGIC = [0x1f, 0x8b, 8];

interface Member {
  readonly inflater: Inflater;
  /** The CRC-32 and the number of its bytes until now; null if it was not read from its beginning. */
  sums: { crc: number; sizeBytes: number } | null;
}

interface State {
  readonly file: HostFile;
  readonly scope: Scope;
  readonly input: ReturnType<typeof inputOf>;
  readonly window: ReturnType<typeof windowOf>;
  offsetBytes: number;
  /** Where in the file the next input is. */
  at: number;
  lastByte: number;
  /** How much input is likely to give what fits. */
  stepBytes: number;
  member: Member | null;
  /** The mark of a member's header that was just passed, or a border whose bit is not known yet. */
  mark: GzipMark | null;
  border: Border | null;
}

/** @param mark null: from the file's beginning. */
export function gzipCursor(file: HostFile, scope: Scope, mark: GzipMark | null): Cursor<GzipMark> {
  const state: State = {
    file,
    scope,
    input: inputOf(file),
    window: windowOf(),
    offsetBytes: mark?.offsetBytes ?? 0,
    at: mark?.at ?? 0,
    lastByte: 0,
    stepBytes: MIN_STEP_BYTES,
    member: null,
    mark: null,
    border: null,
  };
  let resumes = mark?.window === null ? null : mark;
  return {
    get offsetBytes() {
      return state.offsetBytes;
    },
    async next(wantsMark) {
      if (resumes !== null) {
        const bytes = await resume(state, resumes);
        resumes = null;
        if (bytes.length > 0) return { bytes, mark: null };
      }
      for (;;) {
        scope.check();
        if (state.member === null && !(await openMember(state, wantsMark))) return null;
        const step = await stepOf(state, wantsMark);
        if (step !== null) return step;
      }
    },
    close: () => state.member?.inflater.close(),
  };
}

/** Begins at a border of two blocks, with the rest of the byte that the next one begins in. */
async function resume(state: State, { at, bit, window }: GzipMark): Promise<Uint8Array> {
  const { inflateRawSync } = process.getBuiltinModule('node:zlib');
  const before = inflateRawSync(window ?? new Uint8Array(0));
  const inflater = openInflater(before);
  state.member = { inflater, sums: null };
  state.window.add(before);
  if (bit === 0) return before.subarray(0, 0);
  const [first = 0] = await state.input(at, 1);
  return inflated(state, inflater, fromBit(Uint8Array.of(first), bit), false, 1).bytes;
}

/** The next member; false at the end of the file, where zeros or anything else may follow the last one, as for gzip(1). */
async function openMember(state: State, wantsMark: boolean): Promise<boolean> {
  const { file, at } = state;
  const magic = at < file.sizeBytes ? await state.input(at, MAGIC.length) : [];
  if (!MAGIC.every((byte, i) => magic[i] === byte)) return false;
  const { streamOffsetBytes } = await readGzipHead(file, at);
  const { offsetBytes } = state;
  if (wantsMark) state.mark = { offsetBytes, at, bit: 0, window: null, heldBytes: OVERHEAD_BYTES };
  state.window.clear();
  state.member = { inflater: openInflater(new Uint8Array(0)), sums: { crc: 0, sizeBytes: 0 } };
  state.at = streamOffsetBytes;
  return true;
}

/** null: nothing came out. */
async function stepOf(state: State, wantsMark: boolean): Promise<Step<GzipMark> | null> {
  const { file, border, member } = state;
  if (member === null) return null;
  const input = await state.input(state.at, state.stepBytes);
  if (input.length === 0) {
    const message = 'gzip: the file ends within its stream: it is cut';
    throw new FormatError('TRUNCATED', message, { data: { sizeBytes: file.sizeBytes } });
  }
  const start = { offsetBytes: state.offsetBytes, at: state.at };
  const stopsAtBorder = wantsMark && border === null && state.mark === null;
  state.border = null;
  const { bytes, takenBytes } = inflated(state, member.inflater, input, stopsAtBorder);
  const isStopped = takenBytes < input.length;
  if (isStopped && (!stopsAtBorder || takenBytes + bytes.length === 0)) await endMember(state);
  else if (isStopped) state.border = { lastByte: state.lastByte, window: state.window.copy() };
  if (bytes.length === 0) return null;
  const mark = state.mark ?? (border && borderMark(border, start, input, bytes));
  state.mark = null;
  return { bytes, mark };
}

function inflated(
  state: State,
  inflater: Inflater,
  input: Uint8Array,
  stopsAtBorder: boolean,
  fileBytes?: number,
) {
  const { crc32 } = process.getBuiltinModule('node:zlib');
  const { bytes, takenBytes } = stepped(state, inflater, input, stopsAtBorder);
  const sums = state.member?.sums ?? null;
  if (sums !== null) {
    sums.crc = crc32(bytes, sums.crc);
    sums.sizeBytes += bytes.length;
  }
  state.window.add(bytes);
  state.offsetBytes += bytes.length;
  state.at += fileBytes ?? takenBytes;
  state.lastByte = input[takenBytes - 1] ?? state.lastByte;
  const fitting = Math.ceil((takenBytes * STEP_CONTENT_BYTES) / (bytes.length + 1));
  state.stepBytes = Math.max(MIN_STEP_BYTES, Math.min(MAX_STEP_BYTES, fitting));
  return { bytes, takenBytes };
}

function stepped(state: State, inflater: Inflater, input: Uint8Array, stopsAtBorder: boolean) {
  try {
    return inflater.step(input, stopsAtBorder);
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown';
    const { at, offsetBytes } = state;
    const message = `gzip: behind byte ${at} of the file, ${offsetBytes} of its content, the stream cannot be inflated: ${reason}`;
    throw new FormatError('INVALID', message, { cause: error, data: { at, offsetBytes } });
  }
}

/** @throws FormatError TRUNCATED, BAD_CHECKSUM. */
async function endMember(state: State): Promise<void> {
  const { at, member, file } = state;
  const bytes = await state.input(at, TRAILER_BYTES);
  if (bytes.length < TRAILER_BYTES) {
    const message = 'gzip: the file ends before the checksum of its content: it is cut';
    throw new FormatError('TRUNCATED', message, { data: { sizeBytes: file.sizeBytes } });
  }
  const trailer = parseGzipTrailer(bytes.slice(0, TRAILER_BYTES));
  const sums = member?.sums ?? null;
  if (
    sums !== null &&
    !(equals(trailer.crc32, sums.crc) && equals(trailer.lenContent, sums.sizeBytes % 2 ** 32))
  ) {
    const message = `gzip: the member that ends at byte ${at} does not match its CRC-32 or its size`;
    throw new FormatError('BAD_CHECKSUM', message, { data: { at } });
  }
  member?.inflater.close();
  state.at += TRAILER_BYTES;
  state.member = null;
  state.border = null;
}

/** The border as a mark; null if its bit cannot be told. */
function borderMark(
  border: Border,
  start: { readonly offsetBytes: number; readonly at: number },
  input: Uint8Array,
  bytes: Uint8Array,
): GzipMark | null {
  const bit = findBit(border, input, bytes);
  if (bit === null) return null;
  const { deflateRawSync } = process.getBuiltinModule('node:zlib');
  // A copy of its own: zlib's is a piece of a larger one.
  const window = Uint8Array.from(deflateRawSync(border.window, { level: 1 }));
  const isWhole = bit === 8;
  return {
    offsetBytes: start.offsetBytes,
    at: isWhole ? start.at : start.at - 1,
    bit: isWhole ? 0 : bit,
    window,
    heldBytes: window.length + OVERHEAD_BYTES,
  };
}
