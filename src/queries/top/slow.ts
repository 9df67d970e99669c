// What takes longer than libvirt's counters, and is asked for less often: how full the guests' filesystems are, and which jobs run.
import { guestKey, rateOf } from '../between-polls.js';
import type { JobsReport } from '../jobs/record.js';
import type { FilesystemRecord, GuestReport } from '../report.js';
import { usePercent } from '../use-percent.js';
import type { TopAnswer, TopFilesystem, TopGuest } from './record.js';

/** df's answers, and when they were read, on a clock that nobody sets. */
export interface ReadFilesystems {
  readonly reports: readonly GuestReport[];
  readonly atMs: number;
}

type FullByGuest = ReadonlyMap<string, readonly TopFilesystem[]>;

/** The fullest first; `before` is the reading before, since which they grew. */
export function fullByGuest(now: ReadFilesystems, before: ReadFilesystems | null): FullByGuest {
  const old = new Map((before?.reports ?? []).map((report) => [guestKey(report), report]));
  const seconds = before === null ? 0 : (now.atMs - before.atMs) / 1000;
  return new Map(
    now.reports.map((report) => {
      const was = old.get(guestKey(report));
      const all = report.filesystems
        .filter(({ sizeBytes }) => sizeBytes !== null)
        .map((row) => topFilesystem(row, was, seconds));
      return [guestKey(report), all.sort((a, b) => (b.usePercent ?? -1) - (a.usePercent ?? -1))];
    }),
  );
}

function topFilesystem(
  row: FilesystemRecord,
  was: GuestReport | undefined,
  seconds: number,
): TopFilesystem {
  const { device, type, label, sizeBytes, usedBytes, availBytes } = row;
  const old = was?.filesystems.find((one) => one.device === device && one.fsUuid === row.fsUuid);
  const growthBytes = rateOf(usedBytes, old?.usedBytes ?? null, seconds);
  const isKnown = growthBytes !== null && growthBytes > 0 && availBytes !== null;
  return {
    ...{ device, type, label, sizeBytes, usedBytes, availBytes, growthBytes },
    usePercent: usePercent(usedBytes, availBytes),
    fullInSeconds: isKnown ? Math.floor(availBytes / growthBytes) : null,
  };
}

/** What was learned so far; null: nothing yet, or nobody wants it. */
export interface Slow {
  readonly full: FullByGuest | null;
  readonly jobs: readonly JobsReport[] | null;
}

export function withSlow(answer: TopAnswer, { full, jobs }: Slow): TopAnswer {
  const reports = new Map((jobs ?? []).map((report) => [guestKey(report), report]));
  return {
    ...answer,
    guests: answer.guests.map((guest): TopGuest => {
      const key = guestKey(guest);
      const report = reports.get(key);
      const running = report?.jobs.filter(({ state }) => state === 'running' || state === 'ready');
      return {
        ...guest,
        filesystems: full?.get(key) ?? null,
        jobs: running ?? null,
        stop: stopOf(guest, report),
      };
    }),
  };
}

/** Not what was so when the jobs were asked for, where the guest goes on since. */
function stopOf({ reason }: TopGuest, report: JobsReport | undefined): string | null {
  const stop = report?.stop ?? null;
  if (stop === null || (stop.kind === 'stopped' && reason !== 'I/O error')) return null;
  return stop.message;
}
