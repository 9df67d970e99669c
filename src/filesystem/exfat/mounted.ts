// What a mount of exFAT checks beside the numbers: the table of the letters' large forms lies within the volume, and the allocation
// bitmap says of its own clusters that they are in use.
// References: Linux fs/exfat/nls.c: exfat_create_upcase_table, exfat_load_upcase_table; fs/exfat/balloc.c: exfat_allocate_bitmap,
// exfat_test_bitmap_range (6.18, and 6.1 with later mends); exFAT specification, 7.2 Up-case Table.
import type { ByteSource } from '../../bytes/source.js';
import type { VirtDfError } from '../../errors.js';
import { FormatError, invalidIn } from '../../errors.js';
import { int } from '../../validation/guest.js';
import { orDoubt } from '../doubts.js';
import { FIRST_CLUSTER } from '../fat/chain.js';
import type { Boot } from './boot.js';
import type { Root } from './root.js';
import { runOffset } from './table.js';

const invalid = invalidIn('exfat: ');

/** As many as are looked at: a bitmap of 2^32 clusters of 4 KiB has fewer. */
const MAX_BITMAP_CLUSTERS = 2 ** 18;

export async function mountDoubts(
  source: ByteSource,
  boot: Boot,
  root: Root,
): Promise<readonly VirtDfError[]> {
  const found = [
    await orDoubt(async () => checkUpCase(source, boot, root)),
    await orDoubt(() => checkBitmap(source, boot, root)),
  ];
  return found.filter((doubt) => doubt !== undefined);
}

/** Windows wants a table; Linux has one of its own, but what is named must be there. */
function checkUpCase(source: ByteSource, boot: Boot, { upCase }: Root): void {
  if (upCase === undefined) throw invalid('the root directory names no table of large letters');
  const { clusterCount, clusterBytes } = boot;
  const last = clusterCount + FIRST_CLUSTER - 1;
  const what = 'exfat: first cluster of the table of large letters';
  const firstCluster = int(upCase.firstCluster, what, FIRST_CLUSTER, last);
  const most = (last + 1 - firstCluster) * clusterBytes;
  const sizeBytes = int(upCase.lenTable, 'exfat: bytes of the table of large letters', 1, most);
  const end = runOffset(boot, { firstCluster, clusterCount: 1 }) + sizeBytes;
  if (end <= source.sizeBytes) return;
  const words = `the table of large letters ends at byte ${end}, behind the volume`;
  throw new FormatError('OUT_OF_BOUNDS', `exfat: ${words}`, { data: { end } });
}

/** As in Linux, the clusters are those side by side from the first one on. */
async function checkBitmap(source: ByteSource, boot: Boot, { bitmap }: Root): Promise<void> {
  const first = bitmap.firstCluster - FIRST_CLUSTER;
  // Also of a bitmap that is longer than it must be, all of it.
  const clusters = Math.min(MAX_BITMAP_CLUSTERS, Math.ceil(bitmap.sizeBytes / boot.clusterBytes));
  const end = Math.min(first + clusters, boot.clusterCount);
  const from = Math.floor(first / 8);
  const at = runOffset(boot, { firstCluster: bitmap.firstCluster, clusterCount: 1 }) + from;
  const bytes = await source.read(at, Math.ceil(end / 8) - from);
  for (let bit = first; bit < end; bit++) {
    const byte = bytes[Math.floor(bit / 8) - from] ?? 0;
    if (Math.floor(byte / 2 ** (bit % 8)) % 2 === 1) continue;
    throw invalid(
      `cluster ${bit + FIRST_CLUSTER} of the allocation bitmap is free by its own account`,
    );
  }
}
