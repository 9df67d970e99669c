// The text of `virt-df map`: an aligned table on a terminal, columns with tabs between them in a pipe. A file has a line for
// each of its paths.
// References: filefrag(8).
import type { MapFilesystem, MapPiece, MapReport, MapRow } from '../../queries/map/record.js';
import { hasRows, type MapRows, rowsIn } from '../../queries/map/row-table.js';
import { alignedLine, widthsOf } from '../aligned.js';
import { shownPath } from '../files/path.js';
import { together } from '../files/together.js';
import { clean, inAscii, isolated } from '../text.js';

export interface MapTextOptions {
  /** Laid out for a terminal. */
  readonly isTerminal: boolean;
  readonly isAscii: boolean;
}

type Cells = readonly string[];

const NONE = '-';
/** Numbers are to the right. */
const ROW_HEAD: Cells = ['OFFSET>', 'LENGTH>', 'DEVICE', 'KIND', 'FILE OFFSET>', 'INODE>', 'WHAT'];
const PIECE_HEAD: Cells = [
  'FILE OFFSET>',
  'LENGTH>',
  'KIND',
  'DEVICE',
  'DEVICE OFFSET>',
  'STORED',
  'HOST OFFSET>',
  'HOST FILE',
];
/** Of one file; how many more there are is told. */
const MAX_TOLD_PATHS = 1000;

export function mapText(reports: readonly MapReport[], options: MapTextOptions): Iterable<string> {
  return together(lines(reports, options));
}

function* lines(reports: readonly MapReport[], options: MapTextOptions): Generator<string> {
  const hasSeveral = reports.length > 1;
  for (const { guest, rows, filesystems } of reports) {
    const named = hasSeveral ? [clean(guest)] : [];
    const head = (cells: Cells) => [...named.map(() => 'GUEST'), ...cells];
    if (hasRows(rows)) {
      const all = () => cellsOf(rows, named);
      yield* options.isTerminal ? aligned(head(ROW_HEAD), all, options) : tabbed(all(), options);
    }
    for (const filesystem of filesystems) {
      if (filesystem.file === null) continue;
      const all = () => pieceCells(filesystem, named);
      if (!options.isTerminal) yield* tabbed(all(), options);
      else {
        yield told(`${titleOf(filesystem)}\n`, options);
        yield* aligned(head(PIECE_HEAD), all, options);
      }
    }
  }
}

function titleOf({ record, file }: MapFilesystem): string {
  const { path, sizeBytes, pieces } = file ?? {
    path: { text: '', bytes: null },
    sizeBytes: 0,
    pieces: [],
  };
  return `${clean(record.device)}:${shownPath(path)}: ${sizeBytes} bytes, pieces: ${pieces.length}`;
}

function* cellsOf(rows: MapRows, named: Cells): Generator<Cells> {
  for (const row of rowsIn(rows)) {
    const { offsetBytes, lengthBytes, device, kind, fileOffsetBytes, owner } = row;
    const shared = row.isShared === true ? `${kind},shared` : kind;
    const cells = [
      ...[...named, String(offsetBytes), String(lengthBytes), clean(device) ?? NONE, shared],
      ...[numberOf(fileOffsetBytes), numberOf(owner?.id.number ?? null)],
    ];
    for (const what of whatOf(row)) yield [...cells, what];
  }
}

function numberOf(value: number | null): string {
  return value === null ? NONE : String(value);
}

function* whatOf({ owner, name }: MapRow): Generator<string> {
  const { paths, morePaths } = owner ?? { paths: [], morePaths: 0 };
  for (const path of paths.slice(0, MAX_TOLD_PATHS)) yield shownPath(path);
  const more = morePaths + Math.max(0, paths.length - MAX_TOLD_PATHS);
  if (more > 0) yield `(${more} more paths)`;
  else if (paths.length === 0) yield name === null ? NONE : `(${clean(name)})`;
}

function* pieceCells({ file }: MapFilesystem, named: Cells): Generator<Cells> {
  for (const piece of file?.pieces ?? []) yield [...named, ...cellsOfPiece(piece)];
}

function cellsOfPiece(piece: MapPiece): Cells {
  const { fileOffsetBytes, lengthBytes, kind, device, deviceOffsetBytes, isShared, host } = piece;
  return [
    ...[
      numberOf(fileOffsetBytes),
      String(lengthBytes),
      isShared === true ? `${kind},shared` : kind,
    ],
    ...[clean(device) ?? NONE, numberOf(deviceOffsetBytes)],
    host === null ? NONE : `${host.kind}${host.isEncrypted ? ',encrypted' : ''}`,
    ...[numberOf(host?.offsetBytes ?? null), clean(host?.path ?? null) ?? NONE],
  ];
}

function* tabbed(rows: Iterable<Cells>, options: MapTextOptions): Generator<string> {
  for (const cells of rows) yield told(`${cells.join('\t')}\n`, options);
}

function* aligned(
  head: Cells,
  rows: () => Iterable<Cells>,
  options: MapTextOptions,
): Generator<string> {
  const isRight = head.map((title) => title.endsWith('>'));
  const titles = head.map((title) => title.replace(/>$/u, ''));
  const withTitles = function* () {
    yield titles;
    yield* rows();
  };
  const widths = widthsOf(withTitles());
  const drawn = (cells: Cells) => {
    const line = alignedLine(
      cells.slice(0, -1),
      widths,
      (column) => isRight[column] === true,
      cells.at(-1) ?? '',
    );
    return told(`${line}\n`, options);
  };
  yield drawn(titles);
  for (const cells of rows()) yield drawn(cells);
}

function told(text: string, { isAscii, isTerminal }: MapTextOptions): string {
  const own = isAscii ? inAscii(text) : text;
  return isTerminal ? isolated(own) : own;
}
