// zlib's inflater with a bound for its output; the blocks of every format are inflated here.
// References: RFC 1950, RFC 1951; https://nodejs.org/api/zlib.html#class-options.
import { FormatError } from '../../errors.js';
import { KIB } from '../../limits.js';
import { type DeflateKind, type InflateEngine, openEngine } from './engine.js';

/** Room that keeps the inflater from asking for a second buffer when the first is exactly full. */
const SPARE_BYTES = 64;

/** Blocks up to this size are inflated by an object that is kept; larger ones take longer than to make one. */
const MAX_KEPT_BYTES = 256 * KIB;

/** The one of the last block: those of an image have one size. */
let kept: { kind: DeflateKind; maxBytes: number; engine: InflateEngine } | null = null;

/**
 * Inflates a stream; bytes behind its end are ignored.
 *
 * Not in the thread pool: a block of 64 KiB takes 40 us, the way there and back 70 us (measured), and the pool is busy
 * with the reads of other guests.
 * @param what names the block in messages, which begin with it: `gzip: a block`.
 * @throws FormatError INVALID when it is damaged, holds more than `maxBytes`, or ends too early, which the error's data tell.
 */
export function inflate(
  stream: Uint8Array,
  maxBytes: number,
  kind: DeflateKind,
  what: string,
): Uint8Array {
  try {
    return inflated(stream, maxBytes, kind);
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown';
    const message = `${what} cannot be inflated to ${maxBytes} bytes: ${reason}`;
    throw new FormatError('INVALID', message, {
      cause: error,
      data: { endsEarly: isEarly(error) },
    });
  }
}

/** @throws zlib's error; ERR_BUFFER_TOO_LARGE. */
function inflated(stream: Uint8Array, maxBytes: number, kind: DeflateKind): Uint8Array {
  // Not imported: that would load it at every start, or, when imported here, copy the module's properties each time.
  const { constants, inflateRawSync, inflateSync } = process.getBuiltinModule('node:zlib');
  const options = { chunkSize: maxBytes + SPARE_BYTES, maxOutputLength: maxBytes };
  const flush = kind === 'zlib' ? constants.Z_FINISH : constants.Z_SYNC_FLUSH;
  if (kept?.kind !== kind || kept.maxBytes !== maxBytes) {
    const before = kept;
    kept = null;
    before?.engine.close();
    const engine = maxBytes > MAX_KEPT_BYTES ? null : openEngine(kind, options);
    kept = engine === null ? null : { kind, maxBytes, engine };
  }
  if (kept === null) {
    const once = kind === 'zlib' ? inflateSync : inflateRawSync;
    return once(stream, { ...options, finishFlush: flush });
  }
  const { engine } = kept;
  try {
    engine.reset();
    return Buffer.from(engine.step(stream, flush).bytes);
  } catch (error) {
    kept = null;
    engine.close();
    throw error;
  }
}

/** As `inflate`, of a block whose size is known. @throws as it; FormatError INVALID also when it holds fewer bytes. */
export function inflateExactly(
  stream: Uint8Array,
  lengthBytes: number,
  kind: DeflateKind,
  what: string,
): Uint8Array {
  const bytes = inflate(stream, lengthBytes, kind, what);
  if (bytes.length === lengthBytes) return bytes;
  const message = `${what} inflates to ${bytes.length} bytes, not to ${lengthBytes}`;
  const endsEarly = kind === 'deflate' && hasNoEnd(stream, lengthBytes);
  const data = { lengthBytes, foundBytes: bytes.length, endsEarly };
  throw new FormatError('INVALID', message, { data });
}

/** Whether a stream without a head stops before its final mark. */
function hasNoEnd(stream: Uint8Array, maxBytes: number): boolean {
  try {
    process.getBuiltinModule('node:zlib').inflateRawSync(stream, { maxOutputLength: maxBytes });
    return false;
  } catch (error) {
    return isEarly(error);
  }
}

function isEarly(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'Z_BUF_ERROR';
}
