// Paths of guests' files in outputs: exact for machines, safe for people.
import type { GuestPath } from '../../queries/files/guest-path.js';
import { clean } from '../text.js';

/** Text that stands in JSON as it is. */
const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/u;
/** What a terminal obeys or does not show: it is escaped, so that JSON on a terminal harms nothing, and stays what it is. */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}\p{DI}]/gu;

export function jsonText(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  return JSON.stringify(text).replace(UNSEEN, (letter) =>
    Array.from({ length: letter.length }, (_, at) => escaped(letter.charCodeAt(at))).join(''),
  );
}

function escaped(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`;
}

/** `"path":"/home"`; where the bytes are no UTF-8 also `path_bytes`, which are they in base64. */
export function pathFields({ text, bytes }: GuestPath): string {
  const path = `"path":${jsonText(text)}`;
  return bytes === null ? path : `${path},"path_bytes":"${Buffer.from(bytes).toString('base64')}"`;
}

/** For a terminal. */
export function shownPath({ text }: GuestPath): string {
  return clean(text);
}
