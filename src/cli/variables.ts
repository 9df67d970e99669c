// The environment's variables that stand for flags, as each flag names its own. oclif takes any word but a yes for a no.
import type { Command } from '@oclif/core/command';
import { UsageError } from '../errors.js';
import { clean } from '../report/text.js';

export type Flags = (typeof Command)['flags'];
type Environment = Readonly<Record<string, string | undefined>>;

/** So long a value is known again in a message that does not name its flag. */
const MIN_TELLING = 3;

const ANSWERS = ['', '1', 'true', 'yes', 'y', '0', 'false', 'no', 'n'];

/** @throws UsageError USAGE for a flag without a value whose variable is neither yes nor no. */
export function checkVariables(flags: Flags, env: Environment): void {
  for (const { type, env: variable } of Object.values(flags)) {
    const value = variable === undefined ? undefined : env[variable];
    if (type !== 'boolean' || value === undefined || ANSWERS.includes(value.toLowerCase()))
      continue;
    throw new UsageError('USAGE', `${variable} is yes or no, not '${clean(value)}'`);
  }
}

/** `; VIRT_DF_TIMEOUT is 'abc'` where that is what the message is about; flags that were typed have no variable. */
export function variableOf(
  message: string,
  flags: Flags,
  argv: readonly string[],
  env: Environment,
): string {
  for (const [name, { type, env: variable, char }] of Object.entries(flags)) {
    const value = variable === undefined ? '' : (env[variable] ?? '');
    const isTyped = argv.some(
      (word) => new RegExp(`^--${name}(?:=|$)`, 'u').test(word) || word.startsWith(`-${char}`),
    );
    const isNamed = message.includes(`--${name}`);
    // `1` is in many messages.
    const isMeant = value
      .split(/[,:]/u)
      .some((part) => part.length >= (isNamed ? 1 : MIN_TELLING) && message.includes(part));
    if (type !== 'boolean' && isMeant && !isTyped && !message.startsWith('VIRT_DF_'))
      return `; ${variable} is '${clean(value)}'`;
  }
  return '';
}
