// The records of `virt-df map`: what lies in ranges of a disk, and where a file lies.
import type { FileId, FileKind, StoredExtent } from '../../filesystem/files.js';
import type { FilesystemReasons } from '../files/filesystem.js';
import type { GuestPath } from '../files/guest-path.js';
import type { GuestHeader, ProblemRecord } from '../report.js';
import type { MapRow } from './row.js';
import type { MapRows } from './row-table.js';

export type { MapKind, MapOwner, MapRow } from './row.js';

/** Where a part of a device lies on the host. */
export interface MapHostPlace {
  /** `zero`: stored nowhere, it reads as zeros. */
  readonly kind: 'data' | 'compressed' | 'zero' | 'memory';
  readonly isEncrypted: boolean;
  readonly path: string | null;
  /** Of compressed data where the stream begins that has them. */
  readonly offsetBytes: number | null;
}

/** A piece of a file, down to one place of the host. */
export interface MapPiece {
  readonly fileOffsetBytes: number | null;
  readonly lengthBytes: number;
  readonly kind: StoredExtent['kind'] | 'hole' | 'inline';
  readonly device: string | null;
  readonly deviceOffsetBytes: number | null;
  readonly isShared: boolean | null;
  /** null: it takes no place. */
  readonly host: MapHostPlace | null;
}

export interface MappedFile {
  readonly path: GuestPath;
  readonly id: FileId;
  readonly type: FileKind;
  readonly sizeBytes: number;
  readonly pieces: readonly MapPiece[];
}

/** A filesystem that was looked into. */
export interface MapFilesystem extends FilesystemReasons {
  readonly file: MappedFile | null;
}

/** A device and the stretch of what was asked about that it lies in. */
export interface MapStretch {
  readonly kind: 'disk' | 'partition' | 'volume';
  readonly device: string;
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

export interface MapAnswer {
  readonly filesystems: readonly MapFilesystem[];
  readonly rows: MapRows;
  readonly stretches: readonly MapStretch[];
  readonly problems: readonly ProblemRecord[];
}

export type MapReport = GuestHeader & MapAnswer;

/** The same for callers of the library. */
export type ListedMapReport = Omit<MapReport, 'rows'> & { readonly rows: readonly MapRow[] };
