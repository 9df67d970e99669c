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
  const message = `${inWords(where)} ${problem} (at byte ${offsetBytes} of what is read)`;
  return [message, { data: { field: where, offsetBytes } }];
}

/** A computation of a parser that has no value: a division by zero, an index that is not there. */
export function impossible(where: string, problem: string): FormatError {
  return new FormatError('INVALID', `${inWords(where)}: ${problem}`, { data: { field: where } });
}

/** A computation whose value is larger than any that a parser needs. */
export function beyond(where: string, problem: string): FormatError {
  return new FormatError('LIMIT', `${inWords(where)} ${problem}`, { data: { field: where } });
}

/** Beginnings of fields' names in the specifications. */
const BEGINNINGS: ReadonlyMap<string, string> = new Map([
  ['len', 'length of'],
  ['num', 'number of'],
  ['ofs', 'offset of'],
]);

/** A parser's field for people: `BtrfsSystemChunk.lenStripe` is `btrfs system chunk: length of stripe`. */
function inWords(where: string): string {
  const parser = /^(?<structure>[A-Z]\w*)\.(?<field>\w+)$/u.exec(where)?.groups;
  if (parser === undefined) return where;
  const { structure = '', field = '' } = parser;
  const [first = '', ...rest] = wordsOf(field);
  const beginning = rest.length > 0 ? BEGINNINGS.get(first) : undefined;
  return `${wordsOf(structure).join(' ')}: ${[beginning ?? first, ...rest].join(' ')}`;
}

function wordsOf(name: string): readonly string[] {
  return name.split(/(?<=[a-z0-9])(?=[A-Z])/u).map((word) => word.toLowerCase());
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
