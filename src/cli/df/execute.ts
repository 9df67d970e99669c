// The arguments of `df`, parsed and run. Of oclif it needs the parser only; the command's class is for the help.
import { parse } from '@oclif/core/parser';
import { standardOutput } from '../output.js';
import { args, flags } from './flags.js';
import { run } from './run.js';
import { settingsOf } from './settings.js';

/** Returns the exit code. */
export async function execute(argv: readonly string[]): Promise<number> {
  const parsed = await parse([...argv], { flags, args });
  // In the order typed: of several that contradict, df takes the last.
  const typed = parsed.raw.flatMap((token) => (token.type === 'flag' ? [token.flag] : []));
  // oclif's types say one string; with `multiple` it is a list.
  const words = [parsed.args.guest ?? []].flat();
  const surroundings = { env: process.env, stdout: standardOutput() };
  return run(settingsOf({ flags: parsed.flags, words, typed }, surroundings));
}
