// What `virt-df du` is asked for, as plain data.
import type { View } from '../../filesystem/filesystem.js';
import type { Asked } from '../files/walk.js';

/** The tree begins at the path. */
export interface DuOptions extends Asked {
  /** That of df's used. */
  readonly view: View;
  /** -d: directories below this depth have no rows; null: all have. */
  readonly depth: number | null;
  /** -a: files too. */
  readonly hasFiles: boolean;
  /** -x: what lies in other subvolumes is left out. */
  readonly isOneTree: boolean;
  /** --apparent-size: sizes are st_size. */
  readonly isApparent: boolean;
  readonly sort: 'size' | 'name';
  /** --top: the largest rows alone. */
  readonly top: number | null;
  /** --older: files that were modified before this time, in seconds since 1970. */
  readonly olderThanSeconds: number | null;
  /** --larger: files of at least so many bytes. */
  readonly largerBytes: number | null;
  /** Memory for what is known of files. */
  readonly memoryBytes: number;
}

/** Whether a list of files is asked for, and no tree. */
export function isOfFiles({ olderThanSeconds, largerBytes }: DuOptions): boolean {
  return olderThanSeconds !== null || largerBytes !== null;
}
