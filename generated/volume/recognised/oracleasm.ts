// Generated from formats/volume/recognised/oracleasm.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  decode,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
  terminate,
} from '../../../src/kaitai/index.js';

export type GuestOracleasm = Guest<Oracleasm>;

/** `oracleasm` from its bytes. @throws FormatError when they are none. */
export function parseOracleasm(bytes: Uint8Array): GuestOracleasm {
  return guest(new Oracleasm(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new Oracleasm(new SafeStream(bytes));
  return guestClaims({
    type: 'oracleasm',
    label: it.label,
  });
}

/**
 * The label of a disk that a database fills by itself.
 * @see util-linux libblkid/src/superblocks/oracleasm.c
 */
class Oracleasm {
  readonly _io: SafeStream;
  readonly unused: Uint8Array;
  /** Called `dl_tag` in the original. */
  readonly magic: string;
  /** Called `dl_id` in the original. */
  readonly label: string;

  constructor(io: SafeStream) {
    this._io = io;
    this.unused = io.take(32, 'Oracleasm.unused');
    this.magic = decode(terminate(io.take(8, 'Oracleasm.magic'), [0], false), 'UTF-8');
    this.label = decode(terminate(io.take(24, 'Oracleasm.label'), [0], false), 'UTF-8');
  }
}
