// When a snapshot was made.

/** The last millisecond that a Date can be. */
const MAX_TIME_MS = 8.64e15;

/** ISO 8601 in UTC; null for a time that no calendar has. */
export function isoTime(timeMs: number | null): string | null {
  if (timeMs === null || Math.abs(timeMs) > MAX_TIME_MS) return null;
  return new Date(timeMs).toISOString();
}
