// What fills a source: a partition table, a member of a group, a filesystem, nothing, or something unknown.
import { UnsupportedError, VirtDfError } from '../errors.js';
import type { Filesystem } from '../filesystem/filesystem.js';
import type { FilesystemEntry } from '../filesystem/registry.js';
import { candidates } from '../source/signature.js';
import type { ByteSource } from '../source/source.js';
import { encrypted, groups, tables } from '../volume/registry.js';
import type { EncryptedVolume, GroupFormat, PartitionTable } from '../volume/volume.js';

export type Detected =
  | { readonly kind: 'table'; readonly table: PartitionTable }
  | { readonly kind: 'member'; readonly group: GroupFormat }
  | { readonly kind: 'encrypted'; readonly volume: EncryptedVolume }
  | { readonly kind: 'filesystem'; readonly filesystem: Filesystem }
  | { readonly kind: 'empty' };

/** How much of a source must be zeros before it counts as empty: all that the probes look at lies within it. */
const EMPTY_HEAD_BYTES = 128 * 1024;
const MBR_BYTES = 512;

/**
 * @param isDisk whether a partition table may begin the source; the kernel looks for one on whole disks only.
 * @throws UnsupportedError UNKNOWN_FILESYSTEM, or the error of what was recognised and is damaged.
 */
export async function detect(
  source: ByteSource,
  isDisk: boolean,
  filesystems: readonly FilesystemEntry[],
): Promise<Detected> {
  // A table comes first, as in the kernel: an ISO image made for USB sticks has both, and its partitions are what it shows.
  if (isDisk) {
    for (const entry of await candidates(source, tables)) {
      const format = await entry.load();
      if (await format.probe(source)) return { kind: 'table', table: await format.open(source) };
    }
  }
  for (const entry of await candidates(source, groups)) {
    const group = await entry.load();
    if (await group.probe(source)) return { kind: 'member', group };
  }
  for (const entry of await candidates(source, encrypted)) {
    const format = await entry.load();
    if (await format.probe(source)) return { kind: 'encrypted', volume: await format.open(source) };
  }
  return detectFilesystem(source, filesystems);
}

/** The first candidate that opens. A stale signature whose superblock is damaged does not hide a sound one behind it. */
async function detectFilesystem(
  source: ByteSource,
  filesystems: readonly FilesystemEntry[],
): Promise<Detected> {
  let firstError: VirtDfError | null = null;
  for (const entry of await candidates(source, filesystems)) {
    try {
      const format = await entry.load();
      if (!(await format.probe(source))) continue;
      return { kind: 'filesystem', filesystem: await format.open(source) };
    } catch (error) {
      if (!(error instanceof VirtDfError)) throw error;
      firstError ??= error;
    }
  }
  if (firstError !== null) throw firstError;
  const head = await source.read(0, Math.min(EMPTY_HEAD_BYTES, source.sizeBytes));
  if (await isEmpty(head)) return { kind: 'empty' };
  throw new UnsupportedError(
    'UNKNOWN_FILESYSTEM',
    `these ${source.sizeBytes} bytes begin with nothing that virt-df knows (virt-df formats list)`,
    { data: { sizeBytes: source.sizeBytes } },
  );
}

/** Nothing but zeros, or a new MBR with no partitions in it yet. */
async function isEmpty(head: Uint8Array): Promise<boolean> {
  if (isZeros(head)) return true;
  if (!isZeros(head.subarray(MBR_BYTES))) return false;
  const { isUnusedMbr } = await import('../volume/mbr.js');
  return isUnusedMbr(head.subarray(0, MBR_BYTES));
}

/** Compared natively: a guest may have thousands of volumes. */
function isZeros(bytes: Uint8Array): boolean {
  return Buffer.compare(bytes, new Uint8Array(bytes.length)) === 0;
}
