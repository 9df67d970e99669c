// Reads frames of zstd forward from the file's beginning. There are no marks: what a frame needs of what came before is its
// window, of up to 128 MiB, and its tables. The decoder is the reference implementation as WebAssembly, which gives what it has
// for each piece of input.
// References: RFC 8878; zstd lib/zstd.h ZSTD_decompressStream(), ZSTD_WINDOWLOG_LIMIT_DEFAULT.
import { ZSTDDecoder } from 'zstddec/stream';
import { FormatError } from '../../errors.js';
import type { HostFile, Scope } from '../../host/scope.js';
import { KIB } from '../../limits.js';
import type { Cursor, Mark } from '../stream/cursor.js';
import { inputOf } from '../stream/input.js';

const PIECE_BYTES = 16 * KIB;
/** The smallest frame, one that is skipped: the decoder ends each of its steps with a frame. */
const MIN_FRAME_BYTES = 8;
/** So many steps without a byte and without new input are an error, of which the decoder says nothing. */
const MAX_EMPTY_STEPS = PIECE_BYTES / MIN_FRAME_BYTES + 16;

interface State {
  readonly file: HostFile;
  /** The next piece for the decoder; null: there is none, or it has it. */
  piece: Uint8Array | null;
  /** Where the piece behind that begins. */
  at: number;
  offsetBytes: number;
  emptySteps: number;
  decoding: Generator<Uint8Array> | null;
}

export function zstdCursor(file: HostFile, scope: Scope): Cursor<Mark> {
  const input = inputOf(file);
  const state: State = { file, piece: null, at: 0, offsetBytes: 0, emptySteps: 0, decoding: null };
  return {
    get offsetBytes() {
      return state.offsetBytes;
    },
    async next() {
      state.decoding ??= await decoderOf(state);
      for (;;) {
        scope.check();
        if (state.piece === null && state.at < file.sizeBytes) {
          state.piece = await input(state.at, PIECE_BYTES);
          state.at += state.piece.length;
        }
        const bytes = stepOf(state, state.decoding);
        if (bytes === null) return null;
        if (bytes.length > 0) return { bytes, mark: null };
      }
    },
    close() {
      state.piece = null;
      if (state.decoding !== null) end(state.decoding);
    },
  };
}

async function decoderOf(state: State): Promise<Generator<Uint8Array>> {
  const decoder = new ZSTDDecoder();
  await decoder.init(); // Once per process: later calls give the same promise.
  return decoder.decodeStreaming(piecesOf(state));
}

function* piecesOf(state: State): Generator<Uint8Array, void, undefined> {
  for (;;) {
    const { piece } = state;
    if (piece === null) return;
    state.piece = null;
    state.emptySteps = 0;
    yield piece;
  }
}

/** null: the content has ended. @throws FormatError TRUNCATED, INVALID. */
function stepOf(state: State, decoding: Generator<Uint8Array>): Uint8Array | null {
  const { file, offsetBytes } = state;
  let bytes: Uint8Array;
  try {
    const { done, value } = decoding.next();
    if (done === true) return null;
    bytes = value;
  } catch (error) {
    const message = 'zstd: the file ends within its stream: it is cut';
    throw new FormatError('TRUNCATED', message, {
      cause: error,
      data: { sizeBytes: file.sizeBytes },
    });
  }
  state.offsetBytes += bytes.length;
  state.emptySteps = bytes.length > 0 ? 0 : state.emptySteps + 1;
  if (state.emptySteps <= MAX_EMPTY_STEPS) return bytes;
  const message = `zstd: behind byte ${offsetBytes} of its content the stream is damaged, or needs a window of more than 128 MiB`;
  throw new FormatError('INVALID', message, { data: { offsetBytes } });
}

/** The decoder gives its memory back only when its input has ended, and then it says that it did. */
function end(decoding: Generator<Uint8Array>): void {
  try {
    for (let i = 0; i <= MAX_STEPS_TO_END; i++) if (decoding.next().done === true) return;
  } catch {
    // The stream is incomplete.
  }
}

/** What a piece may stand for, 128 KiB a step: a block of four bytes is as much. */
const MAX_STEPS_TO_END = PIECE_BYTES / 4 + MAX_EMPTY_STEPS;
