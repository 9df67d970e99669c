// Generated from formats/filesystem/ufs.ksy by `npm run generate`. Do not edit: change the specification.
import {
  big,
  type ByteOrder,
  decode,
  div,
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
    isStale: (big(it.it.clean) & 1n) === 0n,
    blockSize: it.it.lenFragment,
    blocks: it.numBlocks,
    end: it.lenVolume * big(it.it.lenFragment),
    free: it.numFreeBlocks,
    available: it.numFreeBlocks < it.numKeptBlocks ? 0n : it.numFreeBlocks - it.numKeptBlocks,
    inodes: big(it.it.numGroups) * big(it.it.numGroupInodes),
    inodesFree: it.hasTotals ? it.it.numFreeInodes : big(it.it.numFreeInodesOld),
    label: it.it.magic === 424935705 ? it.it.label : '',
    uuid: shl(big(it.it.idTime), 32n, 'Ufs uuid') | big(it.it.idRandom),
    version: it.it.magic === 424935705 ? '2' : '1',
  });
}

/**
 * The superblock lies at 8 KiB, or at 64 KiB, which the kernel of BSD looks at
 * first, and is in the byte order of the machine that made it.
 * @see Linux fs/ufs/super.c: ufs_statfs; FreeBSD sys/ufs/ffs/fs.h: struct fs
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

  /** Of UFS1 with blocks of 64 KiB a copy lies there. */
  get isAt64k(): boolean {
    return this._io.sizeBytes === 58720 && (present(this.at64k, 'Ufs.isAt64k').magic === 424935705 || (present(this.at64k, 'Ufs.isAt64k').magic === 72020 && this.at8k.magic !== 72020));
  }

  get it(): UfsSuperblock {
    return this.isAt64k ? present(this.at64k, 'Ufs.it') : this.at8k;
  }

  /** Of UFS1 a superblock that a newer system wrote has them where those of UFS2 are. */
  get hasTotals(): boolean {
    return this.it.magic === 424935705 || this.it.lenMaxBlock === this.it.lenBlock;
  }

  #lenVolume: bigint | undefined;
  /** In fragments, with what superblocks and inodes take. */
  get lenVolume(): bigint {
    return (this.#lenVolume ??= this.it.magic === 424935705 ? this.it.lenVolume : big(this.it.lenVolumeOld));
  }

  #numBlocks: bigint | undefined;
  get numBlocks(): bigint {
    return (this.#numBlocks ??= this.it.magic === 424935705 ? this.it.numDataBlocks : big(this.it.numDataBlocksOld));
  }

  #numFreeBlocks: bigint | undefined;
  get numFreeBlocks(): bigint {
    return (this.#numFreeBlocks ??= this.hasTotals ? this.it.numFreeWhole * big(this.it.numBlockFragments) + this.it.numFreeFragments : big(this.it.numFreeWholeOld) * big(this.it.numBlockFragments) + big(this.it.numFreeFragmentsOld));
  }

  #numKeptBlocks: bigint | undefined;
  /** Nobody but root may have the last of them. */
  get numKeptBlocks(): bigint {
    return (this.#numKeptBlocks ??= div(this.numBlocks * big(this.it.percentKept), 100n, 'Ufs.numKeptBlocks'));
  }
}

class UfsSuperblock {
  readonly _io: SafeStream;
  readonly header: Uint8Array;
  /** Called `fs_old_size` in the original. */
  readonly lenVolumeOld: number;
  /**
   * Of UFS1. Blocks are fragments here.
   * Called `fs_old_dsize` in the original.
   */
  readonly numDataBlocksOld: number;
  /** Called `fs_ncg` in the original. */
  readonly numGroups: number;
  /** Called `fs_bsize` in the original. */
  readonly lenBlock: number;
  /** Called `fs_fsize` in the original. */
  readonly lenFragment: number;
  /** Called `fs_frag` in the original. */
  readonly numBlockFragments: number;
  /** Called `fs_minfree` in the original. */
  readonly percentKept: number;
  readonly moreHeader: Uint8Array;
  /** Called `fs_id[0]` in the original. */
  readonly idTime: number;
  /** Called `fs_id[1]` in the original. */
  readonly idRandom: number;
  readonly geometry: Uint8Array;
  /** Called `fs_ipg` in the original. */
  readonly numGroupInodes: number;
  /** Called `fs_fpg` in the original. */
  readonly lenGroup: number;
  /** Called `fs_old_cstotal.cs_ndir` in the original. */
  readonly numFoldersOld: number;
  /** Called `fs_old_cstotal.cs_nbfree` in the original. */
  readonly numFreeWholeOld: number;
  /** Called `fs_old_cstotal.cs_nifree` in the original. */
  readonly numFreeInodesOld: number;
  /** Called `fs_old_cstotal.cs_nffree` in the original. */
  readonly numFreeFragmentsOld: number;
  /** Called `fs_fmod` in the original. */
  readonly isModified: number;
  /** Called `fs_clean` in the original. */
  readonly clean: number;
  readonly layout: Uint8Array;
  /** Called `fs_volname` in the original. */
  readonly label: string;
  readonly moreLayout: Uint8Array;
  /** Called `fs_maxbsize` in the original. */
  readonly lenMaxBlock: number;
  readonly place: Uint8Array;
  /** Called `fs_cstotal.cs_ndir` in the original. */
  readonly numFolders: bigint;
  /** Called `fs_cstotal.cs_nbfree` in the original. */
  readonly numFreeWhole: bigint;
  /** Called `fs_cstotal.cs_nifree` in the original. */
  readonly numFreeInodes: bigint;
  /** Called `fs_cstotal.cs_nffree` in the original. */
  readonly numFreeFragments: bigint;
  readonly clustersAndTime: Uint8Array;
  /** Called `fs_size` in the original. */
  readonly lenVolume: bigint;
  /** Called `fs_dsize` in the original. */
  readonly numDataBlocks: bigint;
  readonly morePlaces: Uint8Array;
  /** Called `fs_magic` in the original. */
  readonly magic: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.header = io.take(36, 'UfsSuperblock.header');
    this.lenVolumeOld = io.readU4('UfsSuperblock.lenVolumeOld');
    this.numDataBlocksOld = io.readU4('UfsSuperblock.numDataBlocksOld');
    this.numGroups = io.readU4('UfsSuperblock.numGroups');
    this.lenBlock = io.readU4('UfsSuperblock.lenBlock');
    this.lenFragment = io.readU4('UfsSuperblock.lenFragment');
    this.numBlockFragments = io.readU4('UfsSuperblock.numBlockFragments');
    this.percentKept = io.readU4('UfsSuperblock.percentKept');
    this.moreHeader = io.take(80, 'UfsSuperblock.moreHeader');
    this.idTime = io.readU4('UfsSuperblock.idTime');
    this.idRandom = io.readU4('UfsSuperblock.idRandom');
    this.geometry = io.take(32, 'UfsSuperblock.geometry');
    this.numGroupInodes = io.readU4('UfsSuperblock.numGroupInodes');
    this.lenGroup = io.readU4('UfsSuperblock.lenGroup');
    this.numFoldersOld = io.readU4('UfsSuperblock.numFoldersOld');
    this.numFreeWholeOld = io.readU4('UfsSuperblock.numFreeWholeOld');
    this.numFreeInodesOld = io.readU4('UfsSuperblock.numFreeInodesOld');
    this.numFreeFragmentsOld = io.readU4('UfsSuperblock.numFreeFragmentsOld');
    this.isModified = io.readU1('UfsSuperblock.isModified');
    this.clean = io.readU1('UfsSuperblock.clean');
    this.layout = io.take(470, 'UfsSuperblock.layout');
    this.label = decode(terminate(io.take(32, 'UfsSuperblock.label'), [0], false), 'UTF-8');
    this.moreLayout = io.take(148, 'UfsSuperblock.moreLayout');
    this.lenMaxBlock = io.readU4('UfsSuperblock.lenMaxBlock');
    this.place = io.take(144, 'UfsSuperblock.place');
    this.numFolders = io.readU8('UfsSuperblock.numFolders');
    this.numFreeWhole = io.readU8('UfsSuperblock.numFreeWhole');
    this.numFreeInodes = io.readU8('UfsSuperblock.numFreeInodes');
    this.numFreeFragments = io.readU8('UfsSuperblock.numFreeFragments');
    this.clustersAndTime = io.take(40, 'UfsSuperblock.clustersAndTime');
    this.lenVolume = io.readU8('UfsSuperblock.lenVolume');
    this.numDataBlocks = io.readU8('UfsSuperblock.numDataBlocks');
    this.morePlaces = io.take(276, 'UfsSuperblock.morePlaces');
    this.magic = io.readU4('UfsSuperblock.magic');
  }
}
