// A format's claims as text, unchecked but printable: for whoever writes a .ksy and looks at what it reads.
import type { GuestClaim, GuestClaims } from '../kaitai/claims.js';
import type { GuestInteger } from '../kaitai/untrusted.js';
import { big, text, textOrDigits, uuidText } from '../validation/guest.js';

/** Wider than any integer of a format and any sum of them. */
const ANY = 2n ** 80n;

/** Every claim that the format makes, in the order of the -virt-df keys: its key and its value. */
export function claimsText(claims: GuestClaims): readonly (readonly [string, string])[] {
  const { type, label, uuid, version } = claims;
  const lines: [string, string][] = [['name', type]];
  const add = (key: string, claim: GuestClaim | undefined) => {
    if (claim !== undefined) lines.push([key, claimText(claim)]);
  };
  add('block-size', claims.blockSize);
  add('blocks', claims.blocks);
  add('overhead', claims.overhead);
  add('free', claims.free);
  add('available', claims.available);
  add('inodes', claims.inodes);
  add('inodes-free', claims.inodesFree);
  if (label !== undefined) lines.push(['label', text(label)]);
  if (uuid !== undefined) {
    const word = uuid instanceof Uint8Array ? uuidText(uuid) : textOrDigits(uuid);
    lines.push(['uuid', word ?? 'zeros']);
  }
  if (version !== undefined) lines.push(['version', text(version)]);
  return lines;
}

function claimText(claim: GuestClaim): string {
  if (typeof claim !== 'object') return integer(claim);
  if ('zeroBits' in claim) {
    const { at, bits, perBit } = claim.zeroBits;
    return `zero bits among ${integer(bits)} at byte ${integer(at)}, ${integer(perBit)} for each`;
  }
  if ('zeroEntries' in claim) {
    const { at, count, width } = claim.zeroEntries;
    return `zero entries among ${integer(count)} of ${integer(width)} bytes at byte ${integer(at)}`;
  }
  const { at, count, size, base } = claim.sum;
  return `${integer(base)} + the sum over ${integer(count)} records of ${integer(size)} bytes at byte ${integer(at)}`;
}

function integer(value: GuestInteger): string {
  return String(big(value, 'a claim', -ANY, ANY));
}
