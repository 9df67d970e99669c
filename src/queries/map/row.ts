// What lies in a range, and whose it is.
import type { FileId, FileKind, MetadataRange, StoredExtent } from '../../filesystem/files.js';
import type { GuestPath } from '../files/guest-path.js';

/**
 * What lies in a range. As StoredExtent has them: `data` (content of a file, a directory or a link), `unwritten`,
 * `compressed`, `encrypted`, and without a place in the file `map`, `attributes`, `slack`. As MetadataRange has them:
 * `metadata`, `log`, `reserved`, `bad`, `unused`. `system`: a file that the filesystem keeps for itself. `free`: of the
 * filesystem. Outside of filesystems: `table`, a partition table; `gap`, what no partition has, or lies behind a filesystem;
 * `member`, of a volume group or an array, what no volume has (its metadata, free extents); `swap`; `empty`, a device on
 * which nothing is; `other`, what is recognised and has no files; `unread`, what could not be read; `image`, bytes of an
 * image file that hold no byte of the disk. `unknown`: in use, and nobody's. `inline`: content of a file within a record, beside the
 * row of the metadata.
 */
export type MapKind = (typeof MAP_KINDS)[number];

export const MAP_KINDS = [
  'data',
  'unwritten',
  'compressed',
  'encrypted',
  'map',
  'attributes',
  'slack',
  'metadata',
  'log',
  'reserved',
  'bad',
  'unused',
  'system',
  'free',
  'table',
  'gap',
  'member',
  'swap',
  'empty',
  'other',
  'unread',
  'image',
  'unknown',
  'inline',
] as const satisfies readonly (StoredExtent['kind'] | MetadataRange['kind'] | string)[];

/** A file that owns a range. */
export interface MapOwner {
  readonly id: FileId;
  readonly type: FileKind;
  /** 0: it was deleted while it was open. */
  readonly linkCount: number;
  readonly paths: readonly GuestPath[];
  /** How many more paths it has, which are too long or too many. */
  readonly morePaths: number;
}

/** A range and one owner of it: a block that files share has a row for each. */
export interface MapRow {
  /** In what was asked about: the disk, the device, the file of the host. */
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  /** The device that it lies on, the innermost one, and where there; null: on none. */
  readonly device: string | null;
  readonly deviceOffsetBytes: number | null;
  readonly kind: MapKind;
  /** In the format's own words: `inode table`; of a file without a path why. */
  readonly name: string | null;
  readonly owner: MapOwner | null;
  readonly fileOffsetBytes: number | null;
  /** Other files have it as well; null: it is no file's. */
  readonly isShared: boolean | null;
}
