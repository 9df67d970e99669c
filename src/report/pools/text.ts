// The text of `virt-df pools`: a row for each filesystem of this host that holds images, and what is to know of it.
import type { Pool, PoolsReport } from '../../queries/pools/record.js';
import { usePercent } from '../../queries/use-percent.js';
import { formatCount } from '../human.js';
import { notedLines } from '../noted-lines.js';
import { type Levels, painter } from '../paint.js';
import type { ReclaimTextOptions } from '../reclaim/text.js';
import { clean, inAscii, isolated, wrapped } from '../text.js';
import { poolNotes } from './notes.js';

export interface PoolsTextOptions extends ReclaimTextOptions {
  readonly levels: Levels;
  readonly hasReclaimable: boolean;
}

const TITLES = ['Mounted on', 'Type', 'Size', 'Used', 'Avail', 'Use%', 'Guests', 'Images'];
const MORE_TITLES = ['Virtual', 'In use', 'Growth'];
const PERCENT_COLUMN = 5;
/** Columns of text; numbers follow. */
const TEXT_COLUMNS = 2;

export function poolsText(
  reports: readonly PoolsReport[],
  pools: readonly Pool[],
  options: PoolsTextOptions,
): string {
  const titles = [...TITLES, ...MORE_TITLES, ...(options.hasReclaimable ? ['Reclaimable'] : [])];
  const { usage } = painter(options.hasColor, options.levels);
  const rows = pools.map((pool) => ({
    cells: cellsOf(pool, options),
    note: '',
    paint: (cell: string, column: number) =>
      column === PERCENT_COLUMN ? usage(cell, percentOf(pool)) : cell,
  }));
  const lines = notedLines([{ cells: titles, note: '' }, ...rows], TEXT_COLUMNS, options);
  if (!options.isTerminal) return lines.join('');
  const size = (bytes: number) => formatCount(bytes, options.style);
  const notes = [...pools.flatMap((pool) => poolNotes(pool, size)), ...elsewhereNotes(reports)];
  return [...lines, ...notes.flatMap((note) => noteLines(note, options))].join('');
}

function cellsOf(pool: Pool, options: PoolsTextOptions): readonly string[] {
  const { on, guestCount, fileCount, virtualBytes, guestUsedBytes, growthBytes } = pool;
  const size = (bytes: number | null) => (bytes === null ? '-' : formatCount(bytes, options.style));
  const percent = percentOf(pool);
  return [
    told(on.mountPoint === null ? `device ${on.id}` : clean(on.mountPoint), options),
    clean(on.type) ?? '-',
    ...[on.sizeBytes, on.usedBytes, on.availBytes].map(size),
    percent === null ? '-' : `${percent}%`,
    ...[guestCount, fileCount].map((count) => `${count}`),
    ...[virtualBytes, guestUsedBytes, growthBytes].map(size),
    ...(options.hasReclaimable ? [size(pool.reclaimableBytes)] : []),
  ];
}

function percentOf({ on }: Pool): number | null {
  return usePercent(on.usedBytes, on.availBytes);
}

function told(text: string, { isAscii }: PoolsTextOptions): string {
  return isAscii ? inAscii(text) : text;
}

function elsewhereNotes(reports: readonly PoolsReport[]): readonly string[] {
  return reports.flatMap(({ guest, elsewhere }) =>
    elsewhere.length === 0
      ? []
      : [`${clean(guest)}: no file of this host: ${elsewhere.join(', ')} (a device, another host)`],
  );
}

function noteLines(note: string, options: PoolsTextOptions): readonly string[] {
  const text = told(note, options);
  const lines = options.width === null ? [text] : wrapped(text, options.width);
  return lines.map((line) => `${isolated(line)}\n`);
}
