// Generated from formats/volume/recognised/cs_fvault2.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
} from '../../../src/kaitai/index.js';

export type GuestCsFvault2 = Guest<CsFvault2>;

/** `cs_fvault2` from its bytes. @throws FormatError when they are none. */
export function parseCsFvault2(bytes: Uint8Array): GuestCsFvault2 {
  return guest(new CsFvault2(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new CsFvault2(new SafeStream(bytes));
  return guestClaims({
    type: 'cs_fvault2',
    uuid: it.uuid,
    version: it.version.toString(),
  });
}

/**
 * The header of a physical volume of Core Storage.
 * @see libfvde documentation: FileVault Drive Encryption (FVDE)
 * @see util-linux libblkid/src/superblocks/cs_fvault2.c
 */
class CsFvault2 {
  readonly _io: SafeStream;
  readonly checksum: number;
  readonly checksumSeed: number;
  readonly version: number;
  readonly type: number;
  readonly header: Uint8Array;
  readonly uuid: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.checksum = io.readU4le('CsFvault2.checksum');
    this.checksumSeed = io.readU4le('CsFvault2.checksumSeed');
    this.version = io.readU2le('CsFvault2.version');
    this.type = io.readU2le('CsFvault2.type');
    this.header = io.take(292, 'CsFvault2.header');
    this.uuid = io.take(16, 'CsFvault2.uuid');
  }
}
