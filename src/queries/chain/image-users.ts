// Images that were given by their paths and that running guests of libvirt use: their QEMUs tell of them what they tell of guests' disks.
// Only where a QEMU of this host has one open is a libvirt asked at all.
import { VirtDfError } from '../../errors.js';
import type { GuestDefinition } from '../../guests/guest.js';
import type { JobConnections } from '../../guests/libvirt/kept-connections.js';
import { listLibvirtGuests } from '../../guests/libvirt.js';
import { isOpenInQemu } from '../../host/in-use.js';
import { type LiveQuery, withLive } from './live.js';
import { identity } from './live-rows.js';
import type { ChainDisk, ChainReport, ImageUser } from './record.js';

interface ImageQuery extends Omit<LiveQuery, 'uris' | 'hasJobs'> {
  /** Empty is libvirt's own default. */
  readonly uris: readonly string[];
  /** Called where no libvirt tells whose the images are. */
  readonly onUnknown?: (reason: VirtDfError) => void;
}

/** Nobody asked for guests: their libvirt has no longer than that. */
const MOST_SECONDS = 3;

/** The answers with what the QEMUs say of images that their guests use. */
export async function withUsers(
  reports: readonly ChainReport[],
  query: ImageQuery,
  connections: JobConnections,
): Promise<readonly ChainReport[]> {
  const open = await openImages(reports);
  if (open.length === 0) return reports;
  const { timeoutSeconds } = query;
  const bounded = {
    ...query,
    timeoutSeconds: Math.min(timeoutSeconds ?? MOST_SECONDS, MOST_SECONDS),
  };
  const uris: string[] = [];
  const guests = await runningGuests(bounded, uris, connections);
  const users = await usersOf(guests);
  const asked: { disk: ChainDisk; own: ChainReport }[] = [];
  for (const { report, disk } of open) {
    const user = users.get((await identity(disk.chain.path ?? '')) ?? '') ?? null;
    if (user !== null) asked.push({ disk, own: asOfGuest(report, disk, user) });
  }
  const live = await withLive(
    asked.map(({ own }) => own),
    { ...bounded, uris, hasJobs: true },
    connections,
  );
  const told = new Map(asked.map(({ disk }, index) => [disk, live[index]]));
  return reports.map((report) => joined(report, told));
}

async function openImages(reports: readonly ChainReport[]) {
  const open: { report: ChainReport; disk: ChainDisk }[] = [];
  for (const report of reports.filter(({ uri }) => uri === null)) {
    for (const disk of report.disks) {
      const { path } = disk.chain;
      if (path !== null && (await isOpenInQemu(path))) open.push({ report, disk });
    }
  }
  return open;
}

async function runningGuests(
  { uris, timeoutSeconds, onUnknown }: ImageQuery,
  askedUris: string[],
  connections: JobConnections,
): Promise<readonly GuestDefinition[]> {
  const onAnswer = (uri: string) => askedUris.push(uri);
  const query = { uris, all: false, select: [], timeoutSeconds, onAnswer };
  try {
    return await listLibvirtGuests(
      { ...query, withoutFolders: true, isReadOnly: true },
      connections.list,
    );
  } catch (error) {
    if (!(error instanceof VirtDfError)) throw error;
    onUnknown?.(error);
    return [];
  }
}

/** By file; null: several disks have it, as a base that clones share, and none of their QEMUs speaks for all. */
async function usersOf(
  guests: readonly GuestDefinition[],
): Promise<ReadonlyMap<string, ImageUser | null>> {
  const users = new Map<string, ImageUser | null>();
  const note = async (path: string, user: ImageUser): Promise<void> => {
    const file = await identity(path);
    if (file !== null) users.set(file, users.has(file) ? null : user);
  };
  for (const { name, uuid, state, uri, disks } of guests) {
    for (const { target, path, allowedFiles } of disks) {
      if (uuid === null || uri === null || state === null) continue;
      if (target === null || path === null) continue;
      const user = { guest: name, uuid, state, uri, target };
      await note(path, { ...user, isActive: true });
      for (const file of allowedFiles) await note(file.path, { ...user, isActive: false });
    }
  }
  return users;
}

/** The disk as one of its guest's, so that it is asked for as those are. */
function asOfGuest(report: ChainReport, disk: ChainDisk, user: ImageUser): ChainReport {
  const { uuid, state, uri, target } = user;
  return { ...report, uuid, state, uri, disks: [{ ...disk, target, user }], problems: [] };
}

/** The image's own answer again, with what was said of its disks. */
function joined(
  report: ChainReport,
  told: ReadonlyMap<ChainDisk, ChainReport | undefined>,
): ChainReport {
  const live = report.disks.flatMap((disk) => told.get(disk) ?? []);
  if (live.length === 0) return report;
  const disks = report.disks.map((disk) => {
    const [found] = told.get(disk)?.disks ?? [];
    return found === undefined ? disk : { ...ownBeside(found), target: disk.target };
  });
  const problems = [...report.problems, ...live.flatMap((one) => one.problems)];
  const [{ askedAtMs } = report] = live;
  return { ...report, disks, problems, ...(askedAtMs === undefined ? {} : { askedAtMs }) };
}

/** An image behind the active one is given without those above it: of what is no layer here only the files of jobs are beside it. */
function ownBeside({ beside = [], ...disk }: ChainDisk): ChainDisk {
  const own = beside.filter(({ role }) => role !== null);
  return own.length === 0 ? disk : { ...disk, beside: own };
}
