// Runs `virt-df jobs`: asks once, or again and again, prints, and gives the exit code.
import { setTimeout as sleep } from 'node:timers/promises';
import { VirtDfError } from '../../errors.js';
import { callsNote } from '../../guests/libvirt/asked.js';
import { openForJobs } from '../../guests/libvirt/job-connection.js';
import { type JobConnections, keptConnections } from '../../guests/libvirt/kept-connections.js';
import type { JobsReport } from '../../queries/jobs/record.js';
import { jobsOf } from '../../queries/jobs.js';
import { isContrary } from '../../queries/problem.js';
import { toldApartInNames } from '../../report/same-names.js';
import { clean } from '../../report/text.js';
import { runInfo } from '../ask-guests.js';
import { loginAsker } from '../ask-login.js';
import { EXIT_OK, EXIT_PROBLEM, reportError } from '../failure.js';
import { printError, printOut, standardOutput } from '../output.js';
import { nothingFound, problemLines } from '../problems.js';
import { NOWHERE, startProgress } from '../progress.js';
import { frame, pollTitle, screenOf } from '../screen.js';
import { namesOf } from '../strangers.js';
import type { JobsSettings } from './settings.js';

/** @throws LibvirtError where no libvirt answers the first time. */
export async function runJobs(settings: JobsSettings): Promise<number> {
  const isShown = settings.hasProgress && !settings.quiet;
  const progress = startProgress(isShown ? undefined : NOWHERE);
  const login = loginAsker();
  login.around(progress.hold);
  const connections = keptConnections(openForJobs, login.ask);
  try {
    return await askAgain(settings, connections, progress.stop);
  } finally {
    progress.stop();
    await connections.close();
  }
}

async function askAgain(
  settings: JobsSettings,
  connections: JobConnections,
  onFirst: () => void,
): Promise<number> {
  const print = await printerOf(settings);
  let reports = await poll(settings, [], connections).finally(onFirst);
  await print(reports, true);
  const { watchSeconds } = settings;
  while (watchSeconds !== null) {
    await sleep(watchSeconds * 1000);
    try {
      reports = await poll(settings, reports, connections);
    } catch (error) {
      // A daemon that is started anew answers again.
      if (!(error instanceof VirtDfError)) throw error;
      reportError(error, settings.debug);
      continue;
    }
    await print(reports, false);
  }
  return exitCodeOf(reports);
}

async function poll(
  { libvirt, timeoutSeconds, debug, quiet }: JobsSettings,
  previous: readonly JobsReport[],
  connections: JobConnections,
): Promise<readonly JobsReport[]> {
  const askedUris: string[] = [];
  const say = (text: string) => {
    if (!quiet) printError(`virt-df: ${clean(text)}\n`);
  };
  const reports = await jobsOf(
    {
      ...{ ...libvirt, ...namesOf(libvirt), timeoutSeconds },
      onAnswer: (uri) => askedUris.push(uri),
      onVanished: (name) => say(`the guest ${name} ended while it was asked for`),
      onAsked: (note) => {
        if (debug) say(note);
      },
      onJobCalls: (uri, calls) => {
        if (debug) say(`${uri}: jobs: ${callsNote(calls)}`);
      },
    },
    previous,
    connections,
  );
  if (reports.length === 0) say(await nothingFound({ libvirt }, askedUris));
  return reports;
}

/** Of a poll: whether it is the first. */
type Print = (reports: readonly JobsReport[], isFirst: boolean) => Promise<void>;

async function printerOf(settings: JobsSettings): Promise<Print> {
  const { output, redraws, watchSeconds } = settings;
  if (output !== 'text') {
    const { jobsJson, jobsNdjson } = await import('../../report/jobs/json.js');
    const whole = output === 'json' ? jobsJson : jobsNdjson;
    return async (reports) => {
      printOut(whole(reports, await runInfo()));
      tell(reports, settings);
    };
  }
  const { jobsText } = await import('../../report/jobs/text.js');
  return async (reports, isFirst) => {
    const text = jobsText(toldApartInNames(reports), settings);
    if (watchSeconds === null || !redraws) {
      printOut(text);
      tell(reports, settings);
      if (text === '' && reports.length > 0) sayNone(reports, settings);
      return;
    }
    const title = pollTitle(watchSeconds, counts(reports));
    printOut(frame(text, title, { ...screenOf(standardOutput()), isFirst }));
  };
}

/** The output has all problems; --debug has the stacks of bugs. */
function tell(reports: readonly JobsReport[], { debug }: JobsSettings): void {
  const lines = debug ? reports.flatMap(({ problems }) => problemLines(problems, debug)) : [];
  if (lines.length > 0) printError(`${lines.join('\n')}\n`);
}

function sayNone(reports: readonly JobsReport[], { quiet }: JobsSettings): void {
  if (!quiet) printError(`virt-df: ${counts(reports)}\n`);
}

function counts(reports: readonly JobsReport[]): string {
  const jobs = reports.flatMap((report) => report.jobs);
  const running = jobs.filter(({ state }) => state === 'running' || state === 'ready').length;
  const ended = jobs.length - running;
  const guests = `${reports.length} ${reports.length === 1 ? 'guest' : 'guests'}`;
  if (jobs.length === 0) return `no job runs or ended at ${guests}`;
  const said = running === 1 ? '1 job runs' : `${running} jobs run`;
  return `${said}, ${ended} ended at ${guests}`;
}

/** 1 where a guest is stopped or will be, something could not be asked, or nothing matched. */
function exitCodeOf(reports: readonly JobsReport[]): number {
  const isSound = reports.every(
    ({ stop, problems }) => stop === null && !problems.some(isContrary),
  );
  return isSound && reports.length > 0 ? EXIT_OK : EXIT_PROBLEM;
}
