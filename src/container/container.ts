// The interfaces of this layer, which makes of image files the disk that the guest sees, and tells the host's numbers of
// each image of the chain.

import type { ByteSource } from '../bytes/source.js';
import type { VirtDfError } from '../errors.js';
import type { FileSizes } from '../host/folder.js';
import type { HostFile, Scope } from '../host/scope.js';
import type { Secrets } from './secrets.js';
import type { DiskExtent } from './tables/disk-extent.js';

/** A file that a layer is made of. */
export interface LayerFile {
  readonly path: string;
  /** `image`: the file that was opened or named. `data`: qcow2's external data file. `extent`: a part of the disk. */
  readonly role: 'image' | 'data' | 'extent';
  /** How many bytes the host stores for it (du); null if it cannot be known. */
  readonly allocationBytes: number | null;
  /** Its size as ls prints it; null if it cannot be known. */
  readonly physicalBytes: number | null;
  /** Whether it is a block device, which can be full; default: it is not. */
  readonly isDevice?: boolean;
  /** What libvirt calls that it is read by; default: it is not read through libvirt. */
  readonly servedAs?: 'volume' | 'peek';
  /** Paths of the other files of one that was joined of several; default: none. */
  readonly joinedPaths?: readonly string[];
}

/** An internal snapshot. */
export interface Snapshot {
  readonly id: string;
  readonly name: string;
  /** Size of the disk when it was made. */
  readonly capacityBytes: number;
  /** Size of the machine's saved memory; 0 without. */
  readonly vmStateBytes: number;
  /** Milliseconds since the epoch; null if the format does not tell. */
  readonly createdMs: number | null;
}

/** The numbers that only a walk over all of a layer's tables tells. */
export interface Inspection {
  /**
   * The highest offset that is in use, rounded up to the format's unit: image-end-offset of `qemu-img check`; null if
   * unknown.
   */
  readonly watermarkBytes: number | null;
  /** Clusters that nothing uses and that are not free; null if the format has no reference counts or they are not kept. */
  readonly leakedClusterCount: number | null;
  readonly snapshots: readonly (Snapshot & {
    /** Bytes of the file that are freed when the snapshot is deleted; null if unknown. */
    readonly ownBytes: number | null;
  })[];
}

/** One layer of a disk's chain: the active image, or one of the images that it is based on. */
export interface Layer {
  readonly path: string;
  /** `raw`, `qcow2`, ... */
  readonly format: string;
  /** The version of the format: qcow2's `3`, VMDK's `monolithicSparse`, VHD's `dynamic`; null if there is none. */
  readonly version: string | null;
  /**
   * The id by which images that are based on this one name it: VHD's unique id, VHDX's DataWriteGuid; null if there is
   * none.
   */
  readonly uuid: string | null;
  /** In the format's own words: `extended-l2`, `zstd`, `dirty`, `corrupt`, `luks`, ... */
  readonly features: readonly string[];
  /** The unit in which the layer stores its disk; null if it has none (raw). */
  readonly clusterBytes: number | null;
  /** Size of the disk that the guest sees, in bytes; null if that could not be read. */
  readonly capacityBytes: number | null;
  /** The image first; never empty. */
  readonly files: readonly LayerFile[];
  readonly backing: Layer | null;
  /** Why the layer cannot be read; only where the caller asked for chains with such layers. */
  readonly problem: VirtDfError | null;
  /**
   * Doubts about the layer although it is read: a file that is read as raw, since nobody states its format, looks like
   * an image; a file that it names was found elsewhere under the same name.
   */
  readonly doubts: readonly VirtDfError[];
  /**
   * Why the layer is not all there: its file ends before what its tables say, as far as they were read until now; null, or no
   * function, if nothing is known to be missing.
   */
  readonly cut: (() => VirtDfError | null) | null;
  /**
   * The first extents of a range of the disk, in order and without gaps: at least one, perhaps not all of the range.
   * null: all of the disk is data, each byte at its own offset.
   */
  readonly map:
    | ((offsetBytes: number, lengthBytes: number) => Promise<readonly DiskExtent[]>)
    | null;
  /** null if the format can tell nothing that its map does not tell. */
  readonly inspect: (() => Promise<Inspection>) | null;
  /** What internal snapshots have of the file too; null: the format has none. @throws FormatError. */
  readonly shares: (() => Promise<Shares | null>) | null;
}

/** How many bytes of a stretch of the image's file lie in clusters that are used more than once. */
export type Shares = (hostOffsetBytes: number, lengthBytes: number) => Promise<number>;

/** A disk as the guest sees it. */
export interface Disk {
  readonly content: ByteSource;
  /** The active layer. */
  readonly layer: Layer;
}

/** The services that a container may use while it opens. */
export interface ContainerContext {
  readonly scope: Scope;
  /** The internal snapshot that is wanted, by id or name; null is the active disk. Only the active layer is asked. */
  readonly snapshot: string | null;
  /** What the caller gave for the encrypted image of this UUID (null: it has none). */
  secrets(uuid: string | null): Secrets;
  /**
   * Opens a file that the image names (backing file, extent, data file) if the policy allows it: the first of those that
   * have the name where `candidatesFor` looks. Of several names for one file the best is the first.
   * @param format the one that the naming image declares; undefined means raw, never a probe.
   * @param check says why an image that was found is not the one that is meant, by an id; null: it is.
   * @throws SourceError NOT_ALLOWED, NOT_FOUND with the name; FormatError LOOP or LIMIT for a chain that does not end;
   *   what `check` says, if only others were found.
   */
  openNamed(
    name: string | readonly string[],
    format: string | undefined,
    check?: (layer: Layer) => VirtDfError | null,
  ): Promise<Disk>;
  /** Names of the files beside the image, in no order; empty where there are none to list (a network source). */
  siblings(): Promise<readonly string[]>;
  /**
   * Names of files that may be a parent which the image knows by an id alone: those beside it, those beside the folder
   * Snapshots/ that it lies in, and those directly in the directories that the caller gave.
   * @throws FormatError LIMIT.
   */
  parentCandidates(pattern: RegExp): Promise<readonly string[]>;
  /**
   * The regular file of exactly this name from the image's folder on, and of no other place; null if there is none. For the
   * pieces of a disk whose names are numbers.
   * @throws SourceError NOT_ALLOWED; FormatError LIMIT.
   */
  piece(name: string): Promise<HostFile | null>;
  /**
   * The files in a folder beside the image; null if there is none, or it has more than MAX_SIBLINGS entries.
   * @throws SourceError.
   */
  filesIn(folder: string): Promise<ReadonlyMap<string, FileSizes> | null>;
  /** The bytes of a file that `openNamed` would open: for parents that are recognised by their content. @throws as it. */
  peek(name: string): Promise<ByteSource>;
  /** The disk of a file that is not there, where the caller asked for such layers. @throws the problem elsewhere. */
  absent(name: string, format: string, problem: VirtDfError): Disk;
}

export interface ContainerFormat {
  /** The word of the format: registry, --format, JSON. */
  readonly name: string;
  /** Whether `open` heeds `context.snapshot`; default: the format has no internal snapshots. */
  readonly hasSnapshots?: boolean;
  /** Whether the file is one of this format. Cheap; false on foreign data, never a FormatError. */
  probe(file: ByteSource): Promise<boolean>;
  /** @throws FormatError, UnsupportedError; whatever `openNamed` throws. */
  open(file: HostFile, context: ContainerContext): Promise<Disk>;
}

/** A file that a wrapper holds. */
export interface WrappedFile extends HostFile {
  /**
   * `disk`: something names it as a disk. `part`: it is none by itself, and others of the archive may name it. Without
   * one its content tells whether it is a disk.
   */
  readonly role?: 'disk' | 'part';
  /** The format that is stated for it; without one its signature tells. */
  readonly format?: string;
}

/** A file that holds files, each of which is looked at as an image: an archive, a compressed image. */
export interface WrapperFormat {
  readonly name: string;
  /** Whether it holds a disk and nothing else, so that one in an archive is never left out; default: it may hold others. */
  readonly holdsDisk?: boolean;
  probe(file: ByteSource): Promise<boolean>;
  /**
   * The files inside, in order. A member's `path` is `OUTER/NAME` in an archive, and the outer file's own path where there
   * is only one.
   * @throws FormatError, UnsupportedError.
   */
  unwrap(file: HostFile, context: ContainerContext): Promise<readonly WrappedFile[]>;
}

/** The layer of one file; the fields that the format passes replace the defaults here. */
export function layerOf(
  file: HostFile,
  format: string,
  fields: Partial<Omit<Layer, 'path' | 'format'>> = {},
): Layer {
  return {
    path: file.path,
    format,
    version: null,
    uuid: null,
    features: [],
    clusterBytes: null,
    capacityBytes: null,
    files: [layerFile(file, 'image')],
    backing: null,
    problem: null,
    doubts: [],
    cut: null,
    map: null,
    inspect: null,
    shares: null,
    ...fields,
  };
}

export function layerFile(file: HostFile, role: LayerFile['role']): LayerFile {
  const { path, allocationBytes, physicalBytes, isDevice = false, servedAs, joinedPaths } = file;
  const served = servedAs === undefined ? {} : { servedAs };
  const own = { path, role, allocationBytes, physicalBytes, isDevice, ...served };
  return joinedPaths === undefined ? own : { ...own, joinedPaths };
}

/** The layer and those behind it. */
export function layersOf(layer: Layer): readonly Layer[] {
  return [layer, ...(layer.backing === null ? [] : layersOf(layer.backing))];
}

/** How many bytes the host stores for all files of a layer, and their sizes; null where one is not known. */
export function hostNumbers({ files }: Pick<Layer, 'files'>): {
  readonly allocationBytes: number | null;
  readonly physicalBytes: number | null;
} {
  const sum = (values: readonly (number | null)[]): number | null =>
    values.reduce((total, value) => (total === null || value === null ? null : total + value), 0);
  return {
    allocationBytes: sum(files.map(({ allocationBytes }) => allocationBytes)),
    physicalBytes: sum(files.map(({ physicalBytes }) => physicalBytes)),
  };
}
