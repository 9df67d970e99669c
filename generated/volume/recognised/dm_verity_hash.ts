// Generated from formats/volume/recognised/dm_verity_hash.ksy by `npm run generate`. Do not edit: change the specification.
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

export type GuestDmVerityHash = Guest<DmVerityHash>;

/** `dm_verity_hash` from its bytes. @throws FormatError when they are none. */
export function parseDmVerityHash(bytes: Uint8Array): GuestDmVerityHash {
  return guest(new DmVerityHash(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new DmVerityHash(new SafeStream(bytes));
  return guestClaims({
    type: 'DM_verity_hash',
    uuid: it.uuid,
    version: it.version.toString(),
  });
}

/**
 * The superblock of the hashes that protect another volume.
 * @see cryptsetup lib/verity/verity.c: struct verity_sb
 * @see util-linux libblkid/src/superblocks/lvm.c
 */
class DmVerityHash {
  readonly _io: SafeStream;
  /** Called `signature` in the original. */
  readonly magic: string;
  /** Called `version` in the original. */
  readonly version: number;
  /** Called `hash_type` in the original. */
  readonly hashType: number;
  /** Called `uuid` in the original. */
  readonly uuid: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = decode(terminate(io.take(8, 'DmVerityHash.magic'), [0], false), 'UTF-8');
    this.version = io.readU4le('DmVerityHash.version');
    this.hashType = io.readU4le('DmVerityHash.hashType');
    this.uuid = io.take(16, 'DmVerityHash.uuid');
  }
}
