// The entry of the command line, and the only place that ends the process.

import { exitNow } from '../host/exit-now.js';
import { READER_ARGUMENT } from '../queries/readers/protocol.js';
import { COMMANDS, route } from './commands.js';
import { EXIT_OK, exitCodeOf, isUsage, reportError } from './failure.js';
import { EXIT_INTERRUPTED, Interrupted } from './interruption.js';
import { OutputClosed } from './output.js';

/** How long a read that was given up (a dead NFS server) may hold the process after the last word. */
const GRACE_MS = 200;

const argv = process.argv.slice(2);

/** Runs the command of process.argv; the process ends with its exit code. */
export function start(): void {
  let stray: unknown;
  // The error of a promise that nobody waits for belongs to no guest's row: reading goes on, and the exit code tells of a bug.
  process.on('unhandledRejection', (error) => {
    stray = error;
    reportError(error, argv.includes('--debug'));
  });
  main(argv)
    .catch(async (error: unknown) => {
      if (error instanceof OutputClosed) return EXIT_OK;
      if (error instanceof Interrupted) return EXIT_INTERRUPTED;
      reportError(error, argv.includes('--debug'), await adviceOn(error));
      return exitCodeOf(error);
    })
    .then((exitCode) => {
      process.exitCode = stray === undefined ? exitCode : exitCodeOf(stray);
      setTimeout(() => exitNow(Number(process.exitCode)), GRACE_MS).unref();
    });
}

async function main(argv: readonly string[]): Promise<number> {
  if (argv[0] === READER_ARGUMENT && process.send !== undefined) {
    const { serve } = await import('../queries/readers/serve.js');
    return serve();
  }
  const { name, rest, isHelp } = route(argv);
  if (isHelp) {
    const { showHelp } = await import('./help.js');
    return showHelp(name);
  }
  const load = COMMANDS[name];
  if (load === undefined) throw new Error(`no command ${name}`);
  const command = await load();
  return command.execute(rest);
}

/** What follows the message about a command line that is wrong: what could have been meant, and where help is. */
async function adviceOn(error: unknown): Promise<string> {
  if (!isUsage(error)) return '';
  const { advice } = await import('./advice.js');
  return advice(error, argv);
}
