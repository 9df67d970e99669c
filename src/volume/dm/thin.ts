// Thin volumes: blocks of a pool, found by trees in the pool's metadata. A block that nobody wrote is zeros, or that of an
// origin outside of the pool. Snapshots of thin volumes are thin volumes whose trees share nodes.
// References: Linux drivers/md/dm-thin-metadata.c (__check_incompat_features, dm_thin_find_block, unpack_block_time),
// dm-thin.c; Documentation/admin-guide/device-mapper/thin-provisioning.rst.
import {
  dmThinWordRecords,
  type GuestDmThin,
  parseDmThin,
  parseDmThinDetails,
} from '../../../generated/volume/dm_thin.js';
import { type MappedPiece, mapped } from '../../bytes/mapped.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError, UnsupportedError } from '../../errors.js';
import { big, equals, int } from '../../validation/guest.js';
import { blockChecksum } from './block-crc.js';
import { METADATA_BLOCK_BYTES, type TreeReader, treeReader } from './tree.js';

const WHAT = 'dm-thin: ';
const SUPERBLOCK_XOR = 160774;
const VERSIONS = [1, 2];
/** From 64 KiB to 1 GiB, in steps of the smallest. */
const MIN_BLOCK_SECTORS = 128;
const MAX_BLOCK_SECTORS = 2 ** 21;
/** Mappings have 40 bits for a block. */
const MAX_BLOCKS = 2 ** 40;
const TIMES = 2n ** 24n;
/** The kernel takes no more of a volume. */
const MAX_METADATA_BLOCKS = 2 ** 32;
/** What it keeps to be able to free room when there is none: a tenth, up to 16 MiB. */
const RESERVED_PART = 10;
const MAX_RESERVED_BLOCKS = 4096;

/** What is known of all of a pool. */
export interface ThinPool {
  readonly blockBytes: number;
  /** Of the pool's data: how many blocks there are, and how many of them some volume has. */
  readonly dataBlockCount: number;
  readonly allocatedCount: number;
  /** Of the pool's metadata in bytes, as the kernel tells them: it keeps a part for itself. */
  readonly metadata: { readonly sizeBytes: number; readonly usedBytes: number };
  readonly trees: TreeReader;
  readonly mappingRoot: number;
  readonly detailsRoot: number;
}

/** @throws FormatError for metadata that no kernel takes; UnsupportedError UNSUPPORTED_FEATURE. */
export async function openThinPool(metadata: ByteSource): Promise<ThinPool> {
  const bytes = await metadata.read(0, METADATA_BLOCK_BYTES);
  const superblock = parseDmThin(bytes);
  if (!equals(superblock.checksum, blockChecksum(bytes, SUPERBLOCK_XOR))) {
    throw new FormatError('BAD_CHECKSUM', `${WHAT}the pool's superblock has a wrong checksum`);
  }
  const isKnown = VERSIONS.some((version) => equals(superblock.version, version));
  if (!isKnown || !equals(superblock.incompatible, 0)) {
    const message = `${WHAT}the pool's metadata are of a version, or have features, that virt-df does not know`;
    throw new UnsupportedError('UNSUPPORTED_FEATURE', message);
  }
  const root = (value: GuestDmThin['mappingRoot'], name: string) =>
    int(value, `${WHAT}${name}`, 1, Math.floor(metadata.sizeBytes / METADATA_BLOCK_BYTES));
  const { numBlocks, numAllocated } = superblock.dataSpace;
  const dataBlockCount = int(numBlocks, `${WHAT}nr_blocks`, 1, MAX_BLOCKS);
  const blockSectors = int(
    superblock.numDataBlockSectors,
    `${WHAT}data_block_size`,
    MIN_BLOCK_SECTORS,
    MAX_BLOCK_SECTORS,
  );
  return {
    blockBytes: blockSectors * SECTOR_BYTES,
    dataBlockCount,
    allocatedCount: int(numAllocated, `${WHAT}nr_allocated`, 0, dataBlockCount),
    metadata: metadataOf(superblock),
    trees: treeReader(metadata, WHAT),
    mappingRoot: root(superblock.mappingRoot, 'data_mapping_root'),
    detailsRoot: root(superblock.detailsRoot, 'device_details_root'),
  };
}

/** Linux drivers/md/dm-thin-metadata.c: __set_metadata_reserve. */
function metadataOf({ metadataSpace }: GuestDmThin): ThinPool['metadata'] {
  const count = int(metadataSpace.numBlocks, `${WHAT}metadata blocks`, 1, MAX_METADATA_BLOCKS);
  const used = int(metadataSpace.numAllocated, `${WHAT}metadata blocks in use`, 0, count);
  const reserved = Math.min(MAX_RESERVED_BLOCKS, Math.floor(count / RESERVED_PART));
  return {
    sizeBytes: count * METADATA_BLOCK_BYTES,
    usedBytes: Math.min(count, used + reserved) * METADATA_BLOCK_BYTES,
  };
}

/** How many bytes of a device some block of the pool holds. @throws FormatError. */
export async function mappedBytes(
  { trees, detailsRoot, dataBlockCount, blockBytes }: ThinPool,
  deviceId: number,
): Promise<number> {
  const found = await exact(trees, detailsRoot, deviceId);
  if (found === null) throw unknownDevice(deviceId);
  const { numMapped } = parseDmThinDetails(found);
  return int(numMapped, `${WHAT}mapped_blocks`, 0, dataBlockCount) * blockBytes;
}

interface ThinVolume {
  readonly pool: ThinPool;
  readonly data: ByteSource;
  /** Its number in the pool. */
  readonly deviceId: number;
  readonly sizeBytes: number;
  /** What lies behind blocks that nobody wrote; null: zeros. */
  readonly origin: ByteSource | null;
}

/** @throws FormatError INVALID where the pool has no such device. */
export async function thinSource(volume: ThinVolume): Promise<ByteSource> {
  const { pool, data, deviceId, sizeBytes, origin } = volume;
  const { trees, blockBytes } = pool;
  const found = await exact(trees, pool.mappingRoot, deviceId);
  if (found === null) throw unknownDevice(deviceId);
  const root = int(dmThinWordRecords(found).at(0).value, `${WHAT}root`, 1, Number.MAX_SAFE_INTEGER);
  const parents = origin === null ? [data] : [data, origin];
  return mapped(sizeBytes, parents, async (at): Promise<MappedPiece> => {
    const block = Math.floor(at / blockBytes);
    const within = at - block * blockBytes;
    const leaf = await trees.find(root, block);
    if (leaf.index >= 0 && leaf.key(leaf.index) === block) {
      const dataBlock = dataBlockOf(leaf.value(leaf.index), pool);
      const offsetBytes = dataBlock * blockBytes + within;
      return { lengthBytes: blockBytes - within, from: { source: data, offsetBytes } };
    }
    const next = leaf.index + 1 < leaf.count ? leaf.key(leaf.index + 1) : leaf.endKey;
    return unmapped(origin, at, next * blockBytes - at);
  });
}

/** Bytes that nobody wrote; an origin that ends before them is zeros there. */
function unmapped(origin: ByteSource | null, at: number, lengthBytes: number): MappedPiece {
  if (origin === null || at >= origin.sizeBytes) return { lengthBytes, from: null };
  const length = Math.min(lengthBytes, origin.sizeBytes - at);
  return { lengthBytes: length, from: { source: origin, offsetBytes: at } };
}

/** The value of exactly this key; null: there is none. */
async function exact(trees: TreeReader, root: number, key: number): Promise<Uint8Array | null> {
  const leaf = await trees.find(root, key);
  return leaf.index >= 0 && leaf.key(leaf.index) === key ? leaf.value(leaf.index) : null;
}

/** A value has the block and, in its lower 24 bits, the time at which it was mapped. */
export function dataBlockOf(value: Uint8Array, { dataBlockCount }: ThinPool): number {
  const { value: packed } = dmThinWordRecords(value).at(0);
  const end = BigInt(dataBlockCount) * TIMES;
  return Number(big(packed, `${WHAT}a mapping`, 0n, end - 1n) / TIMES);
}

function unknownDevice(deviceId: number): FormatError {
  return new FormatError('INVALID', `${WHAT}the pool has no device of the number ${deviceId}`);
}
