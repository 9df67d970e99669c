// Apple Data Compression: literal bytes, and copies of bytes that were decompressed before.
// References: dmg2img adc.c; https://github.com/emesare/adc describe the codes (no specification exists).
import { FormatError } from '../../errors.js';
import { type Output, repeat, store } from './output.js';

const LITERAL = 0x80;
const LONG_COPY = 0x40;

/** @throws FormatError INVALID, TRUNCATED; LIMIT when the stream holds more than `maxBytes`. */
export function decompressAdc(stream: Uint8Array, maxBytes: number): Uint8Array {
  const output: Output = { format: 'adc', bytes: new Uint8Array(maxBytes), length: 0 };
  let at = 0;
  const take = (count: number): Uint8Array => {
    if (at + count > stream.length) {
      throw new FormatError('TRUNCATED', `adc: the stream ends after ${stream.length} bytes`);
    }
    at += count;
    return stream.subarray(at - count, at);
  };
  const next = (): number => take(1)[0] ?? 0;
  while (at < stream.length && output.length < maxBytes) {
    const code = next();
    if ((code & LITERAL) !== 0) {
      store(output, take((code & 0x7f) + 1));
      continue;
    }
    const isLong = (code & LONG_COPY) !== 0;
    const count = isLong ? (code & 0x3f) + 4 : ((code & 0x3f) >> 2) + 3;
    const distance = (isLong ? next() * 256 : (code & 3) * 256) + next() + 1;
    repeat(output, count, distance);
  }
  return output.bytes.subarray(0, output.length);
}
