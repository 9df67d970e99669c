// Generated from formats/volume/dm_cache.ksy by `npm run generate`. Do not edit: change the specification.
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

export type GuestDmCache = Guest<DmCache>;

/** `dm_cache` from its bytes. @throws FormatError when they are none. */
export function parseDmCache(bytes: Uint8Array): GuestDmCache {
  return guest(new DmCache(new SafeStream(bytes)));
}

export type GuestDmCacheArrayBlock = Guest<DmCacheArrayBlock>;

/** `array_block` from its bytes. @throws FormatError when they are none. */
export function parseDmCacheArrayBlock(bytes: Uint8Array): GuestDmCacheArrayBlock {
  return guest(new DmCacheArrayBlock(new SafeStream(bytes)));
}

export type GuestDmCacheMapping = Guest<DmCacheMappingRecord>;

/** A table of `mapping`: 8 bytes each, `strideBytes` apart. */
export function dmCacheMappingRecords(
  bytes: Uint8Array,
  strideBytes: number = 8,
): Records<GuestDmCacheMapping> {
  return records(new DmCacheMappingRecord(bytes, 'le'), 8, strideBytes, 'DmCacheMapping');
}

/**
 * The superblock in the first block of 4096 bytes of a cache's metadata. Which block
 * of the origin each block of the cache holds is an array, whose blocks a tree finds.
 * @see Linux drivers/md/dm-cache-metadata.c: struct cache_disk_superblock, pack_value
 * @see Linux drivers/md/persistent-data/dm-array.c: struct array_block
 */
class DmCache {
  readonly _io: SafeStream;
  /** Called `csum` in the original. */
  readonly checksum: number;
  /** Called `flags` in the original. */
  readonly flags: number;
  /** Called `blocknr` in the original. */
  readonly block: bigint;
  /** Called `uuid` in the original. */
  readonly uuid: Uint8Array;
  /** Called `magic` in the original. */
  readonly magic: Uint8Array;
  /** Called `version` in the original. */
  readonly version: number;
  /** Called `policy_name` in the original. */
  readonly policy: Uint8Array;
  /** Called `policy_hint_size` in the original. */
  readonly policyHintSize: number;
  /** Called `metadata_space_map_root` in the original. */
  readonly metadataSpace: Uint8Array;
  /** Called `mapping_root` in the original. */
  readonly mappingRoot: bigint;
  /** Called `hint_root` in the original. */
  readonly hintRoot: bigint;
  /** Called `discard_root, discard_block_size, discard_nr_blocks` in the original. */
  readonly discards: Uint8Array;
  /** Called `data_block_size` in the original. */
  readonly numDataBlockSectors: number;
  /** Called `metadata_block_size` in the original. */
  readonly numMetadataBlockSectors: number;
  /** Called `cache_blocks` in the original. */
  readonly numCacheBlocks: number;
  /** Called `compat_flags` in the original. */
  readonly compatible: number;
  /** Called `compat_ro_flags` in the original. */
  readonly readCompatible: number;
  /** Called `incompat_flags` in the original. */
  readonly incompatible: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.checksum = io.readU4le('DmCache.checksum');
    this.flags = io.readU4le('DmCache.flags');
    this.block = io.readU8le('DmCache.block');
    this.uuid = io.take(16, 'DmCache.uuid');
    this.magic = io.take(8, 'DmCache.magic');
    if (compareBytes(this.magic, Uint8Array.of(3, 196, 24, 0, 0, 0, 0, 0)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(3, 196, 24, 0, 0, 0, 0, 0), this.magic, io, 'DmCache.magic', 'BAD_MAGIC');
    }
    this.version = io.readU4le('DmCache.version');
    this.policy = io.take(16, 'DmCache.policy');
    this.policyHintSize = io.readU4le('DmCache.policyHintSize');
    this.metadataSpace = io.take(128, 'DmCache.metadataSpace');
    this.mappingRoot = io.readU8le('DmCache.mappingRoot');
    this.hintRoot = io.readU8le('DmCache.hintRoot');
    this.discards = io.take(24, 'DmCache.discards');
    this.numDataBlockSectors = io.readU4le('DmCache.numDataBlockSectors');
    this.numMetadataBlockSectors = io.readU4le('DmCache.numMetadataBlockSectors');
    this.numCacheBlocks = io.readU4le('DmCache.numCacheBlocks');
    this.compatible = io.readU4le('DmCache.compatible');
    this.readCompatible = io.readU4le('DmCache.readCompatible');
    this.incompatible = io.readU4le('DmCache.incompatible');
  }
}

/** The head of a block of an array; its values come behind it. */
class DmCacheArrayBlock {
  readonly _io: SafeStream;
  /** Called `csum` in the original. */
  readonly checksum: number;
  /** Called `max_entries` in the original. */
  readonly maxEntries: number;
  /** Called `nr_entries` in the original. */
  readonly numEntries: number;
  /** Called `value_size` in the original. */
  readonly valueSize: number;
  /** Called `blocknr` in the original. */
  readonly block: bigint;

  constructor(io: SafeStream) {
    this._io = io;
    this.checksum = io.readU4le('DmCacheArrayBlock.checksum');
    this.maxEntries = io.readU4le('DmCacheArrayBlock.maxEntries');
    this.numEntries = io.readU4le('DmCacheArrayBlock.numEntries');
    this.valueSize = io.readU4le('DmCacheArrayBlock.valueSize');
    this.block = io.readU8le('DmCacheArrayBlock.block');
  }
}

/** Of a block of the cache the origin's, times 65536, and flags. */
class DmCacheMappingRecord extends RecordCursor {
  /** Bit 0, the block holds something; bit 1, the origin lacks it. */
  get packed(): bigint {
    return this._view.getBigUint64(this._offset, true);
  }
}
