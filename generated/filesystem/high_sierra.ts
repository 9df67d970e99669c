// Generated from formats/filesystem/high_sierra.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  decode,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
} from '../../src/kaitai/index.js';

export type GuestHighSierra = Guest<HighSierra>;

/** `high_sierra` from its bytes. @throws FormatError when they are none. */
export function parseHighSierra(bytes: Uint8Array): GuestHighSierra {
  return guest(new HighSierra(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new HighSierra(new SafeStream(bytes));
  return guestClaims({
    type: 'iso9660',
    label: it.label,
    version: 'High Sierra',
  });
}

/**
 * The first volume descriptor of a CD-ROM of 1986.
 * @see Linux include/uapi/linux/iso_fs.h: struct hs_primary_descriptor
 * @see util-linux libblkid/src/superblocks/iso9660.c
 */
class HighSierra {
  readonly _io: SafeStream;
  /** Called `foo` in the original. */
  readonly sector: Uint8Array;
  /** Called `type` in the original. */
  readonly type: number;
  /** Called `id` in the original. */
  readonly magic: Uint8Array;
  /** Called `version` in the original. */
  readonly version: number;
  readonly reserved: Uint8Array;
  /** Called `system_id` in the original. */
  readonly systemId: string;
  /** Called `volume_id` in the original. */
  readonly label: string;

  constructor(io: SafeStream) {
    this._io = io;
    this.sector = io.take(8, 'HighSierra.sector');
    this.type = io.readU1('HighSierra.type');
    this.magic = io.take(5, 'HighSierra.magic');
    this.version = io.readU1('HighSierra.version');
    this.reserved = io.take(1, 'HighSierra.reserved');
    this.systemId = decode(io.take(32, 'HighSierra.systemId'), 'ASCII');
    this.label = decode(io.take(32, 'HighSierra.label'), 'ASCII');
  }
}
