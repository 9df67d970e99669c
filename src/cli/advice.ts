// What is said after the message about a command line that is wrong: what could have been meant, and where help is. Loaded
// only then.
import { existsSync } from 'node:fs';
import { VirtDfError } from '../errors.js';
import { clean } from '../report/text.js';
import { didYouMean } from '../similar.js';
import { COMMANDS, commandOf, DEFAULT_COMMAND } from './commands.js';
import { type Flags, variableOf } from './variables.js';

/** Flags of df(1), lsblk(8) and libguestfs's virt-df that there are not, and what is there. */
const HABITS: Readonly<Record<string, string>> = {
  '--blocksize': 'the size of sectors is found without it; --block-size is the unit of sizes',
  '--echo-keys': 'keys are --key or --keys-from-stdin',
  '--verbose': '--debug says what was read',
  '-v': '--debug says what was read',
  '--portability': '-k has the units of df -P, and -P is the number of guests read at a time',
  '--threshold': '--larger has the files of at least a size',
  '--time': '--older has the files that were not modified for some days',
  '--sync': 'nothing is mounted, so there is nothing to sync',
  '--no-sync': 'nothing is mounted, so there is nothing to sync',
};

/** `; did you mean --json? (virt-df --help lists the flags)` */
export async function advice(error: Error, argv: readonly string[]): Promise<string> {
  const name = commandOf(argv) ?? DEFAULT_COMMAND;
  const { flags = {} } = (await COMMANDS[name]?.()) ?? {};
  let meant =
    (await flagMeant(error, name, flags)) ||
    (await wordMeant(error)) ||
    dashMeant(error, argv) ||
    variableOf(error.message, flags, argv, process.env);
  if (/^you cannot use -. and --csv/u.test(error.message)) meant = ' Sizes in CSV are bytes.';
  const command = name === DEFAULT_COMMAND ? 'virt-df' : `virt-df ${name}`;
  return `${clean(meant)} (${command} --help lists the flags)`;
}

/** For a flag that there is not: oclif's error has them. */
async function flagMeant(error: Error, command: string, flags: Flags): Promise<string> {
  const [typed] = 'flags' in error && Array.isArray(error.flags) ? error.flags : [];
  if (typeof typed !== 'string') return '';
  const [flag = ''] = typed.split('=');
  const habit = HABITS[flag];
  if (habit !== undefined) return `; ${habit}`;
  if (!flag.startsWith('--')) return '';
  for (const [other, load] of Object.entries(COMMANDS)) {
    if (other !== command && Object.hasOwn((await load()).flags ?? {}, flag.slice(2)))
      return `; it is a flag of virt-df ${other}`;
  }
  return didYouMean(
    flag,
    Object.keys(flags).map((name) => `--${name}`),
  );
}

/** For a column, a format, a command that there is not. */
async function wordMeant(error: Error): Promise<string> {
  const { column, format, command, word, known } = error instanceof VirtDfError ? error.data : {};
  if (typeof word === 'string') return didYouMean(word, String(known).split(' '));
  if (typeof command === 'string') return didYouMean(command, Object.keys(COMMANDS));
  if (typeof column === 'string') {
    if (column === 'target' || column === 'file')
      return '; where it is mounted, only the guest knows (--live --output mountpoint)';
    const { COLUMNS } = await import('../report/columns.js');
    return didYouMean(
      column,
      COLUMNS.flatMap(({ name, alias = [] }) => [name, alias].flat()),
    );
  }
  if (typeof format !== 'string') return '';
  const { formatNames } = await import('./formats/show.js');
  return didYouMean(format, formatNames());
}

/** For `-t -disk.img`: a value that begins with `-` is taken for a flag. */
function dashMeant({ message }: Error, argv: readonly string[]): string {
  if (!/ expects a value/u.test(message)) return '';
  const file = argv.find((word) => word.startsWith('-') && existsSync(word));
  return file === undefined ? '' : `; the file '${file}' is ./${file}`;
}
