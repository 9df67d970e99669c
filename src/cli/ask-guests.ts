// Asks a command's question of the guests that its command line names, shows progress on a terminal, and prints the answers.
import type { FilesystemEntry } from '../filesystem/registry.js';
import { askAll, type Query } from '../queries/ask.js';
import type { GuestHeader } from '../queries/report.js';
import type { RunInfo } from '../report/json.js';
import { listGuests } from './list-guests.js';
import { printOut } from './output.js';
import { startProgress } from './progress.js';
import type { GuestSettings } from './shared-settings.js';

export interface Printer<R> {
  /** The text to print when a guest has been read; empty for a table. */
  guest(report: R): string;
  /** The text to print when all guests have been read. */
  end(reports: readonly R[]): string;
}

/** The printer of a table or a whole document, which needs every guest before its first line. */
export function atEnd<R>(end: Printer<R>['end']): Printer<R> {
  return { guest: () => '', end };
}

/** @throws LibvirtError as listGuests does. */
export async function askGuests<F, R>(
  query: Query<F, R>,
  settings: GuestSettings,
  filesystems: readonly FilesystemEntry[],
  printer: Printer<R & GuestHeader>,
): Promise<readonly (R & GuestHeader)[]> {
  const progress = startProgress();
  try {
    const guests = await listGuests(settings);
    progress.total(guests.length);
    const reports = await askAll(guests, query, { ...settings, filesystems }, (report) => {
      progress.done(report.guest);
      const text = printer.guest(report);
      if (text === '') return;
      progress.clear();
      printOut(text);
    });
    progress.stop();
    printOut(printer.end(reports));
    return reports;
  } finally {
    progress.stop();
  }
}

/** The head of a JSON document: version, time and host of the run. */
export async function runInfo(): Promise<RunInfo> {
  const { hostname } = await import('node:os');
  const { VERSION } = await import('../version.js');
  return { version: VERSION, generatedAt: new Date().toISOString(), host: hostname() };
}
