// A cache before a slower origin: what it holds is as new as the origin's, or newer, so that it is read from there.
// References: Linux drivers/md/dm-cache-metadata.c (__load_mapping_v1, unpack_value, sb_check), dm-cache-target.c;
// persistent-data/dm-array.c (array_block_check, dm_array_get_value); Documentation/admin-guide/device-mapper/cache.rst.
import {
  dmCacheMappingRecords,
  parseDmCache,
  parseDmCacheArrayBlock,
} from '../../../generated/volume/dm_cache.js';
import { dmThinWordRecords } from '../../../generated/volume/dm_thin.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError, UnsupportedError } from '../../errors.js';
import { big, equals, hasFlag, int } from '../../validation/guest.js';
import { blockChecksum } from './block-crc.js';
import { withChunks } from './chunks.js';
import { METADATA_BLOCK_BYTES, treeReader } from './tree.js';

const WHAT = 'dm-cache: ';
const VERSIONS = [1, 2];
const SUPERBLOCK_XOR = 9031977;
const ARRAY_XOR = 595846735;
const ARRAY_HEAD_BYTES = 24;
const MAPPING_BYTES = 8;
const PER_BLOCK = Math.floor((METADATA_BLOCK_BYTES - ARRAY_HEAD_BYTES) / MAPPING_BYTES);
const MIN_BLOCK_SECTORS = 64;
const MAX_BLOCK_SECTORS = 2 ** 21;
/** Of a cache of 256 GiB with blocks of 64 KiB. */
const MAX_BLOCKS = 2 ** 22;
const IS_VALID = 1n;
const FLAGS = 2n ** 16n;

/** The parts of a cache: what it holds, and where that is from. */
interface Cache {
  readonly metadata: ByteSource;
  readonly data: ByteSource;
}

/** @throws FormatError for metadata that no kernel takes; UnsupportedError UNSUPPORTED_FEATURE. */
export async function cacheSource(origin: ByteSource, cache: Cache): Promise<ByteSource> {
  const { metadata, data } = cache;
  const bytes = await metadata.read(0, METADATA_BLOCK_BYTES);
  const superblock = parseDmCache(bytes);
  if (!equals(superblock.checksum, blockChecksum(bytes, SUPERBLOCK_XOR))) {
    throw new FormatError('BAD_CHECKSUM', `${WHAT}the superblock has a wrong checksum`);
  }
  const isKnown = VERSIONS.some((version) => equals(superblock.version, version));
  if (!isKnown || !equals(superblock.incompatible, 0)) {
    const message = `${WHAT}the metadata are of a version, or have features, that virt-df does not know`;
    throw new UnsupportedError('UNSUPPORTED_FEATURE', message);
  }
  const sectors = int(
    superblock.numDataBlockSectors,
    `${WHAT}data_block_size`,
    MIN_BLOCK_SECTORS,
    MAX_BLOCK_SECTORS,
  );
  const chunkBytes = sectors * SECTOR_BYTES;
  const most = Math.min(MAX_BLOCKS, Math.floor(data.sizeBytes / chunkBytes));
  const blockCount = int(superblock.numCacheBlocks, `${WHAT}cache_blocks`, 0, most);
  const blocks = Math.floor(metadata.sizeBytes / METADATA_BLOCK_BYTES);
  const root = int(superblock.mappingRoot, `${WHAT}mapping_root`, 1, blocks);
  const chunkCount = Math.ceil(origin.sizeBytes / chunkBytes);
  const load = () => readMappings(metadata, { root, blockCount, chunkBytes, chunkCount });
  return withChunks(origin, data, { chunkBytes, load });
}

interface Mappings {
  readonly root: number;
  readonly blockCount: number;
  readonly chunkBytes: number;
  /** Of the origin. */
  readonly chunkCount: number;
}

async function readMappings(
  metadata: ByteSource,
  { root, blockCount, chunkBytes, chunkCount }: Mappings,
): Promise<ReadonlyMap<number, number>> {
  const { find } = treeReader(metadata, WHAT);
  const found = new Map<number, number>();
  const max = BigInt(chunkCount) * FLAGS - 1n;
  for (let first = 0; first < blockCount; first += PER_BLOCK) {
    const leaf = await find(root, first / PER_BLOCK);
    if (leaf.index < 0 || leaf.key(leaf.index) !== first / PER_BLOCK) {
      throw new FormatError('INVALID', `${WHAT}the mappings from block ${first} on are missing`);
    }
    const { value } = dmThinWordRecords(leaf.value(leaf.index)).at(0);
    const block = int(value, `${WHAT}a block of the mappings`, 1, Number.MAX_SAFE_INTEGER);
    const values = await arrayValues(metadata, block, Math.min(PER_BLOCK, blockCount - first));
    const records = dmCacheMappingRecords(values);
    for (let i = 0; i < records.length; i++) {
      const { packed } = records.at(i);
      if (!hasFlag(packed, IS_VALID)) continue;
      const chunk = Number(big(packed, `${WHAT}a mapping`, 0n, max) / FLAGS);
      found.set(chunk, (first + i) * chunkBytes);
    }
  }
  return found;
}

/** The values in a block of an array. @throws FormatError BAD_CHECKSUM, INVALID, OUT_OF_BOUNDS. */
async function arrayValues(
  metadata: ByteSource,
  block: number,
  count: number,
): Promise<Uint8Array> {
  const words = `${WHAT}the mappings in block ${block}`;
  const bytes = await metadata.read(block * METADATA_BLOCK_BYTES, METADATA_BLOCK_BYTES);
  const head = parseDmCacheArrayBlock(bytes);
  if (!equals(head.checksum, blockChecksum(bytes, ARRAY_XOR))) {
    throw new FormatError('BAD_CHECKSUM', `${words} have a wrong checksum`);
  }
  if (!equals(head.block, block) || !equals(head.valueSize, MAPPING_BYTES)) {
    throw new FormatError('INVALID', `${words} say that they are something else`);
  }
  int(head.numEntries, `${words}: nr_entries`, count, PER_BLOCK);
  return bytes.subarray(ARRAY_HEAD_BYTES, ARRAY_HEAD_BYTES + count * MAPPING_BYTES);
}
