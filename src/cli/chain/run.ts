// Runs `virt-df chain`: reads the images and asks the QEMUs that run on them, once or again and again, and gives the exit code.
import { setTimeout as sleep } from 'node:timers/promises';
import { VirtDfError } from '../../errors.js';
import { callsNote } from '../../guests/libvirt/asked.js';
import type { Calls } from '../../guests/libvirt/helper.js';
import type { JobConnections } from '../../guests/libvirt/kept-connections.js';
import { withFilling } from '../../queries/chain/filling.js';
import type { ChainReport } from '../../queries/chain/record.js';
import { chain } from '../../queries/chain.js';
import { clean } from '../../report/text.js';
import { askGuests, type Printer } from '../ask-guests.js';
import { type Login, loginAsker } from '../ask-login.js';
import { reportError } from '../failure.js';
import { printError, standardOutput } from '../output.js';
import { printProblems } from '../problems.js';
import { frame, pollTitle, screenOf } from '../screen.js';
import { exitCodeOfChains, nearLines, toldByChain } from './outcome.js';
import { printerOf } from './printer.js';
import type { ChainSettings } from './settings.js';

type Kept = {
  readonly login: Login;
  connections: JobConnections | null;
  last: readonly ChainReport[];
};

/** @throws as askGuests, the first time. */
export async function runChain(settings: ChainSettings): Promise<number> {
  const kept: Kept = { login: loginAsker(), connections: null, last: [] };
  try {
    return await askAgain(settings, kept);
  } finally {
    await kept.connections?.close();
  }
}

async function askAgain(settings: ChainSettings, kept: Kept): Promise<number> {
  const { watchSeconds, debug } = settings;
  const { login } = kept;
  const printer = await livePrinter(settings, kept);
  let code = await askOnce({ ...settings, login }, watched(printer, settings, true));
  const again = { ...settings, login, hasProgress: false };
  while (watchSeconds !== null) {
    await sleep(watchSeconds * 1000);
    try {
      code = await askOnce(again, watched(printer, settings, false));
    } catch (error) {
      // A daemon that is started anew answers again.
      if (!(error instanceof VirtDfError)) throw error;
      reportError(error, debug);
    }
  }
  return code;
}

async function askOnce(
  settings: ChainSettings & { readonly login: Login },
  printer: Printer<ChainReport>,
): Promise<number> {
  const reports = await askGuests(chain, settings, [], printer, (printed) => {
    printProblems(printed, settings, (report) => toldByChain(report, settings));
    const near = settings.quiet || settings.output === 'tree' ? [] : nearLines(printed, settings);
    if (near.length > 0) printError(near.map((line) => `virt-df: ${line}\n`).join(''));
  });
  return exitCodeOfChains(reports);
}

/** A printer that asks the running QEMUs too, and compares with the answer before. */
async function livePrinter(settings: ChainSettings, kept: Kept): Promise<Printer<ChainReport>> {
  const printer = await printerOf(settings);
  return {
    ...printer,
    async whole(reports, uris) {
      const live = uris === null ? reports : await liveOf(reports, uris, settings, kept);
      kept.last = withFilling(live, settings.threshold, kept.last);
      return kept.last;
    },
  };
}

async function liveOf(
  reports: readonly ChainReport[],
  uris: readonly string[],
  { timeoutSeconds, libvirt, debug }: ChainSettings,
  kept: Kept,
): Promise<readonly ChainReport[]> {
  const { withLive } = await import('../../queries/chain/live.js');
  const { withUsers } = await import('../../queries/chain/image-users.js');
  const { openForJobs } = await import('../../guests/libvirt/job-connection.js');
  const { keptConnections } = await import('../../guests/libvirt/kept-connections.js');
  kept.connections ??= keptConnections(openForJobs, kept.login.ask);
  const say = (text: string) => printError(`virt-df: ${clean(text)}\n`);
  const notes = {
    onCalls: (uri: string, calls: Calls) => say(`${uri}: QEMU: ${callsNote(calls)}`),
    onUnknown: (reason: VirtDfError) => say(`whose the images are: ${reason.message}`),
  };
  const query = { timeoutSeconds, ...(debug ? notes : {}) };
  const hasJobs = (libvirt?.select.length ?? 0) > 0;
  const live = await withLive(reports, { ...query, uris, hasJobs }, kept.connections);
  return withUsers(live, { ...query, uris: libvirt?.uris ?? [] }, kept.connections);
}

function watched(
  printer: Printer<ChainReport>,
  { watchSeconds, redraws }: ChainSettings,
  isFirst: boolean,
): Printer<ChainReport> {
  if (watchSeconds === null || !redraws) return printer;
  return {
    ...printer,
    end(reports) {
      const text = [...printer.end(reports)].join('');
      const count = reports.length === 1 ? '1 guest' : `${reports.length} guests`;
      const title = pollTitle(watchSeconds, count);
      return frame(text, title, { ...screenOf(standardOutput()), isFirst });
    },
  };
}
