// Names of the command line that are neither files nor guests: what else could have been meant.
import { existsSync, readdirSync, statSync } from 'node:fs';
import type { VirtDfError } from '../errors.js';
import type { GuestDefinition } from '../guests/guest.js';
import { type Names, unknownWord } from '../guests/libvirt/no-such-guest.js';
import { didYouMean } from '../similar.js';
import { COMMAND_NAMES } from './command-names.js';
import type { GuestSettings } from './guest-settings.js';

type Libvirt = NonNullable<GuestSettings['libvirt']>;

/** So many names of the working folder are compared with a word. */
const MAX_NAMES = 10_000;

/** What is known of the names that libvirt is asked for. */
export function namesOf({ words }: Libvirt): Names {
  return {
    words,
    advise: (name) => (words.includes(name) ? adviceOnWord(name) : adviceOnDomain(name)),
  };
}

/** What stands for a libvirt that could not be asked beside images: the words, if it was asked for nothing else. */
export function unaskedGuests(error: VirtDfError, libvirt: Libvirt): readonly GuestDefinition[] {
  const { uris, all, select, words } = libvirt;
  const nothing = { uuid: null, state: null, uri: null, disks: [] };
  const isWordsOnly = !all && uris.length === 0 && select.length === words.length;
  if (!isWordsOnly) return [{ ...nothing, name: 'libvirt', problem: error }];
  // The error is that of the first word, for the reason that all have.
  const reason = error.cause as VirtDfError;
  const names = namesOf(libvirt);
  return words.map((name) => ({ ...nothing, name, problem: unknownWord(name, reason, names) }));
}

/** A folder is not read whole unasked; a command, or a file beside it, may be mistyped. */
function adviceOnWord(word: string): string {
  if (isFolder(word)) return `; it is a folder: virt-df -r ${word} reads the images in it`;
  return (
    didYouMean(word, COMMAND_NAMES).replace('mean', 'mean virt-df') ||
    didYouMean(word, filesHere()).replace('mean', 'mean the file')
  );
}

/** `-dash.img` is the guest `ash.img` by the rules of flags. */
function adviceOnDomain(name: string): string {
  const file = `-d${name}`;
  return existsSync(file) ? `; the file '${file}' is ./${file}` : '';
}

function isFolder(word: string): boolean {
  try {
    return statSync(word).isDirectory();
  } catch {
    return false;
  }
}

function filesHere(): readonly string[] {
  try {
    return readdirSync('.').slice(0, MAX_NAMES);
  } catch {
    return [];
  }
}
