// Asks a command's question of the guests that its command line names, shows progress on a terminal, and prints the answers.
import { dirname } from 'node:path';
import type { FilesystemEntry } from '../filesystem/registry.js';
import type { GuestDefinition } from '../guests/guest.js';
import type { Reasons, RunQuery } from '../queries/ask.js';
import { askRun } from '../queries/ask-run.js';
import type { GuestHeader } from '../queries/report.js';
import type { RunInfo } from '../report/json.js';
import { clean } from '../report/text.js';
import { answersOf, printedOf } from './answers.js';
import { type Login, loginAsker } from './ask-login.js';
import type { GuestSettings } from './guest-settings.js';
import { Interrupted, interruptionNote, watchInterruption } from './interruption.js';
import { listGuests } from './list-guests.js';
import { printError, printOut } from './output.js';
import { nothingFound, type Talk } from './problems.js';
import { NOWHERE, startProgress } from './progress.js';

/** A text, or its pieces where it is too long to be held. */
type Printed = string | Iterable<string | Uint8Array>;

export interface Printer<R> {
  /** The text to print when a guest has been read; empty for a table. */
  guest(report: R): Printed;
  /** The text to print when all guests have been read. */
  end(reports: readonly R[]): Printed;
  /**
   * The answers with what has to be asked for all of them together, when all are there; default: as they are. The URIs are those of
   * libvirts that answered, as they call themselves; null: the run was interrupted, and no libvirt is asked.
   */
  readonly whole?: (reports: readonly R[], uris: readonly string[] | null) => Promise<readonly R[]>;
  /** What of an answer is needed at the end, when it has been printed; default: all. */
  readonly kept?: (report: R) => R;
  /** Whether images that are parts of others that were given have rows too, as libguestfs prints them. */
  readonly keepsParts?: boolean;
  /** Whether a file that --recursive found is an image, by what was found in it. */
  readonly isImage?: (report: R) => boolean;
}

/** The printer of a table or a whole document, which needs every guest before its first line. */
export function atEnd<R>(end: Printer<R>['end']): Printer<R> {
  return { guest: () => '', end };
}

/**
 * @param tell is called with what was printed, also of a run that was interrupted.
 * @throws LibvirtError as listGuests does; Interrupted.
 */
export async function askGuests<F, R extends Reasons>(
  query: RunQuery<F, R>,
  settings: GuestSettings &
    Talk & {
      readonly formats?: readonly string[];
      readonly hasProgress: boolean;
      /** Left out: nobody asks a libvirt beside this. */
      readonly login?: Login;
    },
  filesystems: readonly FilesystemEntry[],
  printer: Printer<R & GuestHeader>,
  tell: (reports: readonly (R & GuestHeader)[]) => void,
): Promise<readonly (R & GuestHeader)[]> {
  const say = (text: string) => {
    if (!settings.quiet) printError(`virt-df: ${text}\n`);
  };
  settings.notes.forEach(say);
  const isShown = settings.hasProgress && !settings.quiet;
  const progress = startProgress(isShown ? undefined : NOWHERE, () => query.status?.() ?? null);
  const { login = loginAsker() } = settings;
  login.around(progress.hold);
  const interruption = watchInterruption();
  const read = new Map<number, R & GuestHeader>();
  let guestCount = 0;
  let isOver = false;
  try {
    const listed = await Promise.race([listGuests(settings, login.ask), interruption.happened]);
    const { guests, askedUris, foundPaths } = listed;
    for (const note of listed.notes) say(clean(note));
    guestCount = guests.length;
    progress.total(guests.length);
    // Only when all images of a folder were read it is known which are parts of others.
    const joinsParts =
      settings.joinsParts && printer.keepsParts !== true && haveCommonFolder(guests);
    const isHeld = joinsParts || foundPaths.size > 0;
    const { formats = null } = settings;
    const onNote = (note: string) => {
      if (settings.debug) say(note);
    };
    const options = { ...settings, filesystems, formats, onNote };
    const asking = askRun(guests, query, options, (report, index) => {
      if (isOver) return;
      read.set(index, report);
      progress.done(report.guest);
      const text = isHeld ? '' : printer.guest(report);
      if (text === '') return;
      progress.clear();
      printAll(text);
      read.set(index, printer.kept?.(report) ?? report);
    });
    await Promise.race([asking, interruption.happened]).catch((error) => {
      if (!(error instanceof Interrupted)) throw error;
      isOver = true;
    });
    progress.stop();
    if (isOver && read.size === 0) throw new Interrupted();
    const { isImage = () => true } = printer;
    const sieve = { joinsParts, foundPaths, isImage };
    const { partCount, strangers, ...printed } = await printedOf(answersOf(guests, read), sieve);
    const told = await wholeOf(printer, printed.reports, isOver ? null : askedUris, interruption);
    isOver ||= told.isOver;
    const { reports } = told;
    if (isHeld) for (const report of reports) printAll(printer.guest(report));
    printAll(printer.end(reports));
    if (guests.length === 0) {
      const isFolder = settings.libvirt === null && settings.folders.length > 0;
      say(
        isFolder
          ? 'there is no file below the folder'
          : clean(await nothingFound(settings, askedUris)),
      );
    }
    if (partCount > 0) say(partNote(partCount));
    if (strangers.length > 0) say(strangerNote(strangers.length));
    if (settings.debug) for (const { guest } of strangers) say(`${guest} is no image`);
    tell(reports);
    if (isOver) throw new Interrupted();
    return reports;
  } catch (error) {
    progress.stop();
    if (error instanceof Interrupted) say(interruptionNote(guestCount, read.size));
    throw error;
  } finally {
    progress.stop();
    interruption.stop();
  }
}

/** Interrupted, nothing more is asked of a libvirt, which may be what hangs. */
async function wholeOf<R>(
  { whole }: Printer<R>,
  reports: readonly R[],
  uris: readonly string[] | null,
  { happened }: ReturnType<typeof watchInterruption>,
): Promise<{ readonly reports: readonly R[]; readonly isOver: boolean }> {
  if (whole === undefined) return { reports, isOver: false };
  if (uris === null) return { reports: await whole(reports, null), isOver: false };
  try {
    return { reports: await Promise.race([whole(reports, uris), happened]), isOver: false };
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    return { reports: await whole(reports, null), isOver: true };
  }
}

function printAll(text: Printed): void {
  for (const piece of typeof text === 'string' ? [text] : text) printOut(piece);
}

/** Whether two images were given, each a guest, that may be parts of one disk. */
function haveCommonFolder(guests: readonly GuestDefinition[]): boolean {
  const images = guests.filter(({ uri }) => uri === null).flatMap(({ disks }) => disks);
  const folders = images.flatMap(({ path }) => (path === null ? [] : dirname(path)));
  return new Set(folders).size < folders.length;
}

function partNote(count: number): string {
  const [images, have] =
    count === 1 ? ['1 image is', 'has no row'] : [`${count} images are`, 'have no rows'];
  return `${images} read as parts of others that were given (extents, what a snapshot lies over), and ${have} of their own`;
}

function strangerNote(count: number): string {
  const [files, are] =
    count === 1 ? ['1 file', 'is no image'] : [`${count} files`, 'are no images'];
  return `${files} below the folder ${are}; --debug names them`;
}

/** The head of a JSON document: version, time and host of the run. */
export async function runInfo(): Promise<RunInfo> {
  const { hostname } = await import('node:os');
  const { VERSION } = await import('../version.js');
  return { version: VERSION, generatedAt: new Date().toISOString(), host: hostname() };
}
