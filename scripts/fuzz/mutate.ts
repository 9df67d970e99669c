// New inputs of those that were worth keeping: damaged as test/hostile damages images, spliced, and given the numbers that
// the program compares with.

import { CONTENT_KINDS, mutate, type Range } from '../../test/hostile/mutations.js';
import type { Seal } from '../../test/hostile/seal.js';
import { type Input, inputBytes, MAX_INPUT_BYTES, type Piece } from './input.js';
import { type InputEditor, inputEditor } from './input-editor.js';
import { mend } from './mend.js';

export type Next = (limit: number) => number;

/** An input that is kept. */
export interface Kept {
  readonly input: Input;
  /** The seed that it came of, which has its checksums. */
  readonly root: Input;
  readonly milliseconds: number;
}

/** Numbers of the sources, which are likely to be compared with what an input holds: magic numbers, types, limits. */
export type Dictionary = readonly bigint[];

const MAX_ROUNDS = 4;

/** Three in four with their checksums right again. */
export function mutated(
  kept: Kept,
  other: Kept,
  next: Next,
  { dictionary, seals }: { readonly dictionary: Dictionary; readonly seals: readonly Seal[] },
): Input {
  const start = next(12) === 0 ? spliced(kept.input, other.input, next) : kept.input;
  const editor = inputEditor(start);
  const ranges = rangesOf(start);
  // One change alone is what takes a step; several are what takes a jump.
  const rounds = next(2) === 0 ? 1 : 1 + next(MAX_ROUNDS);
  for (let left = rounds; left > 0; left--) {
    const choice = next(8);
    if (choice === 0 && dictionary.length > 0) number(editor, ranges, next, dictionary);
    else if (choice < 3) digit(editor, ranges, next);
    else mutate(editor, ranges, next, CONTENT_KINDS);
  }
  if (next(4) !== 0) mend(editor, seals);
  return editor.input();
}

function rangesOf({ pieces, sizeBytes }: Input): readonly Range[] {
  if (pieces.length === 0) return [[0, Math.max(1, Math.min(sizeBytes, 512))]];
  return pieces.map(({ offsetBytes, bytes }) => [offsetBytes, bytes.length]);
}

/** One byte anywhere in the pieces becomes any other. */
function digit(editor: InputEditor, ranges: readonly Range[], next: Next): void {
  editor.write(anywhere(ranges, next, 1), Uint8Array.of(next(256)));
}

function number(
  editor: InputEditor,
  ranges: readonly Range[],
  next: Next,
  dictionary: Dictionary,
): void {
  const value = dictionary[next(dictionary.length)] ?? 0n;
  const width = value > 0xffff_ffffn ? 8 : value > 0xffffn ? [4, 8][next(2)] : [2, 4, 8][next(3)];
  const hex = Buffer.from(value.toString(16).padStart((width ?? 4) * 2, '0'), 'hex');
  editor.write(anywhere(ranges, next, width ?? 4), next(2) === 0 ? hex : hex.reverse());
}

/** A multiple of the unit from the beginning of a range, so that fields are hit. */
function anywhere(ranges: readonly Range[], next: Next, unit: number): number {
  const [offset, length] = ranges[next(ranges.length)] ?? [0, 1];
  return offset + Math.floor(next(Math.max(1, length)) / unit) * unit;
}

/** The pieces of one up to some place, and those of the other behind it. */
function spliced(one: Input, other: Input, next: Next): Input {
  const cut = one.pieces[next(Math.max(1, one.pieces.length))]?.offsetBytes ?? 0;
  const pieces: Piece[] = one.pieces.filter(({ offsetBytes }) => offsetBytes < cut);
  const last = pieces.at(-1);
  const end = last === undefined ? 0 : last.offsetBytes + last.bytes.length;
  let room = MAX_INPUT_BYTES - inputBytes({ sizeBytes: 0, pieces });
  for (const piece of other.pieces) {
    if (piece.offsetBytes <= end || piece.bytes.length > room) continue;
    room -= piece.bytes.length;
    pieces.push(piece);
  }
  return { sizeBytes: next(2) === 0 ? one.sizeBytes : other.sizeBytes, pieces };
}
