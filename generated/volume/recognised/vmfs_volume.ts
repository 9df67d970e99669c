// Generated from formats/volume/recognised/vmfs_volume.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  decode,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
} from '../../../src/kaitai/index.js';

export type GuestVmfsVolume = Guest<VmfsVolume>;

/** `vmfs_volume` from its bytes. @throws FormatError when they are none. */
export function parseVmfsVolume(bytes: Uint8Array): GuestVmfsVolume {
  return guest(new VmfsVolume(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new VmfsVolume(new SafeStream(bytes));
  return guestClaims({
    type: 'VMFS_volume_member',
    uuid: it.groupUuid,
    version: it.version.toString(),
  });
}

/**
 * The header of a partition that a VMFS filesystem lies on, alone or with
 * others.
 * @see vmfs-tools libvmfs/vmfs_volume.h
 * @see util-linux libblkid/src/superblocks/vmfs.c
 */
class VmfsVolume {
  readonly _io: SafeStream;
  /** Called `magic` in the original. */
  readonly magic: number;
  /** Called `ver` in the original. */
  readonly version: number;
  readonly header: Uint8Array;
  /**
   * Of the extent.
   * Called `uuid` in the original.
   */
  readonly uuid: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.readU4le('VmfsVolume.magic');
    this.version = io.readU4le('VmfsVolume.version');
    this.header = io.take(122, 'VmfsVolume.header');
    this.uuid = io.take(16, 'VmfsVolume.uuid');
  }

  #groupUuid: string | undefined;
  /** Of the volume, in the digits of VMware. */
  get groupUuid(): string {
    if (this.#groupUuid !== undefined) return this.#groupUuid;
    return (this.#groupUuid = this._io.at(532, 'VmfsVolume.groupUuid', (io) => decode(io.take(35, 'VmfsVolume.groupUuid'), 'UTF-8')));
  }
}
