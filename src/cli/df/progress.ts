// One line on a terminal's stderr while work lasts longer than half a second; it is gone when the table comes.
import { isatty } from 'node:tty';
import { clean, cutEnd } from '../../report/text.js';

export interface Progress {
  total(count: number): void;
  done(guest: string): void;
  /** Removes the line until there is news. */
  clear(): void;
  stop(): void;
}

const DELAY_MS = 500;
const INTERVAL_MS = 100;
const STDERR = 2;
const CLEAR_LINE = '\r\u001b[K';

/** Starts the clock; nothing is ever written unless stderr is a terminal. */
export function startProgress(): Progress {
  if (!isatty(STDERR)) return { total() {}, done() {}, clear() {}, stop() {} };
  let [count, total, last, isShown] = [0, 0, '', false];
  let interval: NodeJS.Timeout | undefined;
  const show = () => {
    const text = total === 0 ? 'virt-df: looking for guests' : `virt-df: ${count}/${total} ${last}`;
    const width = (process.stderr.columns || 80) - 1;
    process.stderr.write(`${CLEAR_LINE}${cutEnd(clean(text), width)}`);
    isShown = true;
  };
  const start = () => {
    show();
    interval = setInterval(show, INTERVAL_MS).unref();
  };
  const timer = setTimeout(start, DELAY_MS).unref();
  const clear = () => {
    if (isShown) process.stderr.write(CLEAR_LINE);
    isShown = false;
  };
  return {
    total: (guests) => {
      total = guests;
    },
    done: (guest) => {
      [count, last] = [count + 1, guest];
    },
    clear,
    stop() {
      clearTimeout(timer);
      clearInterval(interval);
      clear();
    },
  };
}
