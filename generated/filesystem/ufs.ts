// Generated from formats/filesystem/ufs.ksy by `npm run generate`. Do not edit: change the specification.
import {
  big,
  type ByteOrder,
  decode,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  present,
  SafeStream,
  shl,
  terminate,
} from '../../src/kaitai/index.js';

export type GuestUfs = Guest<Ufs>;

/** `ufs` from its bytes. @throws FormatError when they are none. */
export function parseUfs(bytes: Uint8Array, order: ByteOrder): GuestUfs {
  return guest(new Ufs(new SafeStream(bytes, order)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, order: ByteOrder = 'le'): GuestClaims {
  const it = new Ufs(new SafeStream(bytes, order));
  return guestClaims({
    type: 'ufs',
    label: it.it.magic === 424935705 ? it.it.label : '',
    uuid: shl(big(it.it.idTime), 32n, 'Ufs uuid') | big(it.it.idRandom),
    version: it.it.magic === 424935705 ? '2' : '1',
  });
}

/**
 * The superblock lies at 8 KiB, or at 64 KiB, which the kernel of BSD looks at
 * first, and is in the byte order of the machine that made it.
 * @see Linux fs/ufs/ufs_fs.h: struct ufs_super_block
 * @see util-linux libblkid/src/superblocks/ufs.c
 */
class Ufs {
  readonly _io: SafeStream;
  readonly at8k: UfsSuperblock;

  constructor(io: SafeStream) {
    this._io = io;
    this.at8k = new UfsSuperblock(io);
  }

  #at64k: UfsSuperblock | undefined;
  get at64k(): UfsSuperblock | undefined {
    if (this.#at64k !== undefined) return this.#at64k;
    if (this._io.sizeBytes !== 58720) return undefined;
    return (this.#at64k = this._io.at(57344, 'Ufs.at64k', (io) => new UfsSuperblock(io)));
  }

  get isAt64k(): boolean {
    return this._io.sizeBytes === 58720 && (present(this.at64k, 'Ufs.isAt64k').magic === 424935705 || present(this.at64k, 'Ufs.isAt64k').magic === 72020);
  }

  get it(): UfsSuperblock {
    return this.isAt64k ? present(this.at64k, 'Ufs.it') : this.at8k;
  }
}

class UfsSuperblock {
  readonly _io: SafeStream;
  readonly header: Uint8Array;
  /** Called `fs_id[0]` in the original. */
  readonly idTime: number;
  /** Called `fs_id[1]` in the original. */
  readonly idRandom: number;
  readonly layout: Uint8Array;
  /** Called `fs_volname` in the original. */
  readonly label: string;
  readonly moreLayout: Uint8Array;
  /** Called `fs_magic` in the original. */
  readonly magic: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.header = io.take(144, 'UfsSuperblock.header');
    this.idTime = io.readU4('UfsSuperblock.idTime');
    this.idRandom = io.readU4('UfsSuperblock.idRandom');
    this.layout = io.take(528, 'UfsSuperblock.layout');
    this.label = decode(terminate(io.take(32, 'UfsSuperblock.label'), [0], false), 'UTF-8');
    this.moreLayout = io.take(660, 'UfsSuperblock.moreLayout');
    this.magic = io.readU4('UfsSuperblock.magic');
  }
}
