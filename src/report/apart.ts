// Names cut to so many columns that stay different from each other: `ntfs-compressed.qcow2` and `ntfs-sparse.qcow2` lose what
// they have in common, so that what tells them apart stays.
import { cutEnd, cutMiddle, head, tail } from './text.js';
import { displayWidth, letters } from './width.js';

/** Names that are still alike after so many rounds get numbers. */
const MAX_ROUNDS = 12;
/** So many columns of what names have in common are kept on each side, where there is room. */
const MAX_CONTEXT = 6;

/** The text that stands for each of the names; two different names never have the same. */
export function cutApart(
  names: readonly string[],
  width: number,
  ellipsis: string,
): ReadonlyMap<string, string> {
  const all = [...new Set(names)];
  const texts = new Map(all.map((name) => [name, name]));
  let alike = [all.filter((name) => displayWidth(name) > width)];
  for (let round = 0; alike.length > 0 && round < MAX_ROUNDS; round += 1) {
    for (const group of alike) {
      for (const [name, text] of cutGroup(group, width, ellipsis)) texts.set(name, text);
    }
    alike = clashes(texts);
  }
  return numbered(texts, alike, width, ellipsis);
}

/** The groups of names that are cut to the same text. */
function clashes(texts: ReadonlyMap<string, string>): string[][] {
  const groups = new Map<string, string[]>();
  for (const [name, text] of texts) {
    const group = groups.get(text);
    if (group === undefined) groups.set(text, [name]);
    else group.push(name);
  }
  return [...groups.values()].filter((group) => group.length > 1);
}

/** Each name without what all of the group begin and end with, as far as that is needed. */
function cutGroup(
  group: readonly string[],
  width: number,
  ellipsis: string,
): readonly (readonly [string, string])[] {
  const [only, ...others] = group;
  if (only === undefined) return [];
  if (others.length === 0) return [[only, cutMiddle(only, width, ellipsis)]];
  const before = commonStart(group);
  const after = commonStart(group.map((name) => reversed(name.slice(before.length))));
  const end = reversed(after);
  const owns = group.map((name) => name.slice(before.length, name.length - end.length));
  const longest = Math.max(...owns.map(displayWidth));
  const start = context(before, width - longest - displayWidth(ellipsis), ellipsis, 'start');
  const room = width - longest - displayWidth(start);
  const rest = context(end, room, ellipsis, 'end');
  const ownRoom = width - displayWidth(start) - displayWidth(rest);
  return group.map((name, index) => [
    name,
    // Nothing of its own: `web…` rather than `web……`.
    (start + cutMiddle(owns[index] ?? '', ownRoom, ellipsis) + rest).replace(
      ellipsis + ellipsis,
      ellipsis,
    ),
  ]);
}

/** As much of what names have in common as there is room for beside their own parts. */
function context(text: string, room: number, ellipsis: string, side: 'start' | 'end'): string {
  const least = displayWidth(ellipsis);
  if (displayWidth(text) <= Math.max(least, Math.min(room, MAX_CONTEXT))) return text;
  const kept = Math.min(room, MAX_CONTEXT) - least;
  if (kept <= 0) return ellipsis;
  return side === 'start' ? head(text, kept) + ellipsis : ellipsis + tail(text, kept);
}

function commonStart(names: readonly string[]): string {
  const [first = [], ...others] = names.map(letters);
  const isAlike = (letter: string, at: number) => others.every((other) => other[at] === letter);
  const count = first.findIndex((letter, at) => !isAlike(letter, at));
  return first.slice(0, count === -1 ? first.length : count).join('');
}

function reversed(text: string): string {
  return [...letters(text)].reverse().join('');
}

/** The last resort, for names that differ in many places: `web-…#2`. */
function numbered(
  texts: ReadonlyMap<string, string>,
  alike: readonly (readonly string[])[],
  width: number,
  ellipsis: string,
): ReadonlyMap<string, string> {
  const result = new Map(texts);
  const taken = new Set(texts.values());
  let number = 0;
  for (const name of alike.flat()) {
    let text: string;
    do {
      number += 1;
      const mark = `#${number}`;
      text = cutEnd(name, width - mark.length, ellipsis) + mark;
    } while (taken.has(text));
    taken.add(text);
    result.set(name, text);
  }
  return result;
}
