// The entry of the command line, and the only place that ends the process.
import { COMMANDS, route } from './commands.js';
import { exitCodeOf, reportError } from './failure.js';
import { isHelpAsked } from './help-flag.js';

// A reader that has seen enough (head, less) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

/** How long a read that was given up (a dead NFS server) may hold the process after the last word. */
const GRACE_MS = 200;

const argv = process.argv.slice(2);
main(argv)
  .catch((error: unknown) => {
    reportError(error, argv.includes('--debug'));
    return exitCodeOf(error);
  })
  .then((exitCode) => {
    process.exitCode = exitCode;
    process.stdout.write('', () => setTimeout(() => process.exit(), GRACE_MS).unref());
  });

async function main(argv: readonly string[]): Promise<number> {
  const { name, rest } = route(argv);
  if (isHelpAsked(rest)) {
    const { showHelp } = await import('./help.js');
    return showHelp(name);
  }
  const load = COMMANDS[name];
  if (load === undefined) throw new Error(`no command ${name}`);
  return (await load()).execute(rest);
}
