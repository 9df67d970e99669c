// Chunks that go round over the columns. Columns of several sizes make zones: of 10, 10 and 30 chunks, the first zone has 10 of
// each of the three, the second 20 of the last one alone.
// References: Linux drivers/md/raid0.c: create_strip_zones, find_zone, map_sector; drivers/md/dm-stripe.c: stripe_map_sector.
import { lastAtMost } from '../../bytes/search.js';
import type { RaidLayout } from './layout.js';

interface Zone {
  /** Where in the content it begins. */
  readonly startBytes: number;
  /** Where in each of its columns it begins. */
  readonly columnOffsetBytes: number;
  readonly columns: readonly number[];
}

/**
 * How the columns of a later zone are counted: `original` (before Linux 3.14) by the number of the chunk in the whole content,
 * `zone` (since then) by that in the zone.
 */
export type ZoneOrder = 'original' | 'zone';

/** @param columnBytes how much of each column is used: whole chunks. */
export function stripeLayout(
  columnBytes: readonly number[],
  chunkBytes: number,
  order: ZoneOrder = 'zone',
): RaidLayout {
  const { zones, sizeBytes } = zonesOf(columnBytes);
  return {
    columnCount: columnBytes.length,
    parityCount: 0,
    sizeBytes,
    pieceAt(at) {
      const zone = zones[lastAtMost(at, zones.length, (i) => zones[i]?.startBytes)];
      const { startBytes = 0, columnOffsetBytes = 0, columns = [] } = zone ?? {};
      const within = at % chunkBytes;
      const chunk = Math.floor((at - startBytes) / chunkBytes);
      const counted = order === 'zone' ? chunk : Math.floor(at / chunkBytes);
      const row = Math.floor(chunk / columns.length);
      const column = columns[counted % columns.length] ?? 0;
      const offsetBytes = columnOffsetBytes + row * chunkBytes + within;
      return { lengthBytes: chunkBytes - within, copies: [{ column, offsetBytes }] };
    },
  };
}

/** Of columns of several sizes there are several zones, and only with more than one column in a later one does their order matter. */
export function hasOrderedZones(columnBytes: readonly number[]): boolean {
  const second = zonesOf(columnBytes).zones[1];
  return second !== undefined && second.columns.length > 1;
}

function zonesOf(columnBytes: readonly number[]): {
  readonly zones: readonly Zone[];
  readonly sizeBytes: number;
} {
  const zones: Zone[] = [];
  let [startBytes, columnOffsetBytes] = [0, 0];
  const ends = [...new Set(columnBytes)].sort((a, b) => a - b);
  for (const end of ends) {
    const columns = [...columnBytes.keys()].filter((i) => (columnBytes[i] ?? 0) >= end);
    if (end > columnOffsetBytes) zones.push({ startBytes, columnOffsetBytes, columns });
    startBytes += (end - columnOffsetBytes) * columns.length;
    columnOffsetBytes = end;
  }
  return { zones, sizeBytes: startBytes };
}
