// Generated from formats/filesystem/erofs.ksy by `npm run generate`. Do not edit: change the specification.
import {
  big,
  type ByteOrder,
  compareBytes,
  decode,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
  shl,
  terminate,
  ValidationGreaterThanError,
  ValidationLessThanError,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestErofs = Guest<Erofs>;

/** `erofs` from its bytes. @throws FormatError when they are none. */
export function parseErofs(bytes: Uint8Array): GuestErofs {
  return guest(new Erofs(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new Erofs(new SafeStream(bytes));
  return guestClaims({
    type: 'erofs',
    isMountedCut: true,
    blockSize: shl(1n, big(it.logBlock), 'Erofs block-size'),
    blocks: it.numBlocks,
    free: 0,
    available: 0,
    label: it.volumeName,
    uuid: it.uuid,
  });
}

/**
 * The superblock of a read-only filesystem. Nothing is ever free on it; the kernel
 * gives no limit of inodes, so that there is no count of files either. An image
 * whose data lie on further devices is not read.
 * @see Linux fs/erofs/erofs_fs.h: struct erofs_super_block
 * @see Linux fs/erofs/super.c: erofs_read_superblock, erofs_superblock_csum_verify, erofs_statfs
 */
class Erofs {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;
  /**
   * CRC-32C of the rest of the superblock's block, with 0 in this place, if bit 0
   * of the compatible features is set.
   */
  readonly checksum: number;
  readonly featureCompat: number;
  /** Called `blkszbits` in the original. */
  readonly logBlock: number;
  /** Called `sb_extslots` in the original. */
  readonly numExtensionSlots: number;
  /**
   * With 48-bit block addresses the upper bits of the number of blocks.
   * Called `rb` in the original.
   */
  readonly rootNidOrBlocksHi: number;
  /** Called `inos` in the original. */
  readonly numInodes: bigint;
  /**
   * Seconds since 1970.
   * Called `epoch` in the original.
   */
  readonly builtAt: bigint;
  /** Called `fixed_nsec` in the original. */
  readonly builtAtNanoseconds: number;
  /** Called `blocks_lo` in the original. */
  readonly numBlocksLo: number;
  /** Called `meta_blkaddr` in the original. */
  readonly metadataBlock: number;
  /** Called `xattr_blkaddr` in the original. */
  readonly xattrBlock: number;
  readonly uuid: Uint8Array;
  readonly volumeName: string;
  readonly featureIncompat: number;
  /** Called `u1` in the original. */
  readonly compression: number;
  /**
   * Further devices that hold data.
   * Called `extra_devices` in the original.
   */
  readonly numExtraDevices: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'Erofs.magic');
    if (compareBytes(this.magic, Uint8Array.of(226, 225, 245, 224)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(226, 225, 245, 224), this.magic, io, 'Erofs.magic', 'BAD_MAGIC');
    }
    this.checksum = io.readU4le('Erofs.checksum');
    this.featureCompat = io.readU4le('Erofs.featureCompat');
    this.logBlock = io.readU1('Erofs.logBlock');
    if (this.logBlock < 9) {
      throw new ValidationLessThanError(9, this.logBlock, io, 'Erofs.logBlock');
    }
    if (this.logBlock > 16) {
      throw new ValidationGreaterThanError(16, this.logBlock, io, 'Erofs.logBlock');
    }
    this.numExtensionSlots = io.readU1('Erofs.numExtensionSlots');
    this.rootNidOrBlocksHi = io.readU2le('Erofs.rootNidOrBlocksHi');
    this.numInodes = io.readU8le('Erofs.numInodes');
    this.builtAt = io.readU8le('Erofs.builtAt');
    this.builtAtNanoseconds = io.readU4le('Erofs.builtAtNanoseconds');
    this.numBlocksLo = io.readU4le('Erofs.numBlocksLo');
    this.metadataBlock = io.readU4le('Erofs.metadataBlock');
    this.xattrBlock = io.readU4le('Erofs.xattrBlock');
    this.uuid = io.take(16, 'Erofs.uuid');
    this.volumeName = decode(terminate(io.take(16, 'Erofs.volumeName'), [0], false), 'UTF-8');
    this.featureIncompat = io.readU4le('Erofs.featureIncompat');
    this.compression = io.readU2le('Erofs.compression');
    this.numExtraDevices = io.readU2le('Erofs.numExtraDevices');
    if (this.numExtraDevices !== 0) {
      throw new ValidationNotEqualError(0, this.numExtraDevices, io, 'Erofs.numExtraDevices');
    }
  }

  get is48bit(): boolean {
    return (big(this.featureIncompat) & 128n) !== 0n;
  }

  #numBlocks: bigint | undefined;
  get numBlocks(): bigint {
    return (this.#numBlocks ??= this.is48bit ? shl(big(this.rootNidOrBlocksHi), 32n, 'Erofs.numBlocks') + big(this.numBlocksLo) : big(this.numBlocksLo));
  }
}
