// The options of the library's functions. docs/library.md has each beside the flag that it is.
import type { VirtDfError } from '../errors.js';
import type { FileDoubt } from '../filesystem/files.js';
import type { View } from '../filesystem/view.js';
import type { LiveMode } from './agent/options.js';
import type { JobsReport } from './jobs/record.js';
import type { Passphrases } from './keys.js';
import type { MapOptions } from './map/options.js';
import type { GuestReport } from './report.js';

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
  /** Keys of encrypted devices as `--key` takes them: `ID:key:STRING` or `ID:file:PATH`, ID a device, a UUID or `all`. */
  readonly keys?: readonly string[];
  /** The passphrases for a device (`/dev/sda2`), or for what has this UUID, tried after `keys`; default: none. */
  readonly passphrases?: Passphrases;
}

/** How df reads guests, and which filesystems it reports. */
export interface ScanOptions extends ReadOptions {
  /**
   * `guest` (default): what df inside the guest prints; `mount`: what a read-only mount prints. They differ on XFS. `live`: as
   * `guest` of one that runs, where deleted files that are open count as used.
   */
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

/** How trees are told. */
export interface TreeScanOptions extends TreeOptions {
  /** Whether what each thin volume holds alone is counted, which reads all trees of its pool. */
  readonly exclusive?: boolean;
}

/** How pools are read. */
export interface PoolsOptions extends TreeOptions {
  /** Whether what fstrim would give back is read too. */
  readonly reclaimable?: boolean;
}

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
  /** Whether URIs with a host mean this one, so that paths of disks are this host's; false by default. */
  readonly isSameHost?: boolean;
  /** Whether no connection is opened that could write, by which disks of other hosts are read; false by default. */
  readonly isReadOnly?: boolean;
  /** Shut off guests as well; false by default. */
  readonly all?: boolean;
  /** Names, UUIDs or globs of guests, in any state; none selects by `all`. */
  readonly select?: readonly string[];
  /** Called with the name of each guest that ended between the listing and its reading, and that `select` does not name. */
  readonly onVanished?: (name: string) => void;
}

/** Whether the agents in running guests are asked too. */
export interface LiveOption {
  /**
   * `prefer`: beside the disks, whose numbers stand where it is not known which filesystem an agent speaks of; `only`: no disk is read;
   * null (default): they are not asked. A connection is opened that could write, so not with `isReadOnly`.
   */
  readonly live?: LiveMode | null;
}

/** Of which guests the jobs are asked for. */
export type JobsOptions = LibvirtOptions &
  Pick<ReadOptions, 'timeoutSeconds'> & {
    /** The answer before, since which speeds are measured; none (default): since each job began. */
    readonly previous?: readonly JobsReport[];
  };

/** Of which guests it is asked what they do. */
export type TopOptions = LibvirtOptions &
  Pick<ReadOptions, 'timeoutSeconds'> & {
    /** Between the two moments; 1 by default. */
    readonly intervalSeconds?: number;
  };
