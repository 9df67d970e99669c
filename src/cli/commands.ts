// The commands, by name; each is loaded when it is run. Nothing is looked up on disk.
import type { Command } from '@oclif/core/command';
import { UsageError } from '../errors.js';
import { isHelpAsked } from './help-flag.js';

export interface CommandEntry {
  /** Runs it and returns the exit code. */
  execute(argv: readonly string[]): Promise<number>;
  /** Its class, for the help. */
  load(): Promise<typeof Command>;
}

/** By the words, separated by blanks, as they are typed. */
export const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  df: {
    execute: async (argv) => (await import('./df/execute.js')).execute(argv),
    load: async () => (await import('./commands/df.js')).Df,
  },
  chain: {
    execute: async (argv) => (await import('./chain/execute.js')).execute(argv),
    load: async () => (await import('./commands/chain.js')).Chain,
  },
  'formats list': {
    execute: async (argv) => (await import('./commands/formats.js')).FormatsList.execute(argv),
    load: async () => (await import('./commands/formats.js')).FormatsList,
  },
  'formats show': {
    execute: async (argv) => (await import('./commands/formats.js')).FormatsShow.execute(argv),
    load: async () => (await import('./commands/formats.js')).FormatsShow,
  },
  'formats check': {
    execute: async (argv) => (await import('./commands/formats.js')).FormatsCheck.execute(argv),
    load: async () => (await import('./commands/formats.js')).FormatsCheck,
  },
};

export const DEFAULT_COMMAND = 'df';

/**
 * The command that the arguments begin with, and the arguments that are left for it; without one it is `df`, whose help
 * lists them all. A guest that is called as a command is `-d formats`.
 * @throws UsageError USAGE for the first word of a command without its second.
 */
export function route(argv: readonly string[]): { name: string; rest: readonly string[] } {
  const name = Object.keys(COMMANDS).find((words) =>
    words.split(' ').every((word, index) => argv[index] === word),
  );
  if (name === undefined) {
    const longer = Object.keys(COMMANDS).filter((words) => words.startsWith(`${argv[0]} `));
    if (longer.length > 0 && !isHelpAsked(argv))
      throw new UsageError('USAGE', `it is one of: ${longer.join(', ')}`);
    return { name: DEFAULT_COMMAND, rest: argv };
  }
  return { name, rest: argv.slice(name.split(' ').length) };
}
