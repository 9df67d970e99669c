// The text of `virt-df du`. On a terminal: a block for each filesystem, its rows with bars. In a pipe a line a row, as du(1)
// has them: the size, a tab, and the path behind the names of the guest and the device.
import { type DuEntry, duEntries } from '../../queries/du/listing.js';
import type { DuFilesystem, DuReport } from '../../queries/du/record.js';
import { usePercent } from '../../queries/use-percent.js';
import { bar } from '../bar.js';
import { shownPath } from '../files/path.js';
import { together } from '../files/together.js';
import { formatCount, type SizeStyle } from '../human.js';
import { type Paint, painter } from '../paint.js';
import { clean, cutMiddle, ellipsisFor, inAscii, isolated, pad, wrapped } from '../text.js';

export interface DuTextOptions {
  readonly style: SizeStyle;
  /** --apparent-size: sizes of files instead of the space that they take. */
  readonly isApparent: boolean;
  /** Laid out for a terminal. */
  readonly isTerminal: boolean;
  /** Columns of the terminal; null: nothing is cut or wrapped. */
  readonly width: number | null;
  readonly hasColor: boolean;
  readonly hasUnicode: boolean;
  readonly isAscii: boolean;
}

/** A size and what has it. */
interface Line {
  readonly bytes: number;
  /** What no other file has; null where there is no such column, or no number for it. */
  readonly exclusiveBytes: number | null;
  readonly text: string;
}

export function duText(reports: readonly DuReport[], options: DuTextOptions): Iterable<string> {
  return together(options.isTerminal ? blocks(reports, options) : plain(reports, options));
}

function* linesOf({ listing, other }: DuFilesystem, options: DuTextOptions): Generator<Line> {
  if (listing !== null) for (const entry of duEntries(listing)) yield entryLine(entry, options);
  if (options.isApparent) return;
  for (const { allocatedBytes, name } of other) {
    yield { bytes: allocatedBytes, exclusiveBytes: null, text: `(${clean(name)})` };
  }
}

function entryLine(entry: DuEntry, { isApparent }: DuTextOptions): Line {
  const { totalBytes, totalSizeBytes, exclusiveBytes, path } = entry;
  const bytes = isApparent ? totalSizeBytes : totalBytes;
  return { bytes, exclusiveBytes, text: shownPath(path) };
}

function sizeOf(bytes: number, { style }: DuTextOptions): string {
  return `${bytes < 0 ? '-' : ''}${formatCount(Math.abs(bytes), style)}`;
}

function* plain(reports: readonly DuReport[], options: DuTextOptions): Generator<string> {
  const told = (text: string) => `${options.isAscii ? inAscii(text) : text}\n`;
  for (const { guest, filesystems } of reports) {
    for (const filesystem of filesystems) {
      const { record, problem } = filesystem;
      const name = `${clean(guest)}:${clean(record.device)}:`;
      if (problem !== null) yield told(`-\t${name} ${problem.code}: ${clean(problem.message)}`);
      for (const { bytes, text } of linesOf(filesystem, options)) {
        yield told(`${sizeOf(bytes, options)}\t${name}${text}`);
      }
    }
  }
}

const GAP = '  ';
const SIZE_WIDTH = 7;
const EXCLUSIVE_WIDTH = 8;
const PERCENT_WIDTH = 5;
const BAR_WIDTH = 10;
/** A terminal has no room for bars where paths would have less than this. */
const MIN_PATH_WIDTH = 24;

function* blocks(reports: readonly DuReport[], options: DuTextOptions): Generator<string> {
  const paint = painter(options.hasColor);
  let isFirst = true;
  for (const { guest, filesystems } of reports) {
    for (const filesystem of filesystems) {
      if (!isFirst) yield '\n';
      isFirst = false;
      yield* headLines(clean(guest), filesystem, options, paint);
      const wholeBytes = wholeOf(filesystem, options);
      const hasExclusive = !options.isApparent && (filesystem.listing?.totalShared.length ?? 0) > 0;
      if (hasExclusive)
        yield `${pad('SIZE', SIZE_WIDTH, 'right')}${pad('EXCL', EXCLUSIVE_WIDTH, 'right')}\n`;
      for (const line of linesOf(filesystem, options)) {
        yield drawn(line, wholeBytes, hasExclusive, options);
      }
    }
  }
}

function told(text: string, { isAscii }: DuTextOptions): string {
  return isolated(isAscii ? inAscii(text) : text);
}

function* headLines(
  guest: string,
  { record, problem }: DuFilesystem,
  options: DuTextOptions,
  paint: Paint,
): Generator<string> {
  const { style, width } = options;
  const { device, type, usedBytes, sizeBytes, availBytes } = record;
  const name = [guest, clean(device), type === null ? '' : clean(type)].join(' ').trimEnd();
  if (problem !== null) {
    const reason = told(`${problem.code}: ${clean(problem.message)}`, options);
    yield `${paint.bold(told(name, options))}\n`;
    const lines = width === null ? [reason] : wrapped(reason, Math.max(1, width - GAP.length));
    for (const [index, text] of lines.entries()) {
      const code = index === 0 ? problem.code : '';
      yield `${GAP}${paint.bad(code)}${text.slice(code.length)}\n`;
    }
    return;
  }
  const used = `${formatCount(usedBytes ?? 0, style)} of ${formatCount(sizeBytes ?? 0, style)}`;
  const percent = usePercent(usedBytes, availBytes);
  const full = percent === null ? '' : `, ${paint.usage(`${percent}%`, percent)}`;
  yield `${paint.bold(told(name, options))}${GAP}${used}${full}\n`;
}

/** All that the shares are of: df's used; of a path, or of sizes of files, what the top has. */
function wholeOf({ record, listing, other }: DuFilesystem, options: DuTextOptions): number {
  if (other.length > 0 && !options.isApparent) return record.usedBytes ?? 0;
  const top = options.isApparent ? listing?.totalSizes[0] : listing?.totalAllocated[0];
  return top ?? 0;
}

function drawn(
  { bytes, exclusiveBytes, text }: Line,
  wholeBytes: number,
  hasExclusive: boolean,
  options: DuTextOptions,
): string {
  const { width, hasUnicode } = options;
  const percent = wholeBytes === 0 ? 0 : Math.round((Math.max(0, bytes) / wholeBytes) * 100);
  const exclusive = exclusiveBytes === null ? '-' : sizeOf(exclusiveBytes, options);
  const column = hasExclusive ? pad(exclusive, EXCLUSIVE_WIDTH, 'right') : '';
  const size = `${pad(sizeOf(bytes, options), SIZE_WIDTH, 'right')}${column}`;
  const share = pad(`${percent}%`, PERCENT_WIDTH, 'right');
  const bars = pad(bar(percent, hasUnicode), BAR_WIDTH, 'left');
  const hasBars =
    width === null || width - size.length - PERCENT_WIDTH - BAR_WIDTH >= MIN_PATH_WIDTH;
  const before = hasBars ? `${size}${share}${GAP}${bars}${GAP}` : `${size}${GAP}`;
  const shown = options.isAscii ? inAscii(text) : text;
  const room = width === null ? Number.POSITIVE_INFINITY : Math.max(1, width - lengthOf(before));
  return `${before}${isolated(cutMiddle(shown, room, ellipsisFor(hasUnicode)))}\n`;
}

/** Bars and digits are a column each. */
function lengthOf(text: string): number {
  return [...text].length;
}
