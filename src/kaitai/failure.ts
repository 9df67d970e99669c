// The messages of parsers' errors: each error is a FormatError that names the field and the offset.
// References: src/kaitai/errors.ts has those that Kaitai knows as well.
import { type ErrorCode, type ErrorData, FormatError } from '../errors.js';

/** An integer as a generated parser has it: up to 32 bits wide a number, wider or computed a bigint. */
export type Int = number | bigint;

/** Where a check looks for the offset: a stream, or a record under the cursor. */
export interface Located {
  /** Offset of the field that was read last, in the bytes that are parsed. */
  readonly _lastOffset: number;
}

/** Stands for the field in the message of a read that names none, as those of the plain compiler's code do. */
const UNNAMED = 'the stream';

/** A failure at `offsetBytes` of the parsed bytes, in the field `where` (`Xfs.blockSize`). */
export function failure(
  code: ErrorCode,
  where: string | undefined,
  problem: string,
  offsetBytes: number,
): FormatError {
  return new FormatError(code, ...placed(where, problem, offsetBytes));
}

/** The message and the data of a failure. */
export function placed(
  where: string = UNNAMED,
  problem: string,
  offsetBytes: number,
): readonly [message: string, options: { readonly data: ErrorData }] {
  return [`${where} ${problem} (offset ${offsetBytes})`, { data: { field: where, offsetBytes } }];
}

/** A computation of a parser that has no value: a division by zero, an index that is not there. */
export function impossible(where: string, problem: string): FormatError {
  return new FormatError('INVALID', `${where}: ${problem}`, { data: { field: where } });
}

/** A computation whose value is larger than any that a parser needs. */
export function beyond(where: string, problem: string): FormatError {
  return new FormatError('LIMIT', `${where} ${problem}`, { data: { field: where } });
}

const MAX_SHOWN_BYTES = 16;
const MAX_SHOWN_CHARACTERS = 40;

/** A guest's value for a message: short, and without anything that a terminal would act on. */
export function shown(value: unknown): string {
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
