// One guest's disks -> rows. The only place, with problem.ts and record.ts, where a format's error is caught: it becomes
// a row with a reason, and the rest goes on.
import { hostNumbers, type Layer, layersOf } from '../container/container.js';
import type { GuestDefinition, GuestDisk } from '../guests/guest.js';
import type { Scope } from '../host/scope.js';
import { diskDevice } from '../stack/device-name.js';
import { printable } from '../validation/guest.js';
import { type DiskOptions, notOpened, openGuestDisk, shownPath } from './guest-disk.js';
import { problemOf } from './problem.js';
import { readSettled } from './read-settled.js';
import { type Place, problemRecord } from './record.js';
import type {
  DiskRecord,
  FilesystemRecord,
  GuestReport,
  Problem,
  ProblemRecord,
} from './report.js';
import { type Findings, type WalkDisk, type WalkOptions, walk } from './walk.js';
import { halfOfRest, withTimeout } from './with-timeout.js';

export interface ScanOptions extends WalkOptions {
  readonly disks?: DiskOptions;
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
  const name = printable(guest.name);
  const { timeoutSeconds } = options;
  const { value, isSettled, statistics } = await readSettled(
    timeoutSeconds,
    (scope, secondsLeft) =>
      collect({ ...guest, name }, scope, { ...options, timeoutSeconds: secondsLeft }),
    isSound,
  );
  const { disks, volumes, problems } = value;
  const filesystems = isSettled ? value.filesystems : value.filesystems.map(unsettled);
  return {
    guest: name,
    uuid: guest.uuid,
    state: guest.state,
    uri: guest.uri,
    disks,
    filesystems,
    volumes,
    problems: [...rowProblems(filesystems), ...problems],
    statistics,
  };
}

function isSound({ filesystems, problems }: Collected): boolean {
  return problems.length === 0 && filesystems.every(({ problem }) => problem === null);
}

async function collect(
  guest: GuestDefinition,
  scope: Scope,
  options: ScanOptions,
): Promise<Collected> {
  const found: Collected = { disks: [], filesystems: [], volumes: [], problems: [] };
  try {
    if (guest.problem !== null) throw guest.problem;
    await withTimeout(scanDisks(found, guest, scope, options), options.timeoutSeconds);
  } catch (error) {
    found.problems.push({ guest: guest.name, disk: null, device: null, ...problemOf(error) });
  }
  // Copies: work that was given up at its timeout may still add to `found`.
  const { disks, filesystems, volumes, problems } = found;
  return {
    disks: [...disks],
    filesystems: [...filesystems],
    volumes: [...volumes],
    problems: [...problems],
  };
}

/** A row that was put together from several moments of a disk that was written to all the time. */
function unsettled(row: FilesystemRecord): FilesystemRecord {
  const { problem, doubts } = row;
  if (problem === null) return { ...row, stale: true, doubts: [...doubts, CHANGING] };
  return { ...row, problem: { ...problem, message: `${problem.message} (${WRITTEN_MEANWHILE})` } };
}

const WRITTEN_MEANWHILE = 'the disk was written to while it was read';
const CHANGING: Problem = { code: 'CHANGING', message: WRITTEN_MEANWHILE };

async function scanDisks(
  found: Collected,
  guest: GuestDefinition,
  scope: Scope,
  options: ScanOptions,
): Promise<void> {
  const opened: WalkDisk[] = [];
  let count = 0;
  const secondsForOne = halfOfRest(guest.disks.length > 1 ? options.timeoutSeconds : null);
  for (const disk of guest.disks) {
    const placeOf = (device: string): Place => ({
      guest: guest.name,
      uuid: guest.uuid,
      disk: device,
      device,
    });
    try {
      const opening = openGuestDisk(disk, scope, options.disks, diskDevice(count));
      const disks = await withTimeout(opening, secondsForOne(), notOpened(disk));
      for (const { content, layer } of disks) {
        const device = diskDevice(count++);
        // An archive's disks are told apart by their own names, which begin with its path.
        const path = disks.length === 1 ? disk.path : layer.path;
        found.disks.push(diskRecord(device, { ...disk, path }, layer, content.sizeBytes));
        found.problems.push(...doubts(guest.name, device, layer));
        opened.push({ place: placeOf(device), source: content });
      }
    } catch (error) {
      const device = diskDevice(count++);
      found.disks.push(unreadDisk(device, disk));
      found.filesystems.push(problemRecord(placeOf(device), problemOf(error)));
    }
  }
  const { passphrases } = options.disks ?? {};
  const unopened = found.filesystems.length;
  await walk(opened, found, passphrases === undefined ? options : { ...options, passphrases });
  for (const row of found.filesystems.splice(0, unopened).reverse()) insert(row, found);
}

/** Puts the row of a disk that was not opened where the rows of that disk would be. */
function insert(row: FilesystemRecord, { disks, filesystems }: Collected): void {
  const indexOf = (disk: string | null) => disks.findIndex((one) => one.disk === disk);
  const own = indexOf(row.disk);
  const next = filesystems.findIndex(({ disk }) => disk === null || indexOf(disk) > own);
  filesystems.splice(next === -1 ? filesystems.length : next, 0, row);
}

/** What is uncertain of the disk's layers. */
function doubts(guest: string, disk: string, layer: Layer): ProblemRecord[] {
  return layersOf(layer).flatMap(({ doubt }) =>
    doubt === null ? [] : [{ guest, disk, device: disk, ...problemOf(doubt) }],
  );
}

/** A disk with the host's three numbers of its active layer. */
function diskRecord(device: string, disk: GuestDisk, layer: Layer, sizeBytes: number): DiskRecord {
  const unread = unreadDisk(device, disk);
  // What stands for a disk that is not there has no size of its own.
  if (layer.problem !== null) return unread;
  return {
    ...unread,
    format: layer.format,
    capacityBytes: sizeBytes,
    ...hostNumbers(layer),
    layerCount: layersOf(layer).length,
  };
}

function unreadDisk(device: string, { target, path, format }: GuestDisk): DiskRecord {
  return {
    disk: device,
    target,
    path: path === null ? null : shownPath(path),
    format: format === 'auto' ? null : format,
    capacityBytes: null,
    allocationBytes: null,
    physicalBytes: null,
    layerCount: null,
  };
}

/** The rows' problems in the form of the list of all problems. */
function rowProblems(filesystems: readonly FilesystemRecord[]): ProblemRecord[] {
  return filesystems.flatMap(({ guest, disk, device, problem }) =>
    problem === null ? [] : [{ guest, disk, device, ...problem }],
  );
}
