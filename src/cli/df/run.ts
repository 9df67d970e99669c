// `df` as a pipeline: which guests, read them side by side, print, exit code.
import { filesystems as builtIn, type FilesystemEntry } from '../../filesystem/registry.js';
import type { GuestDefinition } from '../../guests/guest.js';
import { imageGuests } from '../../guests/images.js';
import { filterReport } from '../../report/select.js';
import type { GuestReport } from '../../usage/report.js';
import { scanGuest } from '../../usage/scan.js';
import { exitCodeOfReports, printProblems } from './outcome.js';
import { inParallel } from './parallel.js';
import { printerOf } from './printer.js';
import { startProgress } from './progress.js';
import type { Settings } from './settings.js';

/** Runs df as set; returns the exit code. */
export async function run(settings: Settings): Promise<number> {
  if (settings.print !== null) return printOnly(settings.print);
  const printer = await printerOf(settings);
  const progress = startProgress();
  try {
    const reports = await scanAll(settings, progress, (report) => {
      const text = printer.guest(report);
      if (text === '') return;
      progress.clear();
      process.stdout.write(text);
    });
    progress.stop();
    process.stdout.write(printer.end(reports));
    printProblems(reports, settings);
    return exitCodeOfReports(reports, settings);
  } finally {
    progress.stop();
  }
}

async function printOnly(what: 'columns' | 'version'): Promise<number> {
  if (what === 'columns') {
    const { columnList } = await import('../../report/columns.js');
    process.stdout.write(columnList());
  } else {
    const { VERSION } = await import('../../version.js');
    process.stdout.write(`virt-df ${VERSION}\n`);
  }
  return 0;
}

async function scanAll(
  settings: Settings,
  progress: ReturnType<typeof startProgress>,
  onReport: (report: GuestReport) => void,
): Promise<GuestReport[]> {
  const { view, timeoutSeconds, filter } = settings;
  const [guests, filesystems] = await Promise.all([listGuests(settings), formatsOf(settings)]);
  progress.total(guests.length);
  return inParallel(guests, settings.parallel, async (guest) => {
    const scanned = await scanGuest(guest, { view, timeoutSeconds, filesystems });
    const report = filterReport(scanned, filter);
    progress.done(report.guest);
    onReport(report);
    return report;
  });
}

async function listGuests(settings: Settings): Promise<readonly GuestDefinition[]> {
  const { images, libvirt, timeoutSeconds } = settings;
  const given = imageGuests(images, settings);
  if (libvirt === null) return given;
  const { listLibvirtGuests } = await import('../../guests/libvirt.js');
  return [...given, ...(await listLibvirtGuests({ ...libvirt, timeoutSeconds }))];
}

/** virt-df's own formats, then those of the user. */
async function formatsOf(_settings: Settings): Promise<readonly FilesystemEntry[]> {
  return builtIn;
}
