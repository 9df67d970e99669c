// The text of `virt-df diff --why`: what an overlay holds, the largest first. Two sizes in each line, what is stored and what of it
// is other than in the base, then the file's path, or in parentheses what else it is.
import type { DiffReport, Overlay, OverlayPart } from '../../queries/diff/record.js';
import { shownPath } from '../files/path.js';
import { together } from '../files/together.js';
import { formatCount } from '../human.js';
import { painter } from '../paint.js';
import { clean, cutMiddle, ellipsisFor, inAscii, isolated, pad } from '../text.js';
import type { DiffTextOptions } from './text.js';

const SIZE_WIDTH = 7;
const GAP = '  ';
/** Files that a terminal shows one by one; the others are a line together. */
const MAX_SHOWN_FILES = 20;

export function overlayText(
  reports: readonly DiffReport[],
  options: DiffTextOptions,
): Iterable<string> {
  return together(options.isTerminal ? blocks(reports, options) : plain(reports, options));
}

function sizeOf(bytes: number | null, { style }: DiffTextOptions): string {
  if (bytes === null) return '-';
  return `${bytes < 0 ? '-' : ''}${formatCount(Math.abs(bytes), style)}`;
}

function wordsOf({ name, path, fileCount }: OverlayPart): string {
  if (path !== null) return shownPath(path);
  return fileCount === null ? `(${clean(name)})` : `(${clean(name)}: ${fileCount})`;
}

function* plain(reports: readonly DiffReport[], options: DiffTextOptions): Generator<string> {
  for (const { guest, overlay } of reports) {
    for (const part of bySize(overlay?.parts ?? [])) {
      const device = part.device === null ? '' : `${clean(part.device)}:`;
      const sizes = `${sizeOf(part.storedBytes, options)}\t${sizeOf(part.differingBytes, options)}`;
      const text = `${clean(guest)}:${device}${wordsOf(part)}`;
      yield `${sizes}\t${options.isAscii ? inAscii(text) : text}\n`;
    }
  }
}

function bySize(parts: readonly OverlayPart[]): readonly OverlayPart[] {
  return [...parts].sort((a, b) => b.storedBytes - a.storedBytes);
}

function* blocks(reports: readonly DiffReport[], options: DiffTextOptions): Generator<string> {
  const paint = painter(options.hasColor);
  for (const { guest, overlay } of reports) {
    if (overlay === null) continue;
    const paths = overlay.disks.map(({ path }) => clean(path)).join(', ');
    const head = isolated(
      options.isAscii ? inAscii(`${clean(guest)} ${paths}`) : `${clean(guest)} ${paths}`,
    );
    yield `${paint.bold(head)}${GAP}${sizeOf(overlay.dataBytes, options)}\n`;
    yield `${pad('stored', SIZE_WIDTH, 'right')}${pad('differs', SIZE_WIDTH + GAP.length, 'right')}\n`;
    for (const part of shortened(overlay)) yield drawn(part, options);
  }
}

/** The largest files, and one line for the others. */
function shortened({ parts }: Overlay): readonly OverlayPart[] {
  const files = bySize(parts.filter(({ path }) => path !== null));
  const rest = files.slice(MAX_SHOWN_FILES);
  const others = parts.filter(({ path }) => path === null);
  if (rest.length === 0) return bySize(parts);
  const sum = (sizeOfPart: (part: OverlayPart) => number) =>
    rest.reduce((bytes, part) => bytes + sizeOfPart(part), 0);
  const more: OverlayPart = {
    device: null,
    kind: 'file',
    name: 'more files that differ',
    path: null,
    storedBytes: sum(({ storedBytes }) => storedBytes),
    differingBytes: sum(({ differingBytes }) => differingBytes ?? 0),
    fileCount: rest.length,
  };
  return bySize([...files.slice(0, MAX_SHOWN_FILES), ...others, more]);
}

function drawn(part: OverlayPart, options: DiffTextOptions): string {
  const { width, hasUnicode, isAscii } = options;
  const stored = pad(sizeOf(part.storedBytes, options), SIZE_WIDTH, 'right');
  const differs = pad(sizeOf(part.differingBytes, options), SIZE_WIDTH, 'right');
  const before = `${stored}${GAP}${differs}${GAP}`;
  const text = part.device === null ? wordsOf(part) : `${clean(part.device)}: ${wordsOf(part)}`;
  const room = width === null ? Number.POSITIVE_INFINITY : Math.max(1, width - before.length);
  const shown = cutMiddle(isAscii ? inAscii(text) : text, room, ellipsisFor(hasUnicode));
  return `${before}${isolated(shown)}\n`;
}
