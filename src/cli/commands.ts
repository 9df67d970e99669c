// The commands, by name; each is loaded when it is run. Nothing is looked up on disk.
import { UsageError } from '../errors.js';
import type { CommandClass } from './base-command.js';
import { COMMAND_NAMES, type CommandName } from './command-names.js';

/** One line a command, one file a class. */
const LOADED: Readonly<Record<CommandName, () => Promise<CommandClass>>> = {
  df: async () => (await import('./commands/df.js')).Df,
  du: async () => (await import('./commands/du.js')).Du,
  reclaim: async () => (await import('./commands/reclaim.js')).Reclaim,
  pools: async () => (await import('./commands/pools.js')).Pools,
  map: async () => (await import('./commands/map.js')).MapCommand,
  diff: async () => (await import('./commands/diff.js')).Diff,
  chain: async () => (await import('./commands/chain.js')).Chain,
  tree: async () => (await import('./commands/tree.js')).Tree,
  jobs: async () => (await import('./commands/jobs.js')).Jobs,
  top: async () => (await import('./commands/top.js')).Top,
  'formats list': async () => (await import('./commands/formats-list.js')).FormatsList,
  'formats show': async () => (await import('./commands/formats-show.js')).FormatsShow,
  'formats check': async () => (await import('./commands/formats-check.js')).FormatsCheck,
};

/** By the words that are typed. */
export const COMMANDS: Readonly<Record<string, () => Promise<CommandClass>>> = LOADED;

export const DEFAULT_COMMAND = 'df';

/** What the arguments ask for: a command with what is left for it, or the help of a command or of a first word. */
interface Route {
  readonly name: string;
  readonly rest: readonly string[];
  readonly isHelp: boolean;
}

/**
 * The command that the arguments begin with; without one it is `df`, whose help lists them all. A guest that is called as
 * a command is `-d formats`.
 * @throws UsageError USAGE for the first word of a command without its second, and for help about what is no command.
 */
export function route(argv: readonly string[]): Route {
  if (argv[0] === 'help') return helpAbout(argv.slice(1));
  if (argv[0] === 'version' && argv.length === 1) return route(['--version']);
  const isHelp = isHelpAsked(argv);
  const name = commandOf(argv);
  if (name !== undefined) return { name, rest: argv.slice(name.split(' ').length), isHelp };
  const longer = commandsBelow(argv[0] ?? '');
  if (longer.length === 0) return { name: DEFAULT_COMMAND, rest: argv, isHelp };
  if (isHelp) return { name: argv[0] ?? '', rest: [], isHelp };
  throw new UsageError('USAGE', `it is one of: ${longer.join(', ')}`);
}

/** `help`, `help chain`, `help formats`, `help formats show`. */
function helpAbout(words: readonly string[]): Route {
  const typed = words.filter((word) => !word.startsWith('-'));
  if (typed.length === 0) return { name: DEFAULT_COMMAND, rest: [], isHelp: true };
  const name = commandOf(typed) ?? (commandsBelow(typed.join(' ')).length > 0 ? typed[0] : null);
  if (name !== null && name !== undefined) return { name, rest: [], isHelp: true };
  const command = typed.join(' ');
  throw new UsageError('USAGE', `there is no command '${command}'`, { data: { command } });
}

/** The command that the arguments begin with, if they do. */
export function commandOf(argv: readonly string[]): string | undefined {
  return COMMAND_NAMES.find((words) =>
    words.split(' ').every((word, index) => argv[index] === word),
  );
}

/** The commands of two words that begin with this one. */
export function commandsBelow(first: string): readonly string[] {
  return COMMAND_NAMES.filter((words) => words.startsWith(`${first} `));
}

/** `--help` anywhere before `--`; `-h` is df's. */
function isHelpAsked(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end === -1 ? argv : argv.slice(0, end)).includes('--help');
}
