// The names of a directory's records as Linux shows them where Rock Ridge has none: Joliet's, or those of ISO 9660 itself in small
// letters and without a version.
// References: Linux fs/isofs/dir.c: isofs_name_translate; fs/isofs/joliet.c: get_joliet_filename.
import { nameBytes } from '../utf16-names.js';
import type { Names } from './volume.js';

const FIRST_VERSION = ';1';

/** The names of the directory itself and of the one above, as records have them. */
export function isOwnName(name: Uint8Array): boolean {
  return name.length === 1 && (name[0] === 0 || name[0] === 1);
}

export function plainOrJoliet(names: Names, name: Uint8Array): Uint8Array {
  return names === 'joliet' ? jolietName(name) : plainName(name);
}

function plainName(name: Uint8Array): Uint8Array {
  const text = upTo(Buffer.from(name).toString('latin1'), '\0');
  const bare = text.replace(/\.?;1$/u, '');
  // Other versions keep their number; some writers let slashes pass.
  const shown = bare.replace(/[A-Z]/gu, (letter) => letter.toLowerCase()).replace(/[;/]/gu, '.');
  return Buffer.from(shown, 'latin1');
}

function jolietName(name: Uint8Array): Uint8Array {
  const units = Buffer.from(name.subarray(0, name.length - (name.length % 2))).swap16();
  const text = upTo(units.toString('utf16le'), '\0');
  const bare =
    text.length > 2 && text.endsWith(FIRST_VERSION) ? text.slice(0, -FIRST_VERSION.length) : text;
  // As in Windows a name ends with no period, unless it is one.
  return nameBytes(bare.replace(/(?<=.)\.+$/su, ''));
}

function upTo(text: string, mark: string): string {
  const end = text.indexOf(mark);
  return end < 0 ? text : text.slice(0, end);
}
