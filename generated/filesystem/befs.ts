// Generated from formats/filesystem/befs.ksy by `npm run generate`. Do not edit: change the specification.
import {
  big,
  type ByteOrder,
  decode,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
  terminate,
  ValidationGreaterThanError,
  ValidationLessThanError,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestBefs = Guest<Befs>;

/** `befs` from its bytes. @throws FormatError when they are none. */
export function parseBefs(bytes: Uint8Array, order: ByteOrder): GuestBefs {
  return guest(new Befs(new SafeStream(bytes, order)));
}

export type GuestBefsInode = Guest<BefsInode>;

/** `inode` from its bytes. @throws FormatError when they are none. */
export function parseBefsInode(bytes: Uint8Array, order: ByteOrder): GuestBefsInode {
  return guest(new BefsInode(new SafeStream(bytes, order)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, order: ByteOrder = 'le'): GuestClaims {
  const it = new Befs(new SafeStream(bytes, order));
  return guestClaims({
    type: 'befs',
    isStale: it.superblock.flags !== 1129071950,
    blockSize: it.superblock.lenBlock,
    blocks: it.superblock.numBlocks,
    free: it.superblock.numBlocks - it.superblock.numUsedBlocks,
    label: it.superblock.label,
    version: it.superblock.byteOrder === 1112098629 ? 'big-endian' : 'little-endian',
  });
}

/**
 * The superblock, in the byte order of the machine that made it: behind a boot block,
 * or on a PowerPC at the beginning.
 * @see Linux fs/befs/linuxvfs.c: befs_statfs
 * @see Linux fs/befs/befs_fs_types.h: befs_super_block
 * @see util-linux libblkid/src/superblocks/befs.c
 */
class Befs {
  readonly _io: SafeStream;
  readonly bootBlock: Uint8Array;
  readonly firstMagic: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.bootBlock = io.take(32, 'Befs.bootBlock');
    this.firstMagic = io.readU4('Befs.firstMagic');
  }

  #superblock: BefsSuperblock | undefined;
  get superblock(): BefsSuperblock {
    if (this.#superblock !== undefined) return this.#superblock;
    return (this.#superblock = this._io.at(this.firstMagic === 1111905073 ? 0 : 512, 'Befs.superblock', (io) => new BefsSuperblock(io)));
  }
}

class BefsSuperblock {
  readonly _io: SafeStream;
  /** Called `name` in the original. */
  readonly label: string;
  /** Called `magic1` in the original. */
  readonly magic: number;
  /**
   * "BIGE" on machines of one order, "EGIB" on those of the other.
   * Called `fs_byte_order` in the original.
   */
  readonly byteOrder: number;
  /** Called `block_size` in the original. */
  readonly lenBlock: number;
  /** Called `block_shift` in the original. */
  readonly log2LenBlock: number;
  /** Called `num_blocks` in the original. */
  readonly numBlocks: bigint;
  /** Called `used_blocks` in the original. */
  readonly numUsedBlocks: bigint;
  /** Called `inode_size` in the original. */
  readonly lenInode: number;
  /** Called `magic2` in the original. */
  readonly magic2: number;
  /** Called `blocks_per_ag` in the original. */
  readonly groupPlaces: number;
  /**
   * Of the blocks of an allocation group.
   * Called `ag_shift` in the original.
   */
  readonly log2GroupBlocks: number;
  /** Called `num_ags` in the original. */
  readonly numGroups: number;
  /**
   * "CLEN" of one that was unmounted, "DIRT" of one that is in use.
   * Called `flags` in the original.
   */
  readonly flags: number;
  /** Called `log_blocks, log_start, log_end, magic3` in the original. */
  readonly log: Uint8Array;
  /** Called `root_dir` in the original. */
  readonly rootFolder: BefsRun;

  constructor(io: SafeStream) {
    this._io = io;
    this.label = decode(terminate(io.take(32, 'BefsSuperblock.label'), [0], false), 'UTF-8');
    this.magic = io.readU4('BefsSuperblock.magic');
    if (this.magic !== 1111905073) {
      throw new ValidationNotEqualError(1111905073, this.magic, io, 'BefsSuperblock.magic');
    }
    this.byteOrder = io.readU4be('BefsSuperblock.byteOrder');
    this.lenBlock = io.readU4('BefsSuperblock.lenBlock');
    this.log2LenBlock = io.readU4('BefsSuperblock.log2LenBlock');
    if (this.log2LenBlock < 10) {
      throw new ValidationLessThanError(10, this.log2LenBlock, io, 'BefsSuperblock.log2LenBlock');
    }
    if (this.log2LenBlock > 13) {
      throw new ValidationGreaterThanError(13, this.log2LenBlock, io, 'BefsSuperblock.log2LenBlock');
    }
    this.numBlocks = io.readU8('BefsSuperblock.numBlocks');
    this.numUsedBlocks = io.readU8('BefsSuperblock.numUsedBlocks');
    this.lenInode = io.readS4('BefsSuperblock.lenInode');
    this.magic2 = io.readU4('BefsSuperblock.magic2');
    this.groupPlaces = io.readU4('BefsSuperblock.groupPlaces');
    this.log2GroupBlocks = io.readU4('BefsSuperblock.log2GroupBlocks');
    this.numGroups = io.readU4('BefsSuperblock.numGroups');
    this.flags = io.readU4('BefsSuperblock.flags');
    this.log = io.take(28, 'BefsSuperblock.log');
    this.rootFolder = new BefsRun(io);
  }
}

class BefsRun {
  readonly _io: SafeStream;
  /** Called `allocation_group` in the original. */
  readonly group: number;
  /** Called `start` in the original. */
  readonly firstBlock: number;
  /** Called `len` in the original. */
  readonly numBlocks: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.group = io.readU4('BefsRun.group');
    this.firstBlock = io.readU2('BefsRun.firstBlock');
    this.numBlocks = io.readU2('BefsRun.numBlocks');
  }
}

/** A file, with the attributes that are small enough to stand in its block. */
class BefsInode {
  readonly _io: SafeStream;
  /** Called `magic1` in the original. */
  readonly magic: number;
  readonly fixed: Uint8Array;
  /** Called `small_data` in the original. */
  readonly attributes: BefsAttribute[];

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.readU4('BefsInode.magic');
    this.fixed = io.take(228, 'BefsInode.fixed');
    this.attributes = [];
    for (;;) {
      const start = io.progress;
      const it = new BefsAttribute(io);
      this.attributes.push(it);
      io.step(start, 'BefsInode.attributes');
      if (it.lenName === 0 || big(io.sizeBytes) - big(io.pos) < 8n) break;
    }
  }
}

class BefsAttribute {
  readonly _io: SafeStream;
  /** Called `type` in the original. */
  readonly type: number;
  /** Called `name_size` in the original. */
  readonly lenName: number;
  /** Called `data_size` in the original. */
  readonly lenValue: number;
  /** Called `name` in the original. */
  readonly name: string;
  readonly nameEnd: Uint8Array;
  readonly value: Uint8Array;
  readonly valueEnd: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.type = io.readU4('BefsAttribute.type');
    this.lenName = io.readU2('BefsAttribute.lenName');
    this.lenValue = io.readU2('BefsAttribute.lenValue');
    this.name = decode(io.readBytes(this.lenName, 'BefsAttribute.name'), 'UTF-8');
    this.nameEnd = io.readBytes(this.lenName === 0 ? 0 : 3, 'BefsAttribute.nameEnd');
    this.value = io.readBytes(this.lenValue, 'BefsAttribute.value');
    this.valueEnd = io.readBytes(this.lenName === 0 ? 0 : 1, 'BefsAttribute.valueEnd');
  }
}
