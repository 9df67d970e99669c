// zlib streams of blocks: what comes out has a size that is fixed before anything is decompressed.
// References: RFC 1950.
import { FormatError } from '../../errors.js';

/** Room that keeps the inflater from asking for a second buffer when the first is exactly full. */
const SPARE_BYTES = 64;

/** @throws FormatError INVALID when the stream is damaged, ends too early, or holds more than `maxBytes`. */
export function inflate(stream: Uint8Array, maxBytes: number): Uint8Array {
  // Not imported: that would load it at every start, or, when imported here, copy the module's properties each time.
  const { inflateSync } = process.getBuiltinModule('node:zlib');
  try {
    return inflateSync(stream, { chunkSize: maxBytes + SPARE_BYTES, maxOutputLength: maxBytes });
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown';
    const message = `a zlib stream of ${stream.length} bytes cannot be inflated to ${maxBytes}: ${reason}`;
    throw new FormatError('INVALID', message, { cause: error });
  }
}
