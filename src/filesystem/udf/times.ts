// Times of UDF: a date with a zone, down to microseconds.
// References: ECMA-167 1/7.3; Linux fs/udf/udftime.c: udf_disk_stamp_to_time.
import type { GuestUdfFileSet } from '../../../generated/filesystem/udf.js';
import { u8, u16 } from '../../validation/guest.js';

const ZONE_VALUES = 2 ** 12;
const LOCAL_TIME = 1;
const UNKNOWN_ZONE = -2047;
const MS_PER_MINUTE = 60_000;
const NS_PER_MS = 1_000_000n;
const NS_PER_US = 1000n;
const [US_PER_CENTISECOND, US_PER_HUNDRED, MAX_PART] = [10_000, 100, 99];

/** In nanoseconds since 1970; what is no date is taken for so much later. */
export function timeOf(guest: GuestUdfFileSet['recorded']): bigint {
  const { centiseconds, hundredsOfMicroseconds, microseconds } = guest;
  const { month, day, hour, minute, second } = guest;
  const [year = 0, zone = 0] = [guest.year, guest.zone].map((part) => u16(part));
  const [months = 0, days = 0, hours = 0, minutes, seconds, ...below] = [
    ...[month, day, hour, minute, second],
    ...[centiseconds, hundredsOfMicroseconds, microseconds],
  ].map((part) => u8(part));
  const date = new Date(0);
  date.setUTCFullYear(year, months - 1, days);
  date.setUTCHours(hours, minutes, seconds);
  const ms = date.getTime() - zoneMinutes(zone) * MS_PER_MINUTE;
  return BigInt(ms) * NS_PER_MS + BigInt(microsecondsOf(below)) * NS_PER_US;
}

function zoneMinutes(zone: number): number {
  if (Math.floor(zone / ZONE_VALUES) !== LOCAL_TIME) return 0;
  const value = zone % ZONE_VALUES;
  const minutes = value < ZONE_VALUES / 2 ? value : value - ZONE_VALUES;
  return minutes === UNKNOWN_ZONE ? 0 : minutes;
}

/** Some writers leave there what is no number of a hundred. */
function microsecondsOf([centi = 0, hundreds = 0, single = 0]: readonly number[]): number {
  if (Math.max(centi, hundreds, single) > MAX_PART) return 0;
  return centi * US_PER_CENTISECOND + hundreds * US_PER_HUNDRED + single;
}
