// --live: the printer of an output that asks the agents in the guests when their disks were read.
import { callsNote } from '../../guests/libvirt/asked.js';
import type { Agents } from '../../queries/agent/ask.js';
import type { LiveMode } from '../../queries/agent/options.js';
import { filtered } from '../../queries/filter.js';
import type { GuestReport } from '../../queries/report.js';
import { clean } from '../../report/text.js';
import type { Printer } from '../ask-guests.js';
import { printError } from '../output.js';
import { printerOf } from './printer.js';
import type { Settings } from './settings.js';

/** The printer whose rows have what the agents say; the filters are for these. */
export async function livePrinter(
  settings: Settings,
  mode: LiveMode,
): Promise<Printer<GuestReport>> {
  const printer = await printerOf(settings);
  let agents: Agents | null = null;
  return {
    ...printer,
    // Agents are asked when all is read, so that nothing can be printed before.
    guest: () => '',
    *end(reports) {
      for (const report of reports) yield* pieces(printer.guest(report));
      yield* pieces(printer.end(reports));
    },
    async whole(reports, uris) {
      if (uris === null) await agents?.stop();
      else agents = await agentsFor(uris, settings, mode);
      const live = uris === null || agents === null ? reports : await agents.ask(reports);
      return live.map((report) => filtered(report, settings.filter));
    },
  };
}

function pieces(text: ReturnType<Printer<GuestReport>['end']>) {
  return typeof text === 'string' ? [text] : text;
}

async function agentsFor(
  uris: readonly string[],
  { timeoutSeconds, debug }: Settings,
  mode: LiveMode,
): Promise<Agents> {
  const { agentsOf } = await import('../../queries/agent/ask.js');
  const onCalls = (uri: string, calls: Parameters<typeof callsNote>[0]) => {
    printError(`virt-df: ${clean(uri)}: agents: ${callsNote(calls)}\n`);
  };
  return agentsOf({ mode, uris, timeoutSeconds, ...(debug ? { onCalls } : {}) });
}
