// Generated from formats/filesystem/ocfs.ksy by `npm run generate`. Do not edit: change the specification.
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
} from '../../src/kaitai/index.js';

export type GuestOcfs = Guest<Ocfs>;

/** `ocfs` from its bytes. @throws FormatError when they are none. */
export function parseOcfs(bytes: Uint8Array): GuestOcfs {
  return guest(new Ocfs(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new Ocfs(new SafeStream(bytes));
  return guestClaims({
    type: 'ocfs',
    label: it.label,
    uuid: it.uuid,
    version: concat('Ocfs version', it.majorVersion.toString(), '.', it.minorVersion.toString()),
  });
}

/**
 * The header of the volume in sector 0, and its label in sector 1. libblkid looks
 * for it eight KiB further on.
 * @see Linux fs/ocfs2/ocfs1_fs_compat.h: struct ocfs1_vol_disk_hdr, struct ocfs1_vol_label
 * @see util-linux libblkid/src/superblocks/ocfs.c
 */
class Ocfs {
  readonly _io: SafeStream;
  /** Called `minor_version` in the original. */
  readonly minorVersion: number;
  /** Called `major_version` in the original. */
  readonly majorVersion: number;
  /** Called `signature` in the original. */
  readonly signature: Uint8Array;
  readonly restOfHeader: Uint8Array;
  /** Called `disk_lock` in the original. */
  readonly diskLock: Uint8Array;
  /** Called `label` in the original. */
  readonly label: string;
  /** Called `label_len` in the original. */
  readonly lenLabel: number;
  /** Called `vol_id` in the original. */
  readonly uuid: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.minorVersion = io.readU4le('Ocfs.minorVersion');
    this.majorVersion = io.readU4le('Ocfs.majorVersion');
    this.signature = io.take(128, 'Ocfs.signature');
    this.restOfHeader = io.take(376, 'Ocfs.restOfHeader');
    this.diskLock = io.take(48, 'Ocfs.diskLock');
    this.label = decode(terminate(io.take(64, 'Ocfs.label'), [0], false), 'UTF-8');
    this.lenLabel = io.readU2le('Ocfs.lenLabel');
    this.uuid = io.take(16, 'Ocfs.uuid');
  }
}
