// Generated from formats/filesystem/nss.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  concat,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
} from '../../src/kaitai/index.js';

export type GuestNss = Guest<Nss>;

/** `nss` from its bytes. @throws FormatError when they are none. */
export function parseNss(bytes: Uint8Array): GuestNss {
  return guest(new Nss(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new Nss(new SafeStream(bytes));
  return guestClaims({
    type: 'nss',
    uuid: it.poolUuid,
    version: concat('Nss version', it.mediaMajorVersion.toString(), it.mediaMinorVersion < 10 ? '.0' : '.', it.mediaMinorVersion.toString()),
  });
}

/**
 * The superblock of a pool.
 * @see util-linux libblkid/src/superblocks/netware.c
 */
class Nss {
  readonly _io: SafeStream;
  /** Called `SBH_Signature` in the original. */
  readonly magic: Uint8Array;
  /** Called `SBH_VersionMajor, SBH_VersionMinor` in the original. */
  readonly version: Uint8Array;
  /** Called `SBH_VersionMediaMajor` in the original. */
  readonly mediaMajorVersion: number;
  /** Called `SBH_VersionMediaMinor` in the original. */
  readonly mediaMinorVersion: number;
  readonly places: Uint8Array;
  /** Called `SBH_VolumeID` in the original. */
  readonly volumeUuid: Uint8Array;
  /** Called `SBH_PoolID` in the original. */
  readonly poolUuid: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'Nss.magic');
    this.version = io.take(4, 'Nss.version');
    this.mediaMajorVersion = io.readU2le('Nss.mediaMajorVersion');
    this.mediaMinorVersion = io.readU2le('Nss.mediaMinorVersion');
    this.places = io.take(320, 'Nss.places');
    this.volumeUuid = io.take(16, 'Nss.volumeUuid');
    this.poolUuid = io.take(16, 'Nss.poolUuid');
  }
}
