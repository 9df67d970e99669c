// Generated from formats/filesystem/hfsplus.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  decode,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
  terminate,
} from '../../src/kaitai/index.js';

export type GuestHfsplus = Guest<Hfsplus>;

/** `hfsplus` from its bytes. @throws FormatError when they are none. */
export function parseHfsplus(bytes: Uint8Array): GuestHfsplus {
  return guest(new Hfsplus(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new Hfsplus(new SafeStream(bytes));
  return guestClaims({
    type: 'hfsplus',
    version: it.version.toString(),
  });
}

/**
 * The volume header. The name of the volume is the one of its root folder, in a
 * tree, and is not read.
 * @see Apple Technical Note TN1150: HFS Plus Volume Format
 * @see util-linux libblkid/src/superblocks/hfs.c
 */
class Hfsplus {
  readonly _io: SafeStream;
  /** Called `signature` in the original. */
  readonly magic: number;
  /** Called `version` in the original. */
  readonly version: number;
  /** Called `attributes` in the original. */
  readonly attributes: number;
  /** Called `lastMountedVersion` in the original. */
  readonly lastMounter: string;
  /** Called `journalInfoBlock` in the original. */
  readonly journalBlock: number;
  readonly times: Uint8Array;
  /** Called `fileCount` in the original. */
  readonly numFiles: number;
  /** Called `folderCount` in the original. */
  readonly numFolders: number;
  /** Called `blockSize` in the original. */
  readonly lenBlock: number;
  /** Called `totalBlocks` in the original. */
  readonly numBlocks: number;
  /** Called `freeBlocks` in the original. */
  readonly numFreeBlocks: number;
  readonly allocation: Uint8Array;
  /** Called `finderInfo` in the original. */
  readonly finderInfo: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.readU2be('Hfsplus.magic');
    this.version = io.readU2be('Hfsplus.version');
    this.attributes = io.readU4be('Hfsplus.attributes');
    this.lastMounter = decode(terminate(io.take(4, 'Hfsplus.lastMounter'), [0], false), 'UTF-8');
    this.journalBlock = io.readU4be('Hfsplus.journalBlock');
    this.times = io.take(16, 'Hfsplus.times');
    this.numFiles = io.readU4be('Hfsplus.numFiles');
    this.numFolders = io.readU4be('Hfsplus.numFolders');
    this.lenBlock = io.readU4be('Hfsplus.lenBlock');
    this.numBlocks = io.readU4be('Hfsplus.numBlocks');
    this.numFreeBlocks = io.readU4be('Hfsplus.numFreeBlocks');
    this.allocation = io.take(28, 'Hfsplus.allocation');
    this.finderInfo = io.take(32, 'Hfsplus.finderInfo');
  }
}
