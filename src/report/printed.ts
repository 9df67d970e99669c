// What a program scanned as the command line prints it: df's table, and the JSON of --json.
import { hostname } from 'node:os';
import type { GuestReport } from '../queries/report.js';
import { VERSION } from '../version.js';
import { HUMAN, KIBIBYTES } from './block-size.js';
import { json } from './json.js';
import { plainTable } from './plain.js';
import { rowsOf } from './row.js';

/** What a table shows. */
export interface TableOptions {
  /** `15M` instead of blocks of 1 KiB (-h). */
  readonly humanReadable?: boolean;
  /** Inodes instead of bytes (-i). */
  readonly inodes?: boolean;
  /** A column with the types (-T). */
  readonly printType?: boolean;
  /** A last line with the sums (--total). */
  readonly total?: boolean;
}

/** The table that `virt-df` prints into a pipe, with its line ends. */
export function dfTable(reports: readonly GuestReport[], options: TableOptions = {}): string {
  const { humanReadable = false, inodes = false, printType = false, total = false } = options;
  const style = humanReadable ? HUMAN : KIBIBYTES;
  const rows = reports.flatMap(rowsOf);
  return plainTable(rows, { style, inodes, printType, total, columns: null });
}

/** The document that `virt-df --json` prints, of the schema virt-df/1, with its line end. */
export function dfJson(reports: readonly GuestReport[]): string {
  const info = { version: VERSION, generatedAt: new Date().toISOString(), host: hostname() };
  return json(reports, reports.flatMap(rowsOf), info);
}
