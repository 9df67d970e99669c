// The settings of `virt-df jobs`, from its command line, the environment and the terminal.
import { HUMAN, KIBIBYTES } from '../../report/block-size.js';
import type { JobsTextOptions } from '../../report/jobs/text.js';
import type { CommandLine } from '../base-command.js';
import { libvirtSettings } from '../guest-settings.js';
import type { Talk } from '../problems.js';
import { checkApart, SIZE_FLAGS, type Surroundings, sizeStyle } from '../shared-settings.js';
import { terminalSettings } from '../terminal.js';
import type { JobsFlags } from './flags.js';

export interface JobsSettings extends Talk, JobsTextOptions {
  readonly libvirt: ReturnType<typeof libvirtSettings>;
  readonly timeoutSeconds: number | null;
  /** Between two polls; null: there is one. */
  readonly watchSeconds: number | null;
  readonly output: 'text' | 'json' | 'ndjson';
  /** Whether a poll is drawn in the place of the one before. */
  readonly redraws: boolean;
  readonly hasProgress: boolean;
}

const APART = { json: ['ndjson', ...SIZE_FLAGS], ndjson: SIZE_FLAGS };

/** @throws UsageError USAGE */
export function jobsSettings(
  line: CommandLine<JobsFlags>,
  surroundings: Surroundings,
): JobsSettings {
  const { flags, typed, words } = line;
  checkApart(typed, APART);
  const terminal = terminalSettings(flags, surroundings);
  const output = flags.json ? 'json' : flags.ndjson ? 'ndjson' : 'text';
  return {
    libvirt: libvirtSettings(flags, words),
    timeoutSeconds: flags.timeout === 0 ? null : flags.timeout,
    watchSeconds: flags.watch ?? null,
    output,
    redraws: output === 'text' && surroundings.stdout.isTTY === true,
    debug: flags.debug,
    quiet: flags.quiet && !flags.debug,
    style: sizeStyle(line, surroundings.env, terminal.isTerminal ? HUMAN : KIBIBYTES),
    ...terminal,
    width: terminal.isTerminal && !terminal.isWhole ? terminal.width : null,
  };
}
