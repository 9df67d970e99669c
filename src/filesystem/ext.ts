// ext2, ext3 and ext4: what statfs of the kernel's ext4 driver says of them, without mounting.
// References: Linux 6.1 fs/ext4/super.c: ext4_statfs, ext4_calculate_resv_clusters, __ext4_fill_super.
import { type GuestExt, parseExt } from '../../generated/filesystem/ext.js';
import { FormatError } from '../errors.js';
import type { ByteSource } from '../source/source.js';
import { int, text, uuidText } from '../validation/guest.js';
import { checkSuperblock, descriptorCheck } from './ext/checksum.js';
import { descriptorChunks, freeCounts, type GroupLocation, locations } from './ext/descriptors.js';
import { checkFeatures, type Features, readFeatures, typeName } from './ext/features.js';
import {
  checkLimit,
  type Geometry,
  isLarge,
  readBlockCount,
  readBlockSize,
  readGeometry,
} from './ext/geometry.js';
import { journalBlockCount } from './ext/journal.js';
import { bigallocOverhead, plainOverhead } from './ext/overhead.js';
import { type SuperblockGroups, superblockGroups } from './ext/superblock-groups.js';
import type { Filesystem, FilesystemFormat, Usage } from './filesystem.js';

const SUPERBLOCK_OFFSET = 1024;
const SUPERBLOCK_BYTES = 1024;
const MAGIC_OFFSET = SUPERBLOCK_OFFSET + 0x38;
const MAGIC = [0x53, 0xef];
/** The kernel keeps this part of the clusters, at most so many, for what extents may need on writing back. */
const RESERVED_FRACTION = 50;
const MAX_RESERVED_CLUSTERS = 4096;
const U32_MAX = 0xffffffff;
/** 128 TiB in clusters of 64 KiB. The kernel itself, whose work is the square of this, would take hours. */
const MAX_COUNTED_GROUPS = 64 * 1024;
/** An opened filesystem's superblock and what follows from it. */
interface Context {
  readonly source: ByteSource;
  readonly superblock: GuestExt;
  readonly features: Features;
  readonly geometry: Geometry;
  readonly superblocks: SuperblockGroups;
}

export const ext: FilesystemFormat = {
  name: 'ext',
  probe,
  open,
};

async function probe(source: ByteSource): Promise<boolean> {
  if (source.sizeBytes < SUPERBLOCK_OFFSET + SUPERBLOCK_BYTES) return false;
  const magic = await source.read(MAGIC_OFFSET, MAGIC.length);
  return MAGIC.every((byte, i) => magic[i] === byte);
}

async function open(source: ByteSource): Promise<Filesystem> {
  const bytes = await source.read(SUPERBLOCK_OFFSET, SUPERBLOCK_BYTES);
  const superblock = parseExt(bytes);
  const features = readFeatures(superblock);
  checkSuperblock(superblock, bytes, features);
  checkFeatures(superblock, features);
  const label = text(superblock.label);
  const common = {
    type: typeName(superblock, features),
    label: label === '' ? null : label,
    uuid: uuidText(superblock.uuid),
  };
  if (features.isJournalDevice) {
    return { ...common, kind: 'other', usage: async () => journalUsage(superblock, source) };
  }
  const geometry = readGeometry(superblock, features, source.sizeBytes);
  const superblocks = superblockGroups(superblock, features, geometry.groupCount);
  const context: Context = { source, superblock, features, geometry, superblocks };
  // The numbers of a read-only mount and of a writable one are the same.
  return { ...common, kind: 'filesystem', usage: async () => usage(context) };
}

async function usage(context: Context): Promise<Usage> {
  const { superblock, features, geometry } = context;
  const { clusterRatio, blockCount, reservedBlockCount } = geometry;
  const free = await sumDescriptors(context);
  const overheadBlocks = (await overheadClusters(context)) * clusterRatio;
  const freeBlockCount = free.freeClusterCount * clusterRatio;
  if (overheadBlocks > blockCount) {
    throw new FormatError(
      'INVALID',
      `ext: ${overheadBlocks} blocks of overhead are more than the ${blockCount} of the filesystem`,
    );
  }
  const keptBack = reservedBlockCount + reservedClusters(features, geometry) * clusterRatio;
  return {
    blockSizeBytes: geometry.blockSizeBytes,
    blockCount: blockCount - overheadBlocks,
    freeBlockCount,
    availableBlockCount: Math.max(0, freeBlockCount - keptBack),
    fileCount: int(superblock.numInodes, 'ext: s_inodes_count', 0, U32_MAX),
    freeFileCount: free.freeInodeCount,
    basis: 'metadata',
    isStale: isStale(features),
  };
}

/** A journal that awaits its replay; without a journal, that nobody wrote back what a mounted filesystem knew. */
function isStale({ hasJournal, needsRecovery, isValid }: Features): boolean {
  return needsRecovery || (!hasJournal && !isValid);
}

async function sumDescriptors({ source, superblock, features, geometry, superblocks }: Context) {
  const check = isLarge(geometry) ? null : descriptorCheck(superblock, features, geometry);
  let freeClusterCount = 0;
  let freeInodeCount = 0;
  for await (const chunk of descriptorChunks(source, geometry, superblocks)) {
    check?.(chunk);
    const free = freeCounts(geometry, chunk);
    freeClusterCount += free.freeClusterCount;
    freeInodeCount += free.freeInodeCount;
  }
  return { freeClusterCount, freeInodeCount };
}

async function overheadClusters(context: Context): Promise<number> {
  const { source, superblock, features, geometry, superblocks } = context;
  // Counting is dear with bigalloc, so the kernel believes what mkfs counted, if it is not absurd.
  const recorded = int(superblock.numOverheadClusters, 'ext: s_overhead_clusters', 0, U32_MAX);
  if (features.hasBigalloc && recorded !== 0 && recorded <= geometry.blockCount) return recorded;
  const journal = await journalBlockCount(source, superblock, features, geometry, superblocks);
  const journalClusters = Math.ceil(journal / geometry.clusterRatio);
  if (!features.hasBigalloc) return plainOverhead(geometry, superblocks) + journalClusters;
  checkLimit(geometry.groupCount, MAX_COUNTED_GROUPS, 'block groups with bigalloc and no overhead');
  const all: GroupLocation[] = [];
  for await (const chunk of descriptorChunks(source, geometry, superblocks)) {
    const at = locations(geometry, chunk);
    for (let i = 0; i < chunk.count; i++) all.push(at(i));
  }
  return bigallocOverhead(geometry, superblocks, all) + journalClusters;
}

/** Only extents can need more metadata than was there before. */
function reservedClusters({ hasExtents }: Features, geometry: Geometry): number {
  if (!hasExtents) return 0;
  const clusterCount = Math.floor(geometry.blockCount / geometry.clusterRatio);
  return Math.min(Math.floor(clusterCount / RESERVED_FRACTION), MAX_RESERVED_CLUSTERS);
}

/** A journal on a device of its own has a size and nothing that is free. */
function journalUsage(superblock: GuestExt, source: ByteSource): Usage {
  const blockSizeBytes = readBlockSize(superblock);
  return {
    blockSizeBytes,
    blockCount: readBlockCount(superblock, blockSizeBytes, source.sizeBytes),
    freeBlockCount: null,
    availableBlockCount: null,
    fileCount: null,
    freeFileCount: null,
    basis: 'superblock',
    isStale: false,
  };
}
