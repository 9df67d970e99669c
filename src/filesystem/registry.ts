// Every filesystem that has a reader of its own, in the order in which it is looked for. One line each; no parser is
// loaded until its signature was seen.
// References: the order of util-linux, libblkid/src/superblocks/superblocks.c.
import { catalog } from '../../generated/catalog.js';
import type { Recognizable } from '../kaitai/signature.js';
import type { FilesystemFormat } from './filesystem.js';

/** A format as the registry knows it: what its bytes look like, and where its reader is. */
export interface FilesystemEntry extends Recognizable {
  /** The word of the format, its .ksy and its files. */
  readonly name: string;
  load(): Promise<FilesystemFormat>;
}

/**
 * Order matters only where one disk can carry two signatures. XFS fills sector 0, ext begins at 1024 and leaves what is
 * before it as it was, so a stale XFS superblock may stand before an ext one, and an XFS one overwrites ext's: ext is
 * looked for first. Btrfs begins at 65536 and its mkfs clears what is before it; those of the others leave what is there.
 */
export const readers: readonly FilesystemEntry[] = [
  reader('ext', async () => (await import('./ext.js')).ext),
  reader('xfs', async () => (await import('./xfs.js')).xfs),
  reader('ntfs', async () => (await import('./ntfs.js')).ntfs),
  reader('btrfs', async () => (await import('./btrfs.js')).btrfs),
  reader('fat', async () => (await import('./fat.js')).fat),
  reader('exfat', async () => (await import('./exfat.js')).exfat),
  reader('f2fs', async () => (await import('./f2fs.js')).f2fs),
  reader('udf', async () => (await import('./udf.js')).udf),
];

function reader(name: string, load: () => Promise<FilesystemFormat>): FilesystemEntry {
  return { name, probes: catalog.find((entry) => entry.name === name)?.probes ?? [], load };
}
