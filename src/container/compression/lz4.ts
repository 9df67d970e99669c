// A block of LZ4: literals and copies of what came before.
// References: https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md.
import { FormatError } from '../../errors.js';
import { type Output, repeat, store } from './output.js';

const NIBBLE = 16;
const LONG = 15;
const GOES_ON = 255;
const MIN_COPY_BYTES = 4;
const DISTANCE_BYTES = 2;

/** Decompresses a block to at most `maxBytes`. @throws FormatError INVALID, TRUNCATED, LIMIT. */
export function decodeLz4(stream: Uint8Array, maxBytes: number, format: string): Uint8Array {
  const output: Output = { format, bytes: new Uint8Array(maxBytes), length: 0 };
  let at = 0;
  const byte = (): number => {
    const value = stream[at];
    if (value === undefined) throw cut(format, at);
    at++;
    return value;
  };
  const lengthOf = (nibble: number): number => {
    let length = nibble;
    if (nibble === LONG) {
      for (let more = GOES_ON; more === GOES_ON; length += more) more = byte();
    }
    return length;
  };
  while (at < stream.length) {
    const token = byte();
    const literals = lengthOf(Math.floor(token / NIBBLE));
    if (literals > stream.length - at) throw cut(format, stream.length);
    store(output, stream.subarray(at, at + literals));
    at += literals;
    // The last literals have no copy behind them.
    if (at === stream.length) break;
    if (stream.length - at < DISTANCE_BYTES) throw cut(format, at);
    const low = byte();
    const distance = low + 256 * byte();
    repeat(output, MIN_COPY_BYTES + lengthOf(token % NIBBLE), distance);
  }
  return output.bytes.subarray(0, output.length);
}

function cut(format: string, at: number): FormatError {
  return new FormatError(
    'TRUNCATED',
    `${format}: a block of LZ4 ends at byte ${at}, within a part`,
  );
}
