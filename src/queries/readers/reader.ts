// One process that reads guests for the run, from the run's side: it is started, asked, and killed at any moment.
// References: serve.ts, its other end.
import { killBound, startBound } from '../../host/bound-process.js';
import {
  type FromReader,
  READER_ARGUMENT,
  type ReaderSettings,
  type ToReader,
} from './protocol.js';

/** A read of a disk that does not answer keeps a thread for ever; the others go on. */
const THREAD_COUNT = 72;

export interface Reader {
  readonly pid: number | undefined;
  send(message: ToReader): void;
  kill(): void;
}

interface ReaderEvents {
  onMessage(message: FromReader): void;
  /** It is gone; `how` is `code 1` or `SIGSEGV`. Not called after `kill`. */
  onEnd(how: string): void;
}

/** @param program the script that is run; this program's, but in tests. */
export function startReader(
  program: string,
  settings: ReaderSettings,
  { onMessage, onEnd }: ReaderEvents,
): Reader {
  const child = startBound(program, [READER_ARGUMENT], {
    environment: { UV_THREADPOOL_SIZE: String(THREAD_COUNT) },
  });
  let isOver = false;
  const end = (how: string) => {
    if (isOver) return;
    isOver = true;
    onEnd(how);
  };
  child.on('message', (message: FromReader) => {
    if (!isOver) onMessage(message);
  });
  child.on('error', (error) => end(error.message));
  child.on('exit', (code, signal) => end(signal ?? `code ${code}`));
  const send = (message: ToReader) => {
    if (child.connected) child.send(message, () => {}); // That it is gone is told by its exit.
  };
  send({ kind: 'settings', ...settings });
  return {
    pid: child.pid,
    send,
    kill() {
      isOver = true;
      killBound(child);
    },
  };
}
