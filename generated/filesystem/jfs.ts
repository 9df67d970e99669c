// Generated from formats/filesystem/jfs.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  compareBytes,
  decode,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
  terminate,
  ValidationGreaterThanError,
  ValidationLessThanError,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestJfs = Guest<Jfs>;

/** `jfs` from its bytes. @throws FormatError when they are none. */
export function parseJfs(bytes: Uint8Array): GuestJfs {
  return guest(new Jfs(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new Jfs(new SafeStream(bytes));
  return guestClaims({
    type: 'jfs',
    label: it.label,
    uuid: it.uuid,
    version: it.version.toString(),
  });
}

/**
 * The primary superblock of an aggregate. How many blocks are free stands in the
 * block allocation map.
 * @see Linux fs/jfs/jfs_superblock.h: struct jfs_superblock
 * @see util-linux libblkid/src/superblocks/jfs.c
 */
class Jfs {
  readonly _io: SafeStream;
  /** Called `s_magic` in the original. */
  readonly magic: Uint8Array;
  /** Called `s_version` in the original. */
  readonly version: number;
  /** Called `s_size` in the original. */
  readonly numHardwareBlocks: bigint;
  /** Called `s_bsize` in the original. */
  readonly lenBlock: number;
  /** Called `s_l2bsize` in the original. */
  readonly log2LenBlock: number;
  /** Called `s_l2bfactor` in the original. */
  readonly log2Blocks: number;
  /** Called `s_pbsize` in the original. */
  readonly lenHardwareBlock: number;
  /** Called `s_l2pbsize` in the original. */
  readonly log2HardwareBlock: number;
  /** Called `pad` in the original. */
  readonly pad: number;
  readonly mapsAndLog: Uint8Array;
  /** Called `s_uuid` in the original. */
  readonly uuid: Uint8Array;
  /** Called `s_label` in the original. */
  readonly label: string;
  /** Called `s_loguuid` in the original. */
  readonly logUuid: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'Jfs.magic');
    if (compareBytes(this.magic, Uint8Array.of(74, 70, 83, 49)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(74, 70, 83, 49), this.magic, io, 'Jfs.magic', 'BAD_MAGIC');
    }
    this.version = io.readU4le('Jfs.version');
    if (this.version < 1) {
      throw new ValidationLessThanError(1, this.version, io, 'Jfs.version');
    }
    if (this.version > 2) {
      throw new ValidationGreaterThanError(2, this.version, io, 'Jfs.version');
    }
    this.numHardwareBlocks = io.readU8le('Jfs.numHardwareBlocks');
    this.lenBlock = io.readU4le('Jfs.lenBlock');
    this.log2LenBlock = io.readU2le('Jfs.log2LenBlock');
    this.log2Blocks = io.readU2le('Jfs.log2Blocks');
    this.lenHardwareBlock = io.readU4le('Jfs.lenHardwareBlock');
    this.log2HardwareBlock = io.readU2le('Jfs.log2HardwareBlock');
    this.pad = io.readU2le('Jfs.pad');
    this.mapsAndLog = io.take(104, 'Jfs.mapsAndLog');
    this.uuid = io.take(16, 'Jfs.uuid');
    this.label = decode(terminate(io.take(16, 'Jfs.label'), [0], false), 'UTF-8');
    this.logUuid = io.take(16, 'Jfs.logUuid');
  }
}
