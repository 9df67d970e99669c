// The other process of a reader: it answers for one guest after the other, several at a time where they wait. The run kills it
// when a guest hangs or takes too much memory.
// References: reader.ts, its other end.
import { performance } from 'node:perf_hooks';
import { knownFilesystems } from '../../declarative/known.js';
import { reasonOf } from '../../errors.js';
import { idleConnections } from '../../guests/libvirt/idle-connections.js';
import { confine } from '../../host/confine.js';
import { inThisThread } from '../../host/file-calls.js';
import { becomeNobody } from '../../host/nobody.js';
import { optimizeLater } from '../../host/optimize-later.js';
import { sharedServers } from '../../host/servers.js';
import { type AnyQuery, type AskOptions, ask } from '../ask.js';
import { passphrasesOf } from '../keys.js';
import { type DistantDeriver, distantDeriver } from './distant-deriver.js';
import {
  type Answer,
  type FromReader,
  type NeededRights,
  type ReaderSettings,
  type Rights,
  receivedGuest,
  type ToReader,
} from './protocol.js';
import { queryOf } from './query-of.js';

/** So often it is measured how much of the time there was something to do. */
const LOAD_INTERVAL_MS = 50;
/** Of the time, for which a process computes whose guests wait, and one that has enough to do. */
const IDLE = 0.25;
const BUSY = 0.75;
/** Findings are sent with so much time between them: most guests are done before the first are due, and few have thousands of rows. */
const FINDING_INTERVAL_MS = 20;

type SentJob = Extract<ToReader, { kind: 'guest' }>;

/** How guests are read, from the settings. */
interface Reading {
  readonly query: AnyQuery;
  readonly options: Omit<AskOptions, 'timeoutSeconds'>;
}

/** Serves the parent until it is gone. Whatever this process hangs in then, nothing of it stays. */
export function serve(): Promise<never> {
  optimizeLater();
  let reading: Reading | null = null;
  const load = loadMeter();
  const distant = distantDeriver(send);
  const ahead = new Map<number, SentJob>();
  const start = (known: Reading, id: number | undefined): number | null => {
    const job = id === undefined ? undefined : ahead.get(id);
    if (job === undefined) return null; // It was started when another one was done.
    ahead.delete(job.id);
    read(known, job);
    return job.id;
  };
  const read = async (known: Reading, job: SentJob): Promise<void> => {
    load.count(1);
    const whole = await answer(known, job);
    load.count(-1);
    const [next] = ahead.keys();
    send({ kind: 'done', id: job.id, answer: whole, started: start(known, next) });
  };
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  // The parent gets them as well, and decides.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
  process.removeAllListeners('unhandledRejection'); // The parent tells of it, once.
  process.on('unhandledRejection', (error) => {
    if (reading === null) throw error; // Whoever cannot begin ends, and the parent sees it.
    const { message, stack = '' } = error instanceof Error ? error : reasonOf(error);
    send({ kind: 'stray', message, stack });
  });
  process.on('message', async (message: ToReader) => {
    if (message.kind === 'settings') {
      const rights = await leastRights(message);
      reading = await readingOf(message, distant);
      send({ kind: 'ready', ...rights });
      return;
    }
    if (message.kind === 'derived') return distant.derived(message);
    if (reading === null) throw new Error('a guest came before the settings');
    if (message.kind === 'start') start(reading, message.id);
    else if (message.isAhead) ahead.set(message.id, message);
    else read(reading, message);
  });
  return new Promise(() => {}); // It ends with its parent.
}

/** Both before the first read, which makes the threads: these have what the thread has that makes them. */
async function leastRights({ needsPrograms, needsRoot }: NeededRights): Promise<Rights> {
  const landlock = needsPrograms ? null : await confine();
  return { landlock, isNobody: !needsRoot && (await becomeNobody()) };
}

async function readingOf(
  { question, formats, disks, keys }: ReaderSettings,
  distant: DistantDeriver,
): Promise<Reading> {
  const known = formats === null ? null : await knownFilesystems(formats, process.env);
  return {
    query: await queryOf(question),
    options: {
      filesystems: known?.filesystems ?? [],
      disks,
      passphrases: passphrasesOf(keys),
      deriver: distant.deriver,
      callsFor: inThisThread(),
      servers: sharedServers(),
      idle: idleConnections(),
    },
  };
}

async function answer(
  { query, options }: Reading,
  { id, guest, timeoutSeconds }: SentJob,
): Promise<Answer> {
  let lastMs = Date.now();
  const onFound = (findings: () => Answer) => {
    if (Date.now() - lastMs < FINDING_INTERVAL_MS) return;
    lastMs = Date.now();
    send({ kind: 'found', id, answer: findings() });
  };
  return ask(receivedGuest(guest), query, { ...options, timeoutSeconds }, onFound);
}

/** Tells the parent when the guests that are read only wait, so that it may send more of them. */
function loadMeter() {
  let [count, last] = [0, performance.eventLoopUtilization()];
  setInterval(() => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    if (count === 0 || (utilization >= IDLE && utilization <= BUSY)) return;
    send({ kind: 'load', isIdle: utilization < IDLE });
  }, LOAD_INTERVAL_MS).unref();
  return {
    count(change: number) {
      count += change;
    },
  };
}

function send(message: FromReader): void {
  process.send?.(message, undefined, undefined, () => {}); // A parent that is gone needs no answer.
}
