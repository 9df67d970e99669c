// The base class of all commands: oclif runs them through it. It also parses the command line, with the order of its
// flags, and prints the version.
import { Command } from '@oclif/core/command';
import type { Config } from '@oclif/core/config';
import { printOut, standardOutput } from './output.js';
import type { Surroundings } from './shared-settings.js';

/** A command; `run` parses, asks and prints. */
export abstract class BaseCommand extends Command {
  /** Returns the exit code. */
  abstract override run(): Promise<number>;

  /** Runs the command as oclif does: its `run`, with these arguments. */
  static async execute(this: Runnable, argv: readonly string[]): Promise<number> {
    return new this([...argv], CONFIG as Config)._run();
  }

  /** Not oclif's own, which looks for deprecated commands, of which there are none, and sets up a client of npm. */
  protected override async init(): Promise<void> {
    const bare = /^(?:--(?:output(?:=-.*)?|format|watch|live|csv|checksums?)|-w)$/u;
    if (this.argv.some((word) => bare.test(word))) {
      const { withValues } = await import('./bare-flags.js');
      this.argv = withValues(this.argv, this.ctor.flags);
    }
    if (!Object.keys(process.env).some((name) => name.startsWith('VIRT_DF_'))) return;
    const { checkVariables } = await import('./variables.js');
    checkVariables(this.ctor.flags, process.env);
  }

  /** Throws on: main.ts reports every error, and oclif's own handler would load a spinner only to stop it. */
  protected override async catch(error: Error): Promise<never> {
    throw error;
  }
}

/** A class that is not abstract. */
type Runnable = new (argv: string[], config: Config) => BaseCommand;

/** A command's class as the table of commands has it. */
export type CommandClass = typeof Command & {
  execute(argv: readonly string[]): Promise<number>;
};

/** The few members of oclif's configuration that running a command needs; loading all of it takes longer than an image. */
const CONFIG: Pick<Config, 'bin' | 'runHook' | 'scopedEnvVarKeys'> = {
  bin: 'virt-df',
  runHook: async () => ({ failures: [], successes: [] }),
  scopedEnvVarKeys: () => [],
};

/** The result of oclif's parser. */
interface Parsed<F> {
  readonly flags: F;
  readonly args: { readonly guest?: string | readonly string[] | undefined };
  readonly raw: readonly {
    readonly type: string;
    readonly flag?: string;
    readonly input: string;
  }[];
}

/** A parsed command line. */
export interface CommandLine<F> {
  readonly flags: F;
  /** Positional arguments. */
  readonly words: readonly string[];
  /**
   * The names of the flags in the order typed, since of several that contradict df takes the last; flags set by the
   * environment are not among them.
   */
  readonly typed: readonly string[];
  /** The positional arguments right behind a `-a`, which libguestfs's tools take for its value. */
  readonly behindA: readonly string[];
}

export function commandLine<F>({ flags, args, raw }: Parsed<F>): CommandLine<F> {
  // oclif's types say one string; with `multiple` it is a list.
  const words = [args.guest ?? []].flat();
  const isBehindA = (index: number) => raw[index]?.type === 'arg' && raw[index - 1]?.input === '-a';
  const behindA = raw.flatMap(({ input }, index) => (isBehindA(index) ? input : []));
  return { flags, words, typed: raw.flatMap(({ flag }) => flag ?? []), behindA };
}

export function surroundings(): Surroundings {
  return { env: process.env, stdout: standardOutput() };
}

export async function printVersion(): Promise<number> {
  const { VERSION } = await import('../version.js');
  printOut(`virt-df ${VERSION}\n`);
  return 0;
}
