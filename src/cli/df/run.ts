// `df` as a pipeline: which guests, read them side by side, print, exit code.
import { knownFilesystems } from '../../declarative/known.js';
import { askAll } from '../../queries/ask.js';
import { df } from '../../queries/df.js';
import { listGuests } from '../list-guests.js';
import { printOut } from '../output.js';
import { exitCodeOfReports, printProblems } from './outcome.js';
import { printerOf } from './printer.js';
import { startProgress } from './progress.js';
import type { Settings } from './settings.js';

/** Runs df as set; returns the exit code. */
export async function run(settings: Settings): Promise<number> {
  if (settings.print !== null) return printOnly(settings.print);
  const { view, filter, formats: folders } = settings;
  const [printer, { filesystems, problems }] = await Promise.all([
    printerOf(settings),
    knownFilesystems(folders, process.env),
  ]);
  const progress = startProgress();
  try {
    const guests = await listGuests(settings);
    progress.total(guests.length);
    const options = { ...settings, filesystems };
    const reports = await askAll(guests, df(view, filter), options, (report) => {
      progress.done(report.guest);
      const text = printer.guest(report);
      if (text === '') return;
      progress.clear();
      printOut(text);
    });
    progress.stop();
    printOut(printer.end(reports));
    printProblems(reports, problems, settings);
    return exitCodeOfReports(reports, problems, settings);
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
