// Asks the person at the terminal for the login that a libvirt wants. What is secret is not shown; the terminal is as it was before when
// this ends, however that comes.
// References: termios(4); Node's tty.ReadStream.setRawMode; signal(7)
import { LibvirtError } from '../errors.js';
import type { AskLogin } from '../guests/libvirt/login.js';
import type { LoginQuestion } from '../guests/libvirt/protocol.js';
import { clean } from '../report/text.js';
import { errorTerminalWidth, printError, standardInput } from './output.js';

/** Those that end a process that has no handler for them. */
const ENDING = ['SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGINT'] as const;
const MAX_ANSWER_LENGTH = 1024;
const [CTRL_C, CTRL_D, CTRL_U] = ['\u0003', '\u0004', '\u0015'];
const ENTER = new Set(['\r', '\n']);
const ERASE = new Set(['\u007f', '\b']);

/** Removes what else is drawn on the terminal, and keeps it away until what it gives is called. */
type Hold = () => () => void;

export interface Login {
  /** null: there is no terminal at which somebody could be asked. */
  readonly ask: AskLogin | null;
  /** From now on this is how others are kept from the terminal. */
  around(hold: Hold): void;
}

/** One for a run: nobody is asked the same twice. */
export function loginAsker(): Login {
  let hold: Hold = () => () => {};
  const hasTerminal = standardInput().isTTY === true && errorTerminalWidth() !== null;
  return {
    ask: hasTerminal ? asker(() => hold()) : null,
    around(other) {
      hold = other;
    },
  };
}

function asker(hold: Hold): AskLogin {
  const known = new Map<string, Promise<string>>();
  // Two libvirts that ask at once are answered one after the other.
  let last: Promise<unknown> = Promise.resolve();
  const ask = (uri: string, question: LoginQuestion): Promise<string> => {
    const asking = last.then(() => askOne(uri, question, hold));
    last = asking.catch(() => {});
    return asking;
  };
  return async (uri, questions) => {
    const where = uri ?? 'libvirt';
    const answers: string[] = [];
    for (const question of questions) {
      const key = JSON.stringify([where, question]);
      const asking = known.get(key) ?? ask(where, question);
      known.set(key, asking);
      answers.push(await asking);
    }
    return answers;
  };
}

async function askOne(
  uri: string,
  { prompt, isSecret }: LoginQuestion,
  hold: Hold,
): Promise<string> {
  const goOn = hold();
  const said = clean(prompt).replace(/:?\s*$/u, '');
  const shown = `virt-df: ${clean(uri)}: ${said === '' ? 'login' : said}: `;
  try {
    return await typedLine(shown, isSecret);
  } catch (error) {
    if (error !== GONE) throw error;
    throw new LibvirtError('LIBVIRT_CONNECT', `nobody gave the login that ${uri} asks for`);
  } finally {
    printError('\n');
    goOn();
  }
}

const GONE = Symbol('nobody is there');

/** What is typed until Enter. Ctrl-C is the signal that it always is. */
function typedLine(question: string, isSecret: boolean): Promise<string> {
  const { stdin } = process;
  return new Promise((resolve, reject) => {
    let text = '';
    const close = (): void => {
      stdin.off('data', onKeys).off('end', onEnd).pause();
      process.off('exit', close);
      for (const signal of ENDING) process.off(signal, onSignal);
      stdin.setRawMode(false);
    };
    const end = (work: () => void): void => {
      close();
      work();
    };
    const onEnd = () => end(() => reject(GONE));
    const onSignal = (signal: NodeJS.Signals) =>
      end(() => {
        printError('\n');
        process.kill(process.pid, signal);
      });
    const onKeys = (keys: string): void => {
      for (const key of keys) {
        const isEnd = ENTER.has(key) || key === CTRL_C || (key === CTRL_D && text === '');
        if (key === CTRL_C) onSignal('SIGINT');
        else if (ENTER.has(key)) end(() => resolve(text));
        else if (isEnd) onEnd();
        if (isEnd) return;
        const next = typed(text, key);
        // Without echo of its own the terminal shows what is told to it.
        if (!isSecret && next.length > text.length) printError(key);
        if (!isSecret && next.length < text.length) {
          printError('\b \b'.repeat([...text].length - [...next].length));
        }
        text = next;
      }
    };
    process.on('exit', close);
    for (const signal of ENDING) process.on(signal, onSignal);
    stdin.setRawMode(true);
    stdin.setEncoding('utf8').on('data', onKeys).on('end', onEnd).resume();
    // Who sees it may type already.
    printError(question);
  });
}

function typed(text: string, key: string): string {
  if (key === CTRL_U) return '';
  if (ERASE.has(key)) return [...text].slice(0, -1).join('');
  const isText = /^[^\p{C}]$/u.test(key);
  return isText && text.length < MAX_ANSWER_LENGTH ? text + key : text;
}
