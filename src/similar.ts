// Words that a user may have meant, for the message about one that means nothing. Only messages load this.
// References: Wagner, Lowrance, "An Extension of the String-to-String Correction Problem" (1975): the distance counts
// letters changed, added, left out, and neighbours swapped, so `--jsno` is one step from `--json`.

/** A longer word is no mistyped one, and comparing it takes long. */
const MAX_LENGTH = 64;
const MAX_NAMED = 3;

/** `; did you mean web1 or web2?`, or nothing where no known word is close. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const words = similar(word, known);
  if (words.length === 0) return '';
  const last = words.at(-1) ?? '';
  const others = words.slice(0, -1);
  return `; did you mean ${others.length === 0 ? last : `${others.join(', ')} or ${last}`}?`;
}

/** The known words that are nearest to one, the nearest first; a beginning of three letters is near (`use` to `used`). */
function similar(word: string, known: Iterable<string>): readonly string[] {
  const typed = word.toLowerCase();
  if (typed.length < 2 || typed.length > MAX_LENGTH) return [];
  const limit = Math.max(1, Math.floor(typed.length / 3));
  const near: { readonly name: string; readonly steps: number }[] = [];
  for (const name of new Set(known)) {
    const steps = stepsTo(typed, name.toLowerCase(), limit);
    if (name !== word && steps <= limit) near.push({ name, steps });
  }
  const least = Math.min(...near.map(({ steps }) => steps));
  const nearest = near.filter(({ steps }) => steps === least).map(({ name }) => name);
  return nearest.slice(0, MAX_NAMED);
}

function stepsTo(typed: string, name: string, limit: number): number {
  if (typed.length >= 3 && name.startsWith(typed)) return 1;
  if (name.length > MAX_LENGTH || Math.abs(name.length - typed.length) > limit) return Infinity;
  return distance([...typed], [...name]);
}

/** The optimal string alignment distance. */
function distance(a: readonly string[], b: readonly string[]): number {
  let [before, above]: [number[], number[]] = [[], b.map((_, j) => j + 1)];
  above.unshift(0);
  for (const [i, letter] of a.entries()) {
    const row = [i + 1];
    for (const [j, other] of b.entries()) {
      const [left = 0, up = 0, corner = 0] = [row[j], above[j + 1], above[j]];
      const same = Math.min(left + 1, up + 1, corner + Number(letter !== other));
      const isSwapped = i > 0 && j > 0 && letter === b[j - 1] && a[i - 1] === other;
      row.push(isSwapped ? Math.min(same, (before[j - 1] ?? 0) + 1) : same);
    }
    [before, above] = [above, row];
  }
  return above[b.length] ?? 0;
}
