// Generated from formats/filesystem/nilfs2.ksy by `npm run generate`. Do not edit: change the specification.
import {
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

export type GuestNilfs2 = Guest<Nilfs2>;

/** `nilfs2` from its bytes. @throws FormatError when they are none. */
export function parseNilfs2(bytes: Uint8Array): GuestNilfs2 {
  return guest(new Nilfs2(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new Nilfs2(new SafeStream(bytes));
  return guestClaims({
    type: 'nilfs2',
    label: it.label,
    uuid: it.uuid,
    version: it.revision.toString(),
  });
}

/**
 * The superblock. Its copy in the last whole 4 KiB of the volume is not looked
 * for: what another mkfs has left of it would be taken for a filesystem.
 * @see Linux include/uapi/linux/nilfs2_ondisk.h: struct nilfs_super_block
 * @see util-linux libblkid/src/superblocks/nilfs.c
 */
class Nilfs2 {
  readonly _io: SafeStream;
  /** Called `s_rev_level` in the original. */
  readonly revision: number;
  /** Called `s_minor_rev_level` in the original. */
  readonly minorRevision: number;
  /** Called `s_magic` in the original. */
  readonly magic: number;
  /** Called `s_bytes` in the original. */
  readonly lenHeader: number;
  /** Called `s_flags` in the original. */
  readonly flags: number;
  /** Called `s_crc_seed` in the original. */
  readonly crcSeed: number;
  /** Called `s_sum` in the original. */
  readonly checksum: number;
  /** Called `s_log_block_size` in the original. */
  readonly log2LenBlock: number;
  /** Called `s_nsegments` in the original. */
  readonly numSegments: bigint;
  /** Called `s_dev_size` in the original. */
  readonly lenDevice: bigint;
  /** Called `s_first_data_block` in the original. */
  readonly firstDataBlock: bigint;
  /** Called `s_blocks_per_segment` in the original. */
  readonly blocksPerSegment: number;
  /** Called `s_r_segments_percentage` in the original. */
  readonly percentReserved: number;
  readonly last: Uint8Array;
  /** Called `s_free_blocks_count` in the original. */
  readonly numFreeBlocks: bigint;
  readonly times: Uint8Array;
  readonly stateAndOwner: Uint8Array;
  /** Called `s_first_ino` in the original. */
  readonly firstInode: number;
  readonly recordSizes: Uint8Array;
  /** Called `s_uuid` in the original. */
  readonly uuid: Uint8Array;
  /** Called `s_volume_name` in the original. */
  readonly label: string;

  constructor(io: SafeStream) {
    this._io = io;
    this.revision = io.readU4le('Nilfs2.revision');
    if (this.revision !== 2) {
      throw new ValidationNotEqualError(2, this.revision, io, 'Nilfs2.revision');
    }
    this.minorRevision = io.readU2le('Nilfs2.minorRevision');
    this.magic = io.readU2le('Nilfs2.magic');
    this.lenHeader = io.readU2le('Nilfs2.lenHeader');
    if (this.lenHeader < 256) {
      throw new ValidationLessThanError(256, this.lenHeader, io, 'Nilfs2.lenHeader');
    }
    if (this.lenHeader > 1024) {
      throw new ValidationGreaterThanError(1024, this.lenHeader, io, 'Nilfs2.lenHeader');
    }
    this.flags = io.readU2le('Nilfs2.flags');
    this.crcSeed = io.readU4le('Nilfs2.crcSeed');
    this.checksum = io.readU4le('Nilfs2.checksum');
    this.log2LenBlock = io.readU4le('Nilfs2.log2LenBlock');
    if (this.log2LenBlock < 0) {
      throw new ValidationLessThanError(0, this.log2LenBlock, io, 'Nilfs2.log2LenBlock');
    }
    if (this.log2LenBlock > 6) {
      throw new ValidationGreaterThanError(6, this.log2LenBlock, io, 'Nilfs2.log2LenBlock');
    }
    this.numSegments = io.readU8le('Nilfs2.numSegments');
    this.lenDevice = io.readU8le('Nilfs2.lenDevice');
    this.firstDataBlock = io.readU8le('Nilfs2.firstDataBlock');
    this.blocksPerSegment = io.readU4le('Nilfs2.blocksPerSegment');
    this.percentReserved = io.readU4le('Nilfs2.percentReserved');
    this.last = io.take(24, 'Nilfs2.last');
    this.numFreeBlocks = io.readU8le('Nilfs2.numFreeBlocks');
    this.times = io.take(24, 'Nilfs2.times');
    this.stateAndOwner = io.take(28, 'Nilfs2.stateAndOwner');
    this.firstInode = io.readU4le('Nilfs2.firstInode');
    this.recordSizes = io.take(8, 'Nilfs2.recordSizes');
    this.uuid = io.take(16, 'Nilfs2.uuid');
    this.label = decode(terminate(io.take(80, 'Nilfs2.label'), [0], false), 'UTF-8');
  }
}
