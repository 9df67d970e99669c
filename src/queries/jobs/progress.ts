// How much of a job is done.
import type { JobRecord, Progress } from './record.js';

export type Parts = Pick<JobRecord, 'data' | 'memory' | 'disk'>;

/** What is done of a job, as bytes: of all its data, of memory or of disks alone, or what was saved for a pull. */
export function doneBytes({
  tempUsedBytes,
  ...parts
}: Parts & Pick<JobRecord, 'tempUsedBytes'>): number | null {
  return wholeOf(parts)?.processedBytes ?? tempUsedBytes;
}

export function wholeOf({ data, memory, disk }: Parts): Progress | null {
  return data ?? memory ?? disk;
}
