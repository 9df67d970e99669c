// `df` as a pipeline: which guests, read them side by side, print, exit code.
import { existsSync } from 'node:fs';
import { filesystems as builtIn } from '../../declarative/registry.js';
import { configFolder } from '../../declarative/user-formats/find.js';
import type { VirtDfError } from '../../errors.js';
import type { FilesystemEntry } from '../../filesystem/registry.js';
import { askAll } from '../../queries/ask.js';
import { df } from '../../queries/df.js';
import type { GuestReport } from '../../queries/report.js';
import { filterReport } from '../../report/select.js';
import { listGuests } from '../list-guests.js';
import { printOut } from '../output.js';
import { exitCodeOfReports, printProblems } from './outcome.js';
import { printerOf } from './printer.js';
import { type Progress, startProgress } from './progress.js';
import type { Settings } from './settings.js';

/** Runs df as set; returns the exit code. */
export async function run(settings: Settings): Promise<number> {
  if (settings.print !== null) return printOnly(settings.print);
  const [printer, formats] = await Promise.all([printerOf(settings), formatsOf(settings)]);
  const progress = startProgress();
  try {
    const reports = await scanAll(settings, formats.entries, progress, (report) => {
      const text = printer.guest(report);
      if (text === '') return;
      progress.clear();
      printOut(text);
    });
    progress.stop();
    printOut(printer.end(reports));
    printProblems(reports, formats.problems, settings);
    return exitCodeOfReports(reports, formats.problems, settings);
  } finally {
    progress.stop();
  }
}

async function printOnly(what: 'columns' | 'version'): Promise<number> {
  if (what === 'columns') {
    const { columnList } = await import('../../report/columns.js');
    printOut(columnList());
  } else {
    const { VERSION } = await import('../../version.js');
    printOut(`virt-df ${VERSION}\n`);
  }
  return 0;
}

async function scanAll(
  settings: Settings,
  filesystems: readonly FilesystemEntry[],
  progress: Progress,
  onReport: (report: GuestReport) => void,
): Promise<GuestReport[]> {
  const { filter, view } = settings;
  const guests = await listGuests(settings);
  progress.total(guests.length);
  const reports = await askAll(guests, df(view), { ...settings, filesystems }, (report) => {
    progress.done(report.guest);
    onReport(filterReport(report, filter));
  });
  return reports.map((report) => filterReport(report, filter));
}

interface Formats {
  readonly entries: readonly FilesystemEntry[];
  /** A user's file that is left out, and why. */
  readonly problems: readonly VirtDfError[];
}

/** virt-df's own formats, then the user's; of two with the same name the user's counts. */
async function formatsOf({ formats: folders }: Settings): Promise<Formats> {
  const { env } = process;
  const isAsked = folders.length > 0 || (env.VIRT_DF_FORMATS ?? '') !== '';
  if (!isAsked && !existsSync(configFolder(env))) return { entries: builtIn, problems: [] };
  const { loadUserFormats, withUserFormats } = await import(
    '../../declarative/user-formats/index.js'
  );
  const { formats, problems } = await loadUserFormats(folders, env);
  return { entries: withUserFormats(builtIn, formats), problems };
}
