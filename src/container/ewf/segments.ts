// The names of the files behind the first: .E02 to .E99, then .EAA to .EZZ, .FAA and so on to .ZZZ.
// References: J. Metz, "Expert Witness Compression Format specification", section "Segment file".
import { basename } from 'node:path';

const LETTERS = 26;
const FIRST_LETTERED = 100;

/** Each name is asked for only if the segment before it says that another follows. */
export function* segmentNames(path: string): Generator<string> {
  const first = basename(path);
  const [, stem, letter] = /^(.*\.)([A-Za-z])01$/su.exec(first) ?? [];
  if (stem === undefined || letter === undefined) return;
  const isUpper = letter === letter.toUpperCase();
  const start = letter.toUpperCase().charCodeAt(0) - 65;
  for (let number = 2; number < FIRST_LETTERED; number++) {
    yield `${stem}${letter}${String(number).padStart(2, '0')}`;
  }
  for (let i = 0; start + Math.floor(i / LETTERS ** 2) < LETTERS; i++) {
    const ending = [
      start + Math.floor(i / LETTERS ** 2),
      Math.floor(i / LETTERS) % LETTERS,
      i % LETTERS,
    ]
      .map((index) => String.fromCharCode(65 + index))
      .join('');
    yield stem + (isUpper ? ending : ending.toLowerCase());
  }
}
