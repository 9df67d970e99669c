// Names of guests that look alike are told apart: `web` and `web` with a zero width or a blank more are two guests, and
// whoever names one may have copied the other's name.
// Reference: Unicode Standard Annex 15 (NFKC).
import { isUrl } from '../host/location.js';
import { printable } from '../validation/guest.js';
import type { GuestDefinition } from './guest.js';

/** So much of a name is shown where a number follows it. */
const MAX_NUMBERED_LENGTH = 200;

/**
 * The guests of one run. Names that print alike are spelled: `caf\u{e9}` and `cafe\u{301}`; those that look alike even
 * then are numbered: `disk`, `disk#2`. Guests of the very same name, in two libvirts for example, keep it.
 */
export function toldApart(guests: readonly GuestDefinition[]): readonly GuestDefinition[] {
  const names = guests.map(({ name }) => name);
  const identities = guests.map(identityOf);
  for (const group of alike(names, identities)) {
    for (const index of group) names[index] = spelled(names[index] ?? '');
  }
  for (const group of alike(names, identities)) number(group, names, identities);
  return guests.map((guest, index) => {
    const name = names[index] ?? guest.name;
    return name === guest.name
      ? guest
      : { ...guest, name, givenName: guest.givenName ?? guest.name };
  });
}

/** Two URLs may differ in what is never shown. */
function identityOf({ name, disks: [disk] }: GuestDefinition): string {
  const path = disk?.path ?? '';
  return isUrl(path) ? `${name}\0${path}` : name;
}

/** The indexes of guests whose names look the same although they are not. */
function alike(names: readonly string[], identities: readonly string[]): readonly number[][] {
  const groups = new Map<string, number[]>();
  for (const [index, name] of names.entries()) {
    const look = lookOf(name);
    const group = groups.get(look);
    if (group === undefined) groups.set(look, [index]);
    else group.push(index);
  }
  return [...groups.values()].filter(
    (group) => group.length > 1 && new Set(group.map((index) => identities[index])).size > 1,
  );
}

function lookOf(name: string): string {
  const shown = printable(name);
  if (/^[\x21-\x7e]*$/u.test(shown)) return shown;
  return shown.normalize('NFKC').replace(/ {2,}/gu, ' ').trim();
}

/** All but printable ASCII is spelled, and the blanks that nobody sees: those at the ends, and behind others. */
function spelled(name: string): string {
  return name.replace(/[^\x20-\x5b\x5d-\x7e]|^ | $|(?<= ) /gu, (character) => {
    return `\\u{${character.codePointAt(0)?.toString(16)}}`;
  });
}

function number(group: readonly number[], names: string[], identities: readonly string[]): void {
  const known = new Map<string, number>();
  for (const index of group) {
    const identity = identities[index] ?? '';
    const count = known.get(identity) ?? known.size + 1;
    known.set(identity, count);
    if (count === 1) continue;
    names[index] = `${printable(names[index] ?? '', MAX_NUMBERED_LENGTH)}#${count}`;
  }
}
