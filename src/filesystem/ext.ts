// ext2, ext3 and ext4: what statfs of the kernel's ext4 driver says of them, without mounting.
// References: Linux 6.1 fs/ext4/super.c: ext4_statfs, ext4_calculate_resv_clusters, __ext4_fill_super.
import { type GuestExt, parseExt } from '../../generated/filesystem/ext.js';
import { FormatError, UnsupportedError } from '../errors.js';
import type { ByteSource } from '../source/source.js';
import { equals, int, text, uuidText } from '../validation/guest.js';
import { checkSuperblock, descriptorCheck } from './ext/checksum.js';
import {
  descriptorChunks,
  type FreeCounts,
  freeCounts,
  type GroupLocation,
  locations,
} from './ext/descriptors.js';
import { checkFeatures, type Features, readFeatures, typeName } from './ext/features.js';
import {
  checkLimit,
  type Geometry,
  isLarge,
  readBlockCount,
  readBlockSize,
  readGeometry,
  SUPERBLOCK_OFFSET,
} from './ext/geometry.js';
import { journalBlockCount, journalInode } from './ext/journal.js';
import { bigallocOverhead, plainOverhead } from './ext/overhead.js';
import { type SuperblockGroups, superblockGroups } from './ext/superblock-groups.js';
import type { Basis, Filesystem, FilesystemFormat, OuterLog, Usage } from './filesystem.js';

const SUPERBLOCK_BYTES = 1024;
const MAGIC_OFFSET = SUPERBLOCK_OFFSET + 0x38;
const MAGIC = [0x53, 0xef];
/** The kernel keeps this part of the clusters, at most so many, for what extents may need on writing back. */
const RESERVED_FRACTION = 50;
const MAX_RESERVED_CLUSTERS = 4096;
const U16_MAX = 0xffff;
const U32_MAX = 0xffffffff;
/** 128 TiB in clusters of 64 KiB. The kernel itself, whose work is the square of this, would take hours. */
const MAX_COUNTED_GROUPS = 64 * 1024;
const NOTHING: FreeCounts = { freeClusterCount: 0, freeInodeCount: 0 };

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
  const { superblock, features } = await readSuperblock(source);
  const label = text(superblock.label);
  const common = {
    type: typeName(superblock, features),
    label: label === '' ? null : label,
    uuid: uuidText(superblock.uuid),
    version: versionText(superblock),
  };
  if (features.isJournalDevice) {
    const usage = async () => journalUsage(superblock, source);
    return { ...common, kind: 'other', logKey: logKey(common.uuid), usage };
  }
  const context = contextOf(source, superblock, features);
  const isOuter =
    features.hasJournal && features.needsRecovery && equals(superblock.journalInode, 0);
  // The numbers of a read-only mount and of a writable one are the same: both replay the journal.
  const endBytes = context.geometry.blockCount * context.geometry.blockSizeBytes;
  const filesystem: Filesystem = {
    ...common,
    kind: 'filesystem',
    endBytes,
    usage: async () => usage(context, null),
  };
  return isOuter ? { ...filesystem, outerLog: outerLog(filesystem, context) } : filesystem;
}

function logKey(uuid: string | null): string {
  return `jbd ${uuid}`;
}

function outerLog(filesystem: Filesystem, context: Context): OuterLog {
  const uuid = uuidText(context.superblock.journalUuid);
  const message =
    `ext: the journal is on another device, with the UUID ${uuid}, and awaits its replay; ` +
    'without that device the numbers are stale';
  return {
    key: logKey(uuid),
    missing: new FormatError('MISSING_DEVICE', message, { data: { uuid: String(uuid) } }),
    join: (log) => ({ ...filesystem, usage: async () => usage(context, log) }),
  };
}

async function readSuperblock(source: ByteSource) {
  const bytes = await source.read(SUPERBLOCK_OFFSET, SUPERBLOCK_BYTES);
  const superblock = parseExt(bytes);
  const features = readFeatures(superblock);
  checkSuperblock(superblock, bytes, features);
  checkFeatures(superblock, features);
  return { superblock, features };
}

/** `1.0`; `0.0` and what has a minor revision of 5 are older than all that is in use. */
function versionText({ revision, minorRevision }: GuestExt): string {
  const major = int(revision, 'ext: s_rev_level', 0, U32_MAX);
  return `${major}.${int(minorRevision, 'ext: s_minor_rev_level', 0, U16_MAX)}`;
}

/** @throws FormatError as `readGeometry`. */
function contextOf(source: ByteSource, superblock: GuestExt, features: Features): Context {
  const geometry = readGeometry(superblock, features, source.sizeBytes);
  const superblocks = superblockGroups(superblock, features, geometry.groupCount);
  return { source, superblock, features, geometry, superblocks };
}

/** @param log the journal's device, if it is another and was found. */
async function usage(context: Context, log: ByteSource | null): Promise<Usage> {
  const { hasJournal, needsRecovery, isValid } = context.features;
  const isDirty = hasJournal && needsRecovery;
  const attempt = isDirty
    ? () => recoveredUsage(context, log)
    : () => cleanedUsage(context, 'metadata');
  const usage = await unlessDamaged(attempt);
  // What awaits its replay and cannot be replayed here; without a journal, what nobody wrote back.
  if (usage === null) return { ...(await usageOf(context, NOTHING, 'metadata')), isStale: true };
  return { ...usage, isStale: !hasJournal && (needsRecovery || !isValid) };
}

/**
 * What cannot be replayed, a kernel does not mount; but a copy of a disk in use may well look like this, and what the
 * disk says without its journal is worth a row.
 */
async function unlessDamaged(attempt: () => Promise<Usage | null>): Promise<Usage | null> {
  try {
    return await attempt();
  } catch (error) {
    if (error instanceof FormatError || error instanceof UnsupportedError) return null;
    throw error;
  }
}

/** The numbers after the journal's replay; null if the journal is on another device. */
async function recoveredUsage(context: Context, log: ByteSource | null): Promise<Usage | null> {
  const { superblock, features } = context;
  const { recover } = await import('./ext/recovery.js');
  const recovery = await recover(context, superblock, features, log);
  if (recovery === null) return null;
  const { source, fastCommits } = recovery;
  const now = await readSuperblock(source);
  // The kernel looks for errors in what was on the disk before.
  const hasError = features.hasError || recovery.hasError;
  const after = contextOf(source, now.superblock, { ...now.features, hasError });
  if (fastCommits === null) return cleanedUsage(after, 'log');
  const { applyFastCommits } = await import('./ext/fast-commit/replay.js');
  const applied = await applyFastCommits(after, after.superblock, after.features, fastCommits);
  const afterAll: Context = {
    ...after,
    source: applied.source,
    features: { ...after.features, hasError: hasError || applied.hasError },
  };
  return cleanedUsage(afterAll, applied.isExact ? 'log' : 'estimate', applied.freed);
}

/** The numbers after the cleanup of orphans, which the kernel leaves to e2fsck where there are errors. */
async function cleanedUsage(
  context: Context,
  basis: Basis,
  freed: FreeCounts = NOTHING,
): Promise<Usage> {
  const { superblock, features } = context;
  const hasOrphans = features.hasOrphanFile || !equals(superblock.lastOrphan, 0);
  if (!hasOrphans || features.hasError || !features.isWritable) {
    return usageOf(context, freed, basis);
  }
  const { orphansFree } = await import('./ext/orphans.js');
  const orphans = await orphansFree(context, superblock, features);
  const freeClusterCount = freed.freeClusterCount + orphans.freeClusterCount;
  const freeInodeCount = freed.freeInodeCount + orphans.freeInodeCount;
  return usageOf(context, { freeClusterCount, freeInodeCount }, basis);
}

/** @param freed what becomes free beyond what the descriptors say. */
async function usageOf(context: Context, freed: FreeCounts, basis: Basis): Promise<Usage> {
  const { superblock, features, geometry } = context;
  const { clusterRatio, blockCount, reservedBlockCount } = geometry;
  const free = await sumDescriptors(context);
  const overheadBlocks = (await overheadClusters(context)) * clusterRatio;
  const freeBlockCount = (free.freeClusterCount + freed.freeClusterCount) * clusterRatio;
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
    freeFileCount: free.freeInodeCount + freed.freeInodeCount,
    basis,
    isStale: false,
  };
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
  const inode = await journalInode(context, superblock, features);
  const journal = inode === null ? 0 : journalBlockCount(inode, geometry);
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
