// The settings of `virt-df diff`, from its command line, the environment and the terminal.
import { UsageError } from '../../errors.js';
import { FILES_MEMORY_SHARE } from '../../limits.js';
import type { DiffOptions, OldState } from '../../queries/diff/options.js';
import { HUMAN, KIBIBYTES } from '../../report/block-size.js';
import type { ClassicDiffOptions } from '../../report/diff/classic.js';
import type { DiffTextOptions } from '../../report/diff/text.js';
import type { CommandLine } from '../base-command.js';
import { NAMING } from '../files/words.js';
import { type GuestSettings, guestSettings, list } from '../guest-settings.js';
import type { Talk } from '../problems.js';
import { checkApart, SIZE_FLAGS, type Surroundings, sizeStyle } from '../shared-settings.js';
import { terminalSettings } from '../terminal.js';
import { checkClassic, classicSettings, withoutAll } from './classic.js';
import type { DiffFlags } from './flags.js';

type DiffOutput = 'text' | 'json' | 'ndjson' | 'classic';

export interface DiffSettings extends GuestSettings, Talk, DiffTextOptions {
  readonly hasProgress: boolean;
  readonly output: DiffOutput;
  /** `options.old` is yet to be asked for; null: it is none of libvirt's guests. */
  readonly oldGuest: GuestSettings | null;
  readonly options: DiffOptions;
  readonly classic: ClassicDiffOptions;
  readonly formats: readonly string[];
}

const APART = {
  json: ['ndjson', 'classic', ...SIZE_FLAGS],
  ndjson: ['classic', ...SIZE_FLAGS],
  classic: ['why', 'expand', 'width', 'color', 'ascii', 'block-size', 'kibibytes', 'mebibytes'],
  csv: ['human-readable', 'si'],
};

/** @throws UsageError USAGE */
export function diffSettings(
  given: CommandLine<DiffFlags>,
  surroundings: Surroundings,
): DiffSettings {
  checkApart(given.typed, APART);
  checkClassic(given);
  const line = withoutAll(given);
  const { flags, typed } = line;
  const classic = classicSettings(given);
  const terminal = terminalSettings(flags, surroundings);
  const { old, oldGuest, words, snapshot } = statesOf(line);
  const named = { ...flags, snapshot: snapshot ?? undefined };
  // --connect is about the old guest then, and asks for no others.
  const asked = oldGuest === null ? typed : typed.filter((flag) => flag !== 'connect');
  const guests = guestSettings({ flags: named, typed: asked, words, behindA: [] });
  const output = outputOf(flags);
  const isTable = output === 'text' && terminal.isTerminal;
  const { expand, content = null, why } = flags;
  return {
    ...guests,
    debug: flags.debug,
    quiet: flags.quiet && !flags.debug,
    output,
    formats: list(flags.formats),
    oldGuest,
    options: {
      old,
      isExpanded: expand || output === 'classic',
      hasStates: output === 'classic',
      hasAttributes: classic.hasAttributes,
      hasAccessTimes: classic.hasAccessTimes,
      hasContent: content,
      hasOverlay: why,
      memoryBytes: guests.memoryBytes * FILES_MEMORY_SHARE,
    },
    classic,
    style: sizeStyle(line, surroundings.env, isTable ? HUMAN : KIBIBYTES),
    ...terminal,
    width: isTable && !terminal.isWhole ? terminal.width : null,
  };
}

function outputOf(flags: DiffFlags): DiffOutput {
  if (flags.classic) return 'classic';
  if (flags.json) return 'json';
  return flags.ndjson ? 'ndjson' : 'text';
}

interface States {
  readonly old: OldState;
  readonly oldGuest: GuestSettings | null;
  /** Those that name the new state. */
  readonly words: readonly string[];
  /** That of the new state. */
  readonly snapshot: string | null;
}

function statesOf(line: CommandLine<DiffFlags>): States {
  const { flags, words, typed } = line;
  const oldCount = words.length - (typed.some((flag) => NAMING.includes(flag)) ? 0 : 1);
  const [image, ...more] = words.slice(0, Math.max(0, oldCount));
  if (more.length > 0) {
    throw new UsageError(
      'USAGE',
      'diff takes two images or guests, or one that is based on another',
    );
  }
  if (image !== undefined && flags.snapshot !== undefined) {
    throw new UsageError('USAGE', '--snapshot A..B compares two states of one image');
  }
  const rest = words.slice(image === undefined ? 0 : 1);
  if (flags.snapshot !== undefined) {
    const [name = '', other = '', ...others] = flags.snapshot.split('..');
    if (name === '' || others.length > 0)
      throw new UsageError('USAGE', '--snapshot takes A..B, two snapshots');
    const snapshot = other === '' ? null : other;
    return { old: { kind: 'snapshot', name }, oldGuest: null, words: rest, snapshot };
  }
  const common = { words: rest, snapshot: null };
  if (image === undefined) return { old: { kind: 'backing' }, oldGuest: null, ...common };
  const named = namedAlone(line, image);
  const old = { kind: 'images', paths: [image], format: flags.format } as const;
  return { old, oldGuest: named.libvirt === null ? null : named, ...common };
}

/** As if the command line named nothing else. Keys are read with the other guest's. */
function namedAlone(line: CommandLine<DiffFlags>, word: string): GuestSettings {
  const apart = { test: [], add: [], domain: [], key: [] };
  const flags = { ...line.flags, ...apart, all: false, 'same-guest': false };
  const own = { ...flags, 'keys-from-stdin': false, snapshot: undefined };
  return guestSettings({ flags: own, words: [word], typed: [], behindA: [] });
}
