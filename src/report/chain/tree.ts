// The text of `virt-df chain`: for each disk a tree from the active image down to its base. On a terminal it fits the
// width; in a pipe nothing is wrapped or cut, and the lines are ASCII.
import { basename, dirname } from 'node:path';
import type { ChainDisk, ChainReport, LayerRecord } from '../../queries/chain/record.js';
import { sizeTitle } from '../block-size.js';
import { formatCount, type SizeStyle } from '../human.js';
import { type Paint, painter } from '../paint.js';
import { clean, cutMiddle, ellipsisFor, inAscii, isolated, wrapped } from '../text.js';
import { displayWidth } from '../width.js';
import { type Fact, factsOf, formatOf } from './facts.js';
import { diskFacts } from './live-facts.js';

export interface TreeOptions {
  readonly style: SizeStyle;
  /** Columns of the terminal; null: lines are as long as they are. */
  readonly width: number | null;
  readonly hasColor: boolean;
  readonly hasUnicode: boolean;
  /** Letters that are not ASCII are spelled. */
  readonly isAscii?: boolean;
}

/** The strokes of the tree: `branch` in front of a layer, `trunk` or `blank` in front of the lines below it. */
interface Strokes {
  readonly branch: string;
  readonly trunk: string;
  readonly blank: string;
}

const UNICODE: Strokes = { branch: '└─ ', trunk: '│  ', blank: '   ' };
const ASCII: Strokes = { branch: '`- ', trunk: '|  ', blank: '   ' };
/** The share of the terminal's width that the tree's strokes may take: a chain may be 64 layers deep. */
const MAX_INDENT_SHARE = 0.25;
/** URLs with a query, which may hold a socket's path with slashes: they are never shortened to a name in a folder. */
const HAS_QUERY = /^[a-z][a-z+]*:\/\/[^?]*\?/u;
/** A name or a line of facts has at least so many columns. */
const MIN_ROOM = 16;
const SHORTEST = ' '.repeat(MIN_ROOM);

interface Drawing extends TreeOptions {
  readonly strokes: Strokes;
  readonly paint: Paint;
}

/** The whole text; a line for each guest that has no disk. */
export function chainTree(reports: readonly ChainReport[], options: TreeOptions): string {
  const strokes = options.hasUnicode ? UNICODE : ASCII;
  const drawing = { ...options, strokes, paint: painter(options.hasColor) };
  const blocks = reports.flatMap((report) => guestBlocks(report, drawing));
  const text = blocks.map((lines) => lines.map((line) => `${isolated(line.trimEnd())}\n`).join(''));
  const whole = unitNote(options.style, blocks.length) + text.join('\n');
  return options.isAscii ? inAscii(whole) : whole;
}

/** The line that names the unit of sizes, where the numbers carry no letter for it. */
function unitNote(style: SizeStyle, blockCount: number): string {
  const isSaid = style.autoscale || style.letter || blockCount === 0;
  return isSaid ? '' : `Sizes are in ${sizeTitle(style)}.\n\n`;
}

function guestBlocks(report: ChainReport, drawing: Drawing): (readonly string[])[] {
  const { guest, disks, problems } = report;
  if (disks.length > 0) return disks.map((disk) => diskLines(report, disk, drawing));
  const [problem] = problems;
  const reason = problem === undefined ? 'it has no disk' : `${problem.code}: ${problem.message}`;
  const line = `${drawing.paint.bold(clean(guest))}  ${clean(reason)}`;
  return [[line]];
}

function diskLines({ guest }: ChainReport, whole: ChainDisk, drawing: Drawing): string[] {
  const { disk, target, chain } = whole;
  const folder = chain.path === null || HAS_QUERY.test(chain.path) ? null : dirname(chain.path);
  const name = `${clean(guest)} ${clean(target ?? disk)}`;
  const title = cut(name, roomFor(SHORTEST, drawing), drawing);
  const place =
    folder === null ? '' : `  ${cut(clean(folder), roomFor(`${title}  `, drawing), drawing)}`;
  const below = diskFacts(whole, drawing.style).map(
    ({ phrases, isBad }): Fact => ({
      ...{ phrases: isBad ? phrases.flatMap((one) => one.split(' ')) : phrases },
      ...(isBad ? { separator: ' ', tone: 'bad' } : { separator: '  ', tone: 'plain' }),
    }),
  );
  return [
    drawing.paint.bold(title) + place,
    ...layerLines(chain, folder, 0, drawing),
    ...below.flatMap((fact) => factLines(fact, drawing.strokes.blank, drawing)),
  ];
}

function layerLines(
  layer: LayerRecord,
  folder: string | null,
  depth: number,
  drawing: Drawing,
): string[] {
  const { strokes, paint } = drawing;
  const { backing } = layer;
  const indent = strokes.blank.repeat(Math.min(depth, maxDepth(drawing)));
  const head = indent + strokes.branch;
  const margin = indent + strokes.blank + (backing === null ? strokes.blank : strokes.trunk);
  const format = cut(formatOf(layer), roomFor(`${head}${SHORTEST}  `, drawing), drawing);
  const name = cut(nameIn(folder, layer.path), roomFor(`${head}  ${format}`, drawing), drawing);
  const facts = factsOf(layer, {
    size: (bytes) => (bytes === null ? '-' : formatCount(bytes, drawing.style)),
    nameOf: (path) => nameIn(folder, path),
  });
  return [
    `${head}${paint.bold(name)}  ${format}`,
    ...facts.flatMap((fact) => factLines(fact, margin, drawing)),
    ...(backing === null ? [] : layerLines(backing, folder, depth + 1, drawing)),
  ];
}

/** Names beside the active image are short; others are whole paths. */
function nameIn(folder: string | null, path: string | null): string {
  if (path === null) return '-';
  return clean(folder !== null && dirname(path) === folder ? basename(path) : path);
}

/** The phrases of a fact, as many on a line as fit. */
function factLines({ phrases, separator, tone }: Fact, margin: string, drawing: Drawing): string[] {
  const room = roomFor(`${margin}${separator.trimEnd()}`, drawing) ?? Number.POSITIVE_INFINITY;
  const lines: string[] = [];
  let line = '';
  // A reason is told in whole.
  const fitting = phrases.flatMap((whole) =>
    tone === 'bad' ? wrapped(whole, room) : cut(whole, room, drawing),
  );
  for (const phrase of fitting) {
    const longer = line === '' ? phrase : line + separator + phrase;
    if (line !== '' && displayWidth(longer) > room) {
      lines.push(line + separator.trimEnd());
      line = phrase;
    } else line = longer;
  }
  const painted = (text: string) => (tone === 'bad' ? drawing.paint.bad(text) : text);
  return [...lines, line].map((text) => margin + painted(text));
}

function maxDepth({ width, strokes }: Drawing): number {
  if (width === null) return Number.POSITIVE_INFINITY;
  return Math.floor((width * MAX_INDENT_SHARE) / strokes.blank.length);
}

/** Columns that are left beside a text; null: as many as wanted. */
function roomFor(beside: string, { width }: Drawing): number | null {
  return width === null ? null : Math.max(MIN_ROOM, width - displayWidth(beside));
}

function cut(text: string, room: number | null, { hasUnicode }: Drawing): string {
  return room === null ? text : cutMiddle(text, room, ellipsisFor(hasUnicode));
}
