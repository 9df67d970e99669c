// The lines below the table for a terminal: how much there is, the meaning of the mark, and the guests without a row.
import type { Row } from './row.js';
import { displayWidth } from './width.js';

/** More guests without a filesystem than this are only counted. */
const MAX_ABSENT = 50;

/** How many guests and filesystems there are, and the meaning of the marks. */
export function footer(rows: readonly Row[]): string[] {
  const failed = rows.filter(({ problem }) => problem !== null).length;
  const volumes = rows.filter(({ kind }) => kind === 'volume').length;
  const read = rows.length - failed - volumes;
  const others = volumes > 0 ? ` and ${counted(volumes, 'other volume')}` : '';
  const guests = new Set(rows.map(({ guest }) => guest)).size;
  const parts = [
    `${counted(read, 'filesystem')}${others} in ${counted(guests, 'guest')}`,
    ...(failed > 0 ? [counted(failed, 'problem')] : []),
  ];
  const hasDoubt = rows.some(({ doubts }) => doubts.length > 0);
  const mark = hasDoubt ? ['"~": numbers may lag or be off; --debug says why.'] : [];
  return [`${parts.join('; ')}.`, ...mark];
}

/** `No filesystem in a, b and 3 more guests.`, as many names as fit into a line. */
export function absent(names: readonly string[], width: number): string[] {
  if (names.length === 0) return [];
  const texts = names.slice(0, MAX_ABSENT).map((_, index) => {
    const rest = names.length - index - 1;
    const told = names.slice(0, index + 1).join(', ');
    return `No filesystem in ${told}${rest > 0 ? ` and ${counted(rest, 'more guest')}` : ''}.`;
  });
  const fitting = texts.findLast((text) => displayWidth(text) <= width);
  return [fitting ?? `No filesystem in ${counted(names.length, 'guest')}.`];
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
