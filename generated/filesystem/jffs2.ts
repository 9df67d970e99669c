// Generated from formats/filesystem/jffs2.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
  ValidationGreaterThanError,
  ValidationLessThanError,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestJffs2 = Guest<Jffs2>;

/** `jffs2` from its bytes. @throws FormatError when they are none. */
export function parseJffs2(bytes: Uint8Array, order: ByteOrder): GuestJffs2 {
  return guest(new Jffs2(new SafeStream(bytes, order)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, order: ByteOrder = 'le'): GuestClaims {
  new Jffs2(new SafeStream(bytes, order));
  return guestClaims({
    type: 'jffs2',
  });
}

/**
 * A log of nodes, each with its length and a checksum. The first is a cleanmarker,
 * a directory entry or an inode. It has no superblock.
 * @see Linux include/uapi/linux/jffs2.h: struct jffs2_unknown_node
 * @see binwalk src/signatures/jffs2.rs
 */
class Jffs2 {
  readonly _io: SafeStream;
  /** Called `magic` in the original. */
  readonly magic: number;
  /** Called `nodetype` in the original. */
  readonly kind: number;
  /** Called `totlen` in the original. */
  readonly lenNode: number;
  /** Called `hdr_crc` in the original. */
  readonly checksum: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.readU2('Jffs2.magic');
    if (this.magic !== 6533) {
      throw new ValidationNotEqualError(6533, this.magic, io, 'Jffs2.magic');
    }
    this.kind = io.readU2('Jffs2.kind');
    this.lenNode = io.readU4('Jffs2.lenNode');
    if (this.lenNode < 12) {
      throw new ValidationLessThanError(12, this.lenNode, io, 'Jffs2.lenNode');
    }
    if (this.lenNode > 69632) {
      throw new ValidationGreaterThanError(69632, this.lenNode, io, 'Jffs2.lenNode');
    }
    this.checksum = io.readU4('Jffs2.checksum');
  }
}
