// Order and totals: the same for every output.
import { UsageError } from '../errors.js';
import { uriHost } from '../guests/libvirt/uri.js';
import { isUrl } from '../host/location.js';
import type { Column, Value } from './column.js';
import { column } from './column-names.js';
import { naturalOrder } from './natural-order.js';
import type { Row } from './row.js';

/** One --sort. */
export interface SortKey {
  readonly column: Column;
  readonly descending: boolean;
}

/**
 * `use_percent:desc` as a key.
 * @throws UsageError USAGE for an unknown column or direction.
 */
export function sortKey(text: string): SortKey {
  const [name = '', direction = 'asc', ...rest] = text.split(':');
  if (!['asc', 'desc'].includes(direction) || rest.length > 0) {
    throw new UsageError('USAGE', `--sort takes COLUMN, COLUMN:asc or COLUMN:desc, not '${text}'`);
  }
  return { column: column(name), descending: direction === 'desc' };
}

/** The rows in order of the keys, the first key first; rows without a value come last, equal ones stay in order. */
export function sorted(rows: readonly Row[], keys: readonly SortKey[]): Row[] {
  return [...rows].sort((a, b) => {
    for (const { column, descending } of keys) {
      const order = compare(column.value(a), column.value(b), descending);
      if (order !== 0) return order;
    }
    return 0;
  });
}

function compare(a: Value, b: Value, descending: boolean): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  const order =
    typeof a === 'string' || typeof b === 'string'
      ? naturalOrder(String(a), String(b))
      : Number(a) - Number(b);
  return descending ? -order : order;
}

/** The sums over all rows, for --total, JSON's summary and the table's last line. */
interface Totals {
  readonly sizeBytes: number;
  readonly usedBytes: number;
  readonly freeBytes: number;
  readonly availBytes: number;
  readonly files: number;
  readonly filesUsed: number;
  readonly filesFree: number;
  readonly reclaimableBytes: number | null;
}

/**
 * Sums over the rows; unknown numbers count nothing, nor do volumes, which others lie on. What lies on a disk that several guests
 * have counts once.
 */
export function totalsOf(all: readonly Row[]): Totals {
  const rows = withoutRepeated(all);
  const sum = (value: (row: Row) => number | null) =>
    rows.reduce((total, row) => total + (row.kind === 'volume' ? 0 : (value(row) ?? 0)), 0);
  return {
    sizeBytes: sum((row) => row.sizeBytes),
    usedBytes: sum((row) => row.usedBytes),
    freeBytes: sum((row) => row.freeBytes),
    availBytes: sum((row) => row.availBytes),
    files: sum((row) => row.files),
    filesUsed: sum((row) => row.filesUsed),
    filesFree: sum((row) => row.filesFree),
    reclaimableBytes: rows.every((row) => row.reclaimableBytes === null)
      ? null
      : sum((row) => row.reclaimableBytes),
  };
}

/** The same path on two hosts is two disks; a URL is one wherever it is asked for. A row without numbers stands for no other. */
function withoutRepeated(rows: readonly Row[]): readonly Row[] {
  const seen = new Set<string>();
  return rows.filter(({ kind, sizeBytes, onDisk, uri, offsetBytes, device, hostDevice }) => {
    if (kind !== 'filesystem' || sizeBytes === null) return true;
    if (typeof hostDevice === 'string') {
      const place = JSON.stringify([null, 'mounted', hostDevice]);
      return !seen.has(place) && seen.add(place);
    }
    if (onDisk?.isShareable !== true || onDisk.path === null) return true;
    const host = uri === null || isUrl(onDisk.path) ? null : uriHost(uri);
    const place = JSON.stringify([host, onDisk.path, offsetBytes ?? device]);
    return !seen.has(place) && seen.add(place);
  });
}
