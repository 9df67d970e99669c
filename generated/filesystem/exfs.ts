// Generated from formats/filesystem/exfs.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  decode,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
  terminate,
  ValidationNotAnyOfError,
} from '../../src/kaitai/index.js';

export type GuestExfs = Guest<Exfs>;

/** `exfs` from its bytes. @throws FormatError when they are none. */
export function parseExfs(bytes: Uint8Array): GuestExfs {
  return guest(new Exfs(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new Exfs(new SafeStream(bytes));
  return guestClaims({
    type: 'exfs',
    label: it.label,
    uuid: it.uuid,
  });
}

/**
 * The superblock, which has the layout of XFS's.
 * @see util-linux libblkid/src/superblocks/exfs.c
 */
class Exfs {
  readonly _io: SafeStream;
  /** Called `sb_magicnum` in the original. */
  readonly magic: number;
  /** Called `sb_blocksize` in the original. */
  readonly lenBlock: number;
  /** Called `sb_dblocks` in the original. */
  readonly numBlocks: bigint;
  readonly realtime: Uint8Array;
  /** Called `sb_uuid` in the original. */
  readonly uuid: Uint8Array;
  readonly logAndInodes: Uint8Array;
  readonly extentsAndGroups: Uint8Array;
  /** Called `sb_versionnum` in the original. */
  readonly version: number;
  readonly sectorAndInode: Uint8Array;
  /** Called `sb_fname` in the original. */
  readonly label: string;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.readU4be('Exfs.magic');
    this.lenBlock = io.readU4be('Exfs.lenBlock');
    if (!(this.lenBlock === 512 || this.lenBlock === 1024 || this.lenBlock === 2048 || this.lenBlock === 4096 || this.lenBlock === 8192 || this.lenBlock === 16384 || this.lenBlock === 32768 || this.lenBlock === 65536)) {
      throw new ValidationNotAnyOfError(this.lenBlock, io, 'Exfs.lenBlock');
    }
    this.numBlocks = io.readU8be('Exfs.numBlocks');
    this.realtime = io.take(16, 'Exfs.realtime');
    this.uuid = io.take(16, 'Exfs.uuid');
    this.logAndInodes = io.take(32, 'Exfs.logAndInodes');
    this.extentsAndGroups = io.take(20, 'Exfs.extentsAndGroups');
    this.version = io.readU2be('Exfs.version');
    this.sectorAndInode = io.take(6, 'Exfs.sectorAndInode');
    this.label = decode(terminate(io.take(12, 'Exfs.label'), [0], false), 'UTF-8');
  }
}
