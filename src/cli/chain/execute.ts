// The arguments of `chain`, parsed and run.
import { parse } from '@oclif/core/parser';
import { standardOutput } from '../output.js';
import { args, flags } from './flags.js';
import { run } from './run.js';
import { chainSettings } from './settings.js';

/** Returns the exit code. */
export async function execute(argv: readonly string[]): Promise<number> {
  const parsed = await parse([...argv], { flags, args });
  const typed = parsed.raw.flatMap((token) => (token.type === 'flag' ? [token.flag] : []));
  const words = [parsed.args.guest ?? []].flat();
  const surroundings = { env: process.env, stdout: standardOutput() };
  return run(chainSettings({ flags: parsed.flags, words, typed }, surroundings));
}
