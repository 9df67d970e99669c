// The memory and the time of the processes of a run.
// References: proc(5), /proc/PID/statm, /proc/PID/stat.
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { MIB } from '../../limits.js';
import type { Reader } from './reader.js';

/** What a process takes with ordinary guests; there are no more of them than there is room for. */
const ORDINARY_BYTES = 96 * MIB;
/** Of all systems for which Node is built but those with larger pages, where less than there is would be seen. */
const PAGE_BYTES = 4096;

/** How many processes read guests: one for each processor, unless the memory or the user wants fewer. */
export function processLimit(parallel: number | null, memoryBytes: number): number {
  const byMemory = Math.max(1, Math.floor(memoryBytes / ORDINARY_BYTES) - 1);
  return Math.min(availableParallelism(), parallel ?? byMemory, byMemory);
}

/** The largest process, if all of them together take more than they may; null if they do not. */
export function largestOver<P extends { readonly reader: Reader }>(
  processes: Iterable<P>,
  memoryBytes: number,
) {
  // The answers lie in this process; however many there are, half of all is for reading.
  const limitBytes = Math.max(memoryBytes / 2, memoryBytes - process.memoryUsage.rss());
  let [allBytes, bytes, largest] = [0, 0, null as P | null];
  for (const one of processes) {
    const its = residentBytes(one.reader.pid);
    allBytes += its;
    if (its > bytes) [bytes, largest] = [its, one];
  }
  if (allBytes <= limitBytes || largest === null) return null;
  return { process: largest, bytes, allBytes, limitBytes };
}

/** Bytes of a process in memory; 0 where that cannot be told. */
function residentBytes(pid: number | undefined): number {
  try {
    const [, resident = '0'] = readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ');
    return Number(resident) * PAGE_BYTES;
  } catch {
    return 0; // It ended, or this is not Linux.
  }
}

/** Of the clock of /proc; the same on all Linux. */
const TICKS_PER_SECOND = 100;
/** utime and stime, counted behind the name, which may have blanks. */
const [USER, SYSTEM] = [11, 12];

/** CPU time of a process so far; 0 where that cannot be told. */
export function cpuSecondsOf(pid: number | undefined): number {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const words = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return (Number(words[USER]) + Number(words[SYSTEM])) / TICKS_PER_SECOND;
  } catch {
    return 0;
  }
}
