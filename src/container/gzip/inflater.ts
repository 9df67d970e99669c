// A deflate stream, one step at a time: a step tells how much of its input it took, and ends at a border of two blocks if
// that is wanted.
// References: zlib.h inflate(), Z_BLOCK; RFC 1951 section 3.2.3.
import { UnsupportedError } from '../../errors.js';
import { KIB } from '../../limits.js';
import { openEngine } from '../compression/engine.js';

export interface Inflater {
  /**
   * Inflates input. What it leaves lies behind the stream's end; or, where borders are wanted, behind the next one.
   * @returns bytes that the next step overwrites. @throws zlib's error.
   */
  step(input: Uint8Array, stopsAtBorder: boolean): { bytes: Uint8Array; takenBytes: number };
  close(): void;
}

const CHUNK_BYTES = 256 * KIB;

/** @param window what comes before in the content, 32 KiB at most; empty at the beginning of a stream. */
export function openInflater(window: Uint8Array): Inflater {
  const { constants } = process.getBuiltinModule('node:zlib');
  const dictionary = window.length === 0 ? {} : { dictionary: window };
  const engine = openEngine('deflate', { chunkSize: CHUNK_BYTES, ...dictionary });
  if (engine === null) {
    const message = 'gzip: this version of Node does not tell where blocks of deflate end';
    throw new UnsupportedError('UNSUPPORTED_FORMAT', message);
  }
  return {
    step: (input, stopsAtBorder) =>
      engine.step(input, stopsAtBorder ? constants.Z_BLOCK : constants.Z_SYNC_FLUSH),
    close: engine.close,
  };
}
