// What must be known of a filesystem of this host before anybody counts on its room: what could fill it, and when it will be full.
import type { Pool, PoolFiller, PoolTrend } from '../../queries/pools/record.js';
import { duration } from '../duration.js';
import { clean } from '../text.js';

/** So many images are told by name. */
const MAX_FILLERS = 5;
const DAY_SECONDS = 86_400;

type Size = (bytes: number) => string;

export function poolNotes(pool: Pool, size: Size): readonly string[] {
  const { on, growthBytes, fillers, unknownGrowthCount, spreadGuests, trend } = pool;
  const spread = spreadGuests.map((guest) => clean(guest)).join(', ');
  const left = `${size(on.availBytes)} are left`;
  const notes = [
    growthBytes > on.availBytes && `its images may take ${size(growthBytes)} more, and ${left}`,
    fillers.length > 0 && `each of these could fill it alone: ${fillersText(fillers, size)}`,
    unknownGrowthCount > 0 && `how large ${unknownGrowthCount} images may become is not known`,
    spread !== '' && `what is in use leaves out filesystems over several pools, of ${spread}`,
    trend !== null && trendText(trend, size),
  ];
  const name = on.mountPoint === null ? `device ${on.id}` : clean(on.mountPoint);
  return notes.flatMap((note) => (note === false ? [] : [`${name}: ${note}`]));
}

function fillersText(fillers: readonly PoolFiller[], size: Size): string {
  const shown = fillers
    .slice(0, MAX_FILLERS)
    .map(({ guest, disk, growthBytes }) => `${clean(guest)}:${clean(disk)} (${size(growthBytes)})`);
  const more = fillers.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function trendText({ sinceMs, bytesPerSecond, secondsToFull }: PoolTrend, size: Size): string {
  const since = new Date(sinceMs).toISOString();
  if (secondsToFull === null) return `no fuller than at ${since}`;
  const aDay = size(Math.round(bytesPerSecond * DAY_SECONDS));
  return `${aDay} a day more since ${since}, so full in ${duration(secondsToFull)}`;
}
