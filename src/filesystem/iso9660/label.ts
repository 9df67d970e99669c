// The label of a disc of ISO 9660 with Joliet names stands there twice: in the primary descriptor with up to 32 capitals,
// digits and underscores, in Joliet's with up to 16 characters of any kind. Where each may be a lesser form of the other,
// the label has the better one of every two characters, as blkid's: `NA_VE_AND_VERY_LONG_LABEL` and `Naïve and very l` are
// `Naïve and very lONG_LABEL`.
// References: ECMA-119 section 8.4.6; the Joliet specification; what blkid prints (test/filesystem/labels.test.ts).
import { parseIso9660 } from '../../../generated/filesystem/iso9660.js';
import { type Label, labelOf, rawText } from '../../validation/guest.js';

const PRIMARY_CHARACTERS = 32;
const JOLIET_UNITS = 16;
/** What stands for a character that a descriptor cannot have. */
const STAND_IN = '_';

/** From the descriptors; null where the disc has no Joliet names. */
export function jolietLabel(bytes: Uint8Array): Label | null {
  const { hasJoliet, primary, others } = parseIso9660(bytes);
  const joliet = others.at(-1);
  if (!hasJoliet || joliet === undefined) return null;
  const short = rawText(joliet.volumeId, PRIMARY_CHARACTERS).replace(/[ \0]+$/u, '');
  const long = [...rawText(primary.volumeId, PRIMARY_CHARACTERS).padEnd(PRIMARY_CHARACTERS)];
  const characters = [...short.padEnd(JOLIET_UNITS)];
  const better = characters.map((character, i) => betterOf(long[i], character));
  if (better.includes(null)) return labelOf(short);
  return labelOf(better.concat(long.slice(characters.length)).join(''));
}

/** null: neither is a form of the other. Of a capital and its small letter the small one tells more. */
function betterOf(primary: string | undefined, joliet: string): string | null {
  if (primary === undefined || primary === STAND_IN) return joliet;
  if (primary === joliet || joliet === STAND_IN) return primary;
  const small = joliet.toLowerCase();
  return primary.toLowerCase() === small ? small : null;
}
