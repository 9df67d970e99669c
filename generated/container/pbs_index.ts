// Generated from formats/container/pbs_index.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  compareBytes,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
  ValidationGreaterThanError,
  ValidationLessThanError,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestPbsIndex = Guest<PbsIndex>;

/** `pbs_index` from its bytes. @throws FormatError when they are none. */
export function parsePbsIndex(bytes: Uint8Array): GuestPbsIndex {
  return guest(new PbsIndex(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new PbsIndex(new SafeStream(bytes));
  return guestClaims({
    type: 'pbs_index',
  });
}

/**
 * The list of the chunks of a disk (.fidx). The chunks themselves are files of the
 * datastore.
 * @see proxmox-backup docs/file-formats.rst, "Fixed Index Format"
 */
class PbsIndex {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;
  readonly uuid: Uint8Array;
  /** Called `ctime` in the original. */
  readonly created: bigint;
  /** Called `index_csum` in the original. */
  readonly checksum: Uint8Array;
  /** Called `size` in the original. */
  readonly lenDisk: bigint;
  /** Called `chunk_size` in the original. */
  readonly lenChunk: bigint;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(8, 'PbsIndex.magic');
    if (compareBytes(this.magic, Uint8Array.of(47, 127, 65, 237, 145, 253, 15, 205)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(47, 127, 65, 237, 145, 253, 15, 205), this.magic, io, 'PbsIndex.magic', 'BAD_MAGIC');
    }
    this.uuid = io.take(16, 'PbsIndex.uuid');
    this.created = io.readU8le('PbsIndex.created');
    this.checksum = io.take(32, 'PbsIndex.checksum');
    this.lenDisk = io.readU8le('PbsIndex.lenDisk');
    this.lenChunk = io.readU8le('PbsIndex.lenChunk');
    if (this.lenChunk < 4096n) {
      throw new ValidationLessThanError(4096, this.lenChunk, io, 'PbsIndex.lenChunk');
    }
    if (this.lenChunk > 67108864n) {
      throw new ValidationGreaterThanError(67108864, this.lenChunk, io, 'PbsIndex.lenChunk');
    }
  }
}
