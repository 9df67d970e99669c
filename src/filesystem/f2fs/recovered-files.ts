// The filesystem as its files are read: with the orphans known that a mount frees, and with the files in their places that were
// fsynced behind the checkpoint.
// References: Linux 6.1 fs/f2fs/super.c: f2fs_fill_super; fs/f2fs/recovery.c: f2fs_recover_fsync_data.
import { VirtDfError } from '../../errors.js';
import { orDoubt } from '../doubts.js';
import { cutDoubts } from '../fault.js';
import type { FileWalk } from '../files.js';
import { visitsOf } from '../visits.js';
import { mountWork } from './mount.js';
import { orphanNumbers } from './orphans.js';
import { openRecovery, reasons, recoveredState } from './recovery.js';
import { BLOCK_BYTES, BLOCKS_PER_SEGMENT } from './superblock.js';
import type { Volume } from './volume.js';
import { type F2fsVolume, systemNames } from './volume-files.js';

/** @throws FormatError where no kernel mounts it; SourceError. */
export async function recoveredFiles(volume: Volume, walk: FileWalk): Promise<F2fsVolume> {
  const { source, superblock } = volume;
  const ofMount = await mountWork(volume);
  const work = walk.isLive ? { ...ofMount, hasOrphans: false } : ofMount;
  const state = await orDoubt(() => recoveredState(volume, work));
  const isDone = !(state instanceof VirtDfError);
  const doubts = [
    ...work.doubts,
    ...(isDone ? reasons(state) : [state]),
    ...cutDoubts('f2fs', superblock.blockCount * BLOCK_BYTES, source.sizeBytes),
  ];
  for (const error of doubts) walk.onDoubt({ id: null, error });
  const orphans = new Set<number>();
  if (isDone && work.hasOrphans) {
    for await (const number of orphanNumbers(volume)) orphans.add(number);
  }
  const before = await openRecovery(volume);
  const blockCount = superblock.main.segmentCount * BLOCKS_PER_SEGMENT;
  return {
    volume,
    volumes: [source],
    walk,
    after: isDone ? state.recovery : before,
    before,
    orphans,
    afterOrphans: isDone ? state.afterOrphans : new Map(),
    systemNames: systemNames(superblock),
    spend: visitsOf('f2fs: nodes and names', 'blocks', blockCount),
  };
}
