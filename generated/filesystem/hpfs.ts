// Generated from formats/filesystem/hpfs.ksy by `npm run generate`. Do not edit: change the specification.
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
} from '../../src/kaitai/index.js';

export type GuestHpfs = Guest<Hpfs>;

/** `hpfs` from its bytes. @throws FormatError when they are none. */
export function parseHpfs(bytes: Uint8Array): GuestHpfs {
  return guest(new Hpfs(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new Hpfs(new SafeStream(bytes));
  return guestClaims({
    type: 'hpfs',
    label: it.bootSector.isWritten ? it.bootSector.label : '',
    uuid: it.bootSector.isWritten ? it.bootSector.uuid : '',
    version: it.superblock.version.toString(),
  });
}

/**
 * The boot sector, which has the label and the serial number, and the superblock.
 * @see Linux fs/hpfs/hpfs.h: struct hpfs_boot_block, struct hpfs_super_block
 * @see util-linux libblkid/src/superblocks/hpfs.c
 */
class Hpfs {
  readonly _io: SafeStream;
  readonly bootSector: HpfsBootSector;

  constructor(io: SafeStream) {
    this._io = io;
    this.bootSector = new HpfsBootSector(io);
  }

  #superblock: HpfsSuperblock | undefined;
  get superblock(): HpfsSuperblock {
    if (this.#superblock !== undefined) return this.#superblock;
    return (this.#superblock = this._io.at(8192, 'Hpfs.superblock', (io) => new HpfsSuperblock(io)));
  }
}

class HpfsBootSector {
  readonly _io: SafeStream;
  readonly bootCode: Uint8Array;
  /** Called `sig_28h` in the original. */
  readonly signature: number;
  /**
   * As DOS shows it, from the last byte to the first.
   * Called `vol_serno` in the original.
   */
  readonly serial: HpfsHexByte[];
  /** Called `vol_label` in the original. */
  readonly label: string;
  readonly rest: Uint8Array;
  /** Called `magic` in the original. */
  readonly endSignature: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.bootCode = io.take(38, 'HpfsBootSector.bootCode');
    this.signature = io.readU1('HpfsBootSector.signature');
    this.serial = [];
    for (let i = 0, n = io.count(4, 1, 'HpfsBootSector.serial'); i < n; i++) {
      this.serial.push(new HpfsHexByte(io));
    }
    this.label = decode(io.take(11, 'HpfsBootSector.label'), 'UTF-8');
    this.rest = io.take(456, 'HpfsBootSector.rest');
    this.endSignature = io.readU2le('HpfsBootSector.endSignature');
  }

  /** A volume that no system starts from may have another boot sector, or none. */
  get isWritten(): boolean {
    return this.signature === 40 && this.endSignature === 43605;
  }

  #uuid: string | undefined;
  get uuid(): string {
    return (this.#uuid ??= concat('HpfsBootSector.uuid', item(this.serial, 3, 'HpfsBootSector.uuid').text, item(this.serial, 2, 'HpfsBootSector.uuid').text, '-', item(this.serial, 1, 'HpfsBootSector.uuid').text, item(this.serial, 0, 'HpfsBootSector.uuid').text));
  }
}

class HpfsHexByte {
  readonly _io: SafeStream;
  readonly value: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.value = io.readU1('HpfsHexByte.value');
  }

  #digits: string | undefined;
  get digits(): string {
    return (this.#digits ??= '0123456789ABCDEF');
  }

  #text: string | undefined;
  get text(): string {
    return (this.#text ??= concat('HpfsHexByte.text', this.digits.substring(Number(shr(big(this.value), 4n, 'HpfsHexByte.text')), Number(shr(big(this.value), 4n, 'HpfsHexByte.text') + 1n)), this.digits.substring(Number(big(this.value) & 15n), Number((big(this.value) & 15n) + 1n))));
  }
}

class HpfsSuperblock {
  readonly _io: SafeStream;
  /** Called `magic` in the original. */
  readonly magic: number;
  /** Called `magic1` in the original. */
  readonly magic1: number;
  /** Called `version` in the original. */
  readonly version: number;
  /** Called `funcversion` in the original. */
  readonly functionalVersion: number;
  /** Called `zero` in the original. */
  readonly zero: number;
  /** Called `root` in the original. */
  readonly rootFnode: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.readU4le('HpfsSuperblock.magic');
    this.magic1 = io.readU4le('HpfsSuperblock.magic1');
    this.version = io.readU1('HpfsSuperblock.version');
    this.functionalVersion = io.readU1('HpfsSuperblock.functionalVersion');
    this.zero = io.readU2le('HpfsSuperblock.zero');
    this.rootFnode = io.readU4le('HpfsSuperblock.rootFnode');
  }
}
