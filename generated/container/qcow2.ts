// Generated from formats/container/qcow2.ksy by `npm run generate`. Do not edit: change the specification.
import {
  compareBytes,
  decode,
  guest,
  type Guest,
  RecordCursor,
  records,
  type Records,
  SafeStream,
  terminate,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestQcow2 = Guest<Qcow2>;

/** `qcow2` from its bytes. @throws FormatError when they are none. */
export function parseQcow2(bytes: Uint8Array): GuestQcow2 {
  return guest(new Qcow2(new SafeStream(bytes)));
}

export type GuestQcow2Features = Guest<Qcow2Features>;

/** `features` from its bytes. @throws FormatError when they are none. */
export function parseQcow2Features(bytes: Uint8Array): GuestQcow2Features {
  return guest(new Qcow2Features(new SafeStream(bytes)));
}

export type GuestQcow2AdditionalFields = Guest<Qcow2AdditionalFields>;

/** `additional_fields` from its bytes. @throws FormatError when they are none. */
export function parseQcow2AdditionalFields(bytes: Uint8Array): GuestQcow2AdditionalFields {
  return guest(new Qcow2AdditionalFields(new SafeStream(bytes)));
}

export type GuestQcow2Extension = Guest<Qcow2Extension>;

/** `extension` from its bytes. @throws FormatError when they are none. */
export function parseQcow2Extension(bytes: Uint8Array): GuestQcow2Extension {
  return guest(new Qcow2Extension(new SafeStream(bytes)));
}

export type GuestQcow2FileName = Guest<Qcow2FileName>;

/** `file_name` from its bytes. @throws FormatError when they are none. */
export function parseQcow2FileName(bytes: Uint8Array): GuestQcow2FileName {
  return guest(new Qcow2FileName(new SafeStream(bytes)));
}

export type GuestQcow2EncryptionHeader = Guest<Qcow2EncryptionHeader>;

/** `encryption_header` from its bytes. @throws FormatError when they are none. */
export function parseQcow2EncryptionHeader(bytes: Uint8Array): GuestQcow2EncryptionHeader {
  return guest(new Qcow2EncryptionHeader(new SafeStream(bytes)));
}

export type GuestQcow2Bitmaps = Guest<Qcow2Bitmaps>;

/** `bitmaps` from its bytes. @throws FormatError when they are none. */
export function parseQcow2Bitmaps(bytes: Uint8Array): GuestQcow2Bitmaps {
  return guest(new Qcow2Bitmaps(new SafeStream(bytes)));
}

export type GuestQcow2BitmapDirectoryEntry = Guest<Qcow2BitmapDirectoryEntry>;

/** `bitmap_directory_entry` from its bytes. @throws FormatError when they are none. */
export function parseQcow2BitmapDirectoryEntry(bytes: Uint8Array): GuestQcow2BitmapDirectoryEntry {
  return guest(new Qcow2BitmapDirectoryEntry(new SafeStream(bytes)));
}

export type GuestQcow2Snapshot = Guest<Qcow2Snapshot>;

/** `snapshot` from its bytes. @throws FormatError when they are none. */
export function parseQcow2Snapshot(bytes: Uint8Array): GuestQcow2Snapshot {
  return guest(new Qcow2Snapshot(new SafeStream(bytes)));
}

export type GuestQcow2SnapshotExtra = Guest<Qcow2SnapshotExtra>;

/** `snapshot_extra` from its bytes. @throws FormatError when they are none. */
export function parseQcow2SnapshotExtra(bytes: Uint8Array): GuestQcow2SnapshotExtra {
  return guest(new Qcow2SnapshotExtra(new SafeStream(bytes)));
}

export type GuestQcow2FeatureName = Guest<Qcow2FeatureNameRecord>;

/** A table of `feature_name`: 48 bytes each, `strideBytes` apart. */
export function qcow2FeatureNameRecords(
  bytes: Uint8Array,
  strideBytes: number = 48,
): Records<GuestQcow2FeatureName> {
  return records(new Qcow2FeatureNameRecord(bytes, 'le'), 48, strideBytes, 'Qcow2FeatureName');
}

export type GuestQcow2TableEntry = Guest<Qcow2TableEntryRecord>;

/** A table of `table_entry`: 8 bytes each, `strideBytes` apart. */
export function qcow2TableEntryRecords(
  bytes: Uint8Array,
  strideBytes: number = 8,
): Records<GuestQcow2TableEntry> {
  return records(new Qcow2TableEntryRecord(bytes, 'le'), 8, strideBytes, 'Qcow2TableEntry');
}

export type GuestQcow2L2ExtendedEntry = Guest<Qcow2L2ExtendedEntryRecord>;

/** A table of `l2_extended_entry`: 16 bytes each, `strideBytes` apart. */
export function qcow2L2ExtendedEntryRecords(
  bytes: Uint8Array,
  strideBytes: number = 16,
): Records<GuestQcow2L2ExtendedEntry> {
  return records(new Qcow2L2ExtendedEntryRecord(bytes, 'le'), 16, strideBytes, 'Qcow2L2ExtendedEntry');
}

export const Qcow2CompressionType = {
  DEFLATE: 0,
  ZSTD: 1,
} as const;

export const Qcow2CryptMethod = {
  NONE: 0,
  AES: 1,
  LUKS: 2,
} as const;

export const Qcow2EntryFlag = {
  /** Called `QCOW_OFLAG_COMPRESSED` in the original. */
  COMPRESSED: 1073741824,
  /**
   * With an external data file, whose first cluster is at 0, this says that
   * an offset of 0 is one.
   * Called `QCOW_OFLAG_COPIED` in the original.
   */
  COPIED: 2147483648,
} as const;

export const Qcow2EntryLowFlag = {
  /**
   * The cluster reads as zeros. Reserved in extended entries.
   * Called `QCOW_OFLAG_ZERO` in the original.
   */
  ZERO: 1,
} as const;

export const Qcow2ExtensionCode = {
  END: 0,
  ENCRYPTION_HEADER: 87539319,
  BITMAPS: 595929205,
  DATA_FILE_NAME: 1145132097,
  FEATURE_NAMES: 1745090647,
  BACKING_FORMAT: 3799591626,
} as const;

/**
 * A disk image that stores only the clusters that were written. An L1 table
 * points to L2 tables, whose entries say for each cluster of the disk where its
 * bytes are: in this file, compressed in this file, in the backing file, or
 * nowhere because they are zeros.
 *
 * ### Making a test image
 *
 *     qemu-img create -f qcow2 -o cluster_size=64k disk.qcow2 1G
 *     qemu-io -c 'write -P 7 64k 4k' disk.qcow2
 * @see https://www.qemu.org/docs/master/interop/qcow2.html
 * @see QEMU docs/interop/qcow2.rst, block/qcow2.c, block/qcow2.h
 */
class Qcow2 {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;
  /** 1 is the older format qcow, whose header goes on otherwise. */
  readonly version: number;
  /**
   * Where the name of the backing file is in this file; 0 if there is none.
   * Called `backing_file_offset` in the original.
   */
  readonly ofsBackingFile: bigint;
  /**
   * Undefined without a backing file.
   * Called `backing_file_size` in the original.
   */
  readonly lenBackingFile: number;
  /** A cluster has two to the power of this bytes. */
  readonly clusterBits: number;
  /** Called `size` in the original. */
  readonly lenDisk: bigint;
  readonly cryptMethod: number;
  /** Called `l1_size` in the original. */
  readonly numL1Entries: number;
  /** Called `l1_table_offset` in the original. */
  readonly ofsL1Table: bigint;
  /** Called `refcount_table_offset` in the original. */
  readonly ofsRefcountTable: bigint;
  /** Called `refcount_table_clusters` in the original. */
  readonly numRefcountTableClusters: number;
  /** Called `nb_snapshots` in the original. */
  readonly numSnapshots: number;
  /** Called `snapshots_offset` in the original. */
  readonly ofsSnapshots: bigint;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'Qcow2.magic');
    if (compareBytes(this.magic, Uint8Array.of(81, 70, 73, 251)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(81, 70, 73, 251), this.magic, io, 'Qcow2.magic', 'BAD_MAGIC');
    }
    this.version = io.readU4be('Qcow2.version');
    this.ofsBackingFile = io.readU8be('Qcow2.ofsBackingFile');
    this.lenBackingFile = io.readU4be('Qcow2.lenBackingFile');
    this.clusterBits = io.readU4be('Qcow2.clusterBits');
    this.lenDisk = io.readU8be('Qcow2.lenDisk');
    this.cryptMethod = io.readU4be('Qcow2.cryptMethod');
    this.numL1Entries = io.readU4be('Qcow2.numL1Entries');
    this.ofsL1Table = io.readU8be('Qcow2.ofsL1Table');
    this.ofsRefcountTable = io.readU8be('Qcow2.ofsRefcountTable');
    this.numRefcountTableClusters = io.readU4be('Qcow2.numRefcountTableClusters');
    this.numSnapshots = io.readU4be('Qcow2.numSnapshots');
    this.ofsSnapshots = io.readU8be('Qcow2.ofsSnapshots');
  }
}

/** Bytes 72 to 103 of the header, which version 2 does not have. */
class Qcow2Features {
  readonly _io: SafeStream;
  /**
   * An image with a bit that a reader does not know must not be opened.
   * Called `incompatible_features` in the original.
   */
  readonly incompatible: bigint;
  /** Called `compatible_features` in the original. */
  readonly compatible: bigint;
  /** Called `autoclear_features` in the original. */
  readonly autoclear: bigint;
  readonly refcountOrder: number;
  /** Called `header_length` in the original. */
  readonly lenHeader: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.incompatible = io.readU8be('Qcow2Features.incompatible');
    this.compatible = io.readU8be('Qcow2Features.compatible');
    this.autoclear = io.readU8be('Qcow2Features.autoclear');
    this.refcountOrder = io.readU4be('Qcow2Features.refcountOrder');
    this.lenHeader = io.readU4be('Qcow2Features.lenHeader');
  }
}

/** Bytes from 104 of the header, each there if the header is long enough. */
class Qcow2AdditionalFields {
  readonly _io: SafeStream;
  readonly compressionType: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.compressionType = io.readU1('Qcow2AdditionalFields.compressionType');
  }
}

/**
 * The head of a header extension. The first follows the header; after the
 * head come the data, and padding to a multiple of 8 bytes.
 */
class Qcow2Extension {
  readonly _io: SafeStream;
  /** Called `header_extension_type` in the original. */
  readonly code: number;
  readonly lenData: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.code = io.readU4be('Qcow2Extension.code');
    this.lenData = io.readU4be('Qcow2Extension.lenData');
  }
}

/** A name that fills its space, without a terminator. */
class Qcow2FileName {
  readonly _io: SafeStream;
  readonly value: string;

  constructor(io: SafeStream) {
    this._io = io;
    this.value = decode(io.readBytesFull('Qcow2FileName.value'), 'UTF-8');
  }
}

/** What the writer of the image calls a feature bit, for messages. */
class Qcow2FeatureNameRecord extends RecordCursor {
  /** 0 for incompatible, 1 for compatible, 2 for autoclear features. */
  get kind(): number {
    return this._view.getUint8(this._offset);
  }

  get bitNumber(): number {
    return this._view.getUint8(this._offset + 1);
  }

  get value(): string {
    return decode(terminate(this._take(2, 46), [0], false), 'UTF-8');
  }
}

/**
 * Where the LUKS header is, which is data of a header extension.
 * @see QEMU docs/interop/qcow2.rst "Full disk encryption header pointer"
 */
class Qcow2EncryptionHeader {
  readonly _io: SafeStream;
  /** Called `offset` in the original. */
  readonly ofsHeader: bigint;
  /** Called `length` in the original. */
  readonly lenHeader: bigint;

  constructor(io: SafeStream) {
    this._io = io;
    this.ofsHeader = io.readU8be('Qcow2EncryptionHeader.ofsHeader');
    this.lenHeader = io.readU8be('Qcow2EncryptionHeader.lenHeader');
  }
}

/**
 * Where the directory of the dirty bitmaps is, which is data of a header
 * extension. Only valid while the autoclear feature bit 0 is set.
 * @see QEMU docs/interop/qcow2.rst "Bitmaps extension"
 */
class Qcow2Bitmaps {
  readonly _io: SafeStream;
  /** Called `nb_bitmaps` in the original. */
  readonly numBitmaps: number;
  readonly reserved: number;
  /** Called `bitmap_directory_size` in the original. */
  readonly lenDirectory: bigint;
  /** Called `bitmap_directory_offset` in the original. */
  readonly ofsDirectory: bigint;

  constructor(io: SafeStream) {
    this._io = io;
    this.numBitmaps = io.readU4be('Qcow2Bitmaps.numBitmaps');
    this.reserved = io.readU4be('Qcow2Bitmaps.reserved');
    this.lenDirectory = io.readU8be('Qcow2Bitmaps.lenDirectory');
    this.ofsDirectory = io.readU8be('Qcow2Bitmaps.ofsDirectory');
  }
}

/**
 * One bitmap. Extra data and the name follow, then padding to a multiple of
 * 8 bytes.
 */
class Qcow2BitmapDirectoryEntry {
  readonly _io: SafeStream;
  /** Called `bitmap_table_offset` in the original. */
  readonly ofsTable: bigint;
  /** Called `bitmap_table_size` in the original. */
  readonly numTableEntries: number;
  readonly flags: number;
  /** Called `type` in the original. */
  readonly kind: number;
  readonly granularityBits: number;
  /** Called `name_size` in the original. */
  readonly lenName: number;
  /** Called `extra_data_size` in the original. */
  readonly lenExtra: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.ofsTable = io.readU8be('Qcow2BitmapDirectoryEntry.ofsTable');
    this.numTableEntries = io.readU4be('Qcow2BitmapDirectoryEntry.numTableEntries');
    this.flags = io.readU4be('Qcow2BitmapDirectoryEntry.flags');
    this.kind = io.readU1('Qcow2BitmapDirectoryEntry.kind');
    this.granularityBits = io.readU1('Qcow2BitmapDirectoryEntry.granularityBits');
    this.lenName = io.readU2be('Qcow2BitmapDirectoryEntry.lenName');
    this.lenExtra = io.readU4be('Qcow2BitmapDirectoryEntry.lenExtra');
  }
}

/**
 * One entry of the snapshot table. Extra data, the id and the name follow,
 * then padding to a multiple of 8 bytes.
 * @see QEMU docs/interop/qcow2.rst "Snapshots"
 */
class Qcow2Snapshot {
  readonly _io: SafeStream;
  /** Called `l1_table_offset` in the original. */
  readonly ofsL1Table: bigint;
  /** Called `l1_size` in the original. */
  readonly numL1Entries: number;
  /** Called `id_str_size` in the original. */
  readonly lenId: number;
  /** Called `name_size` in the original. */
  readonly lenName: number;
  /** Called `date_sec` in the original. */
  readonly dateSeconds: number;
  /** Called `date_nsec` in the original. */
  readonly dateNanoseconds: number;
  /** Called `vm_clock_nsec` in the original. */
  readonly vmClockNanoseconds: bigint;
  /**
   * The lower half; extra data have all of it.
   * Called `vm_state_size` in the original.
   */
  readonly lenVmState: number;
  /** Called `extra_data_size` in the original. */
  readonly lenExtra: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.ofsL1Table = io.readU8be('Qcow2Snapshot.ofsL1Table');
    this.numL1Entries = io.readU4be('Qcow2Snapshot.numL1Entries');
    this.lenId = io.readU2be('Qcow2Snapshot.lenId');
    this.lenName = io.readU2be('Qcow2Snapshot.lenName');
    this.dateSeconds = io.readU4be('Qcow2Snapshot.dateSeconds');
    this.dateNanoseconds = io.readU4be('Qcow2Snapshot.dateNanoseconds');
    this.vmClockNanoseconds = io.readU8be('Qcow2Snapshot.vmClockNanoseconds');
    this.lenVmState = io.readU4be('Qcow2Snapshot.lenVmState');
    this.lenExtra = io.readU4be('Qcow2Snapshot.lenExtra');
  }
}

/** Extra data of a snapshot; version 3 always has these, version 2 may. */
class Qcow2SnapshotExtra {
  readonly _io: SafeStream;
  /** Called `vm_state_size_large` in the original. */
  readonly lenVmState: bigint;
  /**
   * Of the disk when the snapshot was made.
   * Called `disk_size` in the original.
   */
  readonly lenDisk: bigint;

  constructor(io: SafeStream) {
    this._io = io;
    this.lenVmState = io.readU8be('Qcow2SnapshotExtra.lenVmState');
    this.lenDisk = io.readU8be('Qcow2SnapshotExtra.lenDisk');
  }
}

/**
 * Where an L2 table, a cluster or a refcount block is: an entry of an L1
 * table, an L2 table or the refcount table. Above are the flags of
 * entry_flag and 6 reserved bits, below them 47 bits of the offset in units
 * of 512 bytes, 0 if there is none; then reserved bits, and the flag of
 * entry_low_flag. It is read in halves, for tables have millions of entries,
 * and a number of 47 bits is slow.
 *
 * With entry_flag::compressed the lowest 62 - (cluster_bits - 8) bits are
 * the offset of the stream in bytes, and those above, up to the flags, the
 * number of 512-byte sectors that it goes on into.
 * @see QEMU docs/interop/qcow2.rst "Cluster mapping"
 */
class Qcow2TableEntryRecord extends RecordCursor {
  get high(): number {
    return this._view.getUint32(this._offset);
  }

  get low(): number {
    return this._view.getUint32(this._offset + 4);
  }
}

/**
 * Where a cluster is, and what each of its 32 subclusters is. Compressed
 * clusters have no subclusters.
 * @see QEMU docs/interop/qcow2.rst "Extended L2 Entries"
 */
class Qcow2L2ExtendedEntryRecord extends RecordCursor {
  /** As in table_entry. */
  get high(): number {
    return this._view.getUint32(this._offset);
  }

  get low(): number {
    return this._view.getUint32(this._offset + 4);
  }

  /** Bit i says that subcluster i reads as zeros. */
  get zeroSubclusters(): number {
    return this._view.getUint32(this._offset + 8);
  }

  /** Bit i says that subcluster i is in the cluster. */
  get allocatedSubclusters(): number {
    return this._view.getUint32(this._offset + 12);
  }
}
