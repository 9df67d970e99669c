// The records of `virt-df diff`: how the files of each filesystem differ between two states.
import type { FileKind } from '../../filesystem/files.js';
import type { FilesystemReasons } from '../files/filesystem.js';
import type { GuestPath } from '../files/guest-path.js';
import type { GuestHeader, ProblemRecord } from '../report.js';
import type { Field, FileState } from './state.js';

/**
 * `replaced`: the path leads to another file. `modified`: other content, or other names in a directory. `metadata`: only
 * what stat(2) shows besides.
 */
export type ChangeKind = 'added' | 'removed' | 'renamed' | 'modified' | 'metadata' | 'replaced';

export interface DiffChange {
  /** In the new state; of what was removed, in the old one. */
  readonly path: GuestPath;
  readonly change: ChangeKind;
  /** The path in the old state, where it is another. */
  readonly from: GuestPath | null;
  readonly kind: FileKind;
  /** Bytes of its content that are others, or that only one state has; null: it has no content, or is gone. */
  readonly bytesChanged: number | null;
  /** Which fields differ, where both states have the file. */
  readonly fields: readonly Field[];
  /**
   * How many files and directories were renamed with this one, because they lie below; or lie in this snapshot, which only one
   * state has.
   */
  readonly belowCount: number;
  /** null: the state does not have it, or nobody looked since it is the same. */
  readonly old: FileState | null;
  readonly other: FileState | null;
}

/** A filesystem by its row in the new state; of one that is gone, in the old one. */
export interface DiffFilesystem extends FilesystemReasons {
  readonly presence: 'both' | 'added' | 'removed';
  /** By the components of their paths. null: `problem` says why its files are not compared. */
  readonly changes: readonly DiffChange[] | null;
  /** What an overlay holds of it; none if nobody asked. */
  readonly parts: readonly OverlayPart[];
}

/**
 * Why a byte is stored in an overlay. `file`: content of a file that differs, or its map and attributes; `directory`: the same of a
 * directory. `unchanged`: content of files that do not differ, which shares clusters with what does, or was written again
 * as it was. `temporary`: free in both states, and was written to between them; `freed`: free since. `swap`. `outside`:
 * partition tables, gaps, what is in no filesystem that both states have. `unaccounted`: nothing tells, since something
 * could not be read.
 */
export type PartKind =
  | 'file'
  | 'directory'
  | 'unchanged'
  | 'metadata'
  | 'log'
  | 'temporary'
  | 'freed'
  | 'swap'
  | 'outside'
  | 'unaccounted';

export interface OverlayPart {
  /** null: not of one device. */
  readonly device: string | null;
  readonly kind: PartKind;
  /** In words; of metadata the format's own. */
  readonly name: string;
  /** Of a file or directory; null: it is of many, or of none. */
  readonly path: GuestPath | null;
  readonly storedBytes: number;
  /** Those of them that are others than in the base; null: nobody compared. */
  readonly differingBytes: number | null;
  /** null: it is not of files. */
  readonly fileCount: number | null;
}

/** What the overlays of a guest's disks hold, to the byte. */
export interface Overlay {
  readonly disks: readonly {
    readonly device: string;
    readonly path: string;
    /** Bytes of the guest's disk that the overlay holds, also compressed. */
    readonly dataBytes: number;
  }[];
  /** Their sum is that of all disks' bytes. */
  readonly dataBytes: number;
  readonly parts: readonly OverlayPart[];
}

export interface DiffAnswer {
  readonly filesystems: readonly DiffFilesystem[];
  /** null: nobody asked, or no disk is an overlay on the old state's. */
  readonly overlay: Overlay | null;
  readonly problems: readonly ProblemRecord[];
}

export type DiffReport = GuestHeader & DiffAnswer;
