// The columns that a text takes on a terminal: of ASCII its length, of other letters what Unicode says.
// References: Unicode Standard Annex 11 (East Asian Width), Annex 29 (grapheme clusters), wcwidth(3).
import { eastAsianWidth } from 'get-east-asian-width';

const ASCII = /^[\x20-\x7e]*$/u;

// The classes of Unicode stand where they are used, since a start would compute those of constants.

/** Marks above and below other letters, and the isolates that `isolated` sets; `clean` leaves nothing else of this kind. */
function hasNoWidth(character: string): boolean {
  return /^[\p{Mn}\p{Me}\u2068\u2069]/u.test(character);
}

/** A skin is a part of the person before it, a vowel or final of the Korean syllable that it ends. */
function isPart(character: string): boolean {
  return /^[\p{Emoji_Modifier}\u1160-\u11ff\ud7b0-\ud7ff]/u.test(character);
}

/** Whether every letter takes one column. */
export function isAscii(text: string): boolean {
  return ASCII.test(text);
}

/** The columns that a text takes on a terminal. */
export function displayWidth(text: string): number {
  if (isAscii(text)) return text.length;
  return letters(text).reduce((width, letter) => width + letterWidth(letter), 0);
}

/** What a reader takes for letters: one with its marks, a flag, a syllable. None of them is ever cut. */
export function letters(text: string): readonly string[] {
  if (isAscii(text)) return [...text];
  return Array.from(new Intl.Segmenter('en').segment(text), ({ segment }) => segment);
}

export function letterWidth(letter: string): number {
  let width = 0;
  for (const character of letter) {
    if (hasNoWidth(character) || (width > 0 && isPart(character))) continue;
    width += eastAsianWidth(character.codePointAt(0) ?? 0);
  }
  return width;
}
