// zlib's inflater as an object that serves many streams, or many steps of one. Node's documented functions make a stream
// object for each call, which takes longer than to inflate 4 KiB, and tell neither what a step took of its input nor where
// blocks end. So this calls `_processChunk`, which npm's own reader of archives is built on (minizlib).
// References: zlib.h inflate(), inflateReset(); Node lib/zlib.js processChunkSync().
import type { InflateRaw, ZlibOptions } from 'node:zlib';

/** `deflate` has no head and perhaps no final mark; `zlib` has a head, and ends with a checksum. */
export type DeflateKind = 'deflate' | 'zlib';

export interface InflateEngine {
  /**
   * Inflates input. @param flush of zlib's constants.
   * @returns bytes that the next step overwrites, and how much of the input was taken. @throws zlib's error, after which it is of no use.
   */
  step(input: Uint8Array, flush: number): { bytes: Uint8Array; takenBytes: number };
  /** Begins a new stream. */
  reset(): void;
  close(): void;
}

interface Handle {
  close(): void;
}

interface Steppable extends InflateRaw {
  _handle: Handle;
  _processChunk(input: Uint8Array, flush: number): Uint8Array;
}

/** null: this version of Node has no such function. */
export function openEngine(kind: DeflateKind, options: ZlibOptions): InflateEngine | null {
  const { createInflate, createInflateRaw } = process.getBuiltinModule('node:zlib');
  const engine: object = kind === 'zlib' ? createInflate(options) : createInflateRaw(options);
  if (!isSteppable(engine)) return null;
  const handle = engine._handle;
  const close = handle.close;
  const ignoreErrors = () => engine.removeAllListeners('error').on('error', () => {});
  return {
    step(input, flush) {
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
    reset: () => engine.reset(),
    close() {
      // An error has ended the stream, while what frees zlib's state was taken away.
      if (engine.destroyed) handle.close();
      else engine.close();
    },
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
