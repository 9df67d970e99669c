// Generated from formats/filesystem/vmfs.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  decode,
  defineFormat,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
  type Spec,
  terminate,
} from '../../src/kaitai/index.js';

/** What is known of the format without reading one. */
export const spec: Spec = defineFormat({
  name: 'vmfs',
  title: 'VMFS, the filesystem of VMware',
  layer: 'filesystem',
  kind: 'filesystem',
  understood: 'detected',
  license: 'CC0-1.0',
  probes: [{ all: [{ at: 2097152, magic: [94, 241, 171, 47] }] }],
  window: { offsetBytes: 2097152, sizeBytes: 157 },
});

export type GuestVmfs = Guest<Vmfs>;

/** `vmfs` from its bytes. @throws FormatError when they are none. */
export function parseVmfs(bytes: Uint8Array): GuestVmfs {
  return guest(new Vmfs(new SafeStream(bytes)));
}

/** What the format says of itself; nothing of it is to be believed. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new Vmfs(new SafeStream(bytes));
  return guestClaims({
    type: 'VMFS',
    label: it.label,
    version: it.version.toString(),
  });
}

/**
 * The information about the filesystem, as its extents show it.
 * @see vmfs-tools libvmfs/vmfs_fs.h
 * @see util-linux libblkid/src/superblocks/vmfs.c
 */
class Vmfs {
  readonly _io: SafeStream;
  /** Called `fi_magic` in the original. */
  readonly magic: number;
  /** Called `fi_vol_version` in the original. */
  readonly volumeVersion: number;
  /** Called `fi_version` in the original. */
  readonly version: number;
  /**
   * Not shown. VMware and libblkid write its bytes in an order of their own.
   * Called `fi_uuid` in the original.
   */
  readonly uuid: Uint8Array;
  /** Called `fi_mode` in the original. */
  readonly mode: number;
  /** Called `fi_fsname` in the original. */
  readonly label: string;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.readU4le('Vmfs.magic');
    this.volumeVersion = io.readU4le('Vmfs.volumeVersion');
    this.version = io.readU1('Vmfs.version');
    this.uuid = io.take(16, 'Vmfs.uuid');
    this.mode = io.readU4le('Vmfs.mode');
    this.label = decode(terminate(io.take(128, 'Vmfs.label'), [0], false), 'UTF-8');
  }
}
