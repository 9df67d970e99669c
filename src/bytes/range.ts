// The range check that every source makes before it reads.
import { FormatError } from '../errors.js';
import { MAX_READ_BYTES } from '../limits.js';

/** Throws OUT_OF_BOUNDS unless 0 <= offset, 0 <= length and offset + length <= sizeBytes, all exact integers. */
export function checkedRange(
  offsetBytes: number,
  lengthBytes: number,
  sizeBytes: number,
  what: string,
): void {
  if (
    !Number.isSafeInteger(offsetBytes) ||
    !Number.isSafeInteger(lengthBytes) ||
    offsetBytes < 0 ||
    lengthBytes < 0 ||
    lengthBytes > sizeBytes - offsetBytes
  ) {
    throw new FormatError(
      'OUT_OF_BOUNDS',
      `${what} of ${lengthBytes} bytes at ${offsetBytes} is outside of ${sizeBytes} bytes`,
      { data: { offsetBytes, lengthBytes, sizeBytes } },
    );
  }
}

/**
 * As `checkedRange`, for a source that puts the bytes together in memory: LIMIT if they are too many to lie there at
 * once.
 */
export function checkedRead(offsetBytes: number, lengthBytes: number, sizeBytes: number): void {
  checkedRange(offsetBytes, lengthBytes, sizeBytes, 'read');
  if (lengthBytes <= MAX_READ_BYTES) return;
  const message = `one read of ${lengthBytes} bytes is wanted; the limit is ${MAX_READ_BYTES}`;
  throw new FormatError('LIMIT', message, { data: { lengthBytes } });
}
