// XFS, versions 4 and 5: the numbers that the kernel's statfs gives, counted without mounting, and the files.
// References: Linux 6.18 fs/xfs/xfs_super.c: xfs_fs_fill_super; docs/replay.md.
import { isAnyProblem, orNull } from '../bytes/sound.js';
import type { ByteRange, ByteSource } from '../bytes/source.js';
import { labelOf, uuidText } from '../validation/guest.js';
import { type FilesystemIdentity, orFaulty } from './fault.js';
import type { Filesystem, FilesystemFormat, Usage, View } from './filesystem.js';
import { afterLog } from './xfs/after-log.js';
import { type Context, checkedContext, readHead } from './xfs/context.js';
import { versionOf } from './xfs/features.js';
import { half, outerLog, realtimeBytes } from './xfs/outer-devices.js';
import { statfs } from './xfs/statfs.js';

/** The superblock, AGF, AGI and AGFL of the first group. */
const HEADER_SECTORS = 4;

export const xfs: FilesystemFormat = { name: 'xfs', open };

async function open(source: ByteSource): Promise<Filesystem> {
  const head = await readHead(source);
  const { superblock } = head;
  const identity = {
    type: 'xfs',
    ...labelOf(superblock.label),
    uuid: uuidText(superblock.uuid),
    version: String(versionOf(superblock)),
  };
  return orFaulty(identity, async () => opened(await checkedContext(source, head), identity));
}

function opened(context: Context, identity: FilesystemIdentity): Filesystem {
  const { blockCount, blockSizeBytes, sectorSizeBytes, log } = context.geometry;
  const outerBytes = realtimeBytes(context);
  const filesystem: Filesystem = {
    kind: 'filesystem',
    ...identity,
    endBytes: blockCount * blockSizeBytes,
    ownsFromBytes: HEADER_SECTORS * sectorSizeBytes,
    readsFirst: () => usageRanges(context),
    usage: (view) => usage(context, view),
    async files(walk) {
      const { xfsFiles } = await import('./xfs/files.js');
      return xfsFiles(context, walk);
    },
  };
  const whole = log === null ? { ...filesystem, outerLog: outerLog(identity.uuid) } : filesystem;
  return outerBytes === 0 ? whole : half(whole, outerBytes);
}

async function usage(context: Context, view: View): Promise<Usage> {
  if (context.source.ahead !== undefined) await fetchAhead(context);
  return (await statfs(await afterLog(context, 'counters', view === 'live'), view)).usage;
}

async function usageRanges(context: Context): Promise<readonly ByteRange[]> {
  const { usageReads } = await import('./xfs/ahead.js');
  return usageReads(context);
}

/** What cannot be is told by the reading. */
async function fetchAhead(context: Context): Promise<void> {
  const ranges = await orNull(() => usageRanges(context), isAnyProblem);
  await context.source.ahead?.(ranges ?? []);
}
