// Generated from formats/filesystem/vmfs.ksy by `npm run generate`. Do not edit: change the specification.
import {
  big,
  type ByteOrder,
  concat,
  decode,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  item,
  SafeStream,
  shr,
  terminate,
} from '../../src/kaitai/index.js';

export type GuestVmfs = Guest<Vmfs>;

/** `vmfs` from its bytes. @throws FormatError when they are none. */
export function parseVmfs(bytes: Uint8Array): GuestVmfs {
  return guest(new Vmfs(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new Vmfs(new SafeStream(bytes));
  return guestClaims({
    type: 'VMFS',
    label: it.label,
    uuid: concat('Vmfs uuid', item(it.uuid, 3, 'Vmfs uuid').text, item(it.uuid, 2, 'Vmfs uuid').text, item(it.uuid, 1, 'Vmfs uuid').text, item(it.uuid, 0, 'Vmfs uuid').text, '-', item(it.uuid, 7, 'Vmfs uuid').text, item(it.uuid, 6, 'Vmfs uuid').text, item(it.uuid, 5, 'Vmfs uuid').text, item(it.uuid, 4, 'Vmfs uuid').text, '-', item(it.uuid, 9, 'Vmfs uuid').text, item(it.uuid, 8, 'Vmfs uuid').text, '-', item(it.uuid, 10, 'Vmfs uuid').text, item(it.uuid, 11, 'Vmfs uuid').text, item(it.uuid, 12, 'Vmfs uuid').text, item(it.uuid, 13, 'Vmfs uuid').text, item(it.uuid, 14, 'Vmfs uuid').text, item(it.uuid, 15, 'Vmfs uuid').text),
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
   * VMware writes its bytes in an order of its own.
   * Called `uuid` in the original.
   */
  readonly uuid: VmfsHexByte[];
  /** Called `fi_mode` in the original. */
  readonly mode: number;
  /** Called `fi_fsname` in the original. */
  readonly label: string;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.readU4le('Vmfs.magic');
    this.volumeVersion = io.readU4le('Vmfs.volumeVersion');
    this.version = io.readU1('Vmfs.version');
    this.uuid = [];
    for (let i = 0, n = io.count(16, 1, 'Vmfs.uuid'); i < n; i++) {
      this.uuid.push(new VmfsHexByte(io));
    }
    this.mode = io.readU4le('Vmfs.mode');
    this.label = decode(terminate(io.take(128, 'Vmfs.label'), [0], false), 'UTF-8');
  }
}

class VmfsHexByte {
  readonly _io: SafeStream;
  readonly value: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.value = io.readU1('VmfsHexByte.value');
  }

  #digits: string | undefined;
  get digits(): string {
    return (this.#digits ??= '0123456789abcdef');
  }

  #text: string | undefined;
  get text(): string {
    return (this.#text ??= concat('VmfsHexByte.text', this.digits.substring(Number(shr(big(this.value), 4n, 'VmfsHexByte.text')), Number(shr(big(this.value), 4n, 'VmfsHexByte.text') + 1n)), this.digits.substring(Number(big(this.value) & 15n), Number((big(this.value) & 15n) + 1n))));
  }
}
