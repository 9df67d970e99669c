// Runs `virt-df top`: asks again and again, prints a table each time or draws a screen, and gives the exit code.
import { setTimeout as sleep } from 'node:timers/promises';
import { VirtDfError } from '../../errors.js';
import { openForJobs } from '../../guests/libvirt/job-connection.js';
import { keptConnections } from '../../guests/libvirt/kept-connections.js';
import type { TopAnswer } from '../../queries/top/record.js';
import { clean } from '../../report/text.js';
import { type Login, loginAsker } from '../ask-login.js';
import { EXIT_OK, EXIT_PROBLEM, reportError } from '../failure.js';
import { Interrupted, watchInterruption } from '../interruption.js';
import { printError } from '../output.js';
import { nothingFound } from '../problems.js';
import { NOWHERE, startProgress } from '../progress.js';
import { type Background, startBackground } from './background.js';
import { firstMs, type Polls, startPolls } from './polls.js';
import { type Print, printerOf } from './printer.js';
import type { TopSettings } from './settings.js';

/** @throws LibvirtError where no libvirt answers the first time; Interrupted */
export async function runTop(settings: TopSettings): Promise<number> {
  const login = loginAsker();
  const connections = keptConnections(openForJobs, login.ask);
  const background = startBackground(settings, login.ask);
  const polls = startPolls(settings, connections, background);
  try {
    if (!settings.isScreen) return await stream(settings, polls, background, login);
    const { runScreen } = await import('./screen.js');
    return await runScreen(settings, polls, login);
  } finally {
    // Each waits a moment for a libvirt that does not answer any more.
    await Promise.all([polls.close(), background.stop()]);
  }
}

/** One table after the other. Interrupted before the first, there is a table of what is known. */
async function stream(
  settings: TopSettings,
  polls: Polls,
  background: Background,
  login: Login,
): Promise<number> {
  const print = await printerOf(settings);
  const isShown = settings.hasProgress && !settings.quiet;
  const progress = startProgress(isShown ? undefined : NOWHERE);
  login.around(progress.hold);
  const interruption = watchInterruption();
  const before = <T>(work: Promise<T>) => Promise.race([work, interruption.happened]);
  let tableCount = 0;
  try {
    await before(polls.next());
    const isOnce = settings.iterations === 1;
    // Who wants one table wants all of it.
    const waits = sleep(firstMs(settings));
    await before<unknown>(isOnce ? Promise.all([waits, background.first]) : waits);
    for (;;) {
      const answer = await before(polled(polls, settings));
      progress.stop();
      if (answer !== null) print(answer);
      tableCount += 1;
      if (tableCount === settings.iterations) return await outcomeOf(answer, settings);
      await before(sleep(settings.delaySeconds * 1000));
    }
  } catch (error) {
    progress.stop();
    if (error instanceof Interrupted && tableCount === 0)
      printPartial(polls.last(), print, settings);
    throw error;
  } finally {
    progress.stop();
    interruption.stop();
  }
}

function printPartial(answer: TopAnswer | null, print: Print, { quiet }: TopSettings): void {
  if (answer !== null) print(answer);
  if (!quiet)
    printError(`virt-df: interrupted${answer === null ? '' : ', rates are not known yet'}\n`);
}

/** null: no libvirt answers now; a daemon that is started anew answers again. */
async function polled(polls: Polls, { debug, iterations }: TopSettings): Promise<TopAnswer | null> {
  try {
    return await polls.next();
  } catch (error) {
    if (!(error instanceof VirtDfError) || iterations === 1) throw error;
    reportError(error, debug);
    return null;
  }
}

/** 1 where something could not be asked, or nothing matched. */
async function outcomeOf(
  answer: TopAnswer | null,
  { libvirt, quiet }: TopSettings,
): Promise<number> {
  if (answer === null) return EXIT_PROBLEM;
  const { guests, hosts } = answer;
  if (guests.length === 0 && !quiet) {
    const said = await nothingFound(
      { libvirt },
      hosts.map(({ uri }) => uri),
    );
    printError(`virt-df: ${clean(said)}\n`);
  }
  const isSound = guests.length > 0 && guests.every(({ problems }) => problems.length === 0);
  return isSound ? EXIT_OK : EXIT_PROBLEM;
}
