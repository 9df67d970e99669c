// The text of `virt-df diff`. On a terminal: a block for each filesystem. In a pipe a line a change: a letter, the bytes that
// differ, and the path behind the names of the guest and the device.
import type {
  ChangeKind,
  DiffChange,
  DiffFilesystem,
  DiffReport,
} from '../../queries/diff/record.js';
import { shownPath } from '../files/path.js';
import { together } from '../files/together.js';
import { formatCount, type SizeStyle } from '../human.js';
import { type Paint, painter } from '../paint.js';
import { clean, cutMiddle, ellipsisFor, inAscii, isolated, pad, wrapped } from '../text.js';

export interface DiffTextOptions {
  readonly style: SizeStyle;
  /** Laid out for a terminal. */
  readonly isTerminal: boolean;
  /** Columns of the terminal; null: nothing is cut or wrapped. */
  readonly width: number | null;
  readonly hasColor: boolean;
  readonly hasUnicode: boolean;
  readonly isAscii: boolean;
}

const LETTERS: Readonly<Record<ChangeKind, string>> = {
  added: 'A',
  removed: 'D',
  renamed: 'R',
  modified: 'M',
  metadata: 'm',
  replaced: 'X',
};
const SIZE_WIDTH = 7;
const GAP = '  ';

export function diffText(
  reports: readonly DiffReport[],
  options: DiffTextOptions,
): Iterable<string> {
  return together(options.isTerminal ? blocks(reports, options) : plain(reports, options));
}

function sizeOf({ bytesChanged }: DiffChange, { style }: DiffTextOptions): string {
  return bytesChanged === null ? '-' : formatCount(bytesChanged, style);
}

/** A path that moved has the old one before it. */
function pathOf({ path, from, belowCount }: DiffChange, before: string): string {
  const moved = from === null ? '' : `${before}${shownPath(from)} -> `;
  const below = belowCount === 0 ? '' : ` (and ${belowCount} below)`;
  return `${moved}${before}${shownPath(path)}${below}`;
}

function* plain(reports: readonly DiffReport[], options: DiffTextOptions): Generator<string> {
  const told = (text: string) => `${options.isAscii ? inAscii(text) : text}\n`;
  for (const { guest, filesystems } of reports) {
    for (const filesystem of filesystems) {
      const { record, changes } = filesystem;
      const name = `${clean(guest)}:${clean(record.device)}:`;
      const whole = wholeOf(filesystem);
      if (whole !== null) yield told(`${whole.letter}\t-\t${name} ${whole.text}`);
      for (const change of changes ?? []) {
        const path = pathOf(change, name);
        yield told(`${LETTERS[change.change]}\t${sizeOf(change, options)}\t${path}`);
      }
    }
  }
}

/** What is said of a filesystem as a whole. */
function wholeOf({ record, presence, problem }: DiffFilesystem) {
  if (problem !== null) return { letter: '-', text: `${problem.code}: ${clean(problem.message)}` };
  if (presence === 'both') return null;
  const type = record.type === null ? 'filesystem' : clean(record.type);
  const text = `the ${type} is only in the ${presence === 'added' ? 'new' : 'old'} state`;
  return { letter: presence === 'added' ? 'A' : 'D', text };
}

function* blocks(reports: readonly DiffReport[], options: DiffTextOptions): Generator<string> {
  const paint = painter(options.hasColor);
  let isFirst = true;
  for (const { guest, filesystems } of reports) {
    for (const filesystem of filesystems) {
      if (!isFirst) yield '\n';
      isFirst = false;
      yield* headLines(clean(guest), filesystem, options, paint);
      for (const change of filesystem.changes ?? []) yield drawn(change, options);
    }
  }
}

function told(text: string, { isAscii }: DiffTextOptions): string {
  return isolated(isAscii ? inAscii(text) : text);
}

function* headLines(
  guest: string,
  filesystem: DiffFilesystem,
  options: DiffTextOptions,
  paint: Paint,
): Generator<string> {
  const { record, changes } = filesystem;
  const type = record.type === null ? '' : clean(record.type);
  const name = [guest, clean(record.device), type].join(' ').trimEnd();
  const count = changes?.length ?? 0;
  const what = count === 0 ? 'no changes' : `${count} change${count === 1 ? '' : 's'}`;
  const whole = wholeOf(filesystem);
  yield `${paint.bold(told(name, options))}${whole === null ? `${GAP}${what}` : ''}\n`;
  if (whole === null) return;
  const text = told(whole.text, options);
  const { width } = options;
  const lines = width === null ? [text] : wrapped(text, Math.max(1, width - GAP.length));
  for (const line of lines) yield `${GAP}${line}\n`;
}

function drawn(change: DiffChange, options: DiffTextOptions): string {
  const { width, hasUnicode, isAscii } = options;
  const size = pad(sizeOf(change, options), SIZE_WIDTH, 'right');
  const before = `${LETTERS[change.change]}${size}${GAP}`;
  const text = pathOf(change, '');
  const room = width === null ? Number.POSITIVE_INFINITY : Math.max(1, width - before.length);
  const shown = cutMiddle(isAscii ? inAscii(text) : text, room, ellipsisFor(hasUnicode));
  return `${before}${isolated(shown)}\n`;
}
