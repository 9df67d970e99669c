// The public library: what the command line does, a program can do by import.
//
//   import { scanImages } from 'virt-df';
//   const [report] = await scanImages(['disk.qcow2']);
//   for (const { device, usedBytes, sizeBytes, problem } of report.filesystems) { ... }
//
// Strings in a report are printable, numbers are exact, and null is unknown. Everything else is internal. docs/library.md
// has every option beside the flag that it is.

import { knownFilesystems } from './declarative/known.js';
import type { VirtDfError } from './errors.js';
import type { FileDoubt } from './filesystem/files.js';
import type { View } from './filesystem/filesystem.js';
import type { GuestDefinition } from './guests/guest.js';
import { imageGuests } from './guests/images.js';
import { DEFAULT_MEMORY_BYTES } from './limits.js';
import { type AskOptions, askAll } from './queries/ask.js';
import type { ChainReport } from './queries/chain/record.js';
import { df } from './queries/df.js';
import type { DiffReport } from './queries/diff/record.js';
import type { GuestFiles } from './queries/files.js';
import { type Passphrases, passphrasesOf, readKeys } from './queries/keys.js';
import type { MapOptions } from './queries/map/options.js';
import type { MapReport } from './queries/map/record.js';
import type { ReclaimReport } from './queries/reclaim/record.js';
import type { GuestReport } from './queries/report.js';
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
export type {
  ChainDisk,
  ChainReport,
  LayerFile,
  LayerRecord,
  SnapshotRecord,
} from './queries/chain/record.js';
export type { ChangeKind, DiffChange, DiffFilesystem, DiffReport } from './queries/diff/record.js';
export type { Field, FileState } from './queries/diff/state.js';
export type { GuestPath } from './queries/files/guest-path.js';
export type { GuestFiles } from './queries/files.js';
export type { Passphrases } from './queries/keys.js';
export type { MapOptions } from './queries/map/options.js';
export type {
  MapFilesystem,
  MapHostPlace,
  MapKind,
  MapOwner,
  MapPiece,
  MappedFile,
  MapReport,
  MapRow,
} from './queries/map/record.js';
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
  Problem,
  ProblemRecord,
  VolumeRecord,
} from './queries/report.js';
export type { TreeKind, TreeNode, TreeReport } from './queries/tree/record.js';
export { usePercent } from './queries/use-percent.js';
export { dfJson, dfTable, type TableOptions } from './report/printed.js';

/** How guests are read. */
export interface ReadOptions {
  /** Time for one guest in seconds; null (default) is without limit. What was found until then stays in the report. */
  readonly timeoutSeconds?: number | null;
  /** Time for all guests together, in seconds; null (default) is without limit. */
  readonly deadlineSeconds?: number | null;
  /** Guests read at a time; null (default): by the number of processors. */
  readonly parallel?: number | null;
  /** Directories (or URLs) below which images may name files, beside those of their own directory. */
  readonly allowRoots?: readonly string[];
  /** Whether a web server outside may redirect to an address of this host or its private networks; default: it may not. */
  readonly allowsRedirects?: boolean;
  /** Keys of encrypted devices: `ID:key:STRING` or `ID:file:PATH`, ID a device, a UUID or `all`. */
  readonly keys?: readonly string[];
  /** The passphrases for a device (`/dev/sda2`), or for what has this UUID, tried after `keys`; default: none. */
  readonly passphrases?: Passphrases;
}

/** How df reads guests, and which filesystems it reports. */
export interface ScanOptions extends ReadOptions {
  /** `guest` (default): what df inside the guest prints; `mount`: what a read-only mount prints. They differ on XFS. */
  readonly view?: View;
  /** Only filesystems of these types, and what could not be read; none (default) is all. */
  readonly types?: readonly string[];
  /** No filesystems of these types. */
  readonly excludeTypes?: readonly string[];
  /** Only filesystems that are at least so full (df's Use%), and what could not be read; null (default) is all. */
  readonly minUsePercent?: number | null;
  /** No filesystems that nothing can be written to (squashfs, erofs, discs): they are always full. */
  readonly excludeReadOnly?: boolean;
  /** Folders of .ksy formats of yours. What the environment and the user's configuration name is left alone. */
  readonly formats?: readonly string[];
  /** Called for each file of these folders that is left out, with the reason. */
  readonly onFormatProblem?: (problem: VirtDfError) => void;
  /** Called as each guest has been read, in any order. */
  readonly onReport?: (report: GuestReport) => void;
}

/** How trees are read. */
export type TreeOptions = ReadOptions & Pick<ScanOptions, 'view' | 'formats' | 'onFormatProblem'>;

/** How maps are read, and what is asked for: by default all disks. */
export type MapScanOptions = ReadOptions &
  Pick<ScanOptions, 'formats' | 'onFormatProblem'> & { readonly asked?: Partial<MapOptions> };

/** How files are read. */
export type FilesOptions = Omit<ReadOptions, 'parallel'> &
  Pick<ScanOptions, 'formats' | 'onFormatProblem'> &
  Pick<ImageOptions, 'format' | 'snapshot'> & {
    /** Told of what is left out because it is damaged, and on which device; default: nobody is. */
    readonly onDoubt?: (doubt: FileDoubt, device: string) => void;
  };

/** How two states of a guest are compared. */
export type DiffOptions = ReadOptions &
  Pick<ScanOptions, 'formats' | 'onFormatProblem'> &
  Pick<ImageOptions, 'format'> & {
    /** Rows for all below a directory that was renamed too; default: it has one, with their number. */
    readonly expand?: boolean;
    /** Whether bytes are compared that no time or size tells of; null (default): where the format keeps no times of changes. */
    readonly content?: boolean | null;
    /** Whether what each byte of the overlay is is told too, which reads all of it; default: it is not. */
    readonly why?: boolean;
    /** Memory for what is known of files; default: 256 MiB. */
    readonly memoryBytes?: number;
  };

/** Which images, and how they are opened. */
export interface ImageOptions {
  /** The images' format, `auto` (default), `raw`, `qcow2`, ... What is declared is never probed away. */
  readonly format?: string;
  /** All images are disks of one guest, so that LVM over several disks is joined; one report. */
  readonly sameGuest?: boolean;
  /** The internal snapshot to read instead of the active disk, by id or name. */
  readonly snapshot?: string | null;
}

/** Which guests of libvirt. */
export interface LibvirtOptions {
  /** libvirt URIs; none is libvirt's own default. */
  readonly uris?: readonly string[];
  /** Shut off guests as well; false by default. */
  readonly all?: boolean;
  /** Names, UUIDs or globs of guests, in any state; none selects by `all`. */
  readonly select?: readonly string[];
}

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
 * Reads the guests of libvirt, by its own library and read-only.
 * @throws LibvirtError LIBVIRT_MISSING, LIBVIRT_CONNECT, LIBVIRT or TIMEOUT when no URI answers.
 */
export async function scanLibvirt(
  options: ScanOptions & LibvirtOptions = {},
): Promise<readonly GuestReport[]> {
  return scanGuests(await listGuests(options), options);
}

/** Reads guests whose disks the caller knows; the reports are in the order of the guests. */
export async function scanGuests(
  guests: readonly GuestDefinition[],
  options: ScanOptions = {},
  snapshot: string | null = null,
): Promise<readonly GuestReport[]> {
  const { view = 'guest', types = [], excludeTypes = [], formats = [], onReport } = options;
  const { minUsePercent = null, excludeReadOnly = false } = options;
  const { filesystems, problems } = await knownFilesystems(formats, process.env, true);
  for (const problem of problems) options.onFormatProblem?.(problem);
  const query = df(view, {
    ...{ only: types, exclude: excludeTypes },
    ...{ minUsePercent, excludesReadOnly: excludeReadOnly },
  });
  return askAll(guests, query, { ...askOptions(options, snapshot), filesystems }, onReport);
}

/** Reads what each guest's storage is made of, as `virt-df tree` does; `scanImages` says what it takes and throws. */
export async function scanImageTrees(
  images: readonly string[],
  options: TreeOptions & ImageOptions = {},
): Promise<readonly TreeReport[]> {
  return scanGuestTrees(guestsOf(images, options), options, options.snapshot ?? null);
}

/** Reads the trees of libvirt's guests; `scanLibvirt` says what it takes and throws. */
export async function scanLibvirtTrees(
  options: TreeOptions & LibvirtOptions = {},
): Promise<readonly TreeReport[]> {
  return scanGuestTrees(await listGuests(options), options);
}

/** Reads the trees of guests whose disks the caller knows. */
export async function scanGuestTrees(
  guests: readonly GuestDefinition[],
  options: TreeOptions = {},
  snapshot: string | null = null,
): Promise<readonly TreeReport[]> {
  const { tree } = await import('./queries/tree.js');
  const { view = 'guest', formats = [], onFormatProblem } = options;
  const { filesystems, problems } = await knownFilesystems(formats, process.env, true);
  for (const problem of problems) onFormatProblem?.(problem);
  return askAll(guests, tree(view), { ...askOptions(options, snapshot), filesystems });
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
  const { view = 'guest', formats = [], onFormatProblem } = options;
  const { filesystems, problems } = await knownFilesystems(formats, process.env, true);
  for (const problem of problems) onFormatProblem?.(problem);
  return askAll(guests, reclaim(view), { ...askOptions(options, snapshot), filesystems });
}

/** Reads the chains of images behind each disk, as `virt-df chain` does; `scanImages` says what it takes and throws. */
export async function scanImageChains(
  images: readonly string[],
  options: ReadOptions & ImageOptions = {},
): Promise<readonly ChainReport[]> {
  return scanGuestChains(guestsOf(images, options), options, options.snapshot ?? null);
}

/** Reads the chains of libvirt's guests; `scanLibvirt` says what it takes and throws. */
export async function scanLibvirtChains(
  options: ReadOptions & LibvirtOptions = {},
): Promise<readonly ChainReport[]> {
  return scanGuestChains(await listGuests(options), options);
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
  const { asked = {}, formats = [], onFormatProblem } = options;
  const { filesystems, problems } = await knownFilesystems(formats, process.env, true);
  for (const problem of problems) onFormatProblem?.(problem);
  const query = map({ ...ALL_OF_DISK, ...asked });
  return askAll(guests, query, { ...askOptions(options, snapshot), filesystems });
}

const ALL_OF_DISK: MapOptions = {
  from: 'disk',
  ranges: null,
  device: null,
  path: [],
  hostFile: null,
  memoryBytes: DEFAULT_MEMORY_BYTES / 2,
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
  const { format = 'auto', formats = [], onFormatProblem } = options;
  const { filesystems, problems } = await knownFilesystems(formats, process.env, true);
  for (const problem of problems) onFormatProblem?.(problem);
  const query = diff({
    old: old === null ? { kind: 'backing' } : { kind: 'images', paths: [old], format },
    isExpanded: options.expand ?? false,
    hasStates: false,
    hasContent: options.content ?? null,
    hasOverlay: options.why ?? false,
    memoryBytes: options.memoryBytes ?? DEFAULT_MEMORY_BYTES / 2,
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
  const { formats = [], onFormatProblem, onDoubt = () => {}, snapshot = null } = options;
  const { filesystems, problems } = await knownFilesystems(formats, process.env, true);
  for (const problem of problems) onFormatProblem?.(problem);
  const { parallel: _, ...reading } = askOptions(options, snapshot);
  const guests = typeof guest === 'string' ? guestsOf([guest], options) : [guest];
  for (const one of guests) yield* guestFiles(one, { ...reading, filesystems, onDoubt });
}

function guestsOf(images: readonly string[], options: ImageOptions): readonly GuestDefinition[] {
  const { format = 'auto', sameGuest = false } = options;
  return imageGuests(images, { format, sameGuest });
}

async function listGuests(
  options: ReadOptions & LibvirtOptions,
): Promise<readonly GuestDefinition[]> {
  const { uris = [], all = false, select = [], timeoutSeconds = null } = options;
  const { listLibvirtGuests } = await import('./guests/libvirt.js');
  return listLibvirtGuests({ uris, all, select, timeoutSeconds });
}

function askOptions(
  options: ReadOptions,
  snapshot: string | null,
): Omit<AskOptions, 'filesystems'> & {
  readonly parallel: number | null;
  readonly deadlineMs: number | null;
} {
  const { timeoutSeconds = null, deadlineSeconds = null, parallel = null } = options;
  const deadlineMs = deadlineSeconds === null ? null : Date.now() + deadlineSeconds * 1000;
  const { allowRoots = [], allowsRedirects = false } = options;
  const { keys = [], passphrases: more = () => [] } = options;
  const ofKeys = passphrasesOf(readKeys(keys, false));
  const passphrases: Passphrases = (device, uuid) => [
    ...ofKeys(device, uuid),
    ...more(device, uuid),
  ];
  return {
    timeoutSeconds,
    deadlineMs,
    parallel,
    passphrases,
    disks: { allowRoots, allowsRedirects, snapshot },
  };
}
