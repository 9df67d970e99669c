// The range check that every source makes before it reads.
import { FormatError } from '../errors.js';

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
