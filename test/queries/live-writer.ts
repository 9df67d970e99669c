// A real QEMU that writes to an image while it is read: as fast as it can, except where a test has it stand still, so that
// what a test expects does not hang on which of the two the machine gives more time.
// Reference: QEMU qemu-io-cmds.c, qemu-io.c (a prompt is printed before each command is taken)
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { toolEnv } from '../tools.js';

export interface LiveWriter {
  /** Waits until so many more commands are done. */
  progress(count: number): Promise<void>;
  /** Waits until all that was given is done, and gives nothing more. */
  hold(): Promise<void>;
  /** Goes on after `hold`. */
  go(): void;
  /** Has it do what it was given, and end. */
  quit(): Promise<void>;
  /** Ends it at once: nobody needs what it has not written. */
  kill(): Promise<void>;
}

const PROMPT = 'qemu-io> ';

/** @param ahead how many commands it is given before they are done: time for it to work while the test does. */
export function liveWriter(path: string, commands: Iterator<string>, ahead: number): LiveWriter {
  // It waits for its input's descriptor, and would wait in vain for lines that its library has read ahead already.
  const words = ['-i0', 'qemu-io', '-t', 'unsafe', '-f', 'qcow2', path];
  const program = spawn('stdbuf', words, {
    env: toolEnv,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(program, 'close');
  program.stdin.on('error', () => undefined); // It was killed.
  // Before the first command it prints a prompt too.
  let [given, done, isHeld, isOver] = [0, -1, false, false];
  let waiting: readonly { readonly until: number; readonly resolve: () => void }[] = [];
  const give = () => {
    while (!isHeld && given < done + ahead) {
      program.stdin.write(`${commands.next().value}\n`);
      given += 1;
    }
  };
  let rest = '';
  program.stdout.on('data', (text: Buffer) => {
    const pieces = `${rest}${text.toString('latin1')}`.split(PROMPT);
    rest = (pieces.at(-1) ?? '').slice(1 - PROMPT.length);
    done += pieces.length - 1;
    for (const { resolve } of waiting.filter(({ until }) => until <= done)) resolve();
    waiting = waiting.filter(({ until }) => until > done);
    give();
  });
  const wait = async (until: number): Promise<void> => {
    if (until <= done) return;
    const reached = new Promise<void>((resolve) => {
      waiting = [...waiting, { until, resolve }];
    });
    await Promise.race([reached, ended.then(() => assert.ok(isOver, 'QEMU goes on'))]);
  };
  return {
    progress: (count) => wait(done + count),
    hold() {
      isHeld = true;
      return wait(given);
    },
    go() {
      isHeld = false;
      give();
    },
    async quit() {
      [isHeld, isOver] = [true, true];
      program.stdin.end('quit\n');
      await ended;
    },
    async kill() {
      [isHeld, isOver] = [true, true];
      program.kill('SIGKILL');
      await ended;
    },
  };
}
