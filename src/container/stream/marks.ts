// The marks of a stream, as many as fit: with each that is too much, those are kept that lie twice as far apart.
import { lastAtMost } from '../../bytes/search.js';
import { MAX_MARK_BYTES, MIB } from '../../limits.js';
import type { Mark } from './cursor.js';

export interface Marks<M extends Mark> {
  /** The last one at or before an offset; null: the stream's beginning is. */
  before(offsetBytes: number): M | null;
  /** Whether one at the offset would be of use. */
  wants(offsetBytes: number): boolean;
  add(mark: M): void;
}

const FIRST_SPACING_BYTES = MIB;

export function marksOf<M extends Mark>(maxBytes = MAX_MARK_BYTES): Marks<M> {
  let marks: M[] = [];
  let heldBytes = 0;
  let spacingBytes = FIRST_SPACING_BYTES;
  const lastBytes = () => marks.at(-1)?.offsetBytes ?? 0;
  return {
    before(offset) {
      const index = lastAtMost(offset, marks.length, (i) => marks[i]?.offsetBytes);
      const mark = marks[index];
      return mark !== undefined && mark.offsetBytes <= offset ? mark : null;
    },
    wants: (offset) => offset >= lastBytes() + spacingBytes,
    add(mark) {
      marks.push(mark);
      heldBytes += mark.heldBytes;
      while (heldBytes > maxBytes && marks.length > 1) {
        spacingBytes *= 2;
        marks = thinned(marks, spacingBytes);
        heldBytes = marks.reduce((sum, one) => sum + one.heldBytes, 0);
      }
    },
  };
}

function thinned<M extends Mark>(marks: readonly M[], spacingBytes: number): M[] {
  const kept: M[] = [];
  for (const mark of marks) {
    const last = kept.at(-1)?.offsetBytes ?? 0;
    if (mark.offsetBytes >= last + spacingBytes) kept.push(mark);
  }
  return kept;
}
