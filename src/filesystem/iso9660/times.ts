// Times of ISO 9660: seven bytes in every record, seven or seventeen in what Rock Ridge says of a file.
// References: ECMA-119 section 9.1.5; Rock Ridge Interchange Protocol 1.12, 4.1.6 (TF); Linux fs/isofs/util.c: iso_date.
import {
  type GuestIso9660ShortTime,
  iso9660ShortTimeRecords,
  parseIso9660Timestamp,
} from '../../../generated/filesystem/iso9660.js';
import type { GuestInteger } from '../../kaitai/untrusted.js';
import { hasFlag, int, rawText, u8 } from '../../validation/guest.js';

const NS_PER_MS = 1_000_000n;
const YEAR_BASE = 1900;
const QUARTER_MS = 15 * 60 * 1000;
/** The sign of a zone was wrong in some writers, and it is left out where it cannot be: 13 hours are the most. */
const MAX_QUARTERS = 52;
const SHORT_BYTES = 7;
const LONG_BYTES = 17;
const LONG_FORM = 7;
/** The bits in the order of their times. */
const CREATED = 0;
const MODIFIED = 1;
const ACCESSED = 2;
const CHANGED = 3;
const DIGITS = /^\d+$/u;
const MAX_DIGITS = 4;
const HUNDREDTH_MS = 10;
const ZONE = 'iso9660: quarters of an hour of a zone';
const [MIN_ZONE, MAX_ZONE] = [-128, 127];

/** null: it does not say. */
export interface FileTimes {
  readonly createdNs: bigint | null;
  readonly modifiedNs: bigint | null;
  readonly accessedNs: bigint | null;
  readonly changedNs: bigint | null;
}

/** @param flags a bit for each time that is there. */
export function timesOf(flags: GuestInteger, bytes: Uint8Array): FileTimes {
  const hasBit = (bit: number) => hasFlag(flags, 2n ** BigInt(bit));
  const isLong = hasBit(LONG_FORM);
  const stepBytes = isLong ? LONG_BYTES : SHORT_BYTES;
  let at = 0;
  const next = (bit: number): bigint | null => {
    if (!hasBit(bit) || at + stepBytes > bytes.length) return null;
    const own = bytes.subarray(at, at + stepBytes);
    at += stepBytes;
    return isLong ? longTime(own) : shortTime(iso9660ShortTimeRecords(own).at(0));
  };
  const createdNs = next(CREATED);
  const modifiedNs = next(MODIFIED);
  const accessedNs = next(ACCESSED);
  return { createdNs, modifiedNs, accessedNs, changedNs: next(CHANGED) };
}

/** What is no date is taken for so much later: the 31st of June is the 1st of July. */
export function shortTime(guest: GuestIso9660ShortTime): bigint {
  const zone = int(guest.timezone, ZONE, MIN_ZONE, MAX_ZONE);
  const { year, month, day, hour, minute, second } = guest;
  const parts = [year, month, day, hour, minute, second].map((part) => u8(part));
  const [years = 0, months = 0, ...rest] = parts;
  const ms = Date.UTC(YEAR_BASE + years, months - 1, ...rest);
  return BigInt(ms - zoneMs(zone)) * NS_PER_MS;
}

function zoneMs(quarters: number): number {
  return Math.abs(quarters) <= MAX_QUARTERS ? quarters * QUARTER_MS : 0;
}

/** null where it is not set, or has no digits. */
function longTime(bytes: Uint8Array): bigint | null {
  const guest = parseIso9660Timestamp(bytes);
  const { year, month, day, hour, minute, second, hundredth } = guest;
  const parts = [year, month, day, hour, minute, second, hundredth].map((part) =>
    rawText(part, MAX_DIGITS),
  );
  if (!guest.isSet || !parts.every((part) => DIGITS.test(part))) return null;
  const [years = 0, months = 0, days = 0, hours, minutes, seconds, hundredths = 0] = parts.map(
    (part) => Number.parseInt(part, 10),
  );
  const ms = Date.UTC(years, months - 1, days, hours, minutes, seconds, hundredths * HUNDREDTH_MS);
  const zone = int(guest.timezone, ZONE, MIN_ZONE, MAX_ZONE);
  return BigInt(ms - zoneMs(zone)) * NS_PER_MS;
}
