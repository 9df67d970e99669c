// An opened XFS: its superblock, checked, with its features and its geometry.
// References: Linux 6.1 fs/xfs/xfs_mount.c: xfs_readsb.
import { type GuestXfs, parseXfs, XfsFields } from '../../../generated/filesystem/xfs.js';
import type { ByteSource } from '../../bytes/source.js';
import { checkChecksum } from './checksum.js';
import { readFeatures } from './features.js';
import { readGeometry } from './geometry.js';
import type { GroupContext } from './group-headers.js';

const SUPERBLOCK_BYTES = 512;

export interface Context extends GroupContext {
  readonly superblock: GuestXfs;
}

/** @throws FormatError, UnsupportedError for a filesystem that the kernel does not mount either. */
export async function openContext(source: ByteSource): Promise<Context> {
  return checkedContext(source, await readHead(source));
}

interface Head {
  readonly head: Uint8Array;
  readonly superblock: GuestXfs;
}

/** The superblock before it is checked: what it says of itself is all that may be believed. */
export async function readHead(source: ByteSource): Promise<Head> {
  const head = await source.read(0, SUPERBLOCK_BYTES);
  return { head, superblock: parseXfs(head) };
}

/** @throws as `openContext`. */
export async function checkedContext(
  source: ByteSource,
  { head, superblock }: Head,
): Promise<Context> {
  const features = readFeatures(superblock);
  const geometry = readGeometry(superblock, source.sizeBytes);
  if (features.version === 5) {
    const { sectorSizeBytes } = geometry;
    const sector = sectorSizeBytes === head.length ? head : await source.read(0, sectorSizeBytes);
    const stored = superblock.checksum;
    checkChecksum(sector, { what: 'the superblock', offset: XfsFields.checksum.at, stored });
  }
  const metadataUuid = features.hasMetaUuid ? superblock.metaUuid : superblock.uuid;
  return { source, superblock, features, geometry, metadataUuid };
}
