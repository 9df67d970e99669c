// Generated from formats/container/asif.ksy by `npm run generate`. Do not edit: change the specification.
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
  ValidationNotAnyOfError,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestAsif = Guest<Asif>;

/** `asif` from its bytes. @throws FormatError when they are none. */
export function parseAsif(bytes: Uint8Array): GuestAsif {
  return guest(new Asif(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new Asif(new SafeStream(bytes));
  return guestClaims({
    type: 'asif',
  });
}

/**
 * A disk in chunks, with two directories of tables, of which the one with the higher
 * sequence number counts.
 * @see https://github.com/huven/asif-format
 * @see dissect.hypervisor dissect/hypervisor/disk/c_asif.py: struct asif_header
 */
class Asif {
  readonly _io: SafeStream;
  /** Called `header_signature` in the original. */
  readonly magic: Uint8Array;
  /** Called `header_version` in the original. */
  readonly version: number;
  /** Called `header_size` in the original. */
  readonly lenHeader: number;
  /** Called `header_flags` in the original. */
  readonly flags: number;
  /** Called `directory_offsets` in the original. */
  readonly directories: Uint8Array;
  /** Called `guid` in the original. */
  readonly uuid: Uint8Array;
  /** Called `sector_count` in the original. */
  readonly numSectors: bigint;
  /** Called `max_sector_count` in the original. */
  readonly maxSectors: bigint;
  /** Called `chunk_size` in the original. */
  readonly lenChunk: number;
  /** Called `block_size` in the original. */
  readonly lenBlock: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'Asif.magic');
    if (compareBytes(this.magic, Uint8Array.of(115, 104, 100, 119)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(115, 104, 100, 119), this.magic, io, 'Asif.magic', 'BAD_MAGIC');
    }
    this.version = io.readU4be('Asif.version');
    if (this.version !== 1) {
      throw new ValidationNotEqualError(1, this.version, io, 'Asif.version');
    }
    this.lenHeader = io.readU4be('Asif.lenHeader');
    if (this.lenHeader !== 512) {
      throw new ValidationNotEqualError(512, this.lenHeader, io, 'Asif.lenHeader');
    }
    this.flags = io.readU4be('Asif.flags');
    this.directories = io.take(16, 'Asif.directories');
    this.uuid = io.take(16, 'Asif.uuid');
    this.numSectors = io.readU8be('Asif.numSectors');
    this.maxSectors = io.readU8be('Asif.maxSectors');
    this.lenChunk = io.readU4be('Asif.lenChunk');
    if (this.lenChunk < 512) {
      throw new ValidationLessThanError(512, this.lenChunk, io, 'Asif.lenChunk');
    }
    if (this.lenChunk > 1073741824) {
      throw new ValidationGreaterThanError(1073741824, this.lenChunk, io, 'Asif.lenChunk');
    }
    this.lenBlock = io.readU2be('Asif.lenBlock');
    if (!(this.lenBlock === 512 || this.lenBlock === 4096)) {
      throw new ValidationNotAnyOfError(this.lenBlock, io, 'Asif.lenBlock');
    }
  }
}
