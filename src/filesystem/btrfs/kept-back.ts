// What df counts as used beside what is allocated: mostly the global reserve, for trees to change when all is full.
// References: Linux 6.18 fs/btrfs/super.c: btrfs_statfs; block-rsv.c: btrfs_update_global_block_rsv.
import { VirtDfError } from '../../errors.js';
import { orDoubt } from '../doubts.js';
import type { Usage, View } from '../filesystem.js';
import type { Recovered } from './recovered.js';
import { bytesPerDfByte, deviceBytes } from './space.js';

interface DfCount {
  readonly bytesPerDfByte: number;
  /** Why df's row is not exact, or what it ends in. */
  readonly doubts: readonly VirtDfError[];
  keptBackBytes(view: View): Promise<number>;
}

/** @param own the view of the guest, whose row is compared with what is counted here. */
export async function dfCount(
  { pool, usages, freedBytes }: Recovered,
  own: View,
  usage: (view: View) => Promise<Usage>,
): Promise<DfCount> {
  const divisor = bytesPerDfByte(usages, pool.superblock.features.hasMixedGroups);
  const allocatedBytes = (deviceBytes(usages) - freedBytes) / divisor;
  const ofGuest = await orDoubt(() => usage(own));
  return {
    bytesPerDfByte: divisor,
    doubts: ofGuest instanceof VirtDfError ? [ofGuest] : ofGuest.doubts,
    async keptBackBytes(view) {
      if (view === own && ofGuest instanceof VirtDfError) throw ofGuest;
      const isKnown = view === own && !(ofGuest instanceof VirtDfError);
      const { blockCount, freeBlockCount, blockSizeBytes } = isKnown ? ofGuest : await usage(view);
      return (blockCount - (freeBlockCount ?? 0)) * blockSizeBytes - allocatedBytes;
    },
  };
}
