// Generated from formats/volume/recognised/lvm1.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  concat,
  decode,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
  terminate,
} from '../../../src/kaitai/index.js';

export type GuestLvm1 = Guest<Lvm1>;

/** `lvm1` from its bytes. @throws FormatError when they are none. */
export function parseLvm1(bytes: Uint8Array): GuestLvm1 {
  return guest(new Lvm1(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new Lvm1(new SafeStream(bytes));
  return guestClaims({
    type: 'LVM1_member',
    uuid: concat('Lvm1 uuid', it.uuid.substring(0, 6), '-', it.uuid.substring(6, 10), '-', it.uuid.substring(10, 14), '-', it.uuid.substring(14, 18), '-', it.uuid.substring(18, 22), '-', it.uuid.substring(22, 26), '-', it.uuid.substring(26, 32)),
    version: concat('Lvm1 version', 'LVM1 ', it.version.toString()),
  });
}

/**
 * The descriptor of a physical volume of the old format.
 * @see lvm2 lib/format1/disk-rep.h: struct pv_disk
 * @see util-linux libblkid/src/superblocks/lvm.c
 */
class Lvm1 {
  readonly _io: SafeStream;
  /** Called `id` in the original. */
  readonly magic: string;
  /** Called `version` in the original. */
  readonly version: number;
  readonly areas: Uint8Array;
  /** Called `pv_uuid` in the original. */
  readonly uuid: string;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = decode(terminate(io.take(2, 'Lvm1.magic'), [0], false), 'UTF-8');
    this.version = io.readU2le('Lvm1.version');
    this.areas = io.take(40, 'Lvm1.areas');
    this.uuid = decode(io.take(32, 'Lvm1.uuid'), 'UTF-8');
  }
}
