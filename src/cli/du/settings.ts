// The settings of `virt-df du`, from its command line, the environment and the terminal.
import { posix } from 'node:path';
import { UsageError } from '../../errors.js';
import type { DuOptions } from '../../queries/du/options.js';
import { HUMAN } from '../../report/block-size.js';
import type { DuTextOptions } from '../../report/du/text.js';
import type { CommandLine } from '../base-command.js';
import { type GuestSettings, guestSettings, list } from '../guest-settings.js';
import type { Talk } from '../problems.js';
import { checkApart, SIZE_FLAGS, type Surroundings, sizeStyle } from '../shared-settings.js';
import { terminalSettings } from '../terminal.js';
import type { DuFlags } from './flags.js';

export interface DuSettings extends GuestSettings, Talk, DuTextOptions {
  readonly hasProgress: boolean;
  readonly output: 'text' | 'json';
  readonly options: DuOptions;
  readonly formats: readonly string[];
}

const APART = { json: SIZE_FLAGS };
/** With these the arguments name no guest. */
const NAMING = ['test', 'add', 'domain', 'all'];
/** Of the memory of a run, for what is kept of files: the rest is for reading. */
const MEMORY_SHARE = 0.5;

/** @throws UsageError USAGE */
export function duSettings(line: CommandLine<DuFlags>, surroundings: Surroundings): DuSettings {
  const { flags, typed } = line;
  checkApart(typed, APART);
  const terminal = terminalSettings(flags, surroundings);
  const { words, place } = parted(line);
  const guests = guestSettings({ ...line, words, behindA: [] });
  return {
    ...guests,
    debug: flags.debug,
    quiet: flags.quiet && !flags.debug,
    output: flags.json ? 'json' : 'text',
    formats: list(flags.formats),
    options: {
      view: flags.view === 'mount' ? 'mount' : 'guest',
      ...place,
      depth: flags['max-depth'] ?? null,
      hasFiles: flags.files,
      isOneTree: false,
      isApparent: false,
      sort: 'name',
      top: null,
      olderThanSeconds: null,
      largerBytes: null,
      memoryBytes: guests.memoryBytes * MEMORY_SHARE,
    },
    isApparent: false,
    style: sizeStyle(line, surroundings.env, HUMAN),
    ...terminal,
    width: terminal.isTerminal && !terminal.isWhole ? terminal.width : null,
  };
}

/** The words that name a guest or an image, and the path in it. */
function parted({ words, typed }: CommandLine<DuFlags>) {
  const namedCount = typed.some((flag) => NAMING.includes(flag)) ? 0 : 1;
  const [path, ...others] = words.slice(namedCount);
  if (others.length > 0) {
    throw new UsageError(
      'USAGE',
      'du takes one guest or image, and a path in it; several are --test IMAGE or --domain GUEST',
    );
  }
  return { words: words.slice(0, namedCount), place: placeOf(path ?? '') };
}

/** `/dev/sda2:/var/log`, `/var/log`: without a device, of all filesystems. */
function placeOf(text: string): Pick<DuOptions, 'device' | 'path'> {
  const [, device = null, own = text] = /^(\/dev\/[^:]+):(|\/.*)$/su.exec(text) ?? [];
  const names = posix.normalize(`/${own}`).split('/');
  return { device, path: names.filter((name) => name !== '') };
}
