// One guest's disks -> rows. The only place, with problem.ts and record.ts, where a format's error is caught: it becomes
// a row with a reason, and the rest goes on.
import { openDisk } from '../container/open.js';
import { SourceError } from '../errors.js';
import type { GuestDefinition, GuestDisk } from '../guests/guest.js';
import { openScope } from '../source/local-scope.js';
import type { Scope } from '../source/scope.js';
import { printable } from '../validation/guest.js';
import { diskDevice } from './device-name.js';
import { problemOf } from './problem.js';
import { type Place, problemRecord } from './record.js';
import type { DiskRecord, GuestReport, ProblemRecord } from './report.js';
import { type Findings, type WalkDisk, type WalkOptions, walk } from './walk.js';

export interface ScanOptions extends WalkOptions {
  /** The time that one guest may take, in seconds; null is without limit. */
  readonly timeoutSeconds: number | null;
}

/** What is filled while a scan runs, so that a guest that runs out of time keeps the rows it had. */
interface Collected extends Findings {
  readonly disks: DiskRecord[];
}

/**
 * Reads how full a guest's filesystems are. It never throws for what the guest or its files are: that is a problem in
 * the report. What it throws is a bug.
 */
export async function scanGuest(
  guest: GuestDefinition,
  options: ScanOptions,
): Promise<GuestReport> {
  const { timeoutSeconds } = options;
  const deadlineMs = timeoutSeconds === null ? null : Date.now() + timeoutSeconds * 1000;
  const scope = openScope({ deadlineMs });
  const found: Collected = { disks: [], filesystems: [], volumes: [], problems: [] };
  const name = printable(guest.name);
  try {
    if (guest.problem !== null) throw guest.problem;
    await withTimeout(scanDisks(found, { ...guest, name }, scope, options), timeoutSeconds);
  } catch (error) {
    found.problems.push({ guest: name, disk: null, device: null, ...problemOf(error) });
  } finally {
    await scope.close();
  }
  const { disks, filesystems, volumes } = found;
  return {
    guest: name,
    uuid: guest.uuid,
    state: guest.state,
    uri: guest.uri,
    disks: [...disks],
    filesystems: [...filesystems],
    volumes: [...volumes],
    problems: [...rowProblems(found), ...found.problems],
    statistics: { ...scope.statistics },
  };
}

async function scanDisks(
  found: Collected,
  guest: GuestDefinition,
  scope: Scope,
  options: ScanOptions,
): Promise<void> {
  const opened: WalkDisk[] = [];
  for (const [index, disk] of guest.disks.entries()) {
    const device = diskDevice(index);
    const place: Place = { guest: guest.name, uuid: guest.uuid, disk: device, device };
    try {
      opened.push({ place, source: await openGuestDisk(found, device, disk, scope) });
    } catch (error) {
      found.filesystems.push(problemRecord(place, problemOf(error)));
    }
  }
  await walk(opened, found, options);
}

/** Opens the disk and lists it, with the host's three numbers where it could be opened. */
async function openGuestDisk(found: Collected, device: string, disk: GuestDisk, scope: Scope) {
  const { path, format, target, allowedPaths, problem } = disk;
  const record = {
    disk: device,
    target,
    path: path === null ? null : printable(path, MAX_PATH_LENGTH),
  };
  try {
    if (problem !== null) throw problem;
    if (path === null) throw new SourceError('NOT_FOUND', `${device} has no file or device`);
    const {
      content,
      format: actualFormat,
      layers,
    } = await openDisk(path, { format, scope, allowedPaths });
    const top = layers[0];
    found.disks.push({
      ...record,
      format: actualFormat,
      capacityBytes: content.sizeBytes,
      allocationBytes: top?.allocationBytes ?? null,
      physicalBytes: top?.physicalBytes ?? null,
    });
    return content;
  } catch (error) {
    const unknown = { capacityBytes: null, allocationBytes: null, physicalBytes: null };
    found.disks.push({ ...record, format: format === 'auto' ? null : format, ...unknown });
    throw error;
  }
}

const MAX_PATH_LENGTH = 4096;
/** setTimeout's longest delay; a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The rows' problems in the form of the list of all problems. */
function rowProblems(found: Collected): ProblemRecord[] {
  return found.filesystems.flatMap(({ guest, disk, device, problem }) =>
    problem === null ? [] : [{ guest, disk, device, ...problem }],
  );
}

/** A read that never returns (a dead NFS server) must not hold up the other guests: its guest is left as it is. */
async function withTimeout(work: Promise<void>, timeoutSeconds: number | null): Promise<void> {
  if (timeoutSeconds === null) return work;
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    const message = `not finished within ${timeoutSeconds} s`;
    timer = setTimeout(
      () => reject(new SourceError('TIMEOUT', message)),
      Math.min(timeoutSeconds * 1000, MAX_TIMER_MS),
    );
  });
  try {
    await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
    work.catch(() => {}); // What the abandoned work still throws has been answered by the timeout.
  }
}
