// Apple Data Compression: literal bytes, and copies of bytes that were decompressed before.
// References: dmg2img adc.c; https://github.com/emesare/adc describe the codes (no specification exists).
import { FormatError } from '../../errors.js';

const LITERAL = 0x80;
const LONG_COPY = 0x40;

/** @throws FormatError INVALID, TRUNCATED; LIMIT when the stream holds more than `maxBytes`. */
export function decompressAdc(stream: Uint8Array, maxBytes: number): Uint8Array {
  const output = new Uint8Array(maxBytes);
  let [at, length] = [0, 0];
  const next = (): number => {
    const byte = stream[at++];
    if (byte === undefined) {
      throw new FormatError('TRUNCATED', `adc: the stream ends after ${stream.length} bytes`);
    }
    return byte;
  };
  while (at < stream.length && length < maxBytes) {
    const code = next();
    if ((code & LITERAL) !== 0) {
      const count = (code & 0x7f) + 1;
      checkRoom(length, count, maxBytes);
      for (let i = 0; i < count; i++) output[length++] = next();
      continue;
    }
    const isLong = (code & LONG_COPY) !== 0;
    const count = isLong ? (code & 0x3f) + 4 : ((code & 0x3f) >> 2) + 3;
    const distance = (isLong ? next() * 256 : (code & 3) * 256) + next() + 1;
    checkRoom(length, count, maxBytes);
    if (distance > length) {
      const message = `adc: a copy goes ${distance} bytes back, behind only ${length}`;
      throw new FormatError('INVALID', message, { data: { distance, length } });
    }
    // Byte by byte: a copy may reach into itself.
    for (let i = 0; i < count; i++, length++) output[length] = output[length - distance] ?? 0;
  }
  return output.subarray(0, length);
}

function checkRoom(length: number, count: number, maxBytes: number): void {
  if (length + count <= maxBytes) return;
  throw new FormatError('LIMIT', `adc: the stream holds more than ${maxBytes} bytes`);
}
