// zlib's inflater, one step at a time: a step tells how much of its input it took, and ends at a border of two blocks if
// that is wanted. Node's documented functions give neither while a stream goes on, so this calls `_processChunk`, which npm's
// own reader of archives is built on (minizlib).
// References: zlib.h inflate(), Z_BLOCK; RFC 1951 section 3.2.3; Node lib/zlib.js processChunkSync().
import type { InflateRaw } from 'node:zlib';
import { UnsupportedError } from '../../errors.js';
import { KIB } from '../../limits.js';

export interface Inflater {
  /**
   * Inflates input. What it leaves lies behind the stream's end; or, where borders are wanted, behind the next one.
   * @returns bytes that the next step overwrites. @throws zlib's error.
   */
  step(input: Uint8Array, stopsAtBorder: boolean): { bytes: Uint8Array; takenBytes: number };
  close(): void;
}

interface Handle {
  close(): void;
}

interface Steppable extends InflateRaw {
  _handle: Handle;
  _processChunk(input: Uint8Array, flush: number): Uint8Array;
}

const CHUNK_BYTES = 256 * KIB;

/** @param window what comes before in the content, 32 KiB at most; empty at the beginning of a stream. */
export function openInflater(window: Uint8Array): Inflater {
  const { constants, createInflateRaw } = process.getBuiltinModule('node:zlib');
  const dictionary = window.length === 0 ? {} : { dictionary: window };
  const engine: object = createInflateRaw({ chunkSize: CHUNK_BYTES, ...dictionary });
  if (!isSteppable(engine)) {
    const message = 'gzip: this version of Node does not tell where blocks of deflate end';
    throw new UnsupportedError('UNSUPPORTED_FORMAT', message);
  }
  const handle = engine._handle;
  const close = handle.close;
  const ignoreErrors = () => engine.removeAllListeners('error').on('error', () => {});
  return {
    step(input, stopsAtBorder) {
      const flush = stopsAtBorder ? constants.Z_BLOCK : constants.Z_SYNC_FLUSH;
      // The function closes what it has used.
      handle.close = () => {};
      try {
        const bytes = engine._processChunk(input, flush);
        return { bytes, takenBytes: engine.bytesWritten };
      } finally {
        handle.close = close;
        engine._handle = handle;
        ignoreErrors(); // It adds a listener each time, and an error comes once more as an event.
      }
    },
    close: () => engine.close(),
  };
}

function isSteppable(engine: object): engine is Steppable {
  return (
    '_processChunk' in engine &&
    typeof engine._processChunk === 'function' &&
    '_handle' in engine &&
    typeof engine._handle === 'object'
  );
}
