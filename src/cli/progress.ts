// One line on a terminal's stderr while work lasts longer than half a second; it is gone when the table comes.
import { clean, cutEnd } from '../report/text.js';
import { errorTerminalWidth, printError } from './output.js';

interface Progress {
  total(count: number): void;
  done(guest: string): void;
  /** Removes the line until there is news. */
  clear(): void;
  /** Removes it until what it gives is called. */
  hold(): () => void;
  stop(): void;
}

const DELAY_MS = 500;
const INTERVAL_MS = 100;
const CLEAR_LINE = '\r\u001b[K';

/** Where the line is drawn. */
interface Terminal {
  /** Its columns; null if it is none. */
  width(): number | null;
  print(text: string): void;
}

const STDERR: Terminal = { width: errorTerminalWidth, print: printError };

/** For --no-progress. */
export const NOWHERE: Terminal = { width: () => null, print: () => {} };

/**
 * Starts the clock; nothing is ever written unless stderr is a terminal.
 * @param status how far the guest is that is read; null: there is nothing to tell.
 */
export function startProgress(
  terminal = STDERR,
  status: () => string | null = () => null,
): Progress {
  let [count, total, last, isShown] = [0, 0, '', false];
  let interval: NodeJS.Timeout | undefined;
  let holders = 0;
  const show = (width: number) => {
    if (holders > 0) return;
    const told = total === 1 ? (status() ?? last) : last;
    const text = total === 0 ? 'virt-df: looking for guests' : `virt-df: ${count}/${total} ${told}`;
    terminal.print(`${CLEAR_LINE}${cutEnd(clean(text), width - 1)}`);
    isShown = true;
  };
  const timer = setTimeout(() => {
    const width = terminal.width();
    if (width === null) return;
    show(width);
    interval = setInterval(() => show(terminal.width() ?? width), INTERVAL_MS).unref();
  }, DELAY_MS).unref();
  const clear = () => {
    if (isShown) terminal.print(CLEAR_LINE);
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
    hold() {
      clear();
      holders += 1;
      return () => {
        holders -= 1;
      };
    },
    stop() {
      clearTimeout(timer);
      clearInterval(interval);
      clear();
    },
  };
}
