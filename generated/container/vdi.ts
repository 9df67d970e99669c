// Generated from formats/container/vdi.ksy by `npm run generate`. Do not edit: change the specification.
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

export type GuestVdi = Guest<Vdi>;

/** `vdi` from its bytes. @throws FormatError when they are none. */
export function parseVdi(bytes: Uint8Array): GuestVdi {
  return guest(new Vdi(new SafeStream(bytes)));
}

export type GuestVdiBlockEntry = Guest<VdiBlockEntryRecord>;

/** A table of `block_entry`: 4 bytes each, `strideBytes` apart. */
export function vdiBlockEntryRecords(
  bytes: Uint8Array,
  strideBytes: number = 4,
): Records<GuestVdiBlockEntry> {
  return records(new VdiBlockEntryRecord(bytes, 'le'), 4, strideBytes, 'VdiBlockEntry');
}

export const VdiKind = {
  DYNAMIC: 1,
  FIXED: 2,
  UNDO: 3,
  DIFFERENCING: 4,
} as const;

/**
 * A disk image of blocks, mostly of 1 MiB. The block map says for each block of
 * the disk which block of the file holds it. A differencing image holds only
 * what was written since its parent was left; the parent is known by UUIDs, not
 * by a name.
 *
 * ### Making a test image
 *
 *     qemu-img create -f vdi disk.vdi 1G
 *     qemu-io -c 'write -P 7 64k 4k' disk.vdi
 * @see VirtualBox src/VBox/Storage/VDICore.h, src/VBox/Storage/VDI.cpp
 * @see QEMU block/vdi.c
 */
class Vdi {
  readonly _io: SafeStream;
  /**
   * A line of text that names the program that wrote the image.
   * Called `szFileInfo` in the original.
   */
  readonly creator: Uint8Array;
  /** Called `u32Signature` in the original. */
  readonly magic: Uint8Array;
  readonly minorVersion: number;
  /** 0 is an older format, whose header goes on otherwise. */
  readonly majorVersion: number;
  /**
   * Counted from this field.
   * Called `cbHeader` in the original.
   */
  readonly lenHeader: number;
  /** Called `u32Type` in the original. */
  readonly kind: number;
  /** Called `fFlags` in the original. */
  readonly flags: number;
  /** Called `szComment` in the original. */
  readonly comment: Uint8Array;
  /**
   * Where the block map is.
   * Called `offBlocks` in the original.
   */
  readonly ofsBlocks: number;
  /**
   * Where block 0 of the file is.
   * Called `offData` in the original.
   */
  readonly ofsData: number;
  /** Called `LegacyGeometry` in the original. */
  readonly geometry: VdiGeometry;
  /** Called `u32Dummy` in the original. */
  readonly reserved: number;
  /** Called `cbDisk` in the original. */
  readonly lenDisk: bigint;
  /** Called `cbBlock` in the original. */
  readonly lenBlock: number;
  /**
   * Bytes in front of each block of the file that belong to no disk.
   * Called `cbBlockExtra` in the original.
   */
  readonly lenBlockExtra: number;
  /** Called `cBlocks` in the original. */
  readonly numBlocks: number;
  /** Called `cBlocksAllocated` in the original. */
  readonly numBlocksAllocated: number;
  /** Called `uuidCreate` in the original. */
  readonly uuid: Uint8Array;
  /**
   * A new one whenever the image was written to.
   * Called `uuidModify` in the original.
   */
  readonly modificationUuid: Uint8Array;
  /**
   * The parent's `uuid`; zeros if there is no parent.
   * Called `uuidLinkage` in the original.
   */
  readonly parentUuid: Uint8Array;
  /**
   * The parent's `modification_uuid` when it was left; zeros if unknown.
   * Called `uuidParentModify` in the original.
   */
  readonly parentModificationUuid: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.creator = io.take(64, 'Vdi.creator');
    this.magic = io.take(4, 'Vdi.magic');
    if (compareBytes(this.magic, Uint8Array.of(127, 16, 218, 190)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(127, 16, 218, 190), this.magic, io, 'Vdi.magic', 'BAD_MAGIC');
    }
    this.minorVersion = io.readU2le('Vdi.minorVersion');
    this.majorVersion = io.readU2le('Vdi.majorVersion');
    this.lenHeader = io.readU4le('Vdi.lenHeader');
    this.kind = io.readU4le('Vdi.kind');
    this.flags = io.readU4le('Vdi.flags');
    this.comment = io.take(256, 'Vdi.comment');
    this.ofsBlocks = io.readU4le('Vdi.ofsBlocks');
    this.ofsData = io.readU4le('Vdi.ofsData');
    this.geometry = new VdiGeometry(io);
    this.reserved = io.readU4le('Vdi.reserved');
    this.lenDisk = io.readU8le('Vdi.lenDisk');
    this.lenBlock = io.readU4le('Vdi.lenBlock');
    this.lenBlockExtra = io.readU4le('Vdi.lenBlockExtra');
    this.numBlocks = io.readU4le('Vdi.numBlocks');
    this.numBlocksAllocated = io.readU4le('Vdi.numBlocksAllocated');
    this.uuid = io.take(16, 'Vdi.uuid');
    this.modificationUuid = io.take(16, 'Vdi.modificationUuid');
    this.parentUuid = io.take(16, 'Vdi.parentUuid');
    this.parentModificationUuid = io.take(16, 'Vdi.parentModificationUuid');
  }
}

class VdiGeometry {
  readonly _io: SafeStream;
  /** Called `cCylinders` in the original. */
  readonly numCylinders: number;
  /** Called `cHeads` in the original. */
  readonly numHeads: number;
  /** Called `cSectors` in the original. */
  readonly numSectors: number;
  /** Called `cbSector` in the original. */
  readonly lenSector: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.numCylinders = io.readU4le('VdiGeometry.numCylinders');
    this.numHeads = io.readU4le('VdiGeometry.numHeads');
    this.numSectors = io.readU4le('VdiGeometry.numSectors');
    this.lenSector = io.readU4le('VdiGeometry.lenSector');
  }
}

/** Which block of the file holds a block of the disk. */
class VdiBlockEntryRecord extends RecordCursor {
  /** 0xffffffff if the block is not allocated, 0xfffffffe if it is zeros. */
  get index(): number {
    return this._view.getUint32(this._offset, true);
  }
}
