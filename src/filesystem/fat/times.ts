// Times of FAT and exFAT: a date and a time of 16 bits each, of any zone.
// References: Linux 6.18 fs/fat/misc.c: fat_time_fat2unix; fs/exfat/misc.c: exfat_get_entry_time; kernel/time/time.c: mktime64.

const EPOCH_YEAR = 1980;
const NS_PER_MS = 1_000_000n;

/** Seven bits for the year, 4 for the month and 5 for the day. @param least what a month or a day of less is taken for. */
function dateOf(date: number, least: number) {
  return {
    year: EPOCH_YEAR + Math.floor(date / 512),
    month: Math.max(least, Math.floor(date / 32) % 16),
    day: Math.max(least, date % 32),
  };
}

/** Five bits for the hour, 6 for the minute and 5 for two seconds. */
function timeOf(time: number) {
  return {
    hour: Math.floor(time / 2048),
    minute: Math.floor(time / 32) % 64,
    seconds: (time % 32) * 2,
  };
}

/** Since 1970. What is no date or time is taken for so much later: the 31st of June is the 1st of July. */
export function nanosecondsOf(
  date: number,
  time: number,
  leastDay: 0 | 1,
  addedMs: number,
): bigint {
  const { year, month, day } = dateOf(date, leastDay);
  const { hour, minute, seconds } = timeOf(time);
  return BigInt(Date.UTC(year, month - 1, day, hour, minute, seconds, 0) + addedMs) * NS_PER_MS;
}
