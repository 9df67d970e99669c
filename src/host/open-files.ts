// How many files one guest may hold open: an eighth of what this process may, so that images in thousands of parts leave some
// for the guests beside them.
// References: getrlimit(2) RLIMIT_NOFILE; proc_pid_limits(5). Node raises the soft limit to the hard one when it starts.
import { readFileSync } from 'node:fs';
import { FormatError } from '../errors.js';

/** So many every process may have: the limit is looked up only for a guest that has more. */
const ALWAYS_ALLOWED = 128;
/** More guests than that are read at once only while they wait for servers. */
const SHARE = 1 / 8;
const LIMIT = /^Max open files +(?<soft>\d+)/mu;

/** @throws FormatError LIMIT where a guest with so many open files may open no other. */
export function checkOpenFiles(openCount: number): void {
  if (openCount < ALWAYS_ALLOWED) return;
  const allowed = Math.max(ALWAYS_ALLOWED, Math.floor(processLimit() * SHARE));
  if (openCount < allowed) return;
  const message = `one file too many: this guest has ${allowed} open, an eighth of what this process may (ulimit -n)`;
  throw new FormatError('LIMIT', message, { data: { openCount, allowed } });
}

/** Without end where the host does not tell, or has none. */
function processLimit(): number {
  try {
    const found = LIMIT.exec(readFileSync('/proc/self/limits', 'utf8'))?.groups?.soft;
    return found === undefined ? Number.POSITIVE_INFINITY : Number(found);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
