// Generated from formats/container/rar.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
} from '../../src/kaitai/index.js';

export type GuestRar = Guest<Rar>;

/** `rar` from its bytes. @throws FormatError when they are none. */
export function parseRar(bytes: Uint8Array): GuestRar {
  return guest(new Rar(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new Rar(new SafeStream(bytes));
  return guestClaims({
    type: 'rar',
  });
}

/**
 * An archive of files.
 * @see https://www.rarlab.com/technote.htm, "RAR 5.0 signature"
 */
class Rar {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(7, 'Rar.magic');
  }
}
