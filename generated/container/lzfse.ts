// Generated from formats/container/lzfse.ksy by `npm run generate`. Do not edit: change the specification.
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

export type GuestLzfse = Guest<Lzfse>;

/** `lzfse` from its bytes. @throws FormatError when they are none. */
export function parseLzfse(bytes: Uint8Array): GuestLzfse {
  return guest(new Lzfse(new SafeStream(bytes)));
}

export type GuestLzfseLzvnHead = Guest<LzfseLzvnHead>;

/** `lzvn_head` from its bytes. @throws FormatError when they are none. */
export function parseLzfseLzvnHead(bytes: Uint8Array): GuestLzfseLzvnHead {
  return guest(new LzfseLzvnHead(new SafeStream(bytes)));
}

export type GuestLzfsePackedHead = Guest<LzfsePackedHead>;

/** `packed_head` from its bytes. @throws FormatError when they are none. */
export function parseLzfsePackedHead(bytes: Uint8Array): GuestLzfsePackedHead {
  return guest(new LzfsePackedHead(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new Lzfse(new SafeStream(bytes));
  return guestClaims({
    type: 'lzfse',
  });
}

export const LzfseBlockKind = {
  END: 36,
  RAW: 45,
  PLAIN_TABLES: 49,
  PACKED_TABLES: 50,
  LZVN: 110,
} as const;

/**
 * A stream is blocks one behind the other, each with its kind: bytes as they
 * are, LZVN, or LZFSE proper, whose literals and matches are coded with finite
 * state entropy. An end mark is the last one. The chunks of a dmg (ULFO) are
 * such streams; a file of it is only recognised.
 *
 * ### Making a test image
 *
 *     lzfse -encode -i disk.raw -o disk.lzfse
 * @see https://github.com/lzfse/lzfse src/lzfse_internal.h
 * @see 7-Zip CPP/7zip/Compress/LzfseDecoder.cpp
 */
class Lzfse {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;
  readonly kind: number;
  /**
   * What the block holds when it is decompressed; an end mark has no such field.
   * Called `n_raw_bytes` in the original.
   */
  readonly lenContent: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(3, 'Lzfse.magic');
    if (compareBytes(this.magic, Uint8Array.of(98, 118, 120)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(98, 118, 120), this.magic, io, 'Lzfse.magic', 'BAD_MAGIC');
    }
    this.kind = io.readU1('Lzfse.kind');
    this.lenContent = io.readU4le('Lzfse.lenContent');
  }
}

/** Behind the first 8 bytes of a block of LZVN. */
class LzfseLzvnHead {
  readonly _io: SafeStream;
  /** Called `n_payload_bytes` in the original. */
  readonly lenPayload: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.lenPayload = io.readU4le('LzfseLzvnHead.lenPayload');
  }
}

/**
 * Behind the first 8 bytes of a block whose tables are packed. The tables
 * follow, up to `len_head`, then the literals' stream and the matches'.
 */
class LzfsePackedHead {
  readonly _io: SafeStream;
  /** Called `n_literals` in the original. */
  readonly numLiterals: number;
  /**
   * Of the stream that codes them.
   * Called `n_literal_payload_bytes` in the original.
   */
  readonly lenLiterals: number;
  /** Called `n_matches` in the original. */
  readonly numMatches: number;
  /** How many bits of the stream's last byte are used, less 1. */
  readonly literalBits: number;
  readonly unused1: boolean;
  /** Called `literal_state` in the original. */
  readonly literalStates: number[];
  /** Called `n_lmd_payload_bytes` in the original. */
  readonly lenMatches: number;
  /** Called `lmd_bits` in the original. */
  readonly matchBits: number;
  readonly unused2: boolean;
  /**
   * Of the block's head with its first 8 bytes and its tables.
   * Called `header_size` in the original.
   */
  readonly lenHead: number;
  readonly lState: number;
  readonly mState: number;
  readonly dState: number;
  readonly unused3: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.numLiterals = io.readBitsLe(20, 'LzfsePackedHead.numLiterals');
    this.lenLiterals = io.readBitsLe(20, 'LzfsePackedHead.lenLiterals');
    this.numMatches = io.readBitsLe(20, 'LzfsePackedHead.numMatches');
    this.literalBits = io.readBitsLe(3, 'LzfsePackedHead.literalBits');
    this.unused1 = io.readBitsLe(1, 'LzfsePackedHead.unused1') !== 0;
    this.literalStates = [];
    for (let i = 0, n = io.count(4, 1, 'LzfsePackedHead.literalStates'); i < n; i++) {
      this.literalStates.push(io.readBitsLe(10, 'LzfsePackedHead.literalStates'));
    }
    this.lenMatches = io.readBitsLe(20, 'LzfsePackedHead.lenMatches');
    this.matchBits = io.readBitsLe(3, 'LzfsePackedHead.matchBits');
    this.unused2 = io.readBitsLe(1, 'LzfsePackedHead.unused2') !== 0;
    this.lenHead = io.readBitsLe(32, 'LzfsePackedHead.lenHead');
    this.lState = io.readBitsLe(10, 'LzfsePackedHead.lState');
    this.mState = io.readBitsLe(10, 'LzfsePackedHead.mState');
    this.dState = io.readBitsLe(10, 'LzfsePackedHead.dState');
    this.unused3 = io.readBitsLe(2, 'LzfsePackedHead.unused3');
  }
}
