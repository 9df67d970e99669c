// Generated from formats/volume/bitlocker.ksy by `npm run generate`. Do not edit: change the specification.
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

export type GuestBitlocker = Guest<Bitlocker>;

/** `bitlocker` from its bytes. @throws FormatError when they are none. */
export function parseBitlocker(bytes: Uint8Array): GuestBitlocker {
  return guest(new Bitlocker(new SafeStream(bytes)));
}

export type GuestBitlockerMetadata = Guest<BitlockerMetadata>;

/** `metadata` from its bytes. @throws FormatError when they are none. */
export function parseBitlockerMetadata(bytes: Uint8Array): GuestBitlockerMetadata {
  return guest(new BitlockerMetadata(new SafeStream(bytes)));
}

export type GuestBitlockerValidation = Guest<BitlockerValidation>;

/** `validation` from its bytes. @throws FormatError when they are none. */
export function parseBitlockerValidation(bytes: Uint8Array): GuestBitlockerValidation {
  return guest(new BitlockerValidation(new SafeStream(bytes)));
}

export type GuestBitlockerEntry = Guest<BitlockerEntry>;

/** `entry` from its bytes. @throws FormatError when they are none. */
export function parseBitlockerEntry(bytes: Uint8Array): GuestBitlockerEntry {
  return guest(new BitlockerEntry(new SafeStream(bytes)));
}

export type GuestBitlockerProtector = Guest<BitlockerProtector>;

/** `protector` from its bytes. @throws FormatError when they are none. */
export function parseBitlockerProtector(bytes: Uint8Array): GuestBitlockerProtector {
  return guest(new BitlockerProtector(new SafeStream(bytes)));
}

export type GuestBitlockerKey = Guest<BitlockerKey>;

/** `key` from its bytes. @throws FormatError when they are none. */
export function parseBitlockerKey(bytes: Uint8Array): GuestBitlockerKey {
  return guest(new BitlockerKey(new SafeStream(bytes)));
}

export type GuestBitlockerSealed = Guest<BitlockerSealed>;

/** `sealed` from its bytes. @throws FormatError when they are none. */
export function parseBitlockerSealed(bytes: Uint8Array): GuestBitlockerSealed {
  return guest(new BitlockerSealed(new SafeStream(bytes)));
}

export type GuestBitlockerVolumeHeader = Guest<BitlockerVolumeHeader>;

/** `volume_header` from its bytes. @throws FormatError when they are none. */
export function parseBitlockerVolumeHeader(bytes: Uint8Array): GuestBitlockerVolumeHeader {
  return guest(new BitlockerVolumeHeader(new SafeStream(bytes)));
}

export type GuestBitlockerStartupKey = Guest<BitlockerStartupKey>;

/** `startup_key` from its bytes. @throws FormatError when they are none. */
export function parseBitlockerStartupKey(bytes: Uint8Array): GuestBitlockerStartupKey {
  return guest(new BitlockerStartupKey(new SafeStream(bytes)));
}

export type GuestBitlockerConversion = Guest<BitlockerConversion>;

/** `conversion` from its bytes. @throws FormatError when they are none. */
export function parseBitlockerConversion(bytes: Uint8Array): GuestBitlockerConversion {
  return guest(new BitlockerConversion(new SafeStream(bytes)));
}

export type GuestBitlockerBitmap = Guest<BitlockerBitmap>;

/** `bitmap` from its bytes. @throws FormatError when they are none. */
export function parseBitlockerBitmap(bytes: Uint8Array): GuestBitlockerBitmap {
  return guest(new BitlockerBitmap(new SafeStream(bytes)));
}

export type GuestBitlockerBits = Guest<BitlockerBits>;

/** `bits` from its bytes. @throws FormatError when they are none. */
export function parseBitlockerBits(bytes: Uint8Array): GuestBitlockerBits {
  return guest(new BitlockerBits(new SafeStream(bytes)));
}

export type GuestBitlockerBitmapPlace = Guest<BitlockerBitmapPlaceRecord>;

/** A table of `bitmap_place`: 8 bytes each, `strideBytes` apart. */
export function bitlockerBitmapPlaceRecords(
  bytes: Uint8Array,
  strideBytes: number = 8,
): Records<GuestBitlockerBitmapPlace> {
  return records(new BitlockerBitmapPlaceRecord(bytes, 'le'), 8, strideBytes, 'BitlockerBitmapPlace');
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new Bitlocker(new SafeStream(bytes));
  return guestClaims({
    type: 'BitLocker',
  });
}

export const BitlockerRole = {
  PROPERTY: 0,
  PROTECTOR: 2,
  VOLUME_KEY: 3,
  STARTUP_KEY: 6,
  VOLUME_HEADER: 15,
} as const;

export const BitlockerState = {
  DECRYPTED: 1,
  SWITCHING_DIRTY: 2,
  PAUSED: 3,
  ENCRYPTED: 4,
  SWITCHING: 5,
} as const;

export const BitlockerType = {
  ERASED: 0,
  KEY: 1,
  TEXT: 2,
  STRETCH_KEY: 3,
  SEALED: 5,
  PROTECTOR: 8,
  EXTERNAL_KEY: 9,
  VOLUME_HEADER: 15,
} as const;

/**
 * The boot sector of a volume of Windows Vista, of Windows 7 and later, and of
 * BitLocker To Go, whose boot sector is that of a FAT with programs that ask for
 * the password. It says where three copies of the metadata lie. A copy is a list
 * of entries, some of which hold entries in turn: the key of the volume, encrypted
 * with a master key, and the master key, encrypted for each protector (a password,
 * a recovery password, a file on a stick, a TPM).
 * @see libbde documentation: BitLocker Drive Encryption (BDE) format
 * @see cryptsetup lib/bitlk/bitlk.h, lib/bitlk/bitlk.c
 * @see dissect.fve dissect/fve/bde/c_bde.py
 * @see util-linux libblkid/src/superblocks/bitlocker.c
 */
class Bitlocker {
  readonly _io: SafeStream;
  readonly jump: Uint8Array;
  /** 0x52 is Windows Vista, whose format is version 1. */
  readonly jumpOffset: number;
  readonly noOperation: Uint8Array;
  readonly magic: string;
  /** 0 stands for 512. */
  readonly lenSector: number;
  readonly numClusterSectors: number;
  readonly parameters: Uint8Array;
  /** Of Vista alone, where the first copy of the metadata lies. */
  readonly metadataCluster: bigint;
  readonly program: Uint8Array;
  readonly places: BitlockerPlaces;
  readonly moreProgram: Uint8Array;
  /** The same of BitLocker To Go. */
  readonly toGoPlaces: BitlockerPlaces;

  constructor(io: SafeStream) {
    this._io = io;
    this.jump = io.take(1, 'Bitlocker.jump');
    this.jumpOffset = io.readU1('Bitlocker.jumpOffset');
    this.noOperation = io.take(1, 'Bitlocker.noOperation');
    this.magic = decode(terminate(io.take(8, 'Bitlocker.magic'), [0], false), 'ASCII');
    this.lenSector = io.readU2le('Bitlocker.lenSector');
    this.numClusterSectors = io.readU1('Bitlocker.numClusterSectors');
    this.parameters = io.take(42, 'Bitlocker.parameters');
    this.metadataCluster = io.readU8le('Bitlocker.metadataCluster');
    this.program = io.take(96, 'Bitlocker.program');
    this.places = new BitlockerPlaces(io);
    this.moreProgram = io.take(208, 'Bitlocker.moreProgram');
    this.toGoPlaces = new BitlockerPlaces(io);
  }
}

/** Where the copies of the metadata lie, behind a number that is the same in every volume. */
class BitlockerPlaces {
  readonly _io: SafeStream;
  readonly kind: Uint8Array;
  readonly ofsMetadata: bigint[];
  /** Where the kind is that of encryption while the volume is written to. */
  readonly ofsConversion: bigint[];

  constructor(io: SafeStream) {
    this._io = io;
    this.kind = io.take(16, 'BitlockerPlaces.kind');
    this.ofsMetadata = [];
    for (let i = 0, n = io.count(3, 8, 'BitlockerPlaces.ofsMetadata'); i < n; i++) {
      this.ofsMetadata.push(io.readU8le('BitlockerPlaces.ofsMetadata'));
    }
    this.ofsConversion = [];
    for (let i = 0, n = io.count(2, 8, 'BitlockerPlaces.ofsConversion'); i < n; i++) {
      this.ofsConversion.push(io.readU8le('BitlockerPlaces.ofsConversion'));
    }
  }
}

/** How a copy of the metadata begins; the entries follow. */
class BitlockerMetadata {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;
  /** Of version 1 in bytes, of version 2 in units of 16 bytes. */
  readonly lenMetadata: number;
  readonly version: number;
  readonly state: number;
  readonly nextState: number;
  /** What lies behind is not encrypted, or no more. Of most volumes their size. */
  readonly ofsState: bigint;
  /** Of the log of an encryption that was interrupted, which lies at ofs_state. */
  readonly lenState: number;
  readonly numHeaderSectors: number;
  readonly ofsCopies: bigint[];
  /**
   * Where the volume's first sectors lie, encrypted. Of version 1 the cluster of
   * NTFS's second MFT, whose place in the boot sector the metadata's cluster took.
   */
  readonly ofsHeader: bigint;
  /** With the 48 bytes from this field to the first entry. */
  readonly lenEntries: number;
  readonly entriesVersion: number;
  /** From len_entries on. */
  readonly ofsEntries: number;
  readonly ofsEntriesEnd: number;
  readonly guid: Uint8Array;
  readonly nextNonce: number;
  readonly encryption: number;
  readonly preferredEncryption: number;
  readonly created: bigint;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(8, 'BitlockerMetadata.magic');
    if (compareBytes(this.magic, Uint8Array.of(45, 70, 86, 69, 45, 70, 83, 45)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(45, 70, 86, 69, 45, 70, 83, 45), this.magic, io, 'BitlockerMetadata.magic', 'BAD_MAGIC');
    }
    this.lenMetadata = io.readU2le('BitlockerMetadata.lenMetadata');
    this.version = io.readU2le('BitlockerMetadata.version');
    this.state = io.readU2le('BitlockerMetadata.state');
    this.nextState = io.readU2le('BitlockerMetadata.nextState');
    this.ofsState = io.readU8le('BitlockerMetadata.ofsState');
    this.lenState = io.readU4le('BitlockerMetadata.lenState');
    this.numHeaderSectors = io.readU4le('BitlockerMetadata.numHeaderSectors');
    this.ofsCopies = [];
    for (let i = 0, n = io.count(3, 8, 'BitlockerMetadata.ofsCopies'); i < n; i++) {
      this.ofsCopies.push(io.readU8le('BitlockerMetadata.ofsCopies'));
    }
    this.ofsHeader = io.readU8le('BitlockerMetadata.ofsHeader');
    this.lenEntries = io.readU4le('BitlockerMetadata.lenEntries');
    this.entriesVersion = io.readU4le('BitlockerMetadata.entriesVersion');
    this.ofsEntries = io.readU4le('BitlockerMetadata.ofsEntries');
    this.ofsEntriesEnd = io.readU4le('BitlockerMetadata.ofsEntriesEnd');
    this.guid = io.take(16, 'BitlockerMetadata.guid');
    this.nextNonce = io.readU4le('BitlockerMetadata.nextNonce');
    this.encryption = io.readU2le('BitlockerMetadata.encryption');
    this.preferredEncryption = io.readU2le('BitlockerMetadata.preferredEncryption');
    this.created = io.readU8le('BitlockerMetadata.created');
  }
}

/** What lies behind a copy of the metadata. */
class BitlockerValidation {
  readonly _io: SafeStream;
  readonly lenValidation: number;
  readonly version: number;
  /** CRC-32 of the copy. */
  readonly checksum: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.lenValidation = io.readU2le('BitlockerValidation.lenValidation');
    this.version = io.readU2le('BitlockerValidation.version');
    this.checksum = io.readU4le('BitlockerValidation.checksum');
  }
}

class BitlockerEntry {
  readonly _io: SafeStream;
  /** With these 8 bytes. */
  readonly lenEntry: number;
  readonly role: number;
  readonly type: number;
  readonly flags: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.lenEntry = io.readU2le('BitlockerEntry.lenEntry');
    this.role = io.readU2le('BitlockerEntry.role');
    this.type = io.readU2le('BitlockerEntry.type');
    this.flags = io.readU2le('BitlockerEntry.flags');
  }
}

/** What an entry of type `protector` begins with; entries follow. */
class BitlockerProtector {
  readonly _io: SafeStream;
  readonly guid: Uint8Array;
  readonly modified: bigint;
  readonly hints: number;
  readonly protection: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.guid = io.take(16, 'BitlockerProtector.guid');
    this.modified = io.readU8le('BitlockerProtector.modified');
    this.hints = io.readU2le('BitlockerProtector.hints');
    this.protection = io.readU2le('BitlockerProtector.protection');
  }
}

/**
 * What an entry of type `key` begins with; the key follows. `stretch_key`
 * begins so too, and a salt of 16 bytes follows.
 */
class BitlockerKey {
  readonly _io: SafeStream;
  readonly encryption: number;
  readonly flags: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.encryption = io.readU2le('BitlockerKey.encryption');
    this.flags = io.readU2le('BitlockerKey.flags');
  }
}

/**
 * What an entry of type `sealed` begins with; an entry of type `key`
 * follows, encrypted with AES in CCM.
 */
class BitlockerSealed {
  readonly _io: SafeStream;
  readonly nonce: Uint8Array;
  readonly tag: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.nonce = io.take(12, 'BitlockerSealed.nonce');
    this.tag = io.take(16, 'BitlockerSealed.tag');
  }
}

/** An entry of type `volume_header`, where the volume's first sectors lie. */
class BitlockerVolumeHeader {
  readonly _io: SafeStream;
  readonly ofsHeader: bigint;
  readonly lenHeader: bigint;

  constructor(io: SafeStream) {
    this._io = io;
    this.ofsHeader = io.readU8le('BitlockerVolumeHeader.ofsHeader');
    this.lenHeader = io.readU8le('BitlockerVolumeHeader.lenHeader');
  }
}

/**
 * What an entry of type `external_key` begins with, which is all that a
 * .BEK file has; entries follow.
 */
class BitlockerStartupKey {
  readonly _io: SafeStream;
  readonly guid: Uint8Array;
  readonly modified: bigint;

  constructor(io: SafeStream) {
    this._io = io;
    this.guid = io.take(16, 'BitlockerStartupKey.guid');
    this.modified = io.readU8le('BitlockerStartupKey.modified');
  }
}

/**
 * Of a volume that is encrypted while it is written to, where it says
 * which parts are. Offsets of a bitmap for each region follow.
 */
class BitlockerConversion {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;
  readonly lenHeader: number;
  /** With the offsets that follow. */
  readonly lenConversion: number;
  readonly lenSector: number;
  readonly alignment: number;
  readonly lenChunk: number;
  readonly lenLog: number;
  readonly lenLogRecord: number;
  readonly numRegions: number;
  /** CRC-32 of the header and the offsets, this field taken for zeros. */
  readonly checksum: number;
  readonly ofsCopies: bigint[];

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(8, 'BitlockerConversion.magic');
    if (compareBytes(this.magic, Uint8Array.of(70, 86, 69, 45, 69, 79, 87, 0)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(70, 86, 69, 45, 69, 79, 87, 0), this.magic, io, 'BitlockerConversion.magic', 'BAD_MAGIC');
    }
    this.lenHeader = io.readU2le('BitlockerConversion.lenHeader');
    this.lenConversion = io.readU2le('BitlockerConversion.lenConversion');
    this.lenSector = io.readU4le('BitlockerConversion.lenSector');
    this.alignment = io.readU4le('BitlockerConversion.alignment');
    this.lenChunk = io.readU4le('BitlockerConversion.lenChunk');
    this.lenLog = io.readU4le('BitlockerConversion.lenLog');
    this.lenLogRecord = io.readU4le('BitlockerConversion.lenLogRecord');
    this.numRegions = io.readU4le('BitlockerConversion.numRegions');
    this.checksum = io.readU4le('BitlockerConversion.checksum');
    this.ofsCopies = [];
    for (let i = 0, n = io.count(2, 8, 'BitlockerConversion.ofsCopies'); i < n; i++) {
      this.ofsCopies.push(io.readU8le('BitlockerConversion.ofsCopies'));
    }
  }
}

class BitlockerBitmapPlaceRecord extends RecordCursor {
  get ofsBitmap(): bigint {
    return this._view.getBigUint64(this._offset, true);
  }
}

/** The two records of a region's bitmap, of which the one that was written last counts. */
class BitlockerBitmap {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;
  readonly lenHeader: number;
  /** With the records. */
  readonly lenBitmap: number;
  readonly index: number;
  readonly ofsRegion: bigint;
  readonly lenRegion: bigint;
  readonly ofsLog: bigint;
  readonly ofsRecords: number[];
  readonly lenRecord: number;
  /** CRC-32 of what lies before the first record, this field taken for zeros. */
  readonly checksum: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(10, 'BitlockerBitmap.magic');
    if (compareBytes(this.magic, Uint8Array.of(70, 86, 69, 45, 69, 79, 87, 66, 77, 0)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(70, 86, 69, 45, 69, 79, 87, 66, 77, 0), this.magic, io, 'BitlockerBitmap.magic', 'BAD_MAGIC');
    }
    this.lenHeader = io.readU2le('BitlockerBitmap.lenHeader');
    this.lenBitmap = io.readU4le('BitlockerBitmap.lenBitmap');
    this.index = io.readU4le('BitlockerBitmap.index');
    this.ofsRegion = io.readU8le('BitlockerBitmap.ofsRegion');
    this.lenRegion = io.readU8le('BitlockerBitmap.lenRegion');
    this.ofsLog = io.readU8le('BitlockerBitmap.ofsLog');
    this.ofsRecords = [];
    for (let i = 0, n = io.count(2, 4, 'BitlockerBitmap.ofsRecords'); i < n; i++) {
      this.ofsRecords.push(io.readU4le('BitlockerBitmap.ofsRecords'));
    }
    this.lenRecord = io.readU4le('BitlockerBitmap.lenRecord');
    this.checksum = io.readU4le('BitlockerBitmap.checksum');
  }
}

/** A bit for each chunk of the region follows, set where it is encrypted. */
class BitlockerBits {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;
  readonly lenHeader: number;
  /** With the bits. */
  readonly lenRecord: number;
  readonly numBits: number;
  readonly sequence: bigint;
  readonly flags: number;
  /** CRC-32 of the record, this field taken for zeros. */
  readonly checksum: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(10, 'BitlockerBits.magic');
    if (compareBytes(this.magic, Uint8Array.of(70, 86, 69, 45, 69, 79, 87, 66, 82, 0)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(70, 86, 69, 45, 69, 79, 87, 66, 82, 0), this.magic, io, 'BitlockerBits.magic', 'BAD_MAGIC');
    }
    this.lenHeader = io.readU2le('BitlockerBits.lenHeader');
    this.lenRecord = io.readU4le('BitlockerBits.lenRecord');
    this.numBits = io.readU4le('BitlockerBits.numBits');
    this.sequence = io.readU8le('BitlockerBits.sequence');
    this.flags = io.readU4le('BitlockerBits.flags');
    this.checksum = io.readU4le('BitlockerBits.checksum');
  }
}
