// Generated from formats/volume/recognised/drbd.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
} from '../../../src/kaitai/index.js';

export type GuestDrbd = Guest<Drbd>;

/** `drbd` from its bytes. @throws FormatError when they are none. */
export function parseDrbd(bytes: Uint8Array): GuestDrbd {
  return guest(new Drbd(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new Drbd(new SafeStream(bytes));
  return guestClaims({
    type: 'drbd',
    uuid: it.magic !== 2205418093 ? it.deviceUuid8 : it.deviceUuid9,
    version: it.magic !== 2205418093 ? 'v08' : 'v09',
  });
}

/**
 * The metadata at the end of the volume whose other copies are on other
 * machines: of version 8, or of version 9, which has another generation before
 * its identifier.
 * @see drbd-utils user/shared/drbdmeta.c: struct md_on_disk_08
 * @see util-linux libblkid/src/superblocks/drbd.c
 */
class Drbd {
  readonly _io: SafeStream;
  /** Called `la_sect` in the original. */
  readonly lenEffective: bigint;
  readonly generations: Uint8Array;
  /** Called `device_uuid` in the original. */
  readonly deviceUuid8: bigint;
  /** Called `device_uuid` in the original. */
  readonly deviceUuid9: bigint;
  /** Called `flags` in the original. */
  readonly flags: number;
  /** Called `magic` in the original. */
  readonly magic: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.lenEffective = io.readU8be('Drbd.lenEffective');
    this.generations = io.take(32, 'Drbd.generations');
    this.deviceUuid8 = io.readU8be('Drbd.deviceUuid8');
    this.deviceUuid9 = io.readU8be('Drbd.deviceUuid9');
    this.flags = io.readU4be('Drbd.flags');
    this.magic = io.readU4be('Drbd.magic');
  }
}
