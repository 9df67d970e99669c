// The public library: what the command line does, a program can do by import.
//
//   import { scanImages } from 'virt-df';
//   const [report] = await scanImages(['disk.qcow2']);
//   for (const { device, usedBytes, sizeBytes, problem } of report.filesystems) { ... }
//
// Strings in a report are printable, numbers are exact, and null is unknown. Everything else is internal. docs/library.md
// has every option beside the flag that it is.

import type { GuestDefinition } from './guests/guest.js';
import { DEFAULT_MEMORY_BYTES, FILES_MEMORY_SHARE } from './limits.js';
import { askAll } from './queries/ask.js';
import type { ChainReport } from './queries/chain/record.js';
import { df } from './queries/df.js';
import type { DiffReport } from './queries/diff/record.js';
import type { GuestFiles } from './queries/files.js';
import type { JobsReport } from './queries/jobs/record.js';
import {
  askOptions,
  filterOf,
  guestsOf,
  libvirtQuery,
  listGuests,
  readable,
  withConnections,
} from './queries/library-asking.js';
import type {
  DiffOptions,
  FilesOptions,
  ImageOptions,
  JobsOptions,
  LibvirtOptions,
  LiveOption,
  MapScanOptions,
  PoolsOptions,
  ReadOptions,
  ScanOptions,
  TopOptions,
  TreeOptions,
  TreeScanOptions,
} from './queries/library-options.js';
import type { MapOptions } from './queries/map/options.js';
import type { ListedMapReport as MapReport } from './queries/map/record.js';
import type { Pool, PoolsReport } from './queries/pools/record.js';
import type { ReclaimReport } from './queries/reclaim/record.js';
import type { GuestReport } from './queries/report.js';
import type { TopAnswer } from './queries/top/record.js';
import type { TreeReport } from './queries/tree/record.js';

export * from './errors.js';
export type {
  DfCount,
  DirectoryEntry,
  FileDoubt,
  FileExtent,
  FileId,
  FileKind,
  FileNode,
  FileReader,
  FileStat,
  GuestName,
  MetadataRange,
  StoredExtent,
  VolumeRange,
} from './filesystem/files.js';
export type { Basis, View } from './filesystem/filesystem.js';
export type { GuestDefinition, GuestDisk } from './guests/guest.js';
export type { LiveMode } from './queries/agent/options.js';
export type {
  BesideFile,
  ChainDisk,
  ChainJob,
  ChainReport,
  LayerFile,
  LayerRecord,
  LiveNumbers,
  SnapshotRecord,
} from './queries/chain/record.js';
export type { ChangeKind, DiffChange, DiffFilesystem, DiffReport } from './queries/diff/record.js';
export type { Field, FileState } from './queries/diff/state.js';
export type { GuestPath } from './queries/files/guest-path.js';
export type { GuestFiles } from './queries/files.js';
export type {
  BlockJobType,
  DiskJobRecord,
  HostFilesystem,
  JobFileRecord,
  JobRecord,
  JobState,
  JobsReport,
  Meaning,
  Operation,
  Progress,
} from './queries/jobs/record.js';
export type { Passphrases } from './queries/keys.js';
export type {
  DiffOptions,
  FilesOptions,
  ImageOptions,
  JobsOptions,
  LibvirtOptions,
  LiveOption,
  MapScanOptions,
  PoolsOptions,
  ReadOptions,
  ScanOptions,
  TopOptions,
  TreeOptions,
  TreeScanOptions,
} from './queries/library-options.js';
export type { MapOptions } from './queries/map/options.js';
export type {
  ListedMapReport as MapReport,
  MapFilesystem,
  MapHostPlace,
  MapKind,
  MapOwner,
  MapPiece,
  MappedFile,
  MapRow,
} from './queries/map/record.js';
export type {
  Pool,
  PoolFilesystem,
  PoolFiller,
  PoolImage,
  PoolsReport,
  PoolTrend,
} from './queries/pools/record.js';
export type {
  ReclaimFilesystem,
  ReclaimImage,
  ReclaimReport,
  ReclaimSpace,
} from './queries/reclaim/record.js';
export type {
  DiskRecord,
  FilesystemRecord,
  GuestReport,
  LiveNumber,
  LiveRecord,
  Problem,
  ProblemRecord,
  VolumeRecord,
} from './queries/report.js';
export type {
  DiskCounters,
  NetCounters,
  TopAnswer,
  TopGuest,
  TopHost,
} from './queries/top/record.js';
export type { TreeKind, TreeNode, TreeReport } from './queries/tree/record.js';
export { usePercent } from './queries/use-percent.js';
export { dfJson, dfTable, type TableOptions } from './report/printed.js';

/**
 * Reads images and block devices, each a guest of its own: paths, URIs `file:///path`, or URLs of servers (http, https,
 * nbd, nbd+unix, ssh). Nothing is mounted, locked or written. An image that cannot be read is a report with a problem.
 * @throws UsageError USAGE for an empty path, a malformed URI or key, or a folder of formats that cannot be listed.
 */
export async function scanImages(
  images: readonly string[],
  options: ScanOptions & ImageOptions = {},
): Promise<readonly GuestReport[]> {
  return scanGuests(guestsOf(images, options), options, options.snapshot ?? null);
}

/**
 * Reads the guests of libvirt, by its own library and read-only; with `live` the agents in them are asked too.
 * @throws LibvirtError LIBVIRT_MISSING, LIBVIRT_CONNECT, LIBVIRT or TIMEOUT when no URI answers; UsageError USAGE for options that
 * `live` contradicts.
 */
export async function scanLibvirt(
  options: ScanOptions & LibvirtOptions & LiveOption = {},
): Promise<readonly GuestReport[]> {
  const { live = null } = options;
  if (live !== null) return (await import('./queries/agent/library.js')).scanLive(options, live);
  return scanGuests(await listGuests(options), options);
}

/** Reads guests whose disks the caller knows; the reports are in the order of the guests. */
export async function scanGuests(
  guests: readonly GuestDefinition[],
  options: ScanOptions = {},
  snapshot: string | null = null,
): Promise<readonly GuestReport[]> {
  const { view = 'guest', onReport } = options;
  const filesystems = await readable(options);
  const query = df(view, filterOf(options));
  return askAll(guests, query, { ...askOptions(options, snapshot), filesystems }, onReport);
}

/** Reads what each guest's storage is made of, as `virt-df tree` does; `scanImages` says what it takes and throws. */
export async function scanImageTrees(
  images: readonly string[],
  options: TreeScanOptions & ImageOptions = {},
): Promise<readonly TreeReport[]> {
  return scanGuestTrees(guestsOf(images, options), options, options.snapshot ?? null);
}

/** Reads the trees of libvirt's guests; `scanLibvirt` says what it takes and throws. */
export async function scanLibvirtTrees(
  options: TreeScanOptions & LibvirtOptions = {},
): Promise<readonly TreeReport[]> {
  return scanGuestTrees(await listGuests(options), options);
}

/** Reads the trees of guests whose disks the caller knows. */
export async function scanGuestTrees(
  guests: readonly GuestDefinition[],
  options: TreeScanOptions = {},
  snapshot: string | null = null,
): Promise<readonly TreeReport[]> {
  const { tree } = await import('./queries/tree.js');
  const { view = 'guest', exclusive = false } = options;
  const filesystems = await readable(options);
  return askAll(guests, tree(view, exclusive), { ...askOptions(options, snapshot), filesystems });
}

/** Reads what images store for free space, as `virt-df reclaim` does; `scanImages` says what it takes and throws. */
export async function scanImageReclaim(
  images: readonly string[],
  options: TreeOptions & ImageOptions = {},
): Promise<readonly ReclaimReport[]> {
  return scanGuestReclaim(guestsOf(images, options), options, options.snapshot ?? null);
}

/** The same of libvirt's guests; `scanLibvirt` says what it takes and throws. */
export async function scanLibvirtReclaim(
  options: TreeOptions & LibvirtOptions = {},
): Promise<readonly ReclaimReport[]> {
  return scanGuestReclaim(await listGuests(options), options);
}

/** The same of guests whose disks the caller knows. */
export async function scanGuestReclaim(
  guests: readonly GuestDefinition[],
  options: TreeOptions = {},
  snapshot: string | null = null,
): Promise<readonly ReclaimReport[]> {
  const { reclaim } = await import('./queries/reclaim.js');
  const { view = 'guest' } = options;
  const filesystems = await readable(options);
  return askAll(guests, reclaim(view), { ...askOptions(options, snapshot), filesystems });
}

/** What images have of the filesystems of this host, guest by guest and put together. */
export interface ReadPools {
  readonly guests: readonly PoolsReport[];
  readonly pools: readonly Pool[];
}

/** Reads what holds the images, as `virt-df pools` does; `scanImages` says what it takes and throws. */
export async function scanImagePools(
  images: readonly string[],
  options: PoolsOptions & ImageOptions = {},
): Promise<ReadPools> {
  return scanGuestPools(guestsOf(images, options), options, options.snapshot ?? null);
}

/** The same of libvirt's guests; `scanLibvirt` says what it takes and throws. */
export async function scanLibvirtPools(
  options: PoolsOptions & LibvirtOptions = {},
): Promise<ReadPools> {
  return scanGuestPools(await listGuests(options), options);
}

/** The same of guests whose disks the caller knows. */
export async function scanGuestPools(
  guests: readonly GuestDefinition[],
  options: PoolsOptions = {},
  snapshot: string | null = null,
): Promise<ReadPools> {
  const { pools } = await import('./queries/pools.js');
  const { poolsOf } = await import('./queries/pools/group.js');
  const { withHosts } = await import('./queries/pools/host.js');
  const { view = 'guest', reclaimable = false } = options;
  const filesystems = await readable(options);
  const asking = { ...askOptions(options, snapshot), filesystems };
  const reports = await withHosts(await askAll(guests, pools(view, reclaimable), asking));
  const since = { earlier: null, nowMs: Date.now() };
  return { guests: reports, pools: poolsOf(reports, since) };
}

/** Reads the chains of images behind each disk, as `virt-df chain` does; `scanImages` says what it takes and throws. */
export async function scanImageChains(
  images: readonly string[],
  options: ReadOptions & ImageOptions = {},
): Promise<readonly ChainReport[]> {
  return scanGuestChains(guestsOf(images, options), options, options.snapshot ?? null);
}

/**
 * Reads the chains of libvirt's guests, and asks the QEMUs of those that run for their numbers; `scanLibvirt` says what it takes and
 * throws.
 */
export async function scanLibvirtChains(
  options: ReadOptions & LibvirtOptions = {},
): Promise<readonly ChainReport[]> {
  const uris: string[] = [];
  const guests = await listGuests(options, (uri) => uris.push(uri));
  const reports = await scanGuestChains(guests, options);
  const { withLive } = await import('./queries/chain/live.js');
  const { timeoutSeconds = null, select = [] } = options;
  const query = { uris, timeoutSeconds, hasJobs: select.length > 0 };
  return withConnections((connections) => withLive(reports, query, connections));
}

/** Reads the chains of guests whose disks the caller knows. */
export async function scanGuestChains(
  guests: readonly GuestDefinition[],
  options: ReadOptions = {},
  snapshot: string | null = null,
): Promise<readonly ChainReport[]> {
  const { chain } = await import('./queries/chain.js');
  return askAll(guests, chain, { ...askOptions(options, snapshot), filesystems: [] });
}

/** Tells what lies in ranges of images, or where a file lies, as `virt-df map` does; `scanImages` says what it takes and throws. */
export async function scanImageMaps(
  images: readonly string[],
  options: MapScanOptions & ImageOptions = {},
): Promise<readonly MapReport[]> {
  return scanGuestMaps(guestsOf(images, options), options, options.snapshot ?? null);
}

/** The same of libvirt's guests; `scanLibvirt` says what it takes and throws. */
export async function scanLibvirtMaps(
  options: MapScanOptions & LibvirtOptions = {},
): Promise<readonly MapReport[]> {
  return scanGuestMaps(await listGuests(options), options);
}

/** The same of guests whose disks the caller knows. */
export async function scanGuestMaps(
  guests: readonly GuestDefinition[],
  options: MapScanOptions = {},
  snapshot: string | null = null,
): Promise<readonly MapReport[]> {
  const { map } = await import('./queries/map.js');
  const { asked = {} } = options;
  const filesystems = await readable(options);
  const { rowsIn } = await import('./queries/map/row-table.js');
  const query = map({ ...ALL_OF_DISK, ...asked });
  const reports = await askAll(guests, query, { ...askOptions(options, snapshot), filesystems });
  return reports.map((report) => ({ ...report, rows: [...rowsIn(report.rows)] }));
}

const ALL_OF_DISK: MapOptions = {
  from: 'disk',
  ranges: null,
  device: null,
  path: [],
  hostFile: null,
  memoryBytes: DEFAULT_MEMORY_BYTES * FILES_MEMORY_SHARE,
};

/**
 * In which files an image differs from another state of it, as `virt-df diff` tells.
 * @param old the other image; null: the one that it is based on.
 * @throws UsageError as `scanImages`.
 */
export async function diffImages(
  old: string | null,
  image: string,
  options: DiffOptions = {},
): Promise<DiffReport | undefined> {
  const { diff } = await import('./queries/diff.js');
  const { format = 'auto' } = options;
  const filesystems = await readable(options);
  const query = diff({
    old: old === null ? { kind: 'backing' } : { kind: 'images', paths: [old], format },
    isExpanded: options.expand ?? false,
    hasStates: false,
    hasContent: options.content ?? null,
    hasOverlay: options.why ?? false,
    memoryBytes: options.memoryBytes ?? DEFAULT_MEMORY_BYTES * FILES_MEMORY_SHARE,
  });
  const [report] = await askAll(guestsOf([image], { format }), query, {
    ...askOptions(options, null),
    filesystems,
  });
  return report;
}

/**
 * The files of a guest, or of an image: a reader for each of its filesystems, one after the other, and the reason where
 * there is none. Nothing is read that nobody asks the reader for; the disks are closed when the loop ends.
 * @throws UsageError as `scanImages`; SourceError TIMEOUT, and where a disk cannot be read while a reader is asked.
 */
export async function* files(
  guest: GuestDefinition | string,
  options: FilesOptions = {},
): AsyncGenerator<GuestFiles, void, undefined> {
  const { guestFiles } = await import('./queries/files.js');
  const { onDoubt = () => {}, snapshot = null } = options;
  const filesystems = await readable(options);
  const { parallel: _, ...reading } = askOptions(options, snapshot);
  const guests = typeof guest === 'string' ? guestsOf([guest], options) : [guest];
  for (const one of guests) yield* guestFiles(one, { ...reading, filesystems, onDoubt });
}

/**
 * Asks libvirt for the jobs of its guests, as `virt-df jobs` does: those that stop their guests first.
 * @throws LibvirtError as `scanLibvirt` does
 */
export async function scanLibvirtJobs(options: JobsOptions = {}): Promise<readonly JobsReport[]> {
  const { previous = [] } = options;
  const { jobsOf } = await import('./queries/jobs.js');
  return withConnections((connections) => jobsOf(libvirtQuery(options), previous, connections));
}

/**
 * What libvirt's running guests do, as `virt-df top` has it, between two moments; without filesystems and jobs, which the other functions
 * tell.
 * @throws LibvirtError as `scanLibvirt` does
 */
export async function scanLibvirtTop(options: TopOptions = {}): Promise<TopAnswer> {
  const { setTimeout: sleep } = await import('node:timers/promises');
  const { topSample } = await import('./queries/top.js');
  const { topAnswer } = await import('./queries/top/rates.js');
  const query = libvirtQuery(options);
  return withConnections(async (connections) => {
    const first = await topSample(query, null, connections);
    await sleep((options.intervalSeconds ?? 1) * 1000);
    return topAnswer(await topSample(query, first, connections), first);
  });
}
