// The text of `virt-df du`: for each filesystem its directories and files with their sizes, and what else its used space is.
import { type DuEntry, duEntries } from '../../queries/du/listing.js';
import type { DuFilesystem, DuReport } from '../../queries/du/record.js';
import { formatCount, type SizeStyle } from '../human.js';
import { type Paint, painter } from '../paint.js';
import { clean, inAscii, isolated, pad } from '../text.js';
import { shownPath } from './path.js';

export interface DuTextOptions {
  readonly style: SizeStyle;
  /** --apparent-size: sizes of files instead of the space that they take. */
  readonly isApparent: boolean;
  /** Columns of the terminal; null: lines are as long as they are. */
  readonly width: number | null;
  readonly hasColor: boolean;
  readonly hasUnicode: boolean;
  readonly isAscii: boolean;
}

/** A size and what has it. */
interface Line {
  readonly bytes: number;
  readonly text: string;
}

export function* duText(reports: readonly DuReport[], options: DuTextOptions): Generator<string> {
  const paint = painter(options.hasColor);
  for (const { guest, filesystems } of reports) {
    for (const filesystem of filesystems) {
      yield told(headOf(guest, filesystem, options, paint), options);
      for (const line of linesOf(filesystem, options)) yield told(drawn(line, options), options);
    }
  }
}

function told(text: string, { isAscii }: DuTextOptions): string {
  return `${isolated(isAscii ? inAscii(text) : text)}\n`;
}

function headOf(
  guest: string,
  { record, problem }: DuFilesystem,
  { style }: DuTextOptions,
  paint: Paint,
): string {
  const { device, type, usedBytes, sizeBytes } = record;
  const name = paint.bold(
    `${clean(guest)} ${clean(device)}${type === null ? '' : ` ${clean(type)}`}`,
  );
  if (problem !== null) return `${name}  ${paint.bad(problem.code)}: ${clean(problem.message)}`;
  if (usedBytes === null || sizeBytes === null) return name;
  return `${name}  ${formatCount(usedBytes, style)} of ${formatCount(sizeBytes, style)}`;
}

function* linesOf({ listing, other }: DuFilesystem, options: DuTextOptions): Generator<Line> {
  if (listing !== null) for (const entry of duEntries(listing)) yield entryLine(entry, options);
  if (options.isApparent) return;
  for (const { allocatedBytes, name } of other) yield { bytes: allocatedBytes, text: `(${name})` };
}

function entryLine(entry: DuEntry, { isApparent }: DuTextOptions): Line {
  const { totalBytes, totalSizeBytes } = entry;
  return { bytes: isApparent ? totalSizeBytes : totalBytes, text: shownPath(entry.path) };
}

const SIZE_WIDTH = 10;

function drawn({ bytes, text }: Line, { style }: DuTextOptions): string {
  const size = `${bytes < 0 ? '-' : ''}${formatCount(Math.abs(bytes), style)}`;
  return `${pad(size, SIZE_WIDTH, 'right')}  ${text}`;
}
