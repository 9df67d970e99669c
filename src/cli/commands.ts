// The commands, by name; each is loaded when it is run. Nothing is looked up on disk.
import { UsageError } from '../errors.js';
import type { CommandClass } from './base-command.js';
import { isHelpAsked } from './help-flag.js';

/** By the words, separated by blanks, as they are typed: one line a command, one file a class. */
export const COMMANDS: Readonly<Record<string, () => Promise<CommandClass>>> = {
  df: async () => (await import('./commands/df.js')).Df,
  chain: async () => (await import('./commands/chain.js')).Chain,
  tree: async () => (await import('./commands/tree.js')).Tree,
  'formats list': async () => (await import('./commands/formats-list.js')).FormatsList,
  'formats show': async () => (await import('./commands/formats-show.js')).FormatsShow,
  'formats check': async () => (await import('./commands/formats-check.js')).FormatsCheck,
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
