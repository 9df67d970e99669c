// The screen of `virt-df top`: it is drawn anew with each answer and each key, and the terminal is as it was before when it ends, however
// that comes.
// References: ECMA-48; xterm's control sequences (1049: the alternate screen, 25: the cursor);
// kill(2): a signal to oneself comes before the call returns; termios(4) of job control: nothing stops where no shell waits
import { LibvirtError, VirtDfError } from '../../errors.js';
import type { TopAnswer } from '../../queries/top/record.js';
import { toldApartInNames } from '../../report/same-names.js';
import type { Login } from '../ask-login.js';
import { EXIT_OK } from '../failure.js';
import { EXIT_INTERRUPTED } from '../interruption.js';
import { printOut, standardOutput } from '../output.js';
import { frame, screenOf } from '../screen.js';
import { screenText } from './frame.js';
import { pressed, type View } from './keys.js';
import { firstMs, type Polls } from './polls.js';
import { delayOf, type TopSettings } from './settings.js';

const ENTER_SCREEN = '\u001b[?1049h\u001b[?25l';
const LEAVE_SCREEN = '\u001b[?25h\u001b[?1049l';
/** What is learned beside the counters is drawn at the next of these. */
const REDRAW_MS = 1000;
/** Those that end a process that has no handler for them. */
const ENDING = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'] as const;

const NO_LOGIN =
  'it asks for a login, which is not asked for on the screen; start virt-df top again';

interface Screen {
  readonly settings: TopSettings;
  readonly polls: Polls;
  view: View;
  delaySeconds: number;
  failure: string | null;
  /** What was drawn last. */
  text: string;
  /** Ends the wait for the next question. */
  wake: () => void;
  isOver: boolean;
}

/** @throws LibvirtError where no libvirt answers the first time. */
export async function runScreen(
  settings: TopSettings,
  polls: Polls,
  login: Login,
): Promise<number> {
  await polls.next();
  // Keys are the screen's now: what is typed would be commands.
  login.around(() => {
    throw new LibvirtError('LIBVIRT_CONNECT', NO_LOGIN);
  });
  const screen: Screen = {
    ...{ settings, polls, failure: null, text: '', wake: () => {}, isOver: false },
    delaySeconds: settings.delaySeconds,
    view: {
      ...{ order: settings.order, show: settings.show },
      ...{ isReversed: false, filter: '', typed: null, typedDelay: null, isHelp: false },
      skipped: 0,
    },
  };
  const terminal = openTerminal(screen);
  try {
    return await Promise.race([terminal.ended, askAgain(screen)]);
  } finally {
    screen.isOver = true;
    screen.wake();
    terminal.close();
  }
}

/** Until so many tables were drawn; without an end if there is no such number. */
async function askAgain(screen: Screen): Promise<number> {
  const { settings, polls } = screen;
  draw(screen);
  await pause(screen, firstMs(settings));
  for (let count = 1; !screen.isOver; count += 1) {
    try {
      await polls.next();
      screen.failure = null;
    } catch (error) {
      // A daemon that is started anew answers again.
      if (!(error instanceof VirtDfError)) throw error;
      screen.failure = `${error.code}: ${error.message}`;
    }
    draw(screen);
    if (count === settings.iterations) return EXIT_OK;
    await pause(screen, screen.delaySeconds * 1000);
  }
  return EXIT_OK;
}

/** What is no delay changes nothing; the title says what is typed. */
function setDelay(screen: Screen, typed: string): void {
  try {
    screen.delaySeconds = delayOf(typed);
  } catch (error) {
    if (!(error instanceof VirtDfError)) throw error;
    screen.failure = error.message;
  }
}

function pause(screen: Screen, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    screen.wake = () => {
      clearTimeout(timer);
      resolve();
    };
  });
}

function draw(screen: Screen): void {
  const answer = screen.polls.last();
  if (answer === null || screen.isOver) return;
  const size = screenOf(standardOutput());
  const guests = toldApartInNames(answer.guests);
  const told: TopAnswer = { ...answer, guests };
  const { columns } = size;
  const { failure } = screen;
  const { title, text, skipped } = screenText(told, screen.view, screen.settings, {
    ...{ columns, failure },
  });
  screen.view = { ...screen.view, skipped };
  // What is left of it on the terminal afterwards.
  screen.text = text
    .split(/(?<=\n)/u)
    .slice(0, size.rows - 2)
    .join('');
  printOut(frame(text, title, { ...size, isFirst: false }));
}

/** Takes the terminal, and gives it back. `ended` is the exit status of whoever has seen enough. */
function openTerminal(screen: Screen) {
  const { stdin, stdout } = process;
  let [end, fail]: [(code: number) => void, (error: unknown) => void] = [() => {}, () => {}];
  const ended = new Promise<number>((resolve, reject) => {
    [end, fail] = [resolve, reject];
  });
  const enter = () => {
    stdin.setRawMode(true);
    printOut(ENTER_SCREEN);
  };
  const leave = () => {
    stdin.setRawMode(false);
    printOut(LEAVE_SCREEN);
  };
  /** The terminal may be gone, which ends the run. */
  const safely = (work: () => void) => () => {
    try {
      work();
    } catch (error) {
      fail(error);
    }
  };
  const redraw = safely(() => draw(screen));
  const onKeys = (keys: string) =>
    safely(() => {
      const page = Math.max(1, screenOf(standardOutput()).rows - 3);
      for (const key of keysOf(keys)) {
        const { view, act, delay } = pressed(key, screen.view, page);
        screen.view = view;
        if (delay !== undefined) setDelay(screen, delay);
        if (act === 'end') return end(EXIT_OK);
        if (act === 'interrupt') return end(EXIT_INTERRUPTED);
        if (act === 'now') screen.wake();
        if (act === 'suspend') suspend(enter, leave);
      }
      draw(screen);
    })();
  const onSignal = (signal: NodeJS.Signals) => {
    safely(close)();
    process.kill(process.pid, signal);
  };
  const timer = setInterval(redraw, REDRAW_MS);
  const close = () => {
    clearInterval(timer);
    stdin.off('data', onKeys).pause();
    stdout.off('resize', redraw);
    process.off('exit', onExit);
    for (const signal of ENDING) process.off(signal, onSignal);
    leave();
    printOut(screen.text);
  };
  // A fault anywhere else ends the process by itself.
  const onExit = safely(close);
  process.on('exit', onExit);
  for (const signal of ENDING) process.on(signal, onSignal);
  stdout.on('resize', redraw);
  stdin.setEncoding('utf8').on('data', onKeys).resume();
  enter();
  return { ended, close };
}

/** As a terminal on Ctrl-Z: all that was started with it stops. It goes on here, at once where no shell waits for it (`ssh -t`). */
function suspend(enter: () => void, leave: () => void): void {
  leave();
  process.kill(0, 'SIGTSTP');
  enter();
}

/** Keys that came together; those of arrows are several characters. */
function keysOf(text: string): readonly string[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what a terminal sends.
  return text.match(/\u001b(?:\[[\d;]*[A-Za-z~]|O[A-Z])|./gsu) ?? [];
}
