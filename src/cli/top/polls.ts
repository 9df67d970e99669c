// Asks for a table of `virt-df top` again and again.
import { callsNote } from '../../guests/libvirt/asked.js';
import type { JobConnections } from '../../guests/libvirt/kept-connections.js';
import { topAnswer } from '../../queries/top/rates.js';
import type { TopAnswer } from '../../queries/top/record.js';
import { withSlow } from '../../queries/top/slow.js';
import { type Sample, topSample } from '../../queries/top.js';
import { clean } from '../../report/text.js';
import { printError } from '../output.js';
import { namesOf } from '../strangers.js';
import type { Background } from './background.js';
import type { TopSettings } from './settings.js';

/** Asks, and keeps what it takes to ask again. */
export interface Polls {
  /** The answer of now, with rates since the poll before. @throws LibvirtError where no libvirt answers */
  next(): Promise<TopAnswer>;
  /** The last answer, with what was learned since; null: there is none yet. */
  last(): TopAnswer | null;
  close(): Promise<void>;
}

/** The first rates are those of so short a time, so that nobody waits for them. */
const FIRST_MS = 1000;

/** Between the first two questions. */
export function firstMs({ delaySeconds }: Pick<TopSettings, 'delaySeconds'>): number {
  return Math.min(FIRST_MS, delaySeconds * 1000);
}

export function startPolls(
  settings: TopSettings,
  connections: JobConnections,
  background: Background,
): Polls {
  let [sample, answer]: [Sample | null, TopAnswer | null] = [null, null];
  const last = () => (answer === null ? null : withSlow(answer, background.known()));
  return {
    async next() {
      const now = await topSample(queryOf(settings), sample, connections);
      answer = topAnswer(now, sample);
      sample = now;
      return last() ?? answer;
    },
    last,
    close: connections.close,
  };
}

function queryOf({ libvirt, timeoutSeconds, debug }: TopSettings) {
  const query = { ...libvirt, ...namesOf(libvirt), timeoutSeconds };
  if (!debug) return query;
  return {
    ...query,
    onCalls: (uri: string, calls: Parameters<typeof callsNote>[0]) => {
      printError(`virt-df: ${clean(uri)}: ${callsNote(calls)}\n`);
    },
  };
}
