// A logical volume as a source: its segments lie one after the other, each linear or striped over several areas.
// References: Linux drivers/md/dm-linear.c, drivers/md/dm-stripe.c (stripe_map_sector).
import { aheadByRuns } from '../../bytes/ahead-by-runs.js';
import { joined } from '../../bytes/concat.js';
import { checkedRange, checkedRead } from '../../bytes/range.js';
import { lastAtMost } from '../../bytes/search.js';
import { type ByteSource, dataRuns, MAX_RUNS, type SourceRun } from '../../bytes/source.js';

/** A segment of a volume, in bytes, with the devices that hold it. */
export interface MappedSegment {
  readonly startBytes: number;
  readonly sizeBytes: number;
  /** Bytes that go to one area before the next one's turn, for example 64 KiB; unused with one area. */
  readonly stripeBytes: number;
  readonly areas: readonly SegmentArea[];
}

/** Where the stripes of one column begin. */
export interface SegmentArea {
  readonly source: ByteSource;
  readonly offsetBytes: number;
}

/** The segments as one source. They must follow each other without gap from 0 on. */
export function mappedSource(segments: readonly MappedSegment[]): ByteSource {
  const last = segments.at(-1);
  const sizeBytes = last === undefined ? 0 : last.startBytes + last.sizeBytes;
  const devices = segments.flatMap(({ areas }) => areas.map(({ source }) => source));
  const runs = (offset: number, length: number) => runsOf(segments, offset, length);
  return {
    sizeBytes,
    ...aheadByRuns(devices, sizeBytes, runs),
    async read(offset, length) {
      checkedRead(offset, length, sizeBytes);
      const parts: Uint8Array[] = [];
      let at = offset;
      const first = lastAtMost(offset, segments.length, (i) => segments[i]?.startBytes);
      for (let index = first; at < offset + length; index++) {
        const segment = segments[index];
        if (segment === undefined) break;
        const within = at - segment.startBytes;
        const part = Math.min(offset + length - at, segment.sizeBytes - within);
        parts.push(await readSegment(segment, within, part));
        at += part;
      }
      return joined(parts);
    },
    async runs(offset, length) {
      checkedRange(offset, length, sizeBytes);
      return runs(offset, length);
    },
  };
}

async function runsOf(
  segments: readonly MappedSegment[],
  offset: number,
  length: number,
): Promise<readonly SourceRun[]> {
  const found: SourceRun[] = [];
  let index = lastAtMost(offset, segments.length, (i) => segments[i]?.startBytes);
  for (let at = offset; at < offset + length && found.length < MAX_RUNS; index++) {
    const segment = segments[index];
    if (segment === undefined) break;
    const end = Math.min(offset + length, segment.startBytes + segment.sizeBytes);
    at = addRuns(segment, at, end, found);
  }
  return found;
}

async function readSegment(
  segment: MappedSegment,
  offset: number,
  length: number,
): Promise<Uint8Array> {
  const [first] = segment.areas;
  if (first !== undefined && segment.areas.length === 1) {
    return first.source.read(first.offsetBytes + offset, length);
  }
  return readStripes(segment, offset, length);
}

/** Adds where the bytes of a segment lie, one stripe after the other. @returns the offset up to which they were added. */
function addRuns(segment: MappedSegment, offset: number, end: number, found: SourceRun[]): number {
  const { startBytes, areas } = segment;
  // All of a linear segment is one stripe.
  const stripeBytes = areas.length === 1 ? segment.sizeBytes : segment.stripeBytes;
  let at = offset;
  while (at < end && found.length < MAX_RUNS) {
    const within = at - startBytes;
    const stripe = Math.floor(within / stripeBytes);
    const column = stripe % areas.length;
    const area = areas[column];
    if (area === undefined) break;
    const stop = Math.min(end, startBytes + (stripe + 1) * stripeBytes);
    const inArea = areaOffset(within, column, stripeBytes, areas.length);
    found.push(...dataRuns(area.source, at, stop - at, area.offsetBytes + inArea));
    at = stop;
  }
  return at;
}

/** One read of each area that the range touches, whatever the number of stripes, then the stripes in their order. */
async function readStripes(
  { stripeBytes, areas }: MappedSegment,
  offset: number,
  length: number,
): Promise<Uint8Array> {
  const end = offset + length;
  const result = Buffer.alloc(length);
  for (const [index, area] of areas.entries()) {
    const from = areaOffset(offset, index, stripeBytes, areas.length);
    const to = areaOffset(end, index, stripeBytes, areas.length);
    if (to === from) continue;
    const bytes = await area.source.read(area.offsetBytes + from, to - from);
    for (let at = from; at < to; ) {
      const row = Math.floor(at / stripeBytes);
      const part = Math.min(to, (row + 1) * stripeBytes) - at;
      const logical = (row * areas.length + index) * stripeBytes + (at - row * stripeBytes);
      result.set(bytes.subarray(at - from, at - from + part), logical - offset);
      at += part;
    }
  }
  return result;
}

/**
 * How many of a striped segment's first `offset` bytes are in area `index`: of 160 KiB in stripes of 64, area 0 of 2 has
 * 96.
 */
function areaOffset(offset: number, index: number, stripeBytes: number, count: number): number {
  const stripe = Math.floor(offset / stripeBytes);
  const row = Math.floor(stripe / count);
  const column = stripe - row * count;
  if (index < column) return (row + 1) * stripeBytes;
  if (index > column) return row * stripeBytes;
  return row * stripeBytes + (offset - stripe * stripeBytes);
}
