// ext2, ext3 and ext4: what statfs of the kernel's ext4 driver says of them, without mounting.
// References: Linux 6.1 fs/ext4/super.c: __ext4_fill_super, ext4_load_journal; fs/ext4/orphan.c: ext4_orphan_cleanup.
import { type GuestExt, parseExt } from '../../generated/filesystem/ext.js';
import type { ByteSource } from '../bytes/source.js';
import { VirtDfError } from '../errors.js';
import { equals, text, u16, u32, uuidText } from '../validation/guest.js';
import { estimate, inUse, orDoubt } from './doubts.js';
import { checkSuperblock } from './ext/checksum.js';
import type { FreeCounts } from './ext/descriptors.js';
import { checkFeatures, type Features, readFeatures, typeName } from './ext/features.js';
import { readGeometry, SUPERBLOCK_OFFSET } from './ext/geometry.js';
import { journalUsage, logKey, missingJournal, outerLog } from './ext/journal-device.js';
import { type Context, NOTHING, usageOf } from './ext/statfs.js';
import { superblockGroups } from './ext/superblock-groups.js';
import type { Basis, Filesystem, FilesystemFormat, Usage } from './filesystem.js';

const SUPERBLOCK_BYTES = 1024;
const MAGIC_OFFSET = SUPERBLOCK_OFFSET + 0x38;
const MAGIC = [0x53, 0xef];

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
  if (!isOuter) return filesystem;
  const joined = (log: ByteSource) => ({ ...filesystem, usage: async () => usage(context, log) });
  return { ...filesystem, outerLog: outerLog(superblock, joined) };
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
  const major = u32(revision);
  return `${major}.${u16(minorRevision)}`;
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
  const usage = await orDoubt(attempt);
  if (usage instanceof VirtDfError) {
    const onDisk = await usageOf(context, NOTHING, 'metadata');
    return { ...onDisk, isStale: true, doubts: [usage] };
  }
  if (hasJournal || (!needsRecovery && isValid)) return usage;
  return { ...usage, isStale: true, doubts: [...usage.doubts, inUse(NOT_UNMOUNTED)] };
}

const NOT_UNMOUNTED =
  'ext: it was not unmounted, and without a journal what was not written back is not in the numbers';

/** The numbers after the journal's replay. @throws FormatError MISSING_DEVICE if it is on a device that was not found. */
async function recoveredUsage(context: Context, log: ByteSource | null): Promise<Usage> {
  const { superblock, features } = context;
  const { recover } = await import('./ext/recovery.js');
  const recovery = await recover(context, superblock, features, log);
  if (recovery === null) throw missingJournal(superblock);
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
  const usage = await cleanedUsage(afterAll, applied.isExact ? 'log' : 'estimate', applied.freed);
  return applied.isExact ? usage : { ...usage, doubts: [estimate(FOLLOWED_IN_PART)] };
}

const FOLLOWED_IN_PART =
  'ext: a fast commit of the journal changes what is not followed to the block';

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
