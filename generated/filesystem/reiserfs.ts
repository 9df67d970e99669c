// Generated from formats/filesystem/reiserfs.ksy by `npm run generate`. Do not edit: change the specification.
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
} from '../../src/kaitai/index.js';

export type GuestReiserfs = Guest<Reiserfs>;

/** `reiserfs` from its bytes. @throws FormatError when they are none. */
export function parseReiserfs(bytes: Uint8Array): GuestReiserfs {
  return guest(new Reiserfs(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new Reiserfs(new SafeStream(bytes));
  return guestClaims({
    type: 'reiserfs',
    blockSize: it.lenBlock,
    blocks: big(it.numBlocks) - big(it.numBitmapBlocks) - 1n,
    free: it.numFreeBlocks,
    label: it.label,
    uuid: it.uuid,
    version: it.magic === 'ReIsEr3Fs' ? 'JR' : it.magic === 'ReIsEr2Fs' ? '3.6' : '3.5',
  });
}

/**
 * The superblock of a ReiserFS filesystem.
 * @see Linux fs/reiserfs/reiserfs.h: struct reiserfs_super_block
 */
class Reiserfs {
  readonly _io: SafeStream;
  /** Called `s_block_count` in the original. */
  readonly numBlocks: number;
  /** Called `s_free_blocks` in the original. */
  readonly numFreeBlocks: number;
  /** Called `s_root_block` in the original. */
  readonly rootBlock: number;
  /** Called `s_journal` in the original. */
  readonly journal: Uint8Array;
  /**
   * Size of a block in bytes.
   * Called `s_blocksize` in the original.
   */
  readonly lenBlock: number;
  /** Called `s_oid_maxsize, s_oid_cursize` in the original. */
  readonly objectIds: Uint8Array;
  /** Called `s_umount_state` in the original. */
  readonly state: number;
  /** Called `s_magic` in the original. */
  readonly magic: string;
  /** Called `s_fs_state` in the original. */
  readonly checkState: number;
  /** Called `s_hash_function_code` in the original. */
  readonly hashFunction: number;
  /** Called `s_tree_height` in the original. */
  readonly treeHeight: number;
  /** Called `s_bmap_nr` in the original. */
  readonly numBitmapBlocks: number;
  /** Called `s_version` in the original. */
  readonly version: number;
  /** Called `s_reserved_for_journal` in the original. */
  readonly reserved1: number;
  /** Called `s_inode_generation` in the original. */
  readonly inodeGeneration: number;
  /** Called `s_flags` in the original. */
  readonly flags: number;
  /** Called `s_uuid` in the original. */
  readonly uuid: Uint8Array;
  /** Called `s_label` in the original. */
  readonly label: string;

  constructor(io: SafeStream) {
    this._io = io;
    this.numBlocks = io.readU4le('Reiserfs.numBlocks');
    this.numFreeBlocks = io.readU4le('Reiserfs.numFreeBlocks');
    this.rootBlock = io.readU4le('Reiserfs.rootBlock');
    this.journal = io.take(32, 'Reiserfs.journal');
    this.lenBlock = io.readU2le('Reiserfs.lenBlock');
    if (this.lenBlock < 512) {
      throw new ValidationLessThanError(512, this.lenBlock, io, 'Reiserfs.lenBlock');
    }
    if (this.lenBlock > 8192) {
      throw new ValidationGreaterThanError(8192, this.lenBlock, io, 'Reiserfs.lenBlock');
    }
    this.objectIds = io.take(4, 'Reiserfs.objectIds');
    this.state = io.readU2le('Reiserfs.state');
    this.magic = decode(terminate(io.take(10, 'Reiserfs.magic'), [0], false), 'ASCII');
    this.checkState = io.readU2le('Reiserfs.checkState');
    this.hashFunction = io.readU4le('Reiserfs.hashFunction');
    this.treeHeight = io.readU2le('Reiserfs.treeHeight');
    this.numBitmapBlocks = io.readU2le('Reiserfs.numBitmapBlocks');
    this.version = io.readU2le('Reiserfs.version');
    this.reserved1 = io.readU2le('Reiserfs.reserved1');
    this.inodeGeneration = io.readU4le('Reiserfs.inodeGeneration');
    this.flags = io.readU4le('Reiserfs.flags');
    this.uuid = io.take(16, 'Reiserfs.uuid');
    this.label = decode(terminate(io.take(16, 'Reiserfs.label'), [0], false), 'UTF-8');
  }
}
