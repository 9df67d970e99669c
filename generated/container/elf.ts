// Generated from formats/container/elf.ksy by `npm run generate`. Do not edit: change the specification.
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

export type GuestElf = Guest<Elf>;

/** `elf` from its bytes. @throws FormatError when they are none. */
export function parseElf(bytes: Uint8Array): GuestElf {
  return guest(new Elf(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new Elf(new SafeStream(bytes));
  return guestClaims({
    type: 'elf',
  });
}

/**
 * A program, a library or a kernel.
 * @see elf(5): e_ident
 */
class Elf {
  readonly _io: SafeStream;
  /** Called `EI_MAG` in the original. */
  readonly magic: Uint8Array;
  /** Called `EI_CLASS` in the original. */
  readonly class: number;
  /** Called `EI_DATA` in the original. */
  readonly data: number;
  /** Called `EI_VERSION` in the original. */
  readonly version: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'Elf.magic');
    if (compareBytes(this.magic, Uint8Array.of(127, 69, 76, 70)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(127, 69, 76, 70), this.magic, io, 'Elf.magic', 'BAD_MAGIC');
    }
    this.class = io.readU1('Elf.class');
    this.data = io.readU1('Elf.data');
    this.version = io.take(1, 'Elf.version');
    if (compareBytes(this.version, Uint8Array.of(1)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(1), this.version, io, 'Elf.version', 'BAD_MAGIC');
    }
  }
}
