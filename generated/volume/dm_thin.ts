// Generated from formats/volume/dm_thin.ksy by `npm run generate`. Do not edit: change the specification.
import {
  compareBytes,
  guest,
  type Guest,
  RecordCursor,
  records,
  type Records,
  SafeStream,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestDmThin = Guest<DmThin>;

/** `dm_thin` from its bytes. @throws FormatError when they are none. */
export function parseDmThin(bytes: Uint8Array): GuestDmThin {
  return guest(new DmThin(new SafeStream(bytes)));
}

export type GuestDmThinNode = Guest<DmThinNode>;

/** `node` from its bytes. @throws FormatError when they are none. */
export function parseDmThinNode(bytes: Uint8Array): GuestDmThinNode {
  return guest(new DmThinNode(new SafeStream(bytes)));
}

export type GuestDmThinDetails = Guest<DmThinDetails>;

/** `details` from its bytes. @throws FormatError when they are none. */
export function parseDmThinDetails(bytes: Uint8Array): GuestDmThinDetails {
  return guest(new DmThinDetails(new SafeStream(bytes)));
}

export type GuestDmThinWord = Guest<DmThinWordRecord>;

/** A table of `word`: 8 bytes each, `strideBytes` apart. */
export function dmThinWordRecords(
  bytes: Uint8Array,
  strideBytes: number = 8,
): Records<GuestDmThinWord> {
  return records(new DmThinWordRecord(bytes, 'le'), 8, strideBytes, 'DmThinWord');
}

/**
 * The superblock in the first block of 4096 bytes of the volume that holds a pool's
 * metadata, and the nodes of its trees, each a block of that size. The tree of
 * mappings has two levels: of a thin device by its number the root of its own tree,
 * and of a block of that device the block of the pool's data that holds it.
 * @see Linux drivers/md/dm-thin-metadata.c: struct thin_disk_superblock, struct disk_device_details
 * @see Linux drivers/md/persistent-data/dm-btree-internal.h: struct node_header, struct btree_node
 * @see Linux drivers/md/persistent-data/dm-space-map-common.h: struct disk_sm_root
 */
class DmThin {
  readonly _io: SafeStream;
  /**
   * CRC-32C of the rest of the block, combined with a number by exclusive or.
   * Called `csum` in the original.
   */
  readonly checksum: number;
  /**
   * Bit 0, the pool needs a check before it may be written to.
   * Called `flags` in the original.
   */
  readonly flags: number;
  /** Called `blocknr` in the original. */
  readonly block: bigint;
  /** Called `uuid` in the original. */
  readonly uuid: Uint8Array;
  /** Called `magic` in the original. */
  readonly magic: Uint8Array;
  /** Called `version` in the original. */
  readonly version: number;
  /** Called `time` in the original. */
  readonly time: number;
  /** Called `trans_id` in the original. */
  readonly transaction: bigint;
  /** Called `held_root` in the original. */
  readonly heldRoot: bigint;
  /** Called `data_space_map_root` in the original. */
  readonly dataSpace: DmThinSpace;
  /** Called `metadata_space_map_root` in the original. */
  readonly metadataSpace: DmThinSpace;
  /** Called `data_mapping_root` in the original. */
  readonly mappingRoot: bigint;
  /** Called `device_details_root` in the original. */
  readonly detailsRoot: bigint;
  /** Called `data_block_size` in the original. */
  readonly numDataBlockSectors: number;
  /** Called `metadata_block_size` in the original. */
  readonly numMetadataBlockSectors: number;
  /** Called `metadata_nr_blocks` in the original. */
  readonly numMetadataBlocks: bigint;
  /** Called `compat_flags` in the original. */
  readonly compatible: number;
  /** Called `compat_ro_flags` in the original. */
  readonly readCompatible: number;
  /** Called `incompat_flags` in the original. */
  readonly incompatible: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.checksum = io.readU4le('DmThin.checksum');
    this.flags = io.readU4le('DmThin.flags');
    this.block = io.readU8le('DmThin.block');
    this.uuid = io.take(16, 'DmThin.uuid');
    this.magic = io.take(8, 'DmThin.magic');
    if (compareBytes(this.magic, Uint8Array.of(186, 82, 156, 1, 0, 0, 0, 0)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(186, 82, 156, 1, 0, 0, 0, 0), this.magic, io, 'DmThin.magic', 'BAD_MAGIC');
    }
    this.version = io.readU4le('DmThin.version');
    this.time = io.readU4le('DmThin.time');
    this.transaction = io.readU8le('DmThin.transaction');
    this.heldRoot = io.readU8le('DmThin.heldRoot');
    this.dataSpace = new DmThinSpace(io);
    this.metadataSpace = new DmThinSpace(io);
    this.mappingRoot = io.readU8le('DmThin.mappingRoot');
    this.detailsRoot = io.readU8le('DmThin.detailsRoot');
    this.numDataBlockSectors = io.readU4le('DmThin.numDataBlockSectors');
    this.numMetadataBlockSectors = io.readU4le('DmThin.numMetadataBlockSectors');
    this.numMetadataBlocks = io.readU8le('DmThin.numMetadataBlocks');
    this.compatible = io.readU4le('DmThin.compatible');
    this.readCompatible = io.readU4le('DmThin.readCompatible');
    this.incompatible = io.readU4le('DmThin.incompatible');
  }
}

/** How many blocks there are, and how many of them something has. */
class DmThinSpace {
  readonly _io: SafeStream;
  /** Called `nr_blocks` in the original. */
  readonly numBlocks: bigint;
  /** Called `nr_allocated` in the original. */
  readonly numAllocated: bigint;
  /** Called `bitmap_root, ref_count_root` in the original. */
  readonly roots: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.numBlocks = io.readU8le('DmThinSpace.numBlocks');
    this.numAllocated = io.readU8le('DmThinSpace.numAllocated');
    this.roots = io.take(112, 'DmThinSpace.roots');
  }
}

/** The head of a node; the keys come behind it, and the values behind the room for all keys. */
class DmThinNode {
  readonly _io: SafeStream;
  /** Called `csum` in the original. */
  readonly checksum: number;
  /**
   * 1, its values are nodes; 2, it is a leaf.
   * Called `flags` in the original.
   */
  readonly flags: number;
  /** Called `blocknr` in the original. */
  readonly block: bigint;
  /** Called `nr_entries` in the original. */
  readonly numEntries: number;
  /** Called `max_entries` in the original. */
  readonly maxEntries: number;
  /** Called `value_size` in the original. */
  readonly valueSize: number;
  /** Called `padding` in the original. */
  readonly padding: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.checksum = io.readU4le('DmThinNode.checksum');
    this.flags = io.readU4le('DmThinNode.flags');
    this.block = io.readU8le('DmThinNode.block');
    this.numEntries = io.readU4le('DmThinNode.numEntries');
    this.maxEntries = io.readU4le('DmThinNode.maxEntries');
    this.valueSize = io.readU4le('DmThinNode.valueSize');
    this.padding = io.readU4le('DmThinNode.padding');
  }
}

/** What the pool knows of a device, in the tree of details by its number. */
class DmThinDetails {
  readonly _io: SafeStream;
  /** Called `mapped_blocks` in the original. */
  readonly numMapped: bigint;
  /** Called `transaction_id` in the original. */
  readonly transaction: bigint;
  /** Called `creation_time` in the original. */
  readonly creationTime: number;
  /** Called `snapshotted_time` in the original. */
  readonly snapshottedTime: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.numMapped = io.readU8le('DmThinDetails.numMapped');
    this.transaction = io.readU8le('DmThinDetails.transaction');
    this.creationTime = io.readU4le('DmThinDetails.creationTime');
    this.snapshottedTime = io.readU4le('DmThinDetails.snapshottedTime');
  }
}

/** A key, or a value that is a block. */
class DmThinWordRecord extends RecordCursor {
  get value(): bigint {
    return this._view.getBigUint64(this._offset, true);
  }
}
