// Generated from formats/volume/drbd.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
} from '../../src/kaitai/index.js';

export type GuestDrbd = Guest<Drbd>;

/** `drbd` from its bytes. @throws FormatError when they are none. */
export function parseDrbd(bytes: Uint8Array): GuestDrbd {
  return guest(new Drbd(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new Drbd(new SafeStream(bytes));
  return guestClaims({
    type: 'drbd',
  });
}

/**
 * The metadata at the end of the volume whose other copies are on other
 * machines: of version 8, or of version 9, which has another generation before
 * its identifier. The content lies in front of them.
 * @see drbd-utils user/shared/drbdmeta.c: struct md_on_disk_08, struct meta_data_on_disk_9
 * @see util-linux libblkid/src/superblocks/drbd.c
 */
class Drbd {
  readonly _io: SafeStream;
  /**
   * Of the content; 0 as long as no two machines agreed about it.
   * Called `la_sect` in the original.
   */
  readonly numSectors: bigint;
  readonly generations: Uint8Array;
  /** Called `device_uuid` in the original. */
  readonly deviceUuid8: Uint8Array;
  /** Called `device_uuid` in the original. */
  readonly deviceUuid9: Uint8Array;
  /** Called `flags` in the original. */
  readonly flags: number;
  /** Called `magic` in the original. */
  readonly magic: number;
  /** Called `md_size_sect` in the original. */
  readonly numMetadataSectors: number;
  /** Called `al_offset` in the original. */
  readonly logOffset: number;
  /** Called `al_nr_extents` in the original. */
  readonly numLogExtents: number;
  /**
   * In sectors, from this superblock on.
   * Called `bm_offset` in the original.
   */
  readonly bitmapOffset: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.numSectors = io.readU8be('Drbd.numSectors');
    this.generations = io.take(32, 'Drbd.generations');
    this.deviceUuid8 = io.take(8, 'Drbd.deviceUuid8');
    this.deviceUuid9 = io.take(8, 'Drbd.deviceUuid9');
    this.flags = io.readU4be('Drbd.flags');
    this.magic = io.readU4be('Drbd.magic');
    this.numMetadataSectors = io.readU4be('Drbd.numMetadataSectors');
    this.logOffset = io.readS4be('Drbd.logOffset');
    this.numLogExtents = io.readU4be('Drbd.numLogExtents');
    this.bitmapOffset = io.readS4be('Drbd.bitmapOffset');
  }
}
