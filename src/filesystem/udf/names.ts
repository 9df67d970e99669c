// The names of a volume, which are d-strings of one or two bytes a character, and the UUID that blkid makes of the one of its
// volume set.
// References: OSTA UDF 2.60, 2.1.1, 2.1.3 and 2.2.2.5; util-linux libblkid/src/superblocks/udf.c: gen_uuid_from_volset_id.
import type { GuestUdfLogical } from '../../../generated/filesystem/udf.js';
import { type Label, labelOf, rawText, u8 } from '../../validation/guest.js';

type GuestName = GuestUdfLogical['name'];

const NAME_BYTES = 126;
const UUID_BYTES = 16;
const TIME_BYTES = 8;

/** The characters that are used; '' for a name of neither width. */
function characters({ narrow, wide, lenUsed }: GuestName): string {
  const used = Math.max(0, u8(lenUsed) - 1);
  const bytes = Math.min(used, NAME_BYTES);
  if (narrow !== undefined) return untilNul(rawText(narrow, NAME_BYTES).slice(0, bytes));
  if (wide === undefined) return '';
  return untilNul(rawText(wide, NAME_BYTES).slice(0, Math.floor(bytes / 2)));
}

function untilNul(value: string): string {
  const end = value.indexOf('\0');
  return end < 0 ? value : value.slice(0, end);
}

export function volumeLabel(name: GuestName): Label {
  return labelOf(characters(name).trim());
}

/**
 * Of the first 16 bytes of a volume set's name: as they are if they are hexadecimal digits; the first eight, which
 * are a time, and the next four as numbers if only these are; else the first eight as numbers.
 */
export function uuidOf(setName: GuestName): string | null {
  const bytes = firstBytes(characters(setName));
  if (bytes.length < TIME_BYTES) return null;
  const padded = Buffer.concat([bytes, Buffer.alloc(UUID_BYTES)]).subarray(0, UUID_BYTES);
  const [digits = ''] = /^[0-9a-f]*/iu.exec(padded.toString('latin1')) ?? [];
  if (digits.length === UUID_BYTES) return digits.toLowerCase();
  if (digits.length < TIME_BYTES) return padded.toString('hex', 0, TIME_BYTES);
  const time = digits.slice(0, TIME_BYTES).toLowerCase();
  return time + padded.toString('hex', TIME_BYTES, TIME_BYTES + 4);
}

/** As many whole characters of UTF-8 as fit. */
function firstBytes(value: string): Buffer {
  const pieces: Buffer[] = [];
  let length = 0;
  for (const character of value) {
    const bytes = Buffer.from(character);
    length += bytes.length;
    if (length > UUID_BYTES) break;
    pieces.push(bytes);
  }
  return Buffer.concat(pieces);
}
