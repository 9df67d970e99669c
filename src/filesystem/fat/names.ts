// Names of FAT: short ones of eight and three characters, and the long ones of VFAT.
// References: Linux 6.18 fs/fat/dir.c: fat_parse_long, fat_parse_short, fat_shortname2uni; fs/fat/fat.h: fat_checksum;
// fs/nls/nls_cp437.c.
import {
  fatLongNameEntryRecords,
  type GuestFatDirectoryEntry,
} from '../../../generated/filesystem/fat.js';
import { equals, hasFlag, u8 } from '../../validation/guest.js';

const BASE_BYTES = 8;
const LOWER_BASE = 0x08n;
const LOWER_EXTENSION = 0x10n;
/** Stands for 0xe5 in a name, where it would mean a deleted entry. */
const ESCAPED = 0x05;
const DELETED = 0xe5;
const BLANK = 0x20;
const LAST_PART = 0x40;
const MAX_PARTS = 20;
const BYTE_VALUES = 256;

/** The characters of code page 437, which a kernel takes unless it is told otherwise, from 0x80 on. */
const CODE_PAGE_437 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0';

function character(byte: number): string {
  return byte < 0x80 ? String.fromCharCode(byte) : (CODE_PAGE_437[byte - 0x80] ?? '');
}

/** The name that stands in the entry itself. */
export function shortName({ name, case: flags }: GuestFatDirectoryEntry): string {
  const bytes = Uint8Array.from(name);
  if (bytes[0] === ESCAPED) bytes[0] = DELETED;
  const base = part(bytes.subarray(0, BASE_BYTES), hasFlag(flags, LOWER_BASE));
  const extension = part(bytes.subarray(BASE_BYTES), hasFlag(flags, LOWER_EXTENSION));
  return extension === '' ? base : `${base}.${extension}`;
}

function part(bytes: Uint8Array, isLower: boolean): string {
  let length = bytes.length;
  while (length > 0 && bytes[length - 1] === BLANK) length--;
  const zero = bytes.indexOf(0);
  const text = [...bytes.subarray(0, zero < 0 ? length : Math.min(zero, length))].map(character);
  return isLower ? text.join('').toLowerCase() : text.join('');
}

/** Collects the parts of a long name, which come before the entry that they name. */
interface LongName {
  /** Takes the 32 bytes of a part; one that is not the next one begins anew. */
  add(bytes: Uint8Array): void;
  /** The name for the entry that follows: null if the parts are not complete or are another entry's. */
  take(shortName: Uint8Array): string | null;
}

export function longName(): LongName {
  let parts: string[] = [];
  let [next, checksum] = [-1, 0];
  const add = (bytes: Uint8Array): void => {
    const entry = fatLongNameEntryRecords(bytes).at(0);
    const order = u8(entry.order);
    const isLast = hasFlag(entry.order, BigInt(LAST_PART));
    const count = order - LAST_PART;
    if (isLast && count >= 1 && count <= MAX_PARTS) {
      parts = [];
      checksum = u8(entry.checksum);
    } else if (isLast || order !== next || !equals(entry.checksum, checksum)) {
      next = -1;
      return;
    }
    next = (isLast ? count : order) - 1;
    const { characters1, characters2, characters3 } = entry;
    parts.unshift([characters1, characters2, characters3].map(utf16).join(''));
  };
  const take = (name: Uint8Array): string | null => {
    const isWhole = next === 0 && checksumOf(name) === checksum;
    next = -1;
    return isWhole ? (parts.join('').split('\0', 1)[0] ?? '') : null;
  };
  return { add, take };
}

function utf16(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf16le');
}

/** Turned right by one bit for each byte of the short name. */
function checksumOf(shortName: Uint8Array): number {
  let sum = 0;
  for (const byte of shortName) {
    const turned = (sum % 2) * 0x80 + Math.floor(sum / 2);
    sum = (turned + byte) % BYTE_VALUES;
  }
  return sum;
}
