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
  /** How many files and directories were renamed with this one, because they lie below. */
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
}

export interface DiffAnswer {
  readonly filesystems: readonly DiffFilesystem[];
  readonly problems: readonly ProblemRecord[];
}

export type DiffReport = GuestHeader & DiffAnswer;
