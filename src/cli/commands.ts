// The commands, by name; each is loaded when it is run. Nothing is looked up on disk.
import type { Command } from '@oclif/core/command';
import { UsageError } from '../errors.js';

/** A command's class, which can start without the rest of oclif. */
export type CommandClass = typeof Command & {
  /** Runs the command and returns the exit code. */
  execute(argv: readonly string[]): Promise<number>;
};

/** Words separated by blanks, as they are typed. */
export const COMMANDS: Readonly<Record<string, () => Promise<CommandClass>>> = {
  df: async () => (await import('./commands/df.js')).Df,
  'formats list': async () => (await import('./commands/formats.js')).FormatsList,
  'formats show': async () => (await import('./commands/formats.js')).FormatsShow,
  'formats check': async () => (await import('./commands/formats.js')).FormatsCheck,
};

export const DEFAULT_COMMAND = 'df';

/**
 * The command that the arguments begin with, and the arguments that are left for it; without one it is `df`. A guest
 * that is called as a command is `-d formats`.
 * @throws UsageError USAGE for the first word of a command without its second.
 */
export function route(argv: readonly string[]): { name: string; rest: readonly string[] } {
  const name = Object.keys(COMMANDS).find((words) =>
    words.split(' ').every((word, index) => argv[index] === word),
  );
  if (name === undefined) {
    const longer = Object.keys(COMMANDS).filter((words) => words.startsWith(`${argv[0]} `));
    if (longer.length > 0) throw new UsageError('USAGE', `it is one of: ${longer.join(', ')}`);
    return { name: DEFAULT_COMMAND, rest: argv };
  }
  return { name, rest: argv.slice(name.split(' ').length) };
}
