// What a decoder of copies has written so far, in memory of the size that the content may have.
import { FormatError } from '../../errors.js';

export interface Output {
  /** The word that messages begin with. */
  readonly format: string;
  readonly bytes: Uint8Array;
  length: number;
}

/** @throws FormatError LIMIT when there is no room for them. */
export function store(output: Output, bytes: Uint8Array): void {
  checkRoom(output, bytes.length);
  output.bytes.set(bytes, output.length);
  output.length += bytes.length;
}

/** Writes `count` bytes again that were written `distance` bytes before. @throws FormatError INVALID, LIMIT. */
export function repeat(output: Output, count: number, distance: number): void {
  if (count === 0) return;
  checkRoom(output, count);
  const { bytes, length, format } = output;
  if (distance < 1 || distance > length) {
    const message = `${format}: a copy goes ${distance} bytes back, behind only ${length}`;
    throw new FormatError('INVALID', message, { data: { distance, length } });
  }
  const from = length - distance;
  if (distance >= count) bytes.copyWithin(length, from, from + count);
  // Byte by byte: a copy may reach into itself.
  else for (let i = 0; i < count; i++) bytes[length + i] = bytes[from + i] ?? 0;
  output.length += count;
}

function checkRoom({ format, bytes, length }: Output, count: number): void {
  if (length + count <= bytes.length) return;
  throw new FormatError('LIMIT', `${format}: the stream holds more than ${bytes.length} bytes`);
}
