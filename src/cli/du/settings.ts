// The settings of `virt-df du`, from its command line, the environment and the terminal.
import { UsageError } from '../../errors.js';
import { FILES_MEMORY_SHARE } from '../../limits.js';
import type { DuOptions } from '../../queries/du/options.js';
import { HUMAN, KIBIBYTES, parseBlockSize } from '../../report/block-size.js';
import type { DuTextOptions } from '../../report/du/text.js';
import type { CommandLine } from '../base-command.js';
import { parted } from '../files/words.js';
import { type GuestSettings, guestSettings, list } from '../guest-settings.js';
import type { Talk } from '../problems.js';
import {
  asView,
  checkApart,
  SIZE_FLAGS,
  type Surroundings,
  sizeStyle,
} from '../shared-settings.js';
import { terminalSettings } from '../terminal.js';
import type { DuFlags } from './flags.js';

type DuOutput = 'text' | 'json' | 'ndjson' | 'ncdu';

export interface DuSettings extends GuestSettings, Talk, DuTextOptions {
  readonly hasProgress: boolean;
  readonly output: DuOutput;
  readonly options: DuOptions;
  readonly formats: readonly string[];
}

/** An export has the whole tree. */
const WHOLE = ['max-depth', 'summarize', 'sort', 'top', 'older', 'larger', 'apparent-size'];
const APART = {
  json: ['ndjson', 'export', 'bytes', ...SIZE_FLAGS],
  ndjson: ['export', 'bytes', ...SIZE_FLAGS],
  export: [...WHOLE, 'bytes', ...SIZE_FLAGS],
  bytes: SIZE_FLAGS,
  summarize: ['files', 'max-depth', 'older', 'larger'],
};
const SECONDS_PER_DAY = 86_400;
const MS_PER_SECOND = 1000;

/** @throws UsageError USAGE */
export function duSettings(line: CommandLine<DuFlags>, surroundings: Surroundings): DuSettings {
  const { flags, typed } = line;
  checkApart(typed, APART);
  const terminal = terminalSettings(flags, surroundings);
  const { words, place } = parted(line, 'du');
  const guests = guestSettings({ ...line, words, behindA: [] });
  const output = outputOf(flags);
  const isTable = output === 'text' && terminal.isTerminal;
  const options: DuOptions = {
    view: asView(flags.view),
    ...place,
    ...chosen(flags, isTable),
    isOneTree: flags['one-file-system'],
    memoryBytes: guests.memoryBytes * FILES_MEMORY_SHARE,
  };
  const usual = isTable ? HUMAN : KIBIBYTES;
  return {
    ...guests,
    debug: flags.debug,
    quiet: flags.quiet && !flags.debug,
    output,
    formats: list(flags.formats),
    options: output === 'ncdu' ? { ...options, hasFiles: true } : options,
    isApparent: options.isApparent,
    style: flags.bytes ? parseBlockSize('1') : sizeStyle(line, surroundings.env, usual),
    ...terminal,
    width: isTable && !terminal.isWhole ? terminal.width : null,
  };
}

function outputOf(flags: DuFlags): DuOutput {
  if (flags.export !== undefined) return 'ncdu';
  if (flags.json) return 'json';
  return flags.ndjson ? 'ndjson' : 'text';
}

/** Which rows there are, and their order. */
function chosen(flags: DuFlags, isTable: boolean) {
  const { top = null, older, larger, files } = flags;
  const isList = files || top !== null || older !== undefined || larger !== undefined;
  const isTree = !isTable && top === null && older === undefined && larger === undefined;
  const usualDepth = isTable && !isList ? 1 : null;
  return {
    depth: flags.summarize ? 0 : (flags['max-depth'] ?? usualDepth),
    hasFiles: files,
    isApparent: flags['apparent-size'] || flags.bytes,
    sort: flags.sort === 'name' || (flags.sort === undefined && isTree) ? 'name' : 'size',
    top,
    olderThanSeconds:
      older === undefined ? null : Date.now() / MS_PER_SECOND - older * SECONDS_PER_DAY,
    largerBytes: larger === undefined ? null : bytesOf(larger),
  } as const;
}

/** @throws UsageError USAGE */
function bytesOf(text: string): number {
  if (text === '0') return 0;
  const { blockSizeBytes, autoscale } = parseBlockSize(text, '--larger');
  if (!autoscale) return blockSizeBytes;
  throw new UsageError('USAGE', `invalid --larger argument '${text}'`, {
    data: { flag: '--larger' },
  });
}
