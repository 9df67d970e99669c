// Generated from formats/volume/recognised/ubi.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
} from '../../../src/kaitai/index.js';

export type GuestUbi = Guest<Ubi>;

/** `ubi` from its bytes. @throws FormatError when they are none. */
export function parseUbi(bytes: Uint8Array): GuestUbi {
  return guest(new Ubi(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new Ubi(new SafeStream(bytes));
  return guestClaims({
    type: 'ubi',
    uuid: it.imageSequence.toString(),
    version: it.version.toString(),
  });
}

/**
 * The header of the first erase block; its volumes are spread over all of them.
 * @see Linux drivers/mtd/ubi/ubi-media.h: struct ubi_ec_hdr
 * @see util-linux libblkid/src/superblocks/ubi.c
 */
class Ubi {
  readonly _io: SafeStream;
  /** Called `magic` in the original. */
  readonly magic: number;
  /** Called `version` in the original. */
  readonly version: number;
  /** Called `padding1` in the original. */
  readonly pad1: Uint8Array;
  /** Called `ec` in the original. */
  readonly numErasures: bigint;
  /** Called `vid_hdr_offset` in the original. */
  readonly ofsVolumeHeader: number;
  /** Called `data_offset` in the original. */
  readonly ofsData: number;
  /** Called `image_seq` in the original. */
  readonly imageSequence: number;
  /** Called `padding2` in the original. */
  readonly pad2: Uint8Array;
  /** Called `hdr_crc` in the original. */
  readonly checksum: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.readU4be('Ubi.magic');
    this.version = io.readU1('Ubi.version');
    this.pad1 = io.take(3, 'Ubi.pad1');
    this.numErasures = io.readU8be('Ubi.numErasures');
    this.ofsVolumeHeader = io.readU4be('Ubi.ofsVolumeHeader');
    this.ofsData = io.readU4be('Ubi.ofsData');
    this.imageSequence = io.readU4be('Ubi.imageSequence');
    this.pad2 = io.take(32, 'Ubi.pad2');
    this.checksum = io.readU4be('Ubi.checksum');
  }
}
