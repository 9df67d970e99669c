// What two answers about the same guests, one after the other, are compared by.
import type { GuestHeader } from './report.js';

/** Tells a guest from the others of all libvirts. */
export function guestKey({
  uri,
  uuid,
  guest,
}: Pick<GuestHeader, 'uri' | 'uuid' | 'guest'>): string {
  return JSON.stringify([uri, uuid ?? guest]);
}

/** A second; null: it is not known, or it has become less, as something new would be. */
export function rateOf(now: number | null, before: number | null, seconds: number): number | null {
  const rate = exactRateOf(now, before, seconds);
  return rate === null ? null : Math.round(rate);
}

/** As `rateOf`, and not rounded. */
export function exactRateOf(
  now: number | null,
  before: number | null,
  seconds: number,
): number | null {
  if (now === null || before === null || seconds <= 0 || now < before) return null;
  return (now - before) / seconds;
}
