// Files that the user names to be read whole: a list, an earlier answer.
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { UsageError } from '../errors.js';
import { MIB } from '../limits.js';
import { clean } from '../report/text.js';

export const STDIN = 0;

/**
 * All of a file, or of standard input, as UTF-8.
 * @param flag which names it: `--since`.
 * @throws UsageError USAGE if it cannot be read, or is longer than `maxBytes`.
 */
export function givenText(file: string | typeof STDIN, flag: string, maxBytes: number): string {
  const name = file === STDIN ? 'standard input' : clean(file);
  let bytes: Buffer;
  try {
    bytes = file === STDIN ? bytesOf(STDIN, maxBytes) : bytesOfFile(file, maxBytes);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError('USAGE', `${flag}: ${name} cannot be read: ${clean(why)}`);
  }
  if (bytes.length <= maxBytes) return bytes.toString('utf8');
  throw new UsageError('USAGE', `${flag}: ${name} has more than ${maxBytes} bytes`);
}

/** Nothing else than a file has an end, and gives its bytes at once. */
function bytesOfFile(path: string, maxBytes: number): Buffer {
  if (!statSync(path).isFile()) throw new Error('it is no regular file');
  const file = openSync(path, 'r');
  try {
    return bytesOf(file, maxBytes);
  } finally {
    closeSync(file);
  }
}

/** No more than one byte beyond the limit. */
function bytesOf(file: number, maxBytes: number): Buffer {
  const parts: Buffer[] = [];
  let left = maxBytes + 1;
  while (left > 0) {
    const part = Buffer.alloc(Math.min(left, MIB));
    const count = readSync(file, part, 0, part.length, null);
    if (count === 0) break;
    parts.push(part.subarray(0, count));
    left -= count;
  }
  return Buffer.concat(parts);
}
