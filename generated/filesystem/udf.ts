// Generated from formats/filesystem/udf.ksy by `npm run generate`. Do not edit: change the specification.
import {
  decode,
  guest,
  type Guest,
  RecordCursor,
  records,
  type Records,
  SafeStream,
  terminate,
} from '../../src/kaitai/index.js';

export type GuestUdf = Guest<Udf>;

/** `udf` from its bytes. @throws FormatError when they are none. */
export function parseUdf(bytes: Uint8Array): GuestUdf {
  return guest(new Udf(new SafeStream(bytes)));
}

export type GuestUdfTag = Guest<UdfTag>;

/** `tag` from its bytes. @throws FormatError when they are none. */
export function parseUdfTag(bytes: Uint8Array): GuestUdfTag {
  return guest(new UdfTag(new SafeStream(bytes)));
}

export type GuestUdfDescriptorHead = Guest<UdfDescriptorHead>;

/** `descriptor_head` from its bytes. @throws FormatError when they are none. */
export function parseUdfDescriptorHead(bytes: Uint8Array): GuestUdfDescriptorHead {
  return guest(new UdfDescriptorHead(new SafeStream(bytes)));
}

export type GuestUdfAnchor = Guest<UdfAnchor>;

/** `anchor` from its bytes. @throws FormatError when they are none. */
export function parseUdfAnchor(bytes: Uint8Array): GuestUdfAnchor {
  return guest(new UdfAnchor(new SafeStream(bytes)));
}

export type GuestUdfVolumePointer = Guest<UdfVolumePointer>;

/** `volume_pointer` from its bytes. @throws FormatError when they are none. */
export function parseUdfVolumePointer(bytes: Uint8Array): GuestUdfVolumePointer {
  return guest(new UdfVolumePointer(new SafeStream(bytes)));
}

export type GuestUdfPrimary = Guest<UdfPrimary>;

/** `primary` from its bytes. @throws FormatError when they are none. */
export function parseUdfPrimary(bytes: Uint8Array): GuestUdfPrimary {
  return guest(new UdfPrimary(new SafeStream(bytes)));
}

export type GuestUdfLogical = Guest<UdfLogical>;

/** `logical` from its bytes. @throws FormatError when they are none. */
export function parseUdfLogical(bytes: Uint8Array): GuestUdfLogical {
  return guest(new UdfLogical(new SafeStream(bytes)));
}

export type GuestUdfMapHead = Guest<UdfMapHead>;

/** `map_head` from its bytes. @throws FormatError when they are none. */
export function parseUdfMapHead(bytes: Uint8Array): GuestUdfMapHead {
  return guest(new UdfMapHead(new SafeStream(bytes)));
}

export type GuestUdfPlainMap = Guest<UdfPlainMap>;

/** `plain_map` from its bytes. @throws FormatError when they are none. */
export function parseUdfPlainMap(bytes: Uint8Array): GuestUdfPlainMap {
  return guest(new UdfPlainMap(new SafeStream(bytes)));
}

export type GuestUdfSpecialMap = Guest<UdfSpecialMap>;

/** `special_map` from its bytes. @throws FormatError when they are none. */
export function parseUdfSpecialMap(bytes: Uint8Array): GuestUdfSpecialMap {
  return guest(new UdfSpecialMap(new SafeStream(bytes)));
}

export type GuestUdfSparableUse = Guest<UdfSparableUse>;

/** `sparable_use` from its bytes. @throws FormatError when they are none. */
export function parseUdfSparableUse(bytes: Uint8Array): GuestUdfSparableUse {
  return guest(new UdfSparableUse(new SafeStream(bytes)));
}

export type GuestUdfMetadataUse = Guest<UdfMetadataUse>;

/** `metadata_use` from its bytes. @throws FormatError when they are none. */
export function parseUdfMetadataUse(bytes: Uint8Array): GuestUdfMetadataUse {
  return guest(new UdfMetadataUse(new SafeStream(bytes)));
}

export type GuestUdfPartition = Guest<UdfPartition>;

/** `partition` from its bytes. @throws FormatError when they are none. */
export function parseUdfPartition(bytes: Uint8Array): GuestUdfPartition {
  return guest(new UdfPartition(new SafeStream(bytes)));
}

export type GuestUdfIntegrity = Guest<UdfIntegrity>;

/** `integrity` from its bytes. @throws FormatError when they are none. */
export function parseUdfIntegrity(bytes: Uint8Array): GuestUdfIntegrity {
  return guest(new UdfIntegrity(new SafeStream(bytes)));
}

export type GuestUdfIntegrityUse = Guest<UdfIntegrityUse>;

/** `integrity_use` from its bytes. @throws FormatError when they are none. */
export function parseUdfIntegrityUse(bytes: Uint8Array): GuestUdfIntegrityUse {
  return guest(new UdfIntegrityUse(new SafeStream(bytes)));
}

export type GuestUdfSparingTable = Guest<UdfSparingTable>;

/** `sparing_table` from its bytes. @throws FormatError when they are none. */
export function parseUdfSparingTable(bytes: Uint8Array): GuestUdfSparingTable {
  return guest(new UdfSparingTable(new SafeStream(bytes)));
}

export type GuestUdfFileSet = Guest<UdfFileSet>;

/** `file_set` from its bytes. @throws FormatError when they are none. */
export function parseUdfFileSet(bytes: Uint8Array): GuestUdfFileSet {
  return guest(new UdfFileSet(new SafeStream(bytes)));
}

export type GuestUdfFileId = Guest<UdfFileId>;

/** `file_id` from its bytes. @throws FormatError when they are none. */
export function parseUdfFileId(bytes: Uint8Array): GuestUdfFileId {
  return guest(new UdfFileId(new SafeStream(bytes)));
}

export type GuestUdfPathComponent = Guest<UdfPathComponent>;

/** `path_component` from its bytes. @throws FormatError when they are none. */
export function parseUdfPathComponent(bytes: Uint8Array): GuestUdfPathComponent {
  return guest(new UdfPathComponent(new SafeStream(bytes)));
}

export type GuestUdfIcbHead = Guest<UdfIcbHead>;

/** `icb_head` from its bytes. @throws FormatError when they are none. */
export function parseUdfIcbHead(bytes: Uint8Array): GuestUdfIcbHead {
  return guest(new UdfIcbHead(new SafeStream(bytes)));
}

export type GuestUdfFileEntry = Guest<UdfFileEntry>;

/** `file_entry` from its bytes. @throws FormatError when they are none. */
export function parseUdfFileEntry(bytes: Uint8Array): GuestUdfFileEntry {
  return guest(new UdfFileEntry(new SafeStream(bytes)));
}

export type GuestUdfExtendedFileEntry = Guest<UdfExtendedFileEntry>;

/** `extended_file_entry` from its bytes. @throws FormatError when they are none. */
export function parseUdfExtendedFileEntry(bytes: Uint8Array): GuestUdfExtendedFileEntry {
  return guest(new UdfExtendedFileEntry(new SafeStream(bytes)));
}

export type GuestUdfSpaceEntry = Guest<UdfSpaceEntry>;

/** `space_entry` from its bytes. @throws FormatError when they are none. */
export function parseUdfSpaceEntry(bytes: Uint8Array): GuestUdfSpaceEntry {
  return guest(new UdfSpaceEntry(new SafeStream(bytes)));
}

export type GuestUdfIndirectEntry = Guest<UdfIndirectEntry>;

/** `indirect_entry` from its bytes. @throws FormatError when they are none. */
export function parseUdfIndirectEntry(bytes: Uint8Array): GuestUdfIndirectEntry {
  return guest(new UdfIndirectEntry(new SafeStream(bytes)));
}

export type GuestUdfDescriptorsHead = Guest<UdfDescriptorsHead>;

/** `descriptors_head` from its bytes. @throws FormatError when they are none. */
export function parseUdfDescriptorsHead(bytes: Uint8Array): GuestUdfDescriptorsHead {
  return guest(new UdfDescriptorsHead(new SafeStream(bytes)));
}

export type GuestUdfSpaceBitmap = Guest<UdfSpaceBitmap>;

/** `space_bitmap` from its bytes. @throws FormatError when they are none. */
export function parseUdfSpaceBitmap(bytes: Uint8Array): GuestUdfSpaceBitmap {
  return guest(new UdfSpaceBitmap(new SafeStream(bytes)));
}

export type GuestUdfVatHead = Guest<UdfVatHead>;

/** `vat_head` from its bytes. @throws FormatError when they are none. */
export function parseUdfVatHead(bytes: Uint8Array): GuestUdfVatHead {
  return guest(new UdfVatHead(new SafeStream(bytes)));
}

export type GuestUdfSparingEntry = Guest<UdfSparingEntryRecord>;

/** A table of `sparing_entry`: 8 bytes each, `strideBytes` apart. */
export function udfSparingEntryRecords(
  bytes: Uint8Array,
  strideBytes: number = 8,
): Records<GuestUdfSparingEntry> {
  return records(new UdfSparingEntryRecord(bytes, 'le'), 8, strideBytes, 'UdfSparingEntry');
}

export type GuestUdfShortDescriptor = Guest<UdfShortDescriptorRecord>;

/** A table of `short_descriptor`: 8 bytes each, `strideBytes` apart. */
export function udfShortDescriptorRecords(
  bytes: Uint8Array,
  strideBytes: number = 8,
): Records<GuestUdfShortDescriptor> {
  return records(new UdfShortDescriptorRecord(bytes, 'le'), 8, strideBytes, 'UdfShortDescriptor');
}

export type GuestUdfLongDescriptor = Guest<UdfLongDescriptorRecord>;

/** A table of `long_descriptor`: 16 bytes each, `strideBytes` apart. */
export function udfLongDescriptorRecords(
  bytes: Uint8Array,
  strideBytes: number = 16,
): Records<GuestUdfLongDescriptor> {
  return records(new UdfLongDescriptorRecord(bytes, 'le'), 16, strideBytes, 'UdfLongDescriptor');
}

export type GuestUdfWord = Guest<UdfWordRecord>;

/** A table of `word`: 4 bytes each, `strideBytes` apart. */
export function udfWordRecords(
  bytes: Uint8Array,
  strideBytes: number = 4,
): Records<GuestUdfWord> {
  return records(new UdfWordRecord(bytes, 'le'), 4, strideBytes, 'UdfWord');
}

/**
 * A descriptor of the volume recognition sequence, which begins at byte 32768, and
 * the descriptors that it leads to: the anchor at block 256 names the volume
 * descriptors, these name the partitions, and the integrity descriptor has the
 * counters. Every descriptor fits into one block and begins with a tag.
 * @see ECMA-167 parts 2, 3 and 4
 * @see OSTA Universal Disk Format Specification 2.60
 * @see Linux fs/udf/ecma_167.h, fs/udf/osta_udf.h
 */
class Udf {
  readonly _io: SafeStream;
  /** Called `structType` in the original. */
  readonly structureType: number;
  /**
   * BEA01, NSR02, NSR03, TEA01, BOOT2, CDW02, or CD001 of ISO 9660.
   * Called `stdIdent` in the original.
   */
  readonly magic: string;
  /** Called `structVersion` in the original. */
  readonly structureVersion: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.structureType = io.readU1('Udf.structureType');
    this.magic = decode(io.take(5, 'Udf.magic'), 'ISO-8859-1');
    this.structureVersion = io.readU1('Udf.structureVersion');
  }
}

/** Begins every descriptor. */
class UdfTag {
  readonly _io: SafeStream;
  /** Called `tagIdent` in the original. */
  readonly ident: number;
  /**
   * 2 up to UDF 1.50, 3 since.
   * Called `descVersion` in the original.
   */
  readonly version: number;
  /**
   * The sum of the other bytes of the tag.
   * Called `tagChecksum` in the original.
   */
  readonly checksum: number;
  readonly reserved: Uint8Array;
  /** Called `tagSerialNum` in the original. */
  readonly serial: number;
  /**
   * CRC-16 (0x1021) of what follows the tag.
   * Called `descCRC` in the original.
   */
  readonly crc: number;
  /** Called `descCRCLength` in the original. */
  readonly lenCrc: number;
  /**
   * The block that the descriptor is in, counted as it is addressed.
   * Called `tagLocation` in the original.
   */
  readonly location: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.ident = io.readU2le('UdfTag.ident');
    this.version = io.readU2le('UdfTag.version');
    this.checksum = io.readU1('UdfTag.checksum');
    this.reserved = io.take(1, 'UdfTag.reserved');
    this.serial = io.readU2le('UdfTag.serial');
    this.crc = io.readU2le('UdfTag.crc');
    this.lenCrc = io.readU2le('UdfTag.lenCrc');
    this.location = io.readU4le('UdfTag.location');
  }
}

/** Blocks of the volume. */
class UdfExtent {
  readonly _io: SafeStream;
  /** Called `extLength` in the original. */
  readonly lenExtent: number;
  /** Called `extLocation` in the original. */
  readonly block: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.lenExtent = io.readU4le('UdfExtent.lenExtent');
    this.block = io.readU4le('UdfExtent.block');
  }
}

/** Blocks of the partition that the extent is named in. */
class UdfShortExtent {
  readonly _io: SafeStream;
  /** Called `extLength` in the original. */
  readonly lenExtent: number;
  /** Called `extPosition` in the original. */
  readonly block: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.lenExtent = io.readU4le('UdfShortExtent.lenExtent');
    this.block = io.readU4le('UdfShortExtent.block');
  }
}

/** Blocks of any partition of the logical volume. */
class UdfLongExtent {
  readonly _io: SafeStream;
  /** Called `extLength` in the original. */
  readonly lenExtent: number;
  /** Called `logicalBlockNum` in the original. */
  readonly block: number;
  /**
   * The number of a partition map.
   * Called `partitionReferenceNum` in the original.
   */
  readonly partitionReference: number;
  /** Called `impUse` in the original. */
  readonly implementationUse: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.lenExtent = io.readU4le('UdfLongExtent.lenExtent');
    this.block = io.readU4le('UdfLongExtent.block');
    this.partitionReference = io.readU2le('UdfLongExtent.partitionReference');
    this.implementationUse = io.take(6, 'UdfLongExtent.implementationUse');
  }
}

/** Who or what something is of. */
class UdfEntity {
  readonly _io: SafeStream;
  readonly flags: number;
  /** Called `ident` in the original. */
  readonly name: string;
  /** Called `identSuffix` in the original. */
  readonly suffix: UdfSuffix;

  constructor(io: SafeStream) {
    this._io = io;
    this.flags = io.readU1('UdfEntity.flags');
    this.name = decode(terminate(io.take(23, 'UdfEntity.name'), [0], false), 'ISO-8859-1');
    this.suffix = new UdfSuffix(io);
  }
}

class UdfSuffix {
  readonly _io: SafeStream;
  /**
   * As hexadecimal digits: 0x0250 is 2.50.
   * Called `UDFRevision` in the original.
   */
  readonly revision: number;
  /**
   * 1 and 2 for a volume that must not be written to.
   * Called `domainFlags` in the original.
   */
  readonly domainFlags: number;
  readonly reserved: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.revision = io.readU2le('UdfSuffix.revision');
    this.domainFlags = io.readU1('UdfSuffix.domainFlags');
    this.reserved = io.take(5, 'UdfSuffix.reserved');
  }
}

/** A d-string, one byte or two (16-bit, most significant first) a character. */
class UdfName32 {
  readonly _io: SafeStream;
  /**
   * 8 or 16.
   * Called `compressionID` in the original.
   */
  readonly width: number;
  readonly narrow: string | undefined;
  readonly wide: string | undefined;
  readonly other: Uint8Array | undefined;
  /** With the byte that is the width. */
  readonly lenUsed: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.width = io.readU1('UdfName32.width');
    if (this.width === 8) {
      this.narrow = decode(io.take(30, 'UdfName32.narrow'), 'ISO-8859-1');
    }
    if (this.width === 16) {
      this.wide = decode(io.take(30, 'UdfName32.wide'), 'UTF-16BE');
    }
    if (this.width !== 8 && this.width !== 16) {
      this.other = io.take(30, 'UdfName32.other');
    }
    this.lenUsed = io.readU1('UdfName32.lenUsed');
  }
}

/** The same, and longer. */
class UdfName128 {
  readonly _io: SafeStream;
  /** Called `compressionID` in the original. */
  readonly width: number;
  readonly narrow: string | undefined;
  readonly wide: string | undefined;
  readonly other: Uint8Array | undefined;
  readonly lenUsed: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.width = io.readU1('UdfName128.width');
    if (this.width === 8) {
      this.narrow = decode(io.take(126, 'UdfName128.narrow'), 'ISO-8859-1');
    }
    if (this.width === 16) {
      this.wide = decode(io.take(126, 'UdfName128.wide'), 'UTF-16BE');
    }
    if (this.width !== 8 && this.width !== 16) {
      this.other = io.take(126, 'UdfName128.other');
    }
    this.lenUsed = io.readU1('UdfName128.lenUsed');
  }
}

/** What the descriptors of a volume descriptor sequence have in common. */
class UdfDescriptorHead {
  readonly _io: SafeStream;
  readonly tag: UdfTag;
  /**
   * Of several of one kind, the one with the highest number counts.
   * Called `volDescSeqNum` in the original.
   */
  readonly sequenceNumber: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.tag = new UdfTag(io);
    this.sequenceNumber = io.readU4le('UdfDescriptorHead.sequenceNumber');
  }
}

/** Tag 2, where the volume descriptors are, twice. */
class UdfAnchor {
  readonly _io: SafeStream;
  readonly tag: UdfTag;
  /** Called `mainVolDescSeqExt` in the original. */
  readonly main: UdfExtent;
  /** Called `reserveVolDescSeqExt` in the original. */
  readonly reserve: UdfExtent;

  constructor(io: SafeStream) {
    this._io = io;
    this.tag = new UdfTag(io);
    this.main = new UdfExtent(io);
    this.reserve = new UdfExtent(io);
  }
}

/** Tag 3, where the sequence goes on. */
class UdfVolumePointer {
  readonly _io: SafeStream;
  readonly tag: UdfTag;
  /** Called `volDescSeqNum` in the original. */
  readonly sequenceNumber: number;
  /** Called `nextVolDescSeqExt` in the original. */
  readonly next: UdfExtent;

  constructor(io: SafeStream) {
    this._io = io;
    this.tag = new UdfTag(io);
    this.sequenceNumber = io.readU4le('UdfVolumePointer.sequenceNumber');
    this.next = new UdfExtent(io);
  }
}

/** Tag 1, the volume. */
class UdfPrimary {
  readonly _io: SafeStream;
  readonly tag: UdfTag;
  /** Called `volDescSeqNum` in the original. */
  readonly sequenceNumber: number;
  /** Called `primaryVolDescNum` in the original. */
  readonly number: number;
  /** Called `volIdent` in the original. */
  readonly volumeName: UdfName32;
  /** Called `volSeqNum` in the original. */
  readonly volumeNumber: number;
  /** Called `maxVolSeqNum` in the original. */
  readonly maxVolumeNumber: number;
  /** Called `interchangeLvl` in the original. */
  readonly interchangeLevel: number;
  /** Called `maxInterchangeLvl` in the original. */
  readonly maxInterchangeLevel: number;
  /** Called `charSetList` in the original. */
  readonly characterSets: number;
  /** Called `maxCharSetList` in the original. */
  readonly maxCharacterSets: number;
  /**
   * Begins with 16 characters that no other volume set has.
   * Called `volSetIdent` in the original.
   */
  readonly setName: UdfName128;

  constructor(io: SafeStream) {
    this._io = io;
    this.tag = new UdfTag(io);
    this.sequenceNumber = io.readU4le('UdfPrimary.sequenceNumber');
    this.number = io.readU4le('UdfPrimary.number');
    this.volumeName = new UdfName32(io);
    this.volumeNumber = io.readU2le('UdfPrimary.volumeNumber');
    this.maxVolumeNumber = io.readU2le('UdfPrimary.maxVolumeNumber');
    this.interchangeLevel = io.readU2le('UdfPrimary.interchangeLevel');
    this.maxInterchangeLevel = io.readU2le('UdfPrimary.maxInterchangeLevel');
    this.characterSets = io.readU4le('UdfPrimary.characterSets');
    this.maxCharacterSets = io.readU4le('UdfPrimary.maxCharacterSets');
    this.setName = new UdfName128(io);
  }
}

/** Tag 6, the logical volume. Its partition maps follow. */
class UdfLogical {
  readonly _io: SafeStream;
  readonly tag: UdfTag;
  /** Called `volDescSeqNum` in the original. */
  readonly sequenceNumber: number;
  /** Called `descCharSet` in the original. */
  readonly characterSet: Uint8Array;
  /** Called `logicalVolIdent` in the original. */
  readonly name: UdfName128;
  /** Called `logicalBlockSize` in the original. */
  readonly lenBlock: number;
  /** Called `domainIdent` in the original. */
  readonly domain: UdfEntity;
  /** Called `logicalVolContentsUse` in the original. */
  readonly fileSet: UdfLongExtent;
  /** Called `mapTableLength` in the original. */
  readonly lenMaps: number;
  /** Called `numPartitionMaps` in the original. */
  readonly numMaps: number;
  /** Called `impIdent` in the original. */
  readonly implementation: Uint8Array;
  /** Called `impUse` in the original. */
  readonly implementationUse: Uint8Array;
  /** Called `integritySeqExt` in the original. */
  readonly integrity: UdfExtent;

  constructor(io: SafeStream) {
    this._io = io;
    this.tag = new UdfTag(io);
    this.sequenceNumber = io.readU4le('UdfLogical.sequenceNumber');
    this.characterSet = io.take(64, 'UdfLogical.characterSet');
    this.name = new UdfName128(io);
    this.lenBlock = io.readU4le('UdfLogical.lenBlock');
    this.domain = new UdfEntity(io);
    this.fileSet = new UdfLongExtent(io);
    this.lenMaps = io.readU4le('UdfLogical.lenMaps');
    this.numMaps = io.readU4le('UdfLogical.numMaps');
    this.implementation = io.take(32, 'UdfLogical.implementation');
    this.implementationUse = io.take(128, 'UdfLogical.implementationUse');
    this.integrity = new UdfExtent(io);
  }
}

/** How every partition map begins. */
class UdfMapHead {
  readonly _io: SafeStream;
  /** Called `partitionMapType` in the original. */
  readonly type: number;
  /** Called `partitionMapLength` in the original. */
  readonly lenMap: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.type = io.readU1('UdfMapHead.type');
    this.lenMap = io.readU1('UdfMapHead.lenMap');
  }
}

/** A map of type 1, a partition as it is. */
class UdfPlainMap {
  readonly _io: SafeStream;
  readonly head: UdfMapHead;
  /** Called `volSeqNum` in the original. */
  readonly volumeNumber: number;
  /** Called `partitionNum` in the original. */
  readonly partitionNumber: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.head = new UdfMapHead(io);
    this.volumeNumber = io.readU2le('UdfPlainMap.volumeNumber');
    this.partitionNumber = io.readU2le('UdfPlainMap.partitionNumber');
  }
}

/**
 * A map of type 2. The fields behind the partition's number have their meaning
 * in those of the sparable and of the metadata partition only.
 */
class UdfSpecialMap {
  readonly _io: SafeStream;
  readonly head: UdfMapHead;
  readonly reserved: Uint8Array;
  /** Called `partIdent` in the original. */
  readonly entity: UdfEntity;
  /** Called `volSeqNum` in the original. */
  readonly volumeNumber: number;
  /** Called `partitionNum` in the original. */
  readonly partitionNumber: number;
  readonly use: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.head = new UdfMapHead(io);
    this.reserved = io.take(2, 'UdfSpecialMap.reserved');
    this.entity = new UdfEntity(io);
    this.volumeNumber = io.readU2le('UdfSpecialMap.volumeNumber');
    this.partitionNumber = io.readU2le('UdfSpecialMap.partitionNumber');
    this.use = io.take(24, 'UdfSpecialMap.use');
  }
}

/** From byte 40 of the map of a sparable partition. */
class UdfSparableUse {
  readonly _io: SafeStream;
  /** Called `packetLength` in the original. */
  readonly packetBlocks: number;
  /** Called `numSparingTables` in the original. */
  readonly numTables: number;
  readonly reserved: Uint8Array;
  /** Called `sizeSparingTable` in the original. */
  readonly lenTable: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.packetBlocks = io.readU2le('UdfSparableUse.packetBlocks');
    this.numTables = io.readU1('UdfSparableUse.numTables');
    this.reserved = io.take(1, 'UdfSparableUse.reserved');
    this.lenTable = io.readU4le('UdfSparableUse.lenTable');
  }
}

/** From byte 40 of the map of a metadata partition. */
class UdfMetadataUse {
  readonly _io: SafeStream;
  /** Called `metadataFileLoc` in the original. */
  readonly mainBlock: number;
  /** Called `metadataMirrorFileLoc` in the original. */
  readonly mirrorBlock: number;
  /** Called `metadataBitmapFileLoc` in the original. */
  readonly bitmapBlock: number;
  /** Called `allocUnitSize` in the original. */
  readonly unitBlocks: number;
  /** Called `alignUnitSize` in the original. */
  readonly alignmentBlocks: number;
  readonly flags: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.mainBlock = io.readU4le('UdfMetadataUse.mainBlock');
    this.mirrorBlock = io.readU4le('UdfMetadataUse.mirrorBlock');
    this.bitmapBlock = io.readU4le('UdfMetadataUse.bitmapBlock');
    this.unitBlocks = io.readU4le('UdfMetadataUse.unitBlocks');
    this.alignmentBlocks = io.readU2le('UdfMetadataUse.alignmentBlocks');
    this.flags = io.readU1('UdfMetadataUse.flags');
  }
}

/** Tag 5, a partition. */
class UdfPartition {
  readonly _io: SafeStream;
  readonly tag: UdfTag;
  /** Called `volDescSeqNum` in the original. */
  readonly sequenceNumber: number;
  /** Called `partitionFlags` in the original. */
  readonly flags: number;
  /** Called `partitionNumber` in the original. */
  readonly number: number;
  /** Called `partitionContents` in the original. */
  readonly contents: UdfEntity;
  /** Called `unallocSpaceTable` in the original. */
  readonly unallocatedTable: UdfShortExtent;
  /** Called `unallocSpaceBitmap` in the original. */
  readonly unallocatedBitmap: UdfShortExtent;
  /** Called `partitionIntegrityTable` in the original. */
  readonly integrityTable: UdfShortExtent;
  /** Called `freedSpaceTable` in the original. */
  readonly freedTable: UdfShortExtent;
  /** Called `freedSpaceBitmap` in the original. */
  readonly freedBitmap: UdfShortExtent;
  readonly contentsReserved: Uint8Array;
  /**
   * 1 read-only, 2 write-once, 3 rewritable, 4 overwritable.
   * Called `accessType` in the original.
   */
  readonly access: number;
  /** Called `partitionStartingLocation` in the original. */
  readonly firstBlock: number;
  /** Called `partitionLength` in the original. */
  readonly numBlocks: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.tag = new UdfTag(io);
    this.sequenceNumber = io.readU4le('UdfPartition.sequenceNumber');
    this.flags = io.readU2le('UdfPartition.flags');
    this.number = io.readU2le('UdfPartition.number');
    this.contents = new UdfEntity(io);
    this.unallocatedTable = new UdfShortExtent(io);
    this.unallocatedBitmap = new UdfShortExtent(io);
    this.integrityTable = new UdfShortExtent(io);
    this.freedTable = new UdfShortExtent(io);
    this.freedBitmap = new UdfShortExtent(io);
    this.contentsReserved = io.take(88, 'UdfPartition.contentsReserved');
    this.access = io.readU4le('UdfPartition.access');
    this.firstBlock = io.readU4le('UdfPartition.firstBlock');
    this.numBlocks = io.readU4le('UdfPartition.numBlocks');
  }
}

/**
 * Tag 9, the counters of the logical volume. The free blocks of each partition,
 * its size, and the implementation's use follow.
 */
class UdfIntegrity {
  readonly _io: SafeStream;
  readonly tag: UdfTag;
  /** Called `recordingDateAndTime` in the original. */
  readonly recorded: Uint8Array;
  /**
   * 0 open, 1 closed.
   * Called `integrityType` in the original.
   */
  readonly state: number;
  /** Called `nextIntegrityExt` in the original. */
  readonly next: UdfExtent;
  /** Called `logicalVolContentsUse` in the original. */
  readonly contentsUse: Uint8Array;
  /** Called `numOfPartitions` in the original. */
  readonly numPartitions: number;
  /** Called `lengthOfImpUse` in the original. */
  readonly lenUse: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.tag = new UdfTag(io);
    this.recorded = io.take(12, 'UdfIntegrity.recorded');
    this.state = io.readU4le('UdfIntegrity.state');
    this.next = new UdfExtent(io);
    this.contentsUse = io.take(32, 'UdfIntegrity.contentsUse');
    this.numPartitions = io.readU4le('UdfIntegrity.numPartitions');
    this.lenUse = io.readU4le('UdfIntegrity.lenUse');
  }
}

/** Behind the tables of an integrity descriptor. */
class UdfIntegrityUse {
  readonly _io: SafeStream;
  /** Called `impIdent` in the original. */
  readonly entity: Uint8Array;
  /** Called `numFiles` in the original. */
  readonly numFiles: number;
  /** Called `numDirs` in the original. */
  readonly numDirectories: number;
  /** Called `minUDFReadRev` in the original. */
  readonly readRevision: number;
  /** Called `minUDFWriteRev` in the original. */
  readonly writeRevision: number;
  /** Called `maxUDFWriteRev` in the original. */
  readonly maxWriteRevision: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.entity = io.take(32, 'UdfIntegrityUse.entity');
    this.numFiles = io.readU4le('UdfIntegrityUse.numFiles');
    this.numDirectories = io.readU4le('UdfIntegrityUse.numDirectories');
    this.readRevision = io.readU2le('UdfIntegrityUse.readRevision');
    this.writeRevision = io.readU2le('UdfIntegrityUse.writeRevision');
    this.maxWriteRevision = io.readU2le('UdfIntegrityUse.maxWriteRevision');
  }
}

/** Its entries follow, in the order of the packets that they replace. */
class UdfSparingTable {
  readonly _io: SafeStream;
  readonly tag: UdfTag;
  /** Called `sparingIdent` in the original. */
  readonly entity: UdfEntity;
  /** Called `reallocationTableLen` in the original. */
  readonly numEntries: number;
  readonly reserved: Uint8Array;
  /** Called `sequenceNum` in the original. */
  readonly sequenceNumber: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.tag = new UdfTag(io);
    this.entity = new UdfEntity(io);
    this.numEntries = io.readU2le('UdfSparingTable.numEntries');
    this.reserved = io.take(2, 'UdfSparingTable.reserved');
    this.sequenceNumber = io.readU4le('UdfSparingTable.sequenceNumber');
  }
}

class UdfSparingEntryRecord extends RecordCursor {
  /**
   * Its first block in the partition; from 0xfffffff0 on there is none.
   * Called `origLocation` in the original.
   */
  get packet(): number {
    return this._view.getUint32(this._offset, true);
  }

  /**
   * The first block in the volume.
   * Called `mappedLocation` in the original.
   */
  get replacement(): number {
    return this._view.getUint32(this._offset + 4, true);
  }
}

/** What every file entry has behind its tag. */
class UdfIcbTag {
  readonly _io: SafeStream;
  /** Called `priorRecordedNumDirectEntries` in the original. */
  readonly numPriorEntries: number;
  /**
   * 4, or 4096 where a newer entry may be named in the next block.
   * Called `strategyType` in the original.
   */
  readonly strategy: number;
  /** Called `strategyParameter` in the original. */
  readonly strategyParameter: number;
  /** Called `numEntries` in the original. */
  readonly numEntries: number;
  readonly reserved: Uint8Array;
  /** Called `fileType` in the original. */
  readonly fileType: number;
  /** Called `parentICBLocation.logicalBlockNum` in the original. */
  readonly parentBlock: number;
  /** Called `parentICBLocation.partitionReferenceNum` in the original. */
  readonly parentPartition: number;
  /** The lowest three bits say what kind of allocation descriptors follow. */
  readonly flags: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.numPriorEntries = io.readU4le('UdfIcbTag.numPriorEntries');
    this.strategy = io.readU2le('UdfIcbTag.strategy');
    this.strategyParameter = io.readU2le('UdfIcbTag.strategyParameter');
    this.numEntries = io.readU2le('UdfIcbTag.numEntries');
    this.reserved = io.take(1, 'UdfIcbTag.reserved');
    this.fileType = io.readU1('UdfIcbTag.fileType');
    this.parentBlock = io.readU4le('UdfIcbTag.parentBlock');
    this.parentPartition = io.readU2le('UdfIcbTag.parentPartition');
    this.flags = io.readU2le('UdfIcbTag.flags');
  }
}

class UdfIdentity {
  readonly _io: SafeStream;
  /** Called `uid` in the original. */
  readonly owner: number;
  /** Called `gid` in the original. */
  readonly group: number;
  /** Five bits for others, for the group and for the owner. */
  readonly permissions: number;
  /** Called `fileLinkCount` in the original. */
  readonly numLinks: number;
  /** The form of its records, which no writer uses. */
  readonly record: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.owner = io.readU4le('UdfIdentity.owner');
    this.group = io.readU4le('UdfIdentity.group');
    this.permissions = io.readU4le('UdfIdentity.permissions');
    this.numLinks = io.readU2le('UdfIdentity.numLinks');
    this.record = io.take(6, 'UdfIdentity.record');
  }
}

class UdfTimestamp {
  readonly _io: SafeStream;
  /**
   * Four bits of a type, and minutes east of Greenwich in twelve.
   * Called `typeAndTimezone` in the original.
   */
  readonly zone: number;
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly centiseconds: number;
  /** Called `hundredsOfMicroseconds` in the original. */
  readonly hundredsOfMicroseconds: number;
  readonly microseconds: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.zone = io.readU2le('UdfTimestamp.zone');
    this.year = io.readU2le('UdfTimestamp.year');
    this.month = io.readU1('UdfTimestamp.month');
    this.day = io.readU1('UdfTimestamp.day');
    this.hour = io.readU1('UdfTimestamp.hour');
    this.minute = io.readU1('UdfTimestamp.minute');
    this.second = io.readU1('UdfTimestamp.second');
    this.centiseconds = io.readU1('UdfTimestamp.centiseconds');
    this.hundredsOfMicroseconds = io.readU1('UdfTimestamp.hundredsOfMicroseconds');
    this.microseconds = io.readU1('UdfTimestamp.microseconds');
  }
}

/** Tag 256, where the root directory is. */
class UdfFileSet {
  readonly _io: SafeStream;
  readonly tag: UdfTag;
  /** Called `recordingDateAndTime` in the original. */
  readonly recorded: UdfTimestamp;
  /** Levels, sets of characters, and its own number. */
  readonly numbers: Uint8Array;
  /** Of the volume, of itself, and of files with a copyright and an abstract. */
  readonly names: Uint8Array;
  /** Called `rootDirectoryICB` in the original. */
  readonly root: UdfLongExtent;
  /** Called `domainIdent` in the original. */
  readonly domain: UdfEntity;
  /** Called `nextExt` in the original. */
  readonly next: UdfLongExtent;
  /**
   * The streams of the volume, since UDF 2.00.
   * Called `streamDirectoryICB` in the original.
   */
  readonly streams: UdfLongExtent;

  constructor(io: SafeStream) {
    this._io = io;
    this.tag = new UdfTag(io);
    this.recorded = new UdfTimestamp(io);
    this.numbers = io.take(20, 'UdfFileSet.numbers');
    this.names = io.take(352, 'UdfFileSet.names');
    this.root = new UdfLongExtent(io);
    this.domain = new UdfEntity(io);
    this.next = new UdfLongExtent(io);
    this.streams = new UdfLongExtent(io);
  }
}

/** Tag 257, a directory's entry. Bytes of the implementation, then the name, follow. */
class UdfFileId {
  readonly _io: SafeStream;
  readonly tag: UdfTag;
  /** Called `fileVersionNum` in the original. */
  readonly versionNumber: number;
  /**
   * 1 hidden, 2 a directory, 4 deleted, 8 the directory above.
   * Called `fileCharacteristics` in the original.
   */
  readonly flags: number;
  /** Called `lengthFileIdent` in the original. */
  readonly lenName: number;
  readonly icb: UdfLongExtent;
  /** Called `lengthOfImpUse` in the original. */
  readonly lenUse: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.tag = new UdfTag(io);
    this.versionNumber = io.readU2le('UdfFileId.versionNumber');
    this.flags = io.readU1('UdfFileId.flags');
    this.lenName = io.readU1('UdfFileId.lenName');
    this.icb = new UdfLongExtent(io);
    this.lenUse = io.readU2le('UdfFileId.lenUse');
  }
}

/** A part of a link's target. Its name follows. */
class UdfPathComponent {
  readonly _io: SafeStream;
  /**
   * 1 and 2 the root, 3 the directory above, 4 this directory, 5 a name.
   * Called `componentType` in the original.
   */
  readonly type: number;
  /** Called `lengthComponentIdent` in the original. */
  readonly lenName: number;
  /** Called `componentFileVersionNum` in the original. */
  readonly versionNumber: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.type = io.readU1('UdfPathComponent.type');
    this.lenName = io.readU1('UdfPathComponent.lenName');
    this.versionNumber = io.readU2le('UdfPathComponent.versionNumber');
  }
}

/** How every kind of file entry begins. */
class UdfIcbHead {
  readonly _io: SafeStream;
  readonly tag: UdfTag;
  readonly icb: UdfIcbTag;

  constructor(io: SafeStream) {
    this._io = io;
    this.tag = new UdfTag(io);
    this.icb = new UdfIcbTag(io);
  }
}

/** Tag 261, a file. Its extended attributes and allocation descriptors follow. */
class UdfFileEntry {
  readonly _io: SafeStream;
  readonly tag: UdfTag;
  readonly icb: UdfIcbTag;
  readonly identity: UdfIdentity;
  /** Called `informationLength` in the original. */
  readonly lenFile: bigint;
  /** Called `logicalBlocksRecorded` in the original. */
  readonly numBlocks: bigint;
  /** Called `accessTime` in the original. */
  readonly accessed: UdfTimestamp;
  /** Called `modificationTime` in the original. */
  readonly modified: UdfTimestamp;
  /** Called `attrTime` in the original. */
  readonly changed: UdfTimestamp;
  readonly checkpoint: number;
  /** Called `extendedAttrICB` in the original. */
  readonly attributes: UdfLongExtent;
  /** Called `impIdent` in the original. */
  readonly implementation: Uint8Array;
  /** Called `uniqueID` in the original. */
  readonly uniqueId: bigint;
  /** Called `lengthExtendedAttr` in the original. */
  readonly lenAttributes: number;
  /** Called `lengthAllocDescs` in the original. */
  readonly lenDescriptors: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.tag = new UdfTag(io);
    this.icb = new UdfIcbTag(io);
    this.identity = new UdfIdentity(io);
    this.lenFile = io.readU8le('UdfFileEntry.lenFile');
    this.numBlocks = io.readU8le('UdfFileEntry.numBlocks');
    this.accessed = new UdfTimestamp(io);
    this.modified = new UdfTimestamp(io);
    this.changed = new UdfTimestamp(io);
    this.checkpoint = io.readU4le('UdfFileEntry.checkpoint');
    this.attributes = new UdfLongExtent(io);
    this.implementation = io.take(32, 'UdfFileEntry.implementation');
    this.uniqueId = io.readU8le('UdfFileEntry.uniqueId');
    this.lenAttributes = io.readU4le('UdfFileEntry.lenAttributes');
    this.lenDescriptors = io.readU4le('UdfFileEntry.lenDescriptors');
  }
}

/** Tag 266, a file since UDF 2.00. */
class UdfExtendedFileEntry {
  readonly _io: SafeStream;
  readonly tag: UdfTag;
  readonly icb: UdfIcbTag;
  readonly identity: UdfIdentity;
  /** Called `informationLength` in the original. */
  readonly lenFile: bigint;
  /** Called `objectSize` in the original. */
  readonly lenObject: bigint;
  /** Called `logicalBlocksRecorded` in the original. */
  readonly numBlocks: bigint;
  /** Called `accessTime` in the original. */
  readonly accessed: UdfTimestamp;
  /** Called `modificationTime` in the original. */
  readonly modified: UdfTimestamp;
  /** Called `createTime` in the original. */
  readonly created: UdfTimestamp;
  /** Called `attrTime` in the original. */
  readonly changed: UdfTimestamp;
  readonly checkpoint: number;
  readonly reserved: Uint8Array;
  /** Called `extendedAttrICB` in the original. */
  readonly attributes: UdfLongExtent;
  /** Called `streamDirectoryICB` in the original. */
  readonly streams: UdfLongExtent;
  /** Called `impIdent` in the original. */
  readonly implementation: Uint8Array;
  /** Called `uniqueID` in the original. */
  readonly uniqueId: bigint;
  /** Called `lengthExtendedAttr` in the original. */
  readonly lenAttributes: number;
  /** Called `lengthAllocDescs` in the original. */
  readonly lenDescriptors: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.tag = new UdfTag(io);
    this.icb = new UdfIcbTag(io);
    this.identity = new UdfIdentity(io);
    this.lenFile = io.readU8le('UdfExtendedFileEntry.lenFile');
    this.lenObject = io.readU8le('UdfExtendedFileEntry.lenObject');
    this.numBlocks = io.readU8le('UdfExtendedFileEntry.numBlocks');
    this.accessed = new UdfTimestamp(io);
    this.modified = new UdfTimestamp(io);
    this.created = new UdfTimestamp(io);
    this.changed = new UdfTimestamp(io);
    this.checkpoint = io.readU4le('UdfExtendedFileEntry.checkpoint');
    this.reserved = io.take(4, 'UdfExtendedFileEntry.reserved');
    this.attributes = new UdfLongExtent(io);
    this.streams = new UdfLongExtent(io);
    this.implementation = io.take(32, 'UdfExtendedFileEntry.implementation');
    this.uniqueId = io.readU8le('UdfExtendedFileEntry.uniqueId');
    this.lenAttributes = io.readU4le('UdfExtendedFileEntry.lenAttributes');
    this.lenDescriptors = io.readU4le('UdfExtendedFileEntry.lenDescriptors');
  }
}

/** Tag 263, a table of free extents. Its allocation descriptors follow. */
class UdfSpaceEntry {
  readonly _io: SafeStream;
  readonly tag: UdfTag;
  readonly icb: UdfIcbTag;
  /** Called `lengthAllocDescs` in the original. */
  readonly lenDescriptors: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.tag = new UdfTag(io);
    this.icb = new UdfIcbTag(io);
    this.lenDescriptors = io.readU4le('UdfSpaceEntry.lenDescriptors');
  }
}

/** Tag 259, where a newer file entry is. */
class UdfIndirectEntry {
  readonly _io: SafeStream;
  readonly tag: UdfTag;
  readonly icb: UdfIcbTag;
  /** Called `indirectICB` in the original. */
  readonly newer: UdfLongExtent;

  constructor(io: SafeStream) {
    this._io = io;
    this.tag = new UdfTag(io);
    this.icb = new UdfIcbTag(io);
    this.newer = new UdfLongExtent(io);
  }
}

/** Tag 258, a block of more allocation descriptors, which follow. */
class UdfDescriptorsHead {
  readonly _io: SafeStream;
  readonly tag: UdfTag;
  /** Called `previousAllocExtLocation` in the original. */
  readonly previousBlock: number;
  /** Called `lengthAllocDescs` in the original. */
  readonly lenDescriptors: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.tag = new UdfTag(io);
    this.previousBlock = io.readU4le('UdfDescriptorsHead.previousBlock');
    this.lenDescriptors = io.readU4le('UdfDescriptorsHead.lenDescriptors');
  }
}

/** The two highest bits of the length say what kind of extent it is. */
class UdfShortDescriptorRecord extends RecordCursor {
  /** Called `extLength` in the original. */
  get lenExtent(): number {
    return this._view.getUint32(this._offset, true);
  }

  /** Called `extPosition` in the original. */
  get block(): number {
    return this._view.getUint32(this._offset + 4, true);
  }
}

class UdfLongDescriptorRecord extends RecordCursor {
  /** Called `extLength` in the original. */
  get lenExtent(): number {
    return this._view.getUint32(this._offset, true);
  }

  /** Called `logicalBlockNum` in the original. */
  get block(): number {
    return this._view.getUint32(this._offset + 4, true);
  }

  /** Called `partitionReferenceNum` in the original. */
  get partitionReference(): number {
    return this._view.getUint16(this._offset + 8, true);
  }

  /** Called `impUse` in the original. */
  get implementationUse(): Uint8Array {
    return this._take(10, 6);
  }
}

/** Tag 264. The bitmap follows, a set bit for each free block. */
class UdfSpaceBitmap {
  readonly _io: SafeStream;
  readonly tag: UdfTag;
  /** Called `numOfBits` in the original. */
  readonly numBits: number;
  /** Called `numOfBytes` in the original. */
  readonly lenBitmap: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.tag = new UdfTag(io);
    this.numBits = io.readU4le('UdfSpaceBitmap.numBits');
    this.lenBitmap = io.readU4le('UdfSpaceBitmap.lenBitmap');
  }
}

/** How the virtual allocation table of UDF 2.00 begins; its entries follow. */
class UdfVatHead {
  readonly _io: SafeStream;
  /** Called `lengthHeader` in the original. */
  readonly lenHead: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.lenHead = io.readU2le('UdfVatHead.lenHead');
  }
}

/** A block's number, or a number of blocks. */
class UdfWordRecord extends RecordCursor {
  get value(): number {
    return this._view.getUint32(this._offset, true);
  }
}
