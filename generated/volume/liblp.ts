// Generated from formats/volume/liblp.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  compareBytes,
  decode,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  RecordCursor,
  records,
  type Records,
  SafeStream,
  terminate,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestLiblp = Guest<Liblp>;

/** `liblp` from its bytes. @throws FormatError when they are none. */
export function parseLiblp(bytes: Uint8Array): GuestLiblp {
  return guest(new Liblp(new SafeStream(bytes)));
}

export type GuestLiblpHeader = Guest<LiblpHeader>;

/** `header` from its bytes. @throws FormatError when they are none. */
export function parseLiblpHeader(bytes: Uint8Array): GuestLiblpHeader {
  return guest(new LiblpHeader(new SafeStream(bytes)));
}

export type GuestLiblpPartition = Guest<LiblpPartitionRecord>;

/** A table of `partition`: 52 bytes each, `strideBytes` apart. */
export function liblpPartitionRecords(
  bytes: Uint8Array,
  strideBytes: number = 52,
): Records<GuestLiblpPartition> {
  return records(new LiblpPartitionRecord(bytes, 'le'), 52, strideBytes, 'LiblpPartition');
}

export type GuestLiblpExtent = Guest<LiblpExtentRecord>;

/** A table of `extent`: 24 bytes each, `strideBytes` apart. */
export function liblpExtentRecords(
  bytes: Uint8Array,
  strideBytes: number = 24,
): Records<GuestLiblpExtent> {
  return records(new LiblpExtentRecord(bytes, 'le'), 24, strideBytes, 'LiblpExtent');
}

export type GuestLiblpDevice = Guest<LiblpDeviceRecord>;

/** A table of `device`: 64 bytes each, `strideBytes` apart. */
export function liblpDeviceRecords(
  bytes: Uint8Array,
  strideBytes: number = 64,
): Records<GuestLiblpDevice> {
  return records(new LiblpDeviceRecord(bytes, 'le'), 64, strideBytes, 'LiblpDevice');
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new Liblp(new SafeStream(bytes));
  return guestClaims({
    type: 'android_super',
  });
}

export const LiblpTargetKind = {
  LINEAR: 0,
  ZERO: 1,
} as const;

/**
 * The geometry of a super partition, which holds Android's system, vendor and
 * other partitions. It stands at 4 KiB and again at 8 KiB. Behind it stand the
 * metadata, once for each slot (that of the system which runs, and that of the
 * one which an update writes), then all of them again.
 * @see AOSP system/core/fs_mgr/liblp/include/liblp/metadata_format.h
 */
class Liblp {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;
  /** Called `struct_size` in the original. */
  readonly lenStruct: number;
  /** SHA-256 of the structure, these bytes taken for zeros. */
  readonly checksum: Uint8Array;
  /** Called `metadata_max_size` in the original. */
  readonly lenMetadataMax: number;
  /** Called `metadata_slot_count` in the original. */
  readonly numSlots: number;
  /** Called `logical_block_size` in the original. */
  readonly lenLogicalBlock: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'Liblp.magic');
    if (compareBytes(this.magic, Uint8Array.of(103, 68, 108, 97)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(103, 68, 108, 97), this.magic, io, 'Liblp.magic', 'BAD_MAGIC');
    }
    this.lenStruct = io.readU4le('Liblp.lenStruct');
    this.checksum = io.take(32, 'Liblp.checksum');
    this.lenMetadataMax = io.readU4le('Liblp.lenMetadataMax');
    this.numSlots = io.readU4le('Liblp.numSlots');
    this.lenLogicalBlock = io.readU4le('Liblp.lenLogicalBlock');
  }
}

/** How the metadata of a slot begin. */
class LiblpHeader {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;
  readonly majorVersion: number;
  readonly minorVersion: number;
  /** Called `header_size` in the original. */
  readonly lenHeader: number;
  readonly headerChecksum: Uint8Array;
  /** Called `tables_size` in the original. */
  readonly lenTables: number;
  readonly tablesChecksum: Uint8Array;
  readonly partitions: LiblpTable;
  readonly extents: LiblpTable;
  readonly groups: LiblpTable;
  /** Called `block_devices` in the original. */
  readonly devices: LiblpTable;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'LiblpHeader.magic');
    if (compareBytes(this.magic, Uint8Array.of(48, 80, 76, 65)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(48, 80, 76, 65), this.magic, io, 'LiblpHeader.magic', 'BAD_MAGIC');
    }
    this.majorVersion = io.readU2le('LiblpHeader.majorVersion');
    this.minorVersion = io.readU2le('LiblpHeader.minorVersion');
    this.lenHeader = io.readU4le('LiblpHeader.lenHeader');
    this.headerChecksum = io.take(32, 'LiblpHeader.headerChecksum');
    this.lenTables = io.readU4le('LiblpHeader.lenTables');
    this.tablesChecksum = io.take(32, 'LiblpHeader.tablesChecksum');
    this.partitions = new LiblpTable(io);
    this.extents = new LiblpTable(io);
    this.groups = new LiblpTable(io);
    this.devices = new LiblpTable(io);
  }
}

class LiblpTable {
  readonly _io: SafeStream;
  /**
   * From the end of the header.
   * Called `offset` in the original.
   */
  readonly ofsTable: number;
  readonly numEntries: number;
  /** Called `entry_size` in the original. */
  readonly lenEntry: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.ofsTable = io.readU4le('LiblpTable.ofsTable');
    this.numEntries = io.readU4le('LiblpTable.numEntries');
    this.lenEntry = io.readU4le('LiblpTable.lenEntry');
  }
}

class LiblpPartitionRecord extends RecordCursor {
  get name(): string {
    return decode(terminate(this._take(0, 36), [0], false), 'ASCII');
  }

  get attributes(): number {
    return this._view.getUint32(this._offset + 36, true);
  }

  /** Called `first_extent_index` in the original. */
  get firstExtent(): number {
    return this._view.getUint32(this._offset + 40, true);
  }

  get numExtents(): number {
    return this._view.getUint32(this._offset + 44, true);
  }

  /** Called `group_index` in the original. */
  get group(): number {
    return this._view.getUint32(this._offset + 48, true);
  }
}

class LiblpExtentRecord extends RecordCursor {
  get numSectors(): bigint {
    return this._view.getBigUint64(this._offset, true);
  }

  /** Called `target_type` in the original. */
  get targetKind(): number {
    return this._view.getUint32(this._offset + 8, true);
  }

  /** Called `target_data` in the original. */
  get firstSector(): bigint {
    return this._view.getBigUint64(this._offset + 12, true);
  }

  /**
   * The index of the device that holds it.
   * Called `target_source` in the original.
   */
  get device(): number {
    return this._view.getUint32(this._offset + 20, true);
  }
}

class LiblpDeviceRecord extends RecordCursor {
  get firstLogicalSector(): bigint {
    return this._view.getBigUint64(this._offset, true);
  }

  get alignment(): number {
    return this._view.getUint32(this._offset + 8, true);
  }

  get alignmentOffset(): number {
    return this._view.getUint32(this._offset + 12, true);
  }

  /** Called `size` in the original. */
  get lenDevice(): bigint {
    return this._view.getBigUint64(this._offset + 16, true);
  }

  /** Called `partition_name` in the original. */
  get name(): string {
    return decode(terminate(this._take(24, 36), [0], false), 'ASCII');
  }

  get flags(): number {
    return this._view.getUint32(this._offset + 60, true);
  }
}
