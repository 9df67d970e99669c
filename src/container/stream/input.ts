// The bytes of a file that is read forward, in large pieces.
import type { ByteSource } from '../../bytes/source.js';
import { KIB } from '../../limits.js';

const PIECE_BYTES = 256 * KIB;

/** As many bytes as are wanted, fewer only at the file's end; from where they were last asked for, or behind that. */
export function inputOf(
  file: ByteSource,
): (offsetBytes: number, wantedBytes: number) => Promise<Uint8Array> {
  let start = 0;
  let held: Uint8Array = new Uint8Array(0);
  return async (offset, wanted) => {
    const length = Math.min(wanted, file.sizeBytes - offset);
    if (offset < start || offset + length > start + held.length) {
      start = offset;
      held = await file.read(offset, Math.min(PIECE_BYTES, file.sizeBytes - offset));
    }
    return held.subarray(offset - start, offset - start + length);
  };
}
