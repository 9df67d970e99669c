// Generated from formats/container/vmdk_sesparse.ksy by `npm run generate`. Do not edit: change the specification.
import {
  compareBytes,
  guest,
  type Guest,
  RecordCursor,
  records,
  type Records,
  SafeStream,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestVmdkSesparse = Guest<VmdkSesparse>;

/** `vmdk_sesparse` from its bytes. @throws FormatError when they are none. */
export function parseVmdkSesparse(bytes: Uint8Array): GuestVmdkSesparse {
  return guest(new VmdkSesparse(new SafeStream(bytes)));
}

export type GuestVmdkSesparseVolatile = Guest<VmdkSesparseVolatile>;

/** `volatile` from its bytes. @throws FormatError when they are none. */
export function parseVmdkSesparseVolatile(bytes: Uint8Array): GuestVmdkSesparseVolatile {
  return guest(new VmdkSesparseVolatile(new SafeStream(bytes)));
}

export type GuestVmdkSesparseDirectoryEntry = Guest<VmdkSesparseDirectoryEntryRecord>;

/** A table of `directory_entry`: 8 bytes each, `strideBytes` apart. */
export function vmdkSesparseDirectoryEntryRecords(
  bytes: Uint8Array,
  strideBytes: number = 8,
): Records<GuestVmdkSesparseDirectoryEntry> {
  return records(new VmdkSesparseDirectoryEntryRecord(bytes, 'le'), 8, strideBytes, 'VmdkSesparseDirectoryEntry');
}

export type GuestVmdkSesparseTableEntry = Guest<VmdkSesparseTableEntryRecord>;

/** A table of `table_entry`: 8 bytes each, `strideBytes` apart. */
export function vmdkSesparseTableEntryRecords(
  bytes: Uint8Array,
  strideBytes: number = 8,
): Records<GuestVmdkSesparseTableEntry> {
  return records(new VmdkSesparseTableEntryRecord(bytes, 'le'), 8, strideBytes, 'VmdkSesparseTableEntry');
}

export const VmdkSesparseGrain = {
  NONE: 0,
  UNMAPPED: 1,
  ZEROS: 2,
  DATA: 3,
} as const;

/**
 * The extent of ESXi's snapshots on VMFS 6 and of disks above 2 TiB. VMware has
 * not published it. Offsets and sizes are in sectors of 512 bytes. What changes
 * often is in a second header, which also tells of a journal to be replayed.
 *
 * ### Making a test image
 *
 * Only VMware writes it: a snapshot of a virtual machine on VMFS 6. What the
 * tests write is read by QEMU.
 * @see QEMU block/vmdk.c vmdk_open_se_sparse(), get_cluster_offset()
 */
class VmdkSesparse {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;
  readonly version: bigint;
  /** Called `capacity` in the original. */
  readonly numSectors: bigint;
  /** Called `grain_size` in the original. */
  readonly grainSectors: bigint;
  /** Called `grain_table_size` in the original. */
  readonly tableSectors: bigint;
  readonly flags: bigint;
  readonly reserved1: bigint;
  readonly reserved2: bigint;
  readonly reserved3: bigint;
  readonly reserved4: bigint;
  readonly volatileHeader: VmdkSesparseArea;
  readonly journalHeader: VmdkSesparseArea;
  readonly journal: VmdkSesparseArea;
  /** Called `grain_dir_offset, grain_dir_size` in the original. */
  readonly directory: VmdkSesparseArea;
  /** Called `grain_tables_offset, grain_tables_size` in the original. */
  readonly tables: VmdkSesparseArea;
  readonly freeBitmap: VmdkSesparseArea;
  readonly backmap: VmdkSesparseArea;
  readonly grains: VmdkSesparseArea;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(8, 'VmdkSesparse.magic');
    if (compareBytes(this.magic, Uint8Array.of(190, 186, 254, 202, 0, 0, 0, 0)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(190, 186, 254, 202, 0, 0, 0, 0), this.magic, io, 'VmdkSesparse.magic', 'BAD_MAGIC');
    }
    this.version = io.readU8le('VmdkSesparse.version');
    this.numSectors = io.readU8le('VmdkSesparse.numSectors');
    this.grainSectors = io.readU8le('VmdkSesparse.grainSectors');
    this.tableSectors = io.readU8le('VmdkSesparse.tableSectors');
    this.flags = io.readU8le('VmdkSesparse.flags');
    this.reserved1 = io.readU8le('VmdkSesparse.reserved1');
    this.reserved2 = io.readU8le('VmdkSesparse.reserved2');
    this.reserved3 = io.readU8le('VmdkSesparse.reserved3');
    this.reserved4 = io.readU8le('VmdkSesparse.reserved4');
    this.volatileHeader = new VmdkSesparseArea(io);
    this.journalHeader = new VmdkSesparseArea(io);
    this.journal = new VmdkSesparseArea(io);
    this.directory = new VmdkSesparseArea(io);
    this.tables = new VmdkSesparseArea(io);
    this.freeBitmap = new VmdkSesparseArea(io);
    this.backmap = new VmdkSesparseArea(io);
    this.grains = new VmdkSesparseArea(io);
  }
}

class VmdkSesparseArea {
  readonly _io: SafeStream;
  readonly sector: bigint;
  readonly numSectors: bigint;

  constructor(io: SafeStream) {
    this._io = io;
    this.sector = io.readU8le('VmdkSesparseArea.sector');
    this.numSectors = io.readU8le('VmdkSesparseArea.numSectors');
  }
}

/** The second header. */
class VmdkSesparseVolatile {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;
  /** Called `free_gt_number` in the original. */
  readonly freeTableIndex: bigint;
  /** Called `next_txn_seq_number` in the original. */
  readonly nextTransaction: bigint;
  /** Called `replay_journal` in the original. */
  readonly mustReplay: bigint;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(8, 'VmdkSesparseVolatile.magic');
    if (compareBytes(this.magic, Uint8Array.of(254, 202, 254, 202, 0, 0, 0, 0)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(254, 202, 254, 202, 0, 0, 0, 0), this.magic, io, 'VmdkSesparseVolatile.magic', 'BAD_MAGIC');
    }
    this.freeTableIndex = io.readU8le('VmdkSesparseVolatile.freeTableIndex');
    this.nextTransaction = io.readU8le('VmdkSesparseVolatile.nextTransaction');
    this.mustReplay = io.readU8le('VmdkSesparseVolatile.mustReplay');
  }
}

/** Which grain table it is. */
class VmdkSesparseDirectoryEntryRecord extends RecordCursor {
  /** From the beginning of the area of tables. */
  get index(): number {
    return this._view.getUint32(this._offset, true);
  }

  /** 0x10000000 if the table is there; all is 0 if it is not. */
  get state(): number {
    return this._view.getUint32(this._offset + 4, true);
  }
}

/** Which grain it is, counted from the beginning of the area of grains. */
class VmdkSesparseTableEntryRecord extends RecordCursor {
  get indexHigh(): bigint {
    return this._bitsLe(0, 48);
  }

  get indexLow(): number {
    return Number(this._bitsLe(48, 12));
  }

  get kind(): number {
    return Number(this._bitsLe(60, 4));
  }
}
