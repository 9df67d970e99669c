// Walks a VHDX's table of blocks to find how far the file is used, and refuses blocks that lie over each other.
import { vhdxTableEntryRecords } from '../../../generated/container/vhdx.js';
import { FormatError } from '../../errors.js';
import type { Scope } from '../../host/scope.js';
import { MIB } from '../../limits.js';
import type { Inspection } from '../container.js';
import { ENTRY_BYTES, type Layout, placeOf } from './mapping.js';

/** Entries that are read at once. */
const WALK_ENTRIES = 16 * 1024;
/** Blocks whose places are compared with each other: 1 TiB of the smallest. */
const MAX_COMPARED = 2 ** 20;

/** A range of the file that a block or a bitmap takes. */
interface UsedRange {
  readonly hostBytes: number;
  readonly lengthBytes: number;
}

/** @throws FormatError INVALID for blocks that lie over each other or over the regions. */
export async function inspectBlocks(layout: Layout, scope: Scope): Promise<Inspection> {
  const { file, tableOffsetBytes, entryCount, blocksPerBitmap, blockBytes, regions } = layout;
  const stride = blocksPerBitmap + 1;
  let watermarkBytes = Math.max(...regions.map((one) => one.offsetBytes + one.lengthBytes));
  const found: UsedRange[] = [];
  for (let first = 0; first < entryCount; first += WALK_ENTRIES) {
    scope.check();
    const count = Math.min(WALK_ENTRIES, entryCount - first);
    const bytes = await file.read(tableOffsetBytes + first * ENTRY_BYTES, count * ENTRY_BYTES);
    const entries = vhdxTableEntryRecords(bytes);
    for (let i = 0; i < count; i++) {
      const index = first + i;
      const isBitmap = index % stride === blocksPerBitmap;
      // Without a parent these places are not used.
      if (isBitmap && layout.parentLocator === null) continue;
      const lengthBytes = isBitmap ? MIB : blockBytes;
      const place = placeOf(layout, `entry ${index} of the table`, entries.at(i), lengthBytes);
      if (!('hostBytes' in place)) continue;
      watermarkBytes = Math.max(watermarkBytes, place.hostBytes + lengthBytes);
      if (found.length < MAX_COMPARED) found.push({ hostBytes: place.hostBytes, lengthBytes });
    }
  }
  refuseOverlap(found);
  return { watermarkBytes, leakedClusterCount: null, snapshots: [] };
}

function refuseOverlap(found: UsedRange[]): void {
  found.sort((a, b) => a.hostBytes - b.hostBytes);
  for (const [i, { hostBytes }] of found.entries()) {
    const before = found[i - 1];
    if (before === undefined || before.hostBytes + before.lengthBytes <= hostBytes) continue;
    const message = `vhdx: the blocks at ${before.hostBytes} and ${hostBytes} of the file lie over each other`;
    throw new FormatError('INVALID', message, { data: { hostBytes } });
  }
}
