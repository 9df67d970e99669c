// The entry of the command line, and the only place that ends the process.
import { COMMANDS, route } from './commands.js';
import { exitCodeOf, reportError } from './failure.js';
import { isHelpAsked } from './help-flag.js';

// A reader that has seen enough (head, less) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

const argv = process.argv.slice(2);
main(argv).then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  (error: unknown) => {
    reportError(error, argv.includes('--debug'));
    process.exitCode = exitCodeOf(error);
  },
);

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
