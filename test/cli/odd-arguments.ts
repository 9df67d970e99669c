// Runs one command line after the other in this process, and answers with those that ended as a bug: some thousands are typed,
// and a process for each would take minutes. stdin has them as JSON, the folder to run them in is the working folder.
import { readFileSync } from 'node:fs';
import { COMMANDS, route } from '../../src/cli/commands.js';
import { exitCodeOf } from '../../src/cli/failure.js';

/** A command line that ended with exit status 70, and the error. */
export interface Bug {
  readonly argv: readonly string[];
  readonly said: string;
}

const bugs: Bug[] = [];
let current: readonly string[] = [];

function keep(error: unknown): void {
  if (exitCodeOf(error) !== 70) return;
  bugs.push({ argv: current, said: error instanceof Error ? String(error.stack) : String(error) });
}

process.on('unhandledRejection', keep);
const lines: readonly (readonly string[])[] = JSON.parse(readFileSync(0, 'utf8'));
for (const argv of lines) {
  current = argv;
  try {
    const { name, rest, isHelp } = route(argv);
    const command = await COMMANDS[name]?.();
    if (!isHelp && (await command?.execute(rest)) === 70) keep(new Error('it returned 70'));
  } catch (error) {
    keep(error);
  }
}
process.stderr.write(`\n${JSON.stringify(bugs)}\n`);
process.exit(0);
