// A parser with a planted bug, by which a test sees that the fuzzer finds one: it lies behind three bytes that must be right
// one after the other, 2^24 tries away for whoever does not see how far an input came.
import type { ByteSource } from '../../src/bytes/source.js';
import { FormatError } from '../../src/errors.js';

const WORD = 'toy';

/** @throws FormatError for what is no toy; a TypeError, the bug, for one. */
export async function readToy(source: ByteSource): Promise<void> {
  const bytes = await source.read(0, Math.min(source.sizeBytes, 4));
  for (let i = 0; i < WORD.length; i++) {
    if (bytes[i] !== WORD.charCodeAt(i)) throw new FormatError('BAD_MAGIC', `no toy at ${i}`);
  }
  throw new TypeError('the planted bug');
}
