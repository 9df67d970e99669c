// Generated from formats/container/dmg.ksy by `npm run generate`. Do not edit: change the specification.
import {
  compareBytes,
  decode,
  guest,
  type Guest,
  RecordCursor,
  records,
  type Records,
  SafeStream,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestDmg = Guest<Dmg>;

/** `dmg` from its bytes. @throws FormatError when they are none. */
export function parseDmg(bytes: Uint8Array): GuestDmg {
  return guest(new Dmg(new SafeStream(bytes)));
}

export type GuestDmgEncryptedHead = Guest<DmgEncryptedHead>;

/** `encrypted_head` from its bytes. @throws FormatError when they are none. */
export function parseDmgEncryptedHead(bytes: Uint8Array): GuestDmgEncryptedHead {
  return guest(new DmgEncryptedHead(new SafeStream(bytes)));
}

export type GuestDmgResourceFork = Guest<DmgResourceFork>;

/** `resource_fork` from its bytes. @throws FormatError when they are none. */
export function parseDmgResourceFork(bytes: Uint8Array): GuestDmgResourceFork {
  return guest(new DmgResourceFork(new SafeStream(bytes)));
}

export type GuestDmgResourceLength = Guest<DmgResourceLength>;

/** `resource_length` from its bytes. @throws FormatError when they are none. */
export function parseDmgResourceLength(bytes: Uint8Array): GuestDmgResourceLength {
  return guest(new DmgResourceLength(new SafeStream(bytes)));
}

export type GuestDmgPropertyList = Guest<DmgPropertyList>;

/** `property_list` from its bytes. @throws FormatError when they are none. */
export function parseDmgPropertyList(bytes: Uint8Array): GuestDmgPropertyList {
  return guest(new DmgPropertyList(new SafeStream(bytes)));
}

export type GuestDmgBlockTable = Guest<DmgBlockTable>;

/** `block_table` from its bytes. @throws FormatError when they are none. */
export function parseDmgBlockTable(bytes: Uint8Array): GuestDmgBlockTable {
  return guest(new DmgBlockTable(new SafeStream(bytes)));
}

export type GuestDmgChunk = Guest<DmgChunkRecord>;

/** A table of `chunk`: 40 bytes each, `strideBytes` apart. */
export function dmgChunkRecords(
  bytes: Uint8Array,
  strideBytes: number = 40,
): Records<GuestDmgChunk> {
  return records(new DmgChunkRecord(bytes, 'le'), 40, strideBytes, 'DmgChunk');
}

export const DmgChunkKind = {
  ZERO: 0,
  RAW: 1,
  IGNORE: 2,
  COMMENT: 2147483646,
  ADC: 2147483652,
  ZLIB: 2147483653,
  BZIP2: 2147483654,
  LZFSE: 2147483655,
  LZMA: 2147483656,
  LAST: 4294967295,
} as const;

/**
 * A read-only disk image of chunks, each stored, left out or compressed on its
 * own. The trailer at the end of the file tells where a property list is, or in
 * older images a resource fork; there stands for each partition a block table,
 * whose entries are the chunks.
 *
 * ### Making a test image
 *
 *     hdiutil convert disk.img -format UDZO -o disk.dmg
 * @see QEMU block/dmg.c
 * @see http://newosxbook.com/DMG.html
 */
class Dmg {
  readonly _io: SafeStream;
  /** Called `Signature` in the original. */
  readonly magic: Uint8Array;
  /** Called `Version` in the original. */
  readonly version: number;
  /** Called `HeaderSize` in the original. */
  readonly lenHeader: number;
  /** Called `Flags` in the original. */
  readonly flags: number;
  /** Called `RunningDataForkOffset` in the original. */
  readonly ofsRunningDataFork: bigint;
  /** Called `DataForkOffset` in the original. */
  readonly ofsDataFork: bigint;
  /** Called `DataForkLength` in the original. */
  readonly lenDataFork: bigint;
  /** Called `RsrcForkOffset` in the original. */
  readonly ofsResourceFork: bigint;
  /** Called `RsrcForkLength` in the original. */
  readonly lenResourceFork: bigint;
  /** Called `SegmentNumber` in the original. */
  readonly segmentNumber: number;
  /**
   * Of an image that is split over several files; 0 and 1 are one file.
   * Called `SegmentCount` in the original.
   */
  readonly numSegments: number;
  /** Called `SegmentID` in the original. */
  readonly segmentId: Uint8Array;
  /** Called `DataChecksum` in the original. */
  readonly dataChecksum: DmgChecksum;
  /** Called `XMLOffset` in the original. */
  readonly ofsPropertyList: bigint;
  /** Called `XMLLength` in the original. */
  readonly lenPropertyList: bigint;
  readonly reserved1: Uint8Array;
  /** Called `Checksum` in the original. */
  readonly masterChecksum: DmgChecksum;
  /** Called `ImageVariant` in the original. */
  readonly imageVariant: number;
  /** Called `SectorCount` in the original. */
  readonly lenDiskSectors: bigint;
  readonly reserved2: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'Dmg.magic');
    if (compareBytes(this.magic, Uint8Array.of(107, 111, 108, 121)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(107, 111, 108, 121), this.magic, io, 'Dmg.magic', 'BAD_MAGIC');
    }
    this.version = io.readU4be('Dmg.version');
    this.lenHeader = io.readU4be('Dmg.lenHeader');
    this.flags = io.readU4be('Dmg.flags');
    this.ofsRunningDataFork = io.readU8be('Dmg.ofsRunningDataFork');
    this.ofsDataFork = io.readU8be('Dmg.ofsDataFork');
    this.lenDataFork = io.readU8be('Dmg.lenDataFork');
    this.ofsResourceFork = io.readU8be('Dmg.ofsResourceFork');
    this.lenResourceFork = io.readU8be('Dmg.lenResourceFork');
    this.segmentNumber = io.readU4be('Dmg.segmentNumber');
    this.numSegments = io.readU4be('Dmg.numSegments');
    this.segmentId = io.take(16, 'Dmg.segmentId');
    this.dataChecksum = new DmgChecksum(io);
    this.ofsPropertyList = io.readU8be('Dmg.ofsPropertyList');
    this.lenPropertyList = io.readU8be('Dmg.lenPropertyList');
    this.reserved1 = io.take(120, 'Dmg.reserved1');
    this.masterChecksum = new DmgChecksum(io);
    this.imageVariant = io.readU4be('Dmg.imageVariant');
    this.lenDiskSectors = io.readU8be('Dmg.lenDiskSectors');
    this.reserved2 = io.take(12, 'Dmg.reserved2');
  }
}

class DmgChecksum {
  readonly _io: SafeStream;
  readonly kind: number;
  readonly numBits: number;
  readonly value: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.kind = io.readU4be('DmgChecksum.kind');
    this.numBits = io.readU4be('DmgChecksum.numBits');
    this.value = io.take(128, 'DmgChecksum.value');
  }
}

/** How an encrypted image begins, whose trailer is encrypted like all else. */
class DmgEncryptedHead {
  readonly _io: SafeStream;
  /** It is "encrcdsa". */
  readonly magic: string;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = decode(io.take(8, 'DmgEncryptedHead.magic'), 'ASCII');
  }
}

/** How a resource fork begins. */
class DmgResourceFork {
  readonly _io: SafeStream;
  /** From the start of the fork. */
  readonly ofsData: number;
  readonly ofsMap: number;
  readonly lenData: number;
  readonly lenMap: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.ofsData = io.readU4be('DmgResourceFork.ofsData');
    this.ofsMap = io.readU4be('DmgResourceFork.ofsMap');
    this.lenData = io.readU4be('DmgResourceFork.lenData');
    this.lenMap = io.readU4be('DmgResourceFork.lenMap');
  }
}

/** What precedes each resource. */
class DmgResourceLength {
  readonly _io: SafeStream;
  readonly lenResource: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.lenResource = io.readU4be('DmgResourceLength.lenResource');
  }
}

/** The text of the property list. */
class DmgPropertyList {
  readonly _io: SafeStream;
  /** What matters in it is Base64, which is ASCII. */
  readonly document: string;

  constructor(io: SafeStream) {
    this._io = io;
    this.document = decode(io.readBytesFull('DmgPropertyList.document'), 'ISO-8859-1');
  }
}

/** The chunks of one partition; the 40 bytes of each follow. */
class DmgBlockTable {
  readonly _io: SafeStream;
  /** Called `Signature` in the original. */
  readonly magic: Uint8Array;
  /** Called `Version` in the original. */
  readonly version: number;
  /**
   * What the sectors of the chunks are counted from.
   * Called `SectorNumber` in the original.
   */
  readonly firstSector: bigint;
  /** Called `SectorCount` in the original. */
  readonly numSectors: bigint;
  /**
   * What the offsets of the chunks are counted from, in the data fork.
   * Called `DataOffset` in the original.
   */
  readonly ofsData: bigint;
  /** Called `BuffersNeeded` in the original. */
  readonly numBuffers: number;
  /** Called `BlockDescriptors` in the original. */
  readonly numDescriptors: number;
  readonly reserved: Uint8Array;
  readonly checksum: DmgChecksum;
  /** Called `NumberOfBlockChunks` in the original. */
  readonly numChunks: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'DmgBlockTable.magic');
    if (compareBytes(this.magic, Uint8Array.of(109, 105, 115, 104)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(109, 105, 115, 104), this.magic, io, 'DmgBlockTable.magic', 'BAD_MAGIC');
    }
    this.version = io.readU4be('DmgBlockTable.version');
    this.firstSector = io.readU8be('DmgBlockTable.firstSector');
    this.numSectors = io.readU8be('DmgBlockTable.numSectors');
    this.ofsData = io.readU8be('DmgBlockTable.ofsData');
    this.numBuffers = io.readU4be('DmgBlockTable.numBuffers');
    this.numDescriptors = io.readU4be('DmgBlockTable.numDescriptors');
    this.reserved = io.take(24, 'DmgBlockTable.reserved');
    this.checksum = new DmgChecksum(io);
    this.numChunks = io.readU4be('DmgBlockTable.numChunks');
  }
}

/** How a run of the disk's sectors is stored. */
class DmgChunkRecord extends RecordCursor {
  /** Called `EntryType` in the original. */
  get kind(): number {
    return this._view.getUint32(this._offset);
  }

  /** Called `Comment` in the original. */
  get comment(): number {
    return this._view.getUint32(this._offset + 4);
  }

  /** Called `SectorNumber` in the original. */
  get firstSector(): bigint {
    return this._view.getBigUint64(this._offset + 8);
  }

  /** Called `SectorCount` in the original. */
  get numSectors(): bigint {
    return this._view.getBigUint64(this._offset + 16);
  }

  /** Called `CompressedOffset` in the original. */
  get ofsData(): bigint {
    return this._view.getBigUint64(this._offset + 24);
  }

  /** Called `CompressedLength` in the original. */
  get lenData(): bigint {
    return this._view.getBigUint64(this._offset + 32);
  }
}
