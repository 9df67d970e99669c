// Generated from formats/container/vmdk.ksy by `npm run generate`. Do not edit: change the specification.
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

export type GuestVmdk = Guest<Vmdk>;

/** `vmdk` from its bytes. @throws FormatError when they are none. */
export function parseVmdk(bytes: Uint8Array): GuestVmdk {
  return guest(new Vmdk(new SafeStream(bytes)));
}

export type GuestVmdkSignature = Guest<VmdkSignature>;

/** `signature` from its bytes. @throws FormatError when they are none. */
export function parseVmdkSignature(bytes: Uint8Array): GuestVmdkSignature {
  return guest(new VmdkSignature(new SafeStream(bytes)));
}

export type GuestVmdkText = Guest<VmdkText>;

/** `text` from its bytes. @throws FormatError when they are none. */
export function parseVmdkText(bytes: Uint8Array): GuestVmdkText {
  return guest(new VmdkText(new SafeStream(bytes)));
}

export type GuestVmdkMarker = Guest<VmdkMarker>;

/** `marker` from its bytes. @throws FormatError when they are none. */
export function parseVmdkMarker(bytes: Uint8Array): GuestVmdkMarker {
  return guest(new VmdkMarker(new SafeStream(bytes)));
}

export type GuestVmdkMetadataMarker = Guest<VmdkMetadataMarker>;

/** `metadata_marker` from its bytes. @throws FormatError when they are none. */
export function parseVmdkMetadataMarker(bytes: Uint8Array): GuestVmdkMetadataMarker {
  return guest(new VmdkMetadataMarker(new SafeStream(bytes)));
}

export type GuestVmdkEntry = Guest<VmdkEntryRecord>;

/** A table of `entry`: 4 bytes each, `strideBytes` apart. */
export function vmdkEntryRecords(
  bytes: Uint8Array,
  strideBytes: number = 4,
): Records<GuestVmdkEntry> {
  return records(new VmdkEntryRecord(bytes, 'le'), 4, strideBytes, 'VmdkEntry');
}

export const VmdkCompression = {
  NONE: 0,
  DEFLATE: 1,
} as const;

export const VmdkFileKind = {
  COWD: 1146572611,
  HOSTED: 1447904331,
  SESPARSE: 3405691582,
} as const;

export const VmdkFlag = {
  VALID_LINE_ENDS: 1,
  REDUNDANT_TABLES: 2,
  ZERO_GRAINS: 4,
  COMPRESSED: 65536,
  MARKERS: 131072,
} as const;

export const VmdkMarkerKind = {
  END_OF_STREAM: 0,
  GRAIN_TABLE: 1,
  GRAIN_DIRECTORY: 2,
  FOOTER: 3,
} as const;

/**
 * A disk is described by a text, the descriptor: a file of its own, or a part of
 * the only file. It names the extents, which stand one behind the other. This is
 * the header of a hosted sparse extent, the kind that VMware Workstation and
 * most other programs write: a grain directory points to grain tables, whose
 * entries say where each grain of the extent is. Grains may be compressed; then
 * the extent is written in one go, with markers in front of what follows, and
 * its real header is the footer at its end.
 *
 * ### Making a test image
 *
 *     qemu-img create -f vmdk -o subformat=monolithicSparse disk.vmdk 1G
 *     qemu-img convert -O vmdk -o subformat=streamOptimized disk.raw disk.vmdk
 * @see VMware, Virtual Disk Format 5.0 (technical note, 2011)
 * @see QEMU block/vmdk.c; open-vmdk vmware_vmdk.h
 */
class Vmdk {
  readonly _io: SafeStream;
  /** Called `magicNumber` in the original. */
  readonly magic: Uint8Array;
  /**
   * 2 knows zero grains, 3 is written with persistent changed block tracking
   * and with compressed grains.
   */
  readonly version: number;
  /**
   * A reader must know every bit of the upper half that is set; the bits are
   * those of the enumeration `flag`.
   */
  readonly flags: number;
  /**
   * Of this extent; 0 if the file only holds a descriptor.
   * Called `capacity` in the original.
   */
  readonly numSectors: bigint;
  /** Called `grainSize` in the original. */
  readonly grainSectors: bigint;
  /**
   * 0 without an embedded descriptor.
   * Called `descriptorOffset` in the original.
   */
  readonly descriptorSector: bigint;
  /** Called `descriptorSize` in the original. */
  readonly numDescriptorSectors: bigint;
  /** Called `numGTEsPerGT` in the original. */
  readonly numTableEntries: number;
  /** Called `rgdOffset` in the original. */
  readonly redundantDirectorySector: bigint;
  /**
   * All bits set say that the footer has it.
   * Called `gdOffset` in the original.
   */
  readonly directorySector: bigint;
  /**
   * Grains begin behind these.
   * Called `overHead` in the original.
   */
  readonly numOverheadSectors: bigint;
  /** Called `uncleanShutdown` in the original. */
  readonly isUnclean: number;
  /**
   * LF, blank, CR, LF, which a transfer as text changes.
   * Called `singleEndLineChar, nonEndLineChar, doubleEndLineChar1, doubleEndLineChar2` in the original.
   */
  readonly lineEnds: Uint8Array;
  /** Called `compressAlgorithm` in the original. */
  readonly compression: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'Vmdk.magic');
    if (compareBytes(this.magic, Uint8Array.of(75, 68, 77, 86)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(75, 68, 77, 86), this.magic, io, 'Vmdk.magic', 'BAD_MAGIC');
    }
    this.version = io.readU4le('Vmdk.version');
    this.flags = io.readU4le('Vmdk.flags');
    this.numSectors = io.readU8le('Vmdk.numSectors');
    this.grainSectors = io.readU8le('Vmdk.grainSectors');
    this.descriptorSector = io.readU8le('Vmdk.descriptorSector');
    this.numDescriptorSectors = io.readU8le('Vmdk.numDescriptorSectors');
    this.numTableEntries = io.readU4le('Vmdk.numTableEntries');
    this.redundantDirectorySector = io.readU8le('Vmdk.redundantDirectorySector');
    this.directorySector = io.readU8le('Vmdk.directorySector');
    this.numOverheadSectors = io.readU8le('Vmdk.numOverheadSectors');
    this.isUnclean = io.readU1('Vmdk.isUnclean');
    this.lineEnds = io.take(4, 'Vmdk.lineEnds');
    this.compression = io.readU2le('Vmdk.compression');
  }
}

/** What begins the files of which a disk is made, read as one number. */
class VmdkSignature {
  readonly _io: SafeStream;
  readonly value: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.value = io.readU4le('VmdkSignature.value');
  }
}

/** A descriptor. What follows a zero byte is padding. */
class VmdkText {
  readonly _io: SafeStream;
  readonly value: string;

  constructor(io: SafeStream) {
    this._io = io;
    this.value = decode(terminate(io.readBytesFull('VmdkText.value'), [0], false), 'UTF-8');
  }
}

/**
 * What precedes a compressed grain; its stream follows at once. With a
 * length of 0 it precedes metadata, and is a sector.
 */
class VmdkMarker {
  readonly _io: SafeStream;
  /**
   * First sector of the grain in the extent; of metadata, its sectors.
   * Called `val` in the original.
   */
  readonly lba: bigint;
  /** Called `size` in the original. */
  readonly lenStream: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.lba = io.readU8le('VmdkMarker.lba');
    this.lenStream = io.readU4le('VmdkMarker.lenStream');
  }
}

/** A marker in front of a grain table, a directory or the footer. */
class VmdkMetadataMarker {
  readonly _io: SafeStream;
  /** Called `val` in the original. */
  readonly numSectors: bigint;
  /** Called `size` in the original. */
  readonly lenStream: number;
  /** Called `type` in the original. */
  readonly kind: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.numSectors = io.readU8le('VmdkMetadataMarker.numSectors');
    this.lenStream = io.readU4le('VmdkMetadataMarker.lenStream');
    this.kind = io.readU4le('VmdkMetadataMarker.kind');
  }
}

/**
 * Of a grain directory: the sector of a grain table, or 0. Of a grain table:
 * the sector of a grain, 0 for none, 1 for zeros if the extent has such.
 */
class VmdkEntryRecord extends RecordCursor {
  get sector(): number {
    return this._view.getUint32(this._offset, true);
  }
}
