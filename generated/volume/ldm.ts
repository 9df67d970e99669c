// Generated from formats/volume/ldm.ksy by `npm run generate`. Do not edit: change the specification.
import {
  big,
  compareBytes,
  decode,
  guest,
  type Guest,
  SafeStream,
  terminate,
  ValidationGreaterThanError,
  ValidationLessThanError,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestLdm = Guest<Ldm>;

/** `ldm` from its bytes. @throws FormatError when they are none. */
export function parseLdm(bytes: Uint8Array): GuestLdm {
  return guest(new Ldm(new SafeStream(bytes)));
}

export type GuestLdmContents = Guest<LdmContents>;

/** `contents` from its bytes. @throws FormatError when they are none. */
export function parseLdmContents(bytes: Uint8Array): GuestLdmContents {
  return guest(new LdmContents(new SafeStream(bytes)));
}

export type GuestLdmDatabase = Guest<LdmDatabase>;

/** `database` from its bytes. @throws FormatError when they are none. */
export function parseLdmDatabase(bytes: Uint8Array): GuestLdmDatabase {
  return guest(new LdmDatabase(new SafeStream(bytes)));
}

export type GuestLdmRecordHead = Guest<LdmRecordHead>;

/** `record_head` from its bytes. @throws FormatError when they are none. */
export function parseLdmRecordHead(bytes: Uint8Array): GuestLdmRecordHead {
  return guest(new LdmRecordHead(new SafeStream(bytes)));
}

export type GuestLdmKind = Guest<LdmKind>;

/** `kind` from its bytes. @throws FormatError when they are none. */
export function parseLdmKind(bytes: Uint8Array): GuestLdmKind {
  return guest(new LdmKind(new SafeStream(bytes)));
}

export type GuestLdmVolume = Guest<LdmVolume>;

/** `volume` from its bytes. @throws FormatError when they are none. */
export function parseLdmVolume(bytes: Uint8Array): GuestLdmVolume {
  return guest(new LdmVolume(new SafeStream(bytes)));
}

export type GuestLdmComponent = Guest<LdmComponent>;

/** `component` from its bytes. @throws FormatError when they are none. */
export function parseLdmComponent(bytes: Uint8Array): GuestLdmComponent {
  return guest(new LdmComponent(new SafeStream(bytes)));
}

export type GuestLdmPartition = Guest<LdmPartition>;

/** `partition` from its bytes. @throws FormatError when they are none. */
export function parseLdmPartition(bytes: Uint8Array): GuestLdmPartition {
  return guest(new LdmPartition(new SafeStream(bytes)));
}

export type GuestLdmDisk = Guest<LdmDisk>;

/** `disk` from its bytes. @throws FormatError when they are none. */
export function parseLdmDisk(bytes: Uint8Array): GuestLdmDisk {
  return guest(new LdmDisk(new SafeStream(bytes)));
}

/**
 * The private header: in sector 6 of a disk with an MBR, and in the last sector
 * of the partition for metadata of one with a GPT. It says where the database is,
 * 1 MiB at the end of the disk or in that partition. Each disk of a group has
 * all of it. Its records name volumes, the components of each, the partitions of
 * those, and the disks; lengths of their fields vary. Numbers count sectors.
 * @see Linux block/partitions/ldm.c, ldm.h
 * @see libldm src/ldm.c; the documentation of the Linux-NTFS project, ldmdoc
 */
class Ldm {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;
  readonly sequence: number;
  /** Called `ver_major` in the original. */
  readonly majorVersion: number;
  /** Called `ver_minor` in the original. */
  readonly minorVersion: number;
  readonly timeAndSizes: Uint8Array;
  /** Called `disk_id` in the original. */
  readonly diskUuid: string;
  readonly hostUuid: string;
  /** Called `disk_group_guid` in the original. */
  readonly groupUuid: string;
  /** Called `disk_group_name` in the original. */
  readonly groupName: string;
  readonly reserved: Uint8Array;
  /** Called `logical_disk_start` in the original. */
  readonly firstDataSector: bigint;
  /** Called `logical_disk_size` in the original. */
  readonly numDataSectors: bigint;
  /** Called `config_start` in the original. */
  readonly firstDatabaseSector: bigint;
  /** Called `config_size` in the original. */
  readonly numDatabaseSectors: bigint;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(8, 'Ldm.magic');
    if (compareBytes(this.magic, Uint8Array.of(80, 82, 73, 86, 72, 69, 65, 68)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(80, 82, 73, 86, 72, 69, 65, 68), this.magic, io, 'Ldm.magic', 'BAD_MAGIC');
    }
    this.sequence = io.readU4be('Ldm.sequence');
    this.majorVersion = io.readU2be('Ldm.majorVersion');
    if (this.majorVersion !== 2) {
      throw new ValidationNotEqualError(2, this.majorVersion, io, 'Ldm.majorVersion');
    }
    this.minorVersion = io.readU2be('Ldm.minorVersion');
    if (this.minorVersion < 11) {
      throw new ValidationLessThanError(11, this.minorVersion, io, 'Ldm.minorVersion');
    }
    if (this.minorVersion > 12) {
      throw new ValidationGreaterThanError(12, this.minorVersion, io, 'Ldm.minorVersion');
    }
    this.timeAndSizes = io.take(32, 'Ldm.timeAndSizes');
    this.diskUuid = decode(terminate(io.take(64, 'Ldm.diskUuid'), [0], false), 'ASCII');
    this.hostUuid = decode(terminate(io.take(64, 'Ldm.hostUuid'), [0], false), 'ASCII');
    this.groupUuid = decode(terminate(io.take(64, 'Ldm.groupUuid'), [0], false), 'ASCII');
    this.groupName = decode(terminate(io.take(32, 'Ldm.groupName'), [0], false), 'ASCII');
    this.reserved = io.take(11, 'Ldm.reserved');
    this.firstDataSector = io.readU8be('Ldm.firstDataSector');
    this.numDataSectors = io.readU8be('Ldm.numDataSectors');
    this.firstDatabaseSector = io.readU8be('Ldm.firstDatabaseSector');
    this.numDatabaseSectors = io.readU8be('Ldm.numDatabaseSectors');
  }
}

/** A table of contents, two of which are at either end of the database. */
class LdmContents {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;
  readonly sequence: Uint8Array;
  /**
   * config
   * Called `bitmap1_name` in the original.
   */
  readonly name: string;
  /**
   * Of the database.
   * Called `bitmap1_start` in the original.
   */
  readonly firstSector: bigint;
  /** Called `bitmap1_size` in the original. */
  readonly numSectors: bigint;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(8, 'LdmContents.magic');
    if (compareBytes(this.magic, Uint8Array.of(84, 79, 67, 66, 76, 79, 67, 75)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(84, 79, 67, 66, 76, 79, 67, 75), this.magic, io, 'LdmContents.magic', 'BAD_MAGIC');
    }
    this.sequence = io.take(28, 'LdmContents.sequence');
    this.name = decode(terminate(io.take(10, 'LdmContents.name'), [0], false), 'ASCII');
    this.firstSector = io.readU8be('LdmContents.firstSector');
    this.numSectors = io.readU8be('LdmContents.numSectors');
  }
}

class LdmDatabase {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;
  /**
   * The number of the last record and one more, counted with the header's own room.
   * Called `last_vblk_seq` in the original.
   */
  readonly lastRecord: number;
  /** Called `vblk_size` in the original. */
  readonly lenRecord: number;
  /** Called `vblk_offset` in the original. */
  readonly ofsRecords: number;
  /**
   * 1 unless it was being changed.
   * Called `update_status` in the original.
   */
  readonly state: number;
  /** Called `ver_major` in the original. */
  readonly majorVersion: number;
  /** Called `ver_minor` in the original. */
  readonly minorVersion: number;
  readonly groupName: string;
  readonly groupUuid: string;
  /** Called `committed_seq` in the original. */
  readonly sequence: bigint;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'LdmDatabase.magic');
    if (compareBytes(this.magic, Uint8Array.of(86, 77, 68, 66)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(86, 77, 68, 66), this.magic, io, 'LdmDatabase.magic', 'BAD_MAGIC');
    }
    this.lastRecord = io.readU4be('LdmDatabase.lastRecord');
    this.lenRecord = io.readU4be('LdmDatabase.lenRecord');
    this.ofsRecords = io.readU4be('LdmDatabase.ofsRecords');
    this.state = io.readU2be('LdmDatabase.state');
    this.majorVersion = io.readU2be('LdmDatabase.majorVersion');
    if (this.majorVersion !== 4) {
      throw new ValidationNotEqualError(4, this.majorVersion, io, 'LdmDatabase.majorVersion');
    }
    this.minorVersion = io.readU2be('LdmDatabase.minorVersion');
    if (this.minorVersion !== 10) {
      throw new ValidationNotEqualError(10, this.minorVersion, io, 'LdmDatabase.minorVersion');
    }
    this.groupName = decode(terminate(io.take(31, 'LdmDatabase.groupName'), [0], false), 'ASCII');
    this.groupUuid = decode(terminate(io.take(64, 'LdmDatabase.groupUuid'), [0], false), 'ASCII');
    this.sequence = io.readU8be('LdmDatabase.sequence');
  }
}

/** A record may be in several pieces, each with such a head. */
class LdmRecordHead {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;
  readonly sequence: number;
  readonly group: number;
  /** Called `rec` in the original. */
  readonly piece: number;
  /**
   * 0 in an unused record.
   * Called `nrec` in the original.
   */
  readonly numPieces: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'LdmRecordHead.magic');
    if (compareBytes(this.magic, Uint8Array.of(86, 66, 76, 75)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(86, 66, 76, 75), this.magic, io, 'LdmRecordHead.magic', 'BAD_MAGIC');
    }
    this.sequence = io.readU4be('LdmRecordHead.sequence');
    this.group = io.readU4be('LdmRecordHead.group');
    this.piece = io.readU2be('LdmRecordHead.piece');
    this.numPieces = io.readU2be('LdmRecordHead.numPieces');
  }
}

/** What all records have behind their heads. */
class LdmKind {
  readonly _io: SafeStream;
  readonly state: number;
  readonly flags: number;
  /** The version in the upper half. */
  readonly type: number;
  readonly numBytes: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.state = io.readU2be('LdmKind.state');
    this.flags = io.readU1('LdmKind.flags');
    this.type = io.readU1('LdmKind.type');
    this.numBytes = io.readU4be('LdmKind.numBytes');
  }
}

/** A number, most significant byte first, or a text. */
class LdmField {
  readonly _io: SafeStream;
  readonly lenValue: number;
  readonly value: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.lenValue = io.readU1('LdmField.lenValue');
    this.value = io.readBytes(this.lenValue, 'LdmField.value');
  }
}

class LdmVolume {
  readonly _io: SafeStream;
  readonly kind: LdmKind;
  readonly id: LdmField;
  readonly name: LdmField;
  /** gen, or raid5. */
  readonly type: LdmField;
  readonly driveLetter: LdmField;
  /** ACTIVE */
  readonly state: Uint8Array;
  readonly numbers: Uint8Array;
  readonly numComponents: LdmField;
  readonly commitAndId: Uint8Array;
  readonly numSectors: LdmField;
  readonly reserved: Uint8Array;
  readonly partitionType: number;
  readonly uuid: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.kind = new LdmKind(io);
    this.id = new LdmField(io);
    this.name = new LdmField(io);
    this.type = new LdmField(io);
    this.driveLetter = new LdmField(io);
    this.state = io.take(14, 'LdmVolume.state');
    this.numbers = io.take(7, 'LdmVolume.numbers');
    this.numComponents = new LdmField(io);
    this.commitAndId = io.take(16, 'LdmVolume.commitAndId');
    this.numSectors = new LdmField(io);
    this.reserved = io.take(4, 'LdmVolume.reserved');
    this.partitionType = io.readU1('LdmVolume.partitionType');
    this.uuid = io.take(16, 'LdmVolume.uuid');
  }
}

class LdmComponent {
  readonly _io: SafeStream;
  readonly kind: LdmKind;
  readonly id: LdmField;
  readonly name: LdmField;
  readonly state: LdmField;
  /** 1 for stripes, 2 for partitions one behind the other, 3 for stripes with parity. */
  readonly type: number;
  readonly reserved1: Uint8Array;
  readonly numPartitions: LdmField;
  readonly commit: Uint8Array;
  /** Called `parent_id` in the original. */
  readonly volume: LdmField;
  readonly reserved2: Uint8Array;
  readonly numChunkSectors: LdmField | undefined;
  readonly numColumns: LdmField | undefined;

  constructor(io: SafeStream) {
    this._io = io;
    this.kind = new LdmKind(io);
    this.id = new LdmField(io);
    this.name = new LdmField(io);
    this.state = new LdmField(io);
    this.type = io.readU1('LdmComponent.type');
    this.reserved1 = io.take(4, 'LdmComponent.reserved1');
    this.numPartitions = new LdmField(io);
    this.commit = io.take(16, 'LdmComponent.commit');
    this.volume = new LdmField(io);
    this.reserved2 = io.take(1, 'LdmComponent.reserved2');
    if ((big(this.kind.flags) & 16n) !== 0n) {
      this.numChunkSectors = new LdmField(io);
    }
    if ((big(this.kind.flags) & 16n) !== 0n) {
      this.numColumns = new LdmField(io);
    }
  }
}

class LdmPartition {
  readonly _io: SafeStream;
  readonly kind: LdmKind;
  readonly id: LdmField;
  readonly name: LdmField;
  readonly commit: Uint8Array;
  /**
   * From where the disk's data begin.
   * Called `start` in the original.
   */
  readonly firstSector: bigint;
  /**
   * Where it begins in its component.
   * Called `volume_offset` in the original.
   */
  readonly volumeSector: bigint;
  /** Called `size` in the original. */
  readonly numSectors: LdmField;
  /** Called `parent_id` in the original. */
  readonly component: LdmField;
  /** Called `disk_id` in the original. */
  readonly disk: LdmField;
  /** Called `index` in the original. */
  readonly column: LdmField | undefined;

  constructor(io: SafeStream) {
    this._io = io;
    this.kind = new LdmKind(io);
    this.id = new LdmField(io);
    this.name = new LdmField(io);
    this.commit = io.take(12, 'LdmPartition.commit');
    this.firstSector = io.readU8be('LdmPartition.firstSector');
    this.volumeSector = io.readU8be('LdmPartition.volumeSector');
    this.numSectors = new LdmField(io);
    this.component = new LdmField(io);
    this.disk = new LdmField(io);
    if ((big(this.kind.flags) & 8n) !== 0n) {
      this.column = new LdmField(io);
    }
  }
}

class LdmDisk {
  readonly _io: SafeStream;
  readonly kind: LdmKind;
  readonly id: LdmField;
  readonly name: LdmField;
  readonly uuid: LdmField | undefined;
  readonly uuidBytes: Uint8Array | undefined;

  constructor(io: SafeStream) {
    this._io = io;
    this.kind = new LdmKind(io);
    this.id = new LdmField(io);
    this.name = new LdmField(io);
    if ((big(this.kind.type) & 240n) === 48n) {
      this.uuid = new LdmField(io);
    }
    if ((big(this.kind.type) & 240n) === 64n) {
      this.uuidBytes = io.take(16, 'LdmDisk.uuidBytes');
    }
  }
}
