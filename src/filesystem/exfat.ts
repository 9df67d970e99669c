// exFAT: the numbers that the kernel's statfs gives, counted without mounting.
// References: Linux 6.1 fs/exfat/super.c: exfat_read_boot_sector, exfat_statfs; fs/exfat/balloc.c:
// exfat_count_used_clusters; https://learn.microsoft.com/en-us/windows/win32/fileio/exfat-specification.
// exFAT has no log: the allocation bitmap is the truth, also while the volume is in use.
import type { ByteSource } from '../bytes/source.js';
import { UnsupportedError } from '../errors.js';
import { countFreeClusters } from './exfat/bitmap.js';
import { type Boot, identityOf, readBoot, readBootSector } from './exfat/boot.js';
import { mountDoubts } from './exfat/mounted.js';
import { type Root, readRoot } from './exfat/root.js';
import { checkNotCut, type FilesystemIdentity, orFaulty, usageThoughCut } from './fault.js';
import type { Filesystem, FilesystemFormat, Usage } from './filesystem.js';

export const exfat: FilesystemFormat = { name: 'exfat', open };

async function open(source: ByteSource): Promise<Filesystem> {
  const sector = await readBootSector(source);
  const identity = identityOf(sector);
  return orFaulty(identity, async () => {
    const boot = await readBoot(source, sector);
    if (!isBeginningThere(source, boot)) checkNotCut('exfat', boot.endBytes, source.sizeBytes);
    return opened(source, identity, boot, await readRoot(source, boot));
  });
}

/** Linux does not look where a volume ends; without its first clusters it has neither a root directory nor a bitmap. */
function isBeginningThere(
  source: ByteSource,
  { dataOffsetBytes, rootCluster, clusterBytes }: Boot,
) {
  return dataOffsetBytes + (rootCluster - 1) * clusterBytes <= source.sizeBytes;
}

function opened(
  source: ByteSource,
  identity: FilesystemIdentity,
  boot: Boot,
  root: Root,
): Filesystem {
  return {
    kind: 'filesystem',
    ...identity,
    ...root.label,
    endBytes: boot.endBytes,
    ownsFromBytes: boot.fatOffsetBytes,
    usage: () =>
      usageThoughCut('exfat', boot.endBytes, source.sizeBytes, () => usage(source, boot, root)),
    async files(walk) {
      const { exfatFiles } = await import('./exfat/files.js');
      return exfatFiles(source, boot, root, walk);
    },
  };
}

const IN_PIECES =
  'exfat: the allocation bitmap lies in pieces, which Windows follows; Linux takes it for one piece, and shows other numbers';

async function usage(source: ByteSource, boot: Boot, root: Root): Promise<Usage> {
  const { count: freeBlockCount, isInPieces } = await countFreeClusters(source, boot, root);
  return {
    blockSizeBytes: boot.clusterBytes,
    blockCount: boot.clusterCount,
    freeBlockCount,
    availableBlockCount: freeBlockCount,
    fileCount: null,
    freeFileCount: null,
    basis: isInPieces ? 'estimate' : 'metadata',
    isStale: false,
    doubts: [
      ...(isInPieces ? [new UnsupportedError('UNSUPPORTED_FEATURE', IN_PIECES)] : []),
      ...(await mountDoubts(source, boot, root)),
    ],
  };
}
