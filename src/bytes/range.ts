// The range check that every source makes before it reads.
import { FormatError } from '../errors.js';
import { MAX_READ_BYTES } from '../limits.js';

/** `what` begins the message. Throws OUT_OF_BOUNDS unless 0 <= offset, 0 <= length and offset + length <= sizeBytes, all exact integers. */
export function checkedRange(
  offsetBytes: number,
  lengthBytes: number,
  sizeBytes: number,
  what?: string,
): void {
  if (
    !Number.isSafeInteger(offsetBytes) ||
    !Number.isSafeInteger(lengthBytes) ||
    offsetBytes < 0 ||
    lengthBytes < 0 ||
    lengthBytes > sizeBytes - offsetBytes
  ) {
    const range = { offsetBytes, lengthBytes, sizeBytes };
    const words = what === undefined ? '' : `${what}: `;
    throw new FormatError('OUT_OF_BOUNDS', words + problemOf(range), { data: range });
  }
}

/**
 * As `checkedRange`, for a source that puts the bytes together in memory: LIMIT if they are too many to lie there at
 * once.
 */
export function checkedRead(offsetBytes: number, lengthBytes: number, sizeBytes: number): void {
  checkedRange(offsetBytes, lengthBytes, sizeBytes);
  if (lengthBytes <= MAX_READ_BYTES) return;
  const message = `one read of ${lengthBytes} bytes is wanted; the limit is ${MAX_READ_BYTES}`;
  throw new FormatError('LIMIT', message, { data: { lengthBytes } });
}

function problemOf({ offsetBytes, lengthBytes, sizeBytes }: Readonly<Record<string, number>>) {
  if (Number(offsetBytes) < 0 || Number(lengthBytes) < 0) return 'bytes that cannot be are named';
  return `${lengthBytes} bytes at byte ${offsetBytes} are named, but there are only ${sizeBytes} bytes`;
}
