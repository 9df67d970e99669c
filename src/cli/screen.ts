// One poll in the place of the one before, on a terminal.
// References: ECMA-48 (CUP, EL, ED); xterm's control sequences (7: lines that go on in the next row)
import { clean, cutEnd } from '../report/text.js';

const DEFAULT_ROWS = 24;
const DEFAULT_COLUMNS = 80;

const HOME = '\u001b[H';
const CLEAR_ALL = '\u001b[2J';
const CLEAR_LINE_END = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';
/** A row that is too long is cut by the terminal: in two rows it would push the title away. */
const WITHOUT_WRAP = '\u001b[?7l';
const WITH_WRAP = '\u001b[?7h';

/** What draws a text from the top of a terminal of so many rows and columns, with a line above it. */
export function frame(
  text: string,
  title: string,
  { rows, columns, isFirst }: { rows: number; columns: number; isFirst: boolean },
): string {
  const lines = text.split('\n').slice(0, -1);
  // One row is the title's, and the last one stays empty, or the terminal would scroll.
  const room = Math.max(1, rows - 2);
  const cut = lines.length > room;
  const shown = cut ? lines.slice(0, room - 1) : lines;
  const rest = cut ? [`(${lines.length - shown.length} more lines)`] : [];
  const all = [cutEnd(clean(title), columns), ...shown, ...rest];
  const drawn = all.map((line) => `${line}${CLEAR_LINE_END}\n`).join('');
  return `${WITHOUT_WRAP}${isFirst ? CLEAR_ALL : ''}${HOME}${drawn}${CLEAR_BELOW}${WITH_WRAP}`;
}

/** A terminal that does not know its size says 0. */
export function screenOf(stdout: { readonly rows?: number; readonly columns?: number }) {
  return { rows: stdout.rows || DEFAULT_ROWS, columns: stdout.columns || DEFAULT_COLUMNS };
}

/** `12:30:01, every 2 s: 3 guests` */
export function pollTitle(watchSeconds: number, what: string): string {
  const now = new Date().toTimeString().slice(0, 8);
  return `${now}, every ${watchSeconds} s: ${what}`;
}
