// Generated from formats/filesystem/apfs.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  compareBytes,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestApfs = Guest<Apfs>;

/** `apfs` from its bytes. @throws FormatError when they are none. */
export function parseApfs(bytes: Uint8Array): GuestApfs {
  return guest(new Apfs(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new Apfs(new SafeStream(bytes));
  return guestClaims({
    type: 'apfs',
    uuid: it.uuid,
  });
}

/**
 * The superblock of a container, which has its volumes inside.
 * @see Apple File System Reference: nx_superblock_t
 * @see util-linux libblkid/src/superblocks/apfs.c
 */
class Apfs {
  readonly _io: SafeStream;
  /** Called `o_cksum` in the original. */
  readonly checksum: bigint;
  /** Called `o_oid` in the original. */
  readonly objectId: bigint;
  /** Called `o_xid` in the original. */
  readonly transactionId: bigint;
  /** Called `o_type` in the original. */
  readonly type: number;
  /** Called `o_flags` in the original. */
  readonly flags: number;
  /** Called `o_subtype` in the original. */
  readonly subtype: number;
  /** Called `nx_magic` in the original. */
  readonly magic: Uint8Array;
  /** Called `nx_block_size` in the original. */
  readonly lenBlock: number;
  /** Called `nx_block_count` in the original. */
  readonly numBlocks: bigint;
  /** Called `nx_features` in the original. */
  readonly features: bigint;
  /** Called `nx_readonly_compatible_features` in the original. */
  readonly readOnlyFeatures: bigint;
  /** Called `nx_incompatible_features` in the original. */
  readonly incompatibleFeatures: bigint;
  /** Called `nx_uuid` in the original. */
  readonly uuid: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.checksum = io.readU8le('Apfs.checksum');
    this.objectId = io.readU8le('Apfs.objectId');
    this.transactionId = io.readU8le('Apfs.transactionId');
    this.type = io.readU2le('Apfs.type');
    this.flags = io.readU2le('Apfs.flags');
    this.subtype = io.readU4le('Apfs.subtype');
    this.magic = io.take(4, 'Apfs.magic');
    if (compareBytes(this.magic, Uint8Array.of(78, 88, 83, 66)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(78, 88, 83, 66), this.magic, io, 'Apfs.magic', 'BAD_MAGIC');
    }
    this.lenBlock = io.readU4le('Apfs.lenBlock');
    this.numBlocks = io.readU8le('Apfs.numBlocks');
    this.features = io.readU8le('Apfs.features');
    this.readOnlyFeatures = io.readU8le('Apfs.readOnlyFeatures');
    this.incompatibleFeatures = io.readU8le('Apfs.incompatibleFeatures');
    this.uuid = io.take(16, 'Apfs.uuid');
  }
}
