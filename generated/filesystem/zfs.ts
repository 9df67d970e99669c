// Generated from formats/filesystem/zfs.ksy by `npm run generate`. Do not edit: change the specification.
import {
  big,
  type ByteOrder,
  decode,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  mod,
  present,
  SafeStream,
  ValidationGreaterThanError,
  ValidationLessThanError,
  ValidationNotAnyOfError,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestZfs = Guest<Zfs>;

/** `zfs` from its bytes. @throws FormatError when they are none. */
export function parseZfs(bytes: Uint8Array): GuestZfs {
  return guest(new Zfs(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new Zfs(new SafeStream(bytes));
  return guestClaims({
    type: 'zfs_member',
    label: it.second.type === 9 ? present(it.second.text, 'Zfs label') : '',
    uuid: it.second.type !== 9 ? '' : present(it.poolGuid, 'Zfs uuid').type === 8 ? present(present(it.poolGuid, 'Zfs uuid').number, 'Zfs uuid').toString() : '',
    version: it.version.type === 8 ? present(it.version.number, 'Zfs version').toString() : '',
  });
}

/**
 * The first label of a device: a list of names and values in XDR, of which the first
 * are always the same. How full the pool is stands in its trees. The two labels at
 * the end are not looked for: another mkfs leaves them.
 * @see OpenZFS module/zfs/vdev_label.c: vdev_config_generate
 * @see util-linux libblkid/src/superblocks/zfs.c
 */
class Zfs {
  readonly _io: SafeStream;
  readonly encoding: Uint8Array;
  readonly listVersion: number;
  readonly flags: number;
  readonly version: ZfsPair;
  /**
   * The name of the pool, a text. A hot spare and a cache device know none: theirs
   * is their state (3 and 4), and their own number follows.
   */
  readonly second: ZfsPair;
  readonly state: ZfsPair | undefined;
  readonly transactionGroup: ZfsPair | undefined;
  readonly poolGuid: ZfsPair | undefined;

  constructor(io: SafeStream) {
    this._io = io;
    this.encoding = io.take(4, 'Zfs.encoding');
    this.listVersion = io.readU4be('Zfs.listVersion');
    this.flags = io.readU4be('Zfs.flags');
    this.version = new ZfsPair(io);
    this.second = new ZfsPair(io);
    if (this.second.type === 9) {
      this.state = new ZfsPair(io);
    }
    if (this.second.type === 9) {
      this.transactionGroup = new ZfsPair(io);
    }
    if (this.second.type === 9) {
      this.poolGuid = new ZfsPair(io);
    }
  }
}

class ZfsPair {
  readonly _io: SafeStream;
  readonly lenPair: number;
  readonly lenDecoded: number;
  readonly lenName: number;
  readonly name: string;
  readonly namePadding: Uint8Array;
  /** 8 is a number of 64 bits, 9 a text. */
  readonly type: number;
  readonly numElements: number;
  readonly number: bigint | undefined;
  readonly lenText: number | undefined;
  readonly text: string | undefined;
  readonly textPadding: Uint8Array | undefined;

  constructor(io: SafeStream) {
    this._io = io;
    this.lenPair = io.readU4be('ZfsPair.lenPair');
    this.lenDecoded = io.readU4be('ZfsPair.lenDecoded');
    this.lenName = io.readU4be('ZfsPair.lenName');
    if (this.lenName < 1) {
      throw new ValidationLessThanError(1, this.lenName, io, 'ZfsPair.lenName');
    }
    if (this.lenName > 64) {
      throw new ValidationGreaterThanError(64, this.lenName, io, 'ZfsPair.lenName');
    }
    this.name = decode(io.readBytes(this.lenName, 'ZfsPair.name'), 'UTF-8');
    this.namePadding = io.readBytes(mod(4n - mod(big(this.lenName), 4n, 'ZfsPair.namePadding'), 4n, 'ZfsPair.namePadding'), 'ZfsPair.namePadding');
    this.type = io.readU4be('ZfsPair.type');
    if (!(this.type === 8 || this.type === 9)) {
      throw new ValidationNotAnyOfError(this.type, io, 'ZfsPair.type');
    }
    this.numElements = io.readU4be('ZfsPair.numElements');
    if (this.numElements !== 1) {
      throw new ValidationNotEqualError(1, this.numElements, io, 'ZfsPair.numElements');
    }
    if (this.type === 8) {
      this.number = io.readU8be('ZfsPair.number');
    }
    if (this.type === 9) {
      this.lenText = io.readU4be('ZfsPair.lenText');
      if (this.lenText > 256) {
        throw new ValidationGreaterThanError(256, this.lenText, io, 'ZfsPair.lenText');
      }
    }
    if (this.type === 9) {
      this.text = decode(io.readBytes(present(this.lenText, 'ZfsPair.text'), 'ZfsPair.text'), 'UTF-8');
    }
    if (this.type === 9) {
      this.textPadding = io.readBytes(mod(4n - mod(big(present(this.lenText, 'ZfsPair.textPadding')), 4n, 'ZfsPair.textPadding'), 4n, 'ZfsPair.textPadding'), 'ZfsPair.textPadding');
    }
  }
}
