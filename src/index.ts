// The public library: what the command line does, a program can do by import.
//
//   import { scanImages } from 'virt-df';
//   const [report] = await scanImages(['disk.qcow2']);
//   for (const { device, usedBytes, sizeBytes, problem } of report.filesystems) { ... }
//
// Strings in a report are printable, numbers are exact, and null is unknown. Everything else is internal.

import { filesystems } from './declarative/registry.js';
import type { View } from './filesystem/filesystem.js';
import type { GuestDefinition } from './guests/guest.js';
import { imageGuests } from './guests/images.js';
import { askAll } from './queries/ask.js';
import type { ChainReport } from './queries/chain/record.js';
import { df } from './queries/df.js';
import type { GuestReport } from './queries/report.js';
import type { Passphrases } from './stack/grow.js';

export * from './errors.js';
export type { Basis, View } from './filesystem/filesystem.js';
export type { GuestDefinition, GuestDisk } from './guests/guest.js';
export type {
  ChainDisk,
  ChainReport,
  LayerFile,
  LayerRecord,
  SnapshotRecord,
} from './queries/chain/record.js';
export type {
  DiskRecord,
  FilesystemRecord,
  GuestReport,
  Problem,
  ProblemRecord,
  VolumeRecord,
} from './queries/report.js';
export type { Passphrases } from './stack/grow.js';

/** How guests are read. */
export interface ScanOptions {
  /** `guest` (default): what df inside the guest prints; `mount`: what a read-only mount prints. They differ on XFS. */
  readonly view?: View;
  /** Time for one guest in seconds; null (default) is without limit. What was found until then stays in the report. */
  readonly timeoutSeconds?: number | null;
  /** Guests read at a time; null (default): by the number of processors. */
  readonly parallel?: number | null;
  /** Directories (or URLs) below which images may name files, beside those of their own directory. */
  readonly allowRoots?: readonly string[];
  /** The passphrases for a device (`/dev/sda2`), or for what has this UUID; default: none. */
  readonly passphrases?: Passphrases;
  /** Called as each guest has been read, in any order. */
  readonly onReport?: (report: GuestReport) => void;
}

export interface ImageScanOptions extends ScanOptions {
  /** The images' format, `auto` (default), `raw`, `qcow2`, ... What is declared is never probed away. */
  readonly format?: string;
  /** All images are disks of one guest, so that LVM over several disks is joined; one report. */
  readonly sameGuest?: boolean;
  /** The internal snapshot to read instead of the active disk, by id or name. */
  readonly snapshot?: string | null;
}

export interface LibvirtScanOptions extends ScanOptions {
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
 * @throws UsageError USAGE for an empty path or a malformed URI.
 */
export async function scanImages(
  images: readonly string[],
  options: ImageScanOptions = {},
): Promise<readonly GuestReport[]> {
  const { format = 'auto', sameGuest = false } = options;
  return scan(imageGuests(images, { format, sameGuest }), options, options.snapshot ?? null);
}

/**
 * Reads the guests of libvirt, by its own library and read-only.
 * @throws LibvirtError LIBVIRT_MISSING, LIBVIRT_CONNECT, LIBVIRT or TIMEOUT when no URI answers.
 */
export async function scanLibvirt(
  options: LibvirtScanOptions = {},
): Promise<readonly GuestReport[]> {
  const { uris = [], all = false, select = [], timeoutSeconds = null } = options;
  const { listLibvirtGuests } = await import('./guests/libvirt.js');
  return scanGuests(await listLibvirtGuests({ uris, all, select, timeoutSeconds }), options);
}

/** Reads guests whose disks the caller knows; the reports are in the order of the guests. */
export async function scanGuests(
  guests: readonly GuestDefinition[],
  options: ScanOptions = {},
): Promise<readonly GuestReport[]> {
  return scan(guests, options, null);
}

async function scan(
  guests: readonly GuestDefinition[],
  options: ScanOptions,
  snapshot: string | null,
): Promise<readonly GuestReport[]> {
  const { view = 'guest', timeoutSeconds = null, parallel = null, onReport } = options;
  const { allowRoots = [], passphrases = () => [] } = options;
  const disks = { allowRoots, snapshot, passphrases };
  return askAll(guests, df(view), { timeoutSeconds, parallel, filesystems, disks }, onReport);
}

/** Reads the chains of images behind each disk, as `virt-df chain` does; `scanImages` says what it takes and throws. */
export async function scanImageChains(
  images: readonly string[],
  options: Omit<ImageScanOptions, 'view' | 'onReport'> = {},
): Promise<readonly ChainReport[]> {
  const { format = 'auto', sameGuest = false } = options;
  return scanAllChains(imageGuests(images, { format, sameGuest }), options, options.snapshot);
}

/** Reads the chains of libvirt's guests; `scanLibvirt` says what it takes and throws. */
export async function scanLibvirtChains(
  options: Omit<LibvirtScanOptions, 'view' | 'onReport'> = {},
): Promise<readonly ChainReport[]> {
  const { uris = [], all = false, select = [], timeoutSeconds = null } = options;
  const { listLibvirtGuests } = await import('./guests/libvirt.js');
  return scanAllChains(await listLibvirtGuests({ uris, all, select, timeoutSeconds }), options);
}

async function scanAllChains(
  guests: readonly GuestDefinition[],
  options: Omit<ScanOptions, 'view' | 'onReport'>,
  snapshot: string | null = null,
): Promise<readonly ChainReport[]> {
  const { timeoutSeconds = null, parallel = null, allowRoots = [], passphrases } = options;
  const { chain } = await import('./queries/chain.js');
  const disks = { allowRoots, snapshot, passphrases: passphrases ?? (() => []) };
  return askAll(guests, chain, { timeoutSeconds, parallel, filesystems: [], disks });
}
