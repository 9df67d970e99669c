// zlib's inflater with a fixed end: what comes out is as long as it must be, or an error.
// References: RFC 1950, RFC 1951; https://nodejs.org/api/zlib.html#class-options.
import { FormatError } from '../../errors.js';

/** Room that keeps the inflater from asking for a second buffer when the first is exactly full. */
const SPARE_BYTES = 64;

/** `deflate` has no head, `zlib` has a head and a checksum. */
export type DeflateKind = 'deflate' | 'zlib';

/**
 * The `lengthBytes` bytes that a stream holds. Bytes behind its end are ignored, and so is a missing end.
 * @param what names the block in messages, which begin with it: `gzip: a block`.
 * @throws FormatError INVALID when it is damaged, or holds fewer bytes or more.
 */
export function inflateExactly(
  stream: Uint8Array,
  lengthBytes: number,
  kind: DeflateKind,
  what: string,
): Uint8Array {
  const { constants, inflateRawSync, inflateSync } = process.getBuiltinModule('node:zlib');
  const inflate = kind === 'zlib' ? inflateSync : inflateRawSync;
  let bytes: Uint8Array;
  try {
    bytes = inflate(stream, {
      chunkSize: lengthBytes + SPARE_BYTES,
      maxOutputLength: lengthBytes,
      finishFlush: constants.Z_SYNC_FLUSH,
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown';
    const message = `${what} cannot be inflated to ${lengthBytes} bytes: ${reason}`;
    throw new FormatError('INVALID', message, { cause: error });
  }
  if (bytes.length === lengthBytes) return bytes;
  const message = `${what} inflates to ${bytes.length} bytes, not to ${lengthBytes}`;
  throw new FormatError('INVALID', message, { data: { lengthBytes } });
}
