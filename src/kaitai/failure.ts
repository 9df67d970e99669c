// The errors of generated parsers: each is a FormatError that names the field and the offset.
import { type ErrorCode, FormatError } from '../errors.js';

/** An integer as a generated parser has it: up to 32 bits wide a number, wider or computed a bigint. */
export type Int = number | bigint;

/** Where a check looks for the offset: a stream, or a record under the cursor. */
export interface Located {
  /** Offset in bytes, in the bytes that are parsed, of what was read last. */
  readonly _lastOffset: number;
}

type Value = Int | string | boolean | Uint8Array | undefined | object;

/** A failure at `offsetBytes` of the parsed bytes, in the field `where` (`Xfs.blockSize`). */
export function failure(
  code: ErrorCode,
  where: string,
  problem: string,
  offsetBytes: number,
): FormatError {
  return new FormatError(code, `${where} ${problem} (offset ${offsetBytes})`, {
    data: { field: where, offsetBytes },
  });
}

/** A `valid` that does not hold; `rule` reads on from the value: `is larger than 6`. */
export function invalid(where: string, value: Value, rule: string, at: Located): FormatError {
  return failure('INVALID', where, `${shown(value)} ${rule}`, at._lastOffset);
}

/** `contents` that are not there. */
export function badMagic(where: string, value: Value, at: Located): FormatError {
  return failure('BAD_MAGIC', where, `${shown(value)} is not the signature`, at._lastOffset);
}

/** A computation of a generated parser that has no value: a division by zero, an index that is not there. */
export function impossible(where: string, problem: string): FormatError {
  return new FormatError('INVALID', `${where}: ${problem}`, { data: { field: where } });
}

const MAX_SHOWN_BYTES = 16;
const MAX_SHOWN_CHARACTERS = 40;

/** A guest's value for a message: short, and without anything that a terminal would act on. */
function shown(value: Value): string {
  if (value instanceof Uint8Array) {
    const hex = Array.from(value.subarray(0, MAX_SHOWN_BYTES), (b) =>
      b.toString(16).padStart(2, '0'),
    );
    return `[${hex.join(' ')}${value.length > MAX_SHOWN_BYTES ? ' ...' : ''}]`;
  }
  if (typeof value === 'string') {
    const plain = value.slice(0, MAX_SHOWN_CHARACTERS).replace(/[^\x20-\x7e]/gu, '.');
    return `"${plain}"`;
  }
  return typeof value === 'object' ? 'this' : String(value);
}
