// The commands, by name; each is loaded when it is run. Nothing is looked up on disk.
import type { Command } from '@oclif/core/command';

/** A command's class, which can start without the rest of oclif. */
export type CommandClass = typeof Command & {
  /** Runs the command and returns the exit code. */
  execute(argv: readonly string[]): Promise<number>;
};

/** Words separated by blanks, as they are typed. */
export const COMMANDS: Readonly<Record<string, () => Promise<CommandClass>>> = {
  df: async () => (await import('./commands/df.js')).Df,
};

export const DEFAULT_COMMAND = 'df';

/** The command that the arguments begin with, and the arguments that are left for it; without one it is `df`. */
export function route(argv: readonly string[]): { name: string; rest: readonly string[] } {
  const name = Object.keys(COMMANDS).find((words) =>
    words.split(' ').every((word, index) => argv[index] === word),
  );
  if (name === undefined) return { name: DEFAULT_COMMAND, rest: argv };
  return { name, rest: argv.slice(name.split(' ').length) };
}
