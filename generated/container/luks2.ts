// Generated from formats/container/luks2.ksy by `npm run generate`. Do not edit: change the specification.
import {
  compareBytes,
  decode,
  guest,
  type Guest,
  SafeStream,
  terminate,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestLuks2 = Guest<Luks2>;

/** `luks2` from its bytes. @throws FormatError when they are none. */
export function parseLuks2(bytes: Uint8Array): GuestLuks2 {
  return guest(new Luks2(new SafeStream(bytes)));
}

/**
 * The binary header of a volume whose payload is encrypted. A JSON text follows
 * it at byte 4096 and says what the key slots, the payload and the digests are.
 * The pair is there twice, the second one with a magic of its own, directly
 * behind the first; of two sound ones the higher sequence number counts.
 *
 * ### Making a test image
 *
 *     truncate -s 32M volume
 *     echo -n secret | cryptsetup luksFormat --type luks2 -q volume -
 * @see LUKS2 On-Disk Format Specification, version 1.1.1, 2
 * @see cryptsetup lib/luks2/luks2.h: struct luks2_hdr_disk
 */
class Luks2 {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;
  readonly version: Uint8Array;
  /**
   * Of the binary header and the JSON area together.
   * Called `hdr_size` in the original.
   */
  readonly lenHeader: bigint;
  /** Called `seqid` in the original. */
  readonly sequenceId: bigint;
  readonly label: string;
  /** Called `checksum_alg` in the original. */
  readonly checksumAlgorithm: string;
  readonly salt: Uint8Array;
  readonly uuid: string;
  readonly subsystem: string;
  /**
   * Where this header itself is.
   * Called `hdr_offset` in the original.
   */
  readonly ofsHeader: bigint;
  /** Called `_padding` in the original. */
  readonly reserved1: Uint8Array;
  /**
   * Of header and JSON area, with this field as zeros.
   * Called `csum` in the original.
   */
  readonly checksum: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(6, 'Luks2.magic');
    this.version = io.take(2, 'Luks2.version');
    if (compareBytes(this.version, Uint8Array.of(0, 2)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(0, 2), this.version, io, 'Luks2.version', 'BAD_MAGIC');
    }
    this.lenHeader = io.readU8be('Luks2.lenHeader');
    this.sequenceId = io.readU8be('Luks2.sequenceId');
    this.label = decode(terminate(io.take(48, 'Luks2.label'), [0], false), 'UTF-8');
    this.checksumAlgorithm = decode(terminate(io.take(32, 'Luks2.checksumAlgorithm'), [0], false), 'UTF-8');
    this.salt = io.take(64, 'Luks2.salt');
    this.uuid = decode(terminate(io.take(40, 'Luks2.uuid'), [0], false), 'UTF-8');
    this.subsystem = decode(terminate(io.take(48, 'Luks2.subsystem'), [0], false), 'UTF-8');
    this.ofsHeader = io.readU8be('Luks2.ofsHeader');
    this.reserved1 = io.take(184, 'Luks2.reserved1');
    this.checksum = io.take(64, 'Luks2.checksum');
  }
}
