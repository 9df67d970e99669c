// Generated from formats/filesystem/mfs.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  compareBytes,
  decode,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
  ValidationGreaterThanError,
  ValidationLessThanError,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestMfs = Guest<Mfs>;

/** `mfs` from its bytes. @throws FormatError when they are none. */
export function parseMfs(bytes: Uint8Array): GuestMfs {
  return guest(new Mfs(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new Mfs(new SafeStream(bytes));
  return guestClaims({
    type: 'mfs',
    label: it.label,
  });
}

/**
 * The volume of a floppy disk of 400 KiB, without folders.
 * @see Inside Macintosh II, "The File Manager", Volume Information
 */
class Mfs {
  readonly _io: SafeStream;
  /** Called `drSigWord` in the original. */
  readonly magic: Uint8Array;
  /** Called `drCrDate` in the original. */
  readonly created: number;
  /** Called `drLsBkUp` in the original. */
  readonly backedUp: number;
  /** Called `drAtrb` in the original. */
  readonly attributes: number;
  /** Called `drNmFls` in the original. */
  readonly numFiles: number;
  /** Called `drDirSt` in the original. */
  readonly firstDirectoryBlock: number;
  /** Called `drBlLen` in the original. */
  readonly numDirectoryBlocks: number;
  /** Called `drNmAlBlks` in the original. */
  readonly numBlocks: number;
  /** Called `drAlBlkSiz` in the original. */
  readonly lenBlock: number;
  /** Called `drClpSiz` in the original. */
  readonly lenClump: number;
  /** Called `drAlBlSt` in the original. */
  readonly firstBlock: number;
  /** Called `drNxtFNum` in the original. */
  readonly nextFile: number;
  /** Called `drFreeBks` in the original. */
  readonly numFreeBlocks: number;
  readonly lenLabel: number;
  /** Called `drVN` in the original. */
  readonly label: string;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(2, 'Mfs.magic');
    if (compareBytes(this.magic, Uint8Array.of(210, 215)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(210, 215), this.magic, io, 'Mfs.magic', 'BAD_MAGIC');
    }
    this.created = io.readU4be('Mfs.created');
    this.backedUp = io.readU4be('Mfs.backedUp');
    this.attributes = io.readU2be('Mfs.attributes');
    this.numFiles = io.readU2be('Mfs.numFiles');
    if (this.numFiles > 4096) {
      throw new ValidationGreaterThanError(4096, this.numFiles, io, 'Mfs.numFiles');
    }
    this.firstDirectoryBlock = io.readU2be('Mfs.firstDirectoryBlock');
    if (this.firstDirectoryBlock < 3) {
      throw new ValidationLessThanError(3, this.firstDirectoryBlock, io, 'Mfs.firstDirectoryBlock');
    }
    if (this.firstDirectoryBlock > 64) {
      throw new ValidationGreaterThanError(64, this.firstDirectoryBlock, io, 'Mfs.firstDirectoryBlock');
    }
    this.numDirectoryBlocks = io.readU2be('Mfs.numDirectoryBlocks');
    if (this.numDirectoryBlocks < 1) {
      throw new ValidationLessThanError(1, this.numDirectoryBlocks, io, 'Mfs.numDirectoryBlocks');
    }
    if (this.numDirectoryBlocks > 4096) {
      throw new ValidationGreaterThanError(4096, this.numDirectoryBlocks, io, 'Mfs.numDirectoryBlocks');
    }
    this.numBlocks = io.readU2be('Mfs.numBlocks');
    if (this.numBlocks < 1) {
      throw new ValidationLessThanError(1, this.numBlocks, io, 'Mfs.numBlocks');
    }
    if (this.numBlocks > 4094) {
      throw new ValidationGreaterThanError(4094, this.numBlocks, io, 'Mfs.numBlocks');
    }
    this.lenBlock = io.readU4be('Mfs.lenBlock');
    if (this.lenBlock < 512) {
      throw new ValidationLessThanError(512, this.lenBlock, io, 'Mfs.lenBlock');
    }
    if (this.lenBlock > 1048576) {
      throw new ValidationGreaterThanError(1048576, this.lenBlock, io, 'Mfs.lenBlock');
    }
    this.lenClump = io.readU4be('Mfs.lenClump');
    this.firstBlock = io.readU2be('Mfs.firstBlock');
    if (this.firstBlock < 4) {
      throw new ValidationLessThanError(4, this.firstBlock, io, 'Mfs.firstBlock');
    }
    if (this.firstBlock > 4096) {
      throw new ValidationGreaterThanError(4096, this.firstBlock, io, 'Mfs.firstBlock');
    }
    this.nextFile = io.readU4be('Mfs.nextFile');
    this.numFreeBlocks = io.readU2be('Mfs.numFreeBlocks');
    if (this.numFreeBlocks > 4094) {
      throw new ValidationGreaterThanError(4094, this.numFreeBlocks, io, 'Mfs.numFreeBlocks');
    }
    this.lenLabel = io.readU1('Mfs.lenLabel');
    if (this.lenLabel > 27) {
      throw new ValidationGreaterThanError(27, this.lenLabel, io, 'Mfs.lenLabel');
    }
    this.label = decode(io.readBytes(this.lenLabel, 'Mfs.label'), 'ASCII');
  }
}
