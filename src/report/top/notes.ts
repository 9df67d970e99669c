// What is said of a guest of `virt-df top` behind its numbers: why it stands still, what runs, what fills.
import { wholeOf } from '../../queries/jobs/progress.js';
import type { JobRecord } from '../../queries/jobs/record.js';
import type { TopFilesystem, TopGuest } from '../../queries/top/record.js';
import { duration } from '../duration.js';
import { DEFAULT_LEVELS } from '../paint.js';
import { clean } from '../text.js';
import { fullest } from './order.js';

export type Size = (bytes: number | null) => string;

/** Growth of which a day is less than the hundredth part is not worth a word. */
const SOON_SECONDS = 7 * 24 * 3600;

export function guestNote(guest: TopGuest, size: Size): string {
  const { reason, stop, jobs, problems } = guest;
  const full = fullest(guest);
  return [
    ...(stop === null ? [] : [clean(stop)]),
    ...(reason === null || stop !== null ? [] : [`paused: ${reason}`]),
    ...(jobs ?? []).map(jobNote),
    ...(full === null ? [] : fullNote(full, size)),
    ...problems.map(({ code, message }) => `${code}: ${clean(message)}`),
  ].join('; ');
}

function fullNote(one: TopFilesystem, size: Size): readonly string[] {
  const { device, usePercent, growthBytes, fullInSeconds } = one;
  const isFull = (usePercent ?? 0) >= DEFAULT_LEVELS.warnPercent;
  const isSoon = fullInSeconds !== null && fullInSeconds < SOON_SECONDS;
  if (!isFull && !isSoon) return [];
  const grows =
    growthBytes === null || growthBytes === 0 ? '' : `, grows by ${size(growthBytes)}/s`;
  const end = fullInSeconds === null ? '' : `, is full in ${duration(fullInSeconds)}`;
  return [`${clean(device)} is ${usePercent ?? '-'}% full${grows}${end}`];
}

/** `backup 12%`, `copy of vda, ready`. */
export function jobNote(job: JobRecord): string {
  const { operation, state, disks } = job;
  const done = donePercent(job);
  const which = disks.length === 1 && disks[0] !== undefined ? ` of ${clean(disks[0].disk)}` : '';
  const far = state === 'ready' ? ', ready' : done === null ? '' : ` ${done}%`;
  return `${operation}${which}${far}`;
}

/** Rounded down; null where nobody knows the end, as of a backup that is pulled. */
export function donePercent(job: JobRecord): number | null {
  const whole = wholeOf(job);
  const [disk] = job.disks;
  const total = whole?.totalBytes ?? null;
  const left = whole?.remainingBytes ?? null;
  if (total !== null && total > 0 && left !== null)
    return Math.floor((100 * (total - left)) / total);
  const hasEnd = disk?.meaning === 'offset' || disk?.meaning === 'written';
  if (disk === undefined || !hasEnd || disk.endBytes === 0) return null;
  return Math.floor((100 * disk.curBytes) / disk.endBytes);
}
