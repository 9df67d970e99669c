// An opened ext filesystem: its superblock, checked as the kernel checks it, with its features and its geometry.
// References: Linux 6.1 fs/ext4/super.c: __ext4_fill_super.
import { type GuestExt, parseExt } from '../../../generated/filesystem/ext.js';
import type { ByteSource } from '../../bytes/source.js';
import type { VirtDfError } from '../../errors.js';
import { inUse } from '../doubts.js';
import { checkSuperblock } from './checksum.js';
import { checkFeatures, type Features, readFeatures } from './features.js';
import { type Geometry, readGeometry, SUPERBLOCK_OFFSET } from './geometry.js';
import { checkFields } from './superblock-fields.js';
import { type SuperblockGroups, superblockGroups } from './superblock-groups.js';

const SUPERBLOCK_BYTES = 1024;

export interface Head {
  readonly superblock: GuestExt;
  readonly features: Features;
}

interface UncheckedHead extends Head {
  readonly bytes: Uint8Array;
}

export interface Context extends Head {
  readonly source: ByteSource;
  readonly geometry: Geometry;
  readonly superblocks: SuperblockGroups;
}

/** The superblock before it is checked: what it says of itself is all that may be believed. */
export async function readUncheckedHead(source: ByteSource): Promise<UncheckedHead> {
  const bytes = await source.read(SUPERBLOCK_OFFSET, SUPERBLOCK_BYTES);
  const superblock = parseExt(bytes);
  return { bytes, superblock, features: readFeatures(superblock) };
}

/** @throws FormatError, UnsupportedError for a superblock with which the kernel mounts nothing. */
export function checkHead({ superblock, bytes, features }: UncheckedHead): Head {
  checkSuperblock(superblock, bytes, features);
  checkFeatures(superblock, features);
  return { superblock, features };
}

/** @throws as `checkHead`. */
export async function readHead(source: ByteSource): Promise<Head> {
  return checkHead(await readUncheckedHead(source));
}

/** @throws FormatError as `readGeometry` and `checkFields`. */
export function contextOf(source: ByteSource, { superblock, features }: Head): Context {
  const geometry = readGeometry(superblock, features, source.sizeBytes);
  checkFields(superblock, features, geometry);
  const superblocks = superblockGroups(superblock, features, geometry.groupCount);
  return { source, superblock, features, geometry, superblocks };
}

/** Without a journal, changes of a filesystem in use that were not written back are lost, and nobody knows them. */
export function doubtsWithoutJournal({ features }: Head): readonly VirtDfError[] {
  const { hasJournal, needsRecovery, isValid } = features;
  return hasJournal || (!needsRecovery && isValid) ? [] : [inUse(NOT_UNMOUNTED)];
}

const NOT_UNMOUNTED =
  'ext: it was not unmounted, and without a journal what was not written back is not in the numbers';
