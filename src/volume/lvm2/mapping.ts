// A logical volume as bytes: runs of extents one after the other, each linear or striped over several areas.
// References: Linux drivers/md/dm-linear.c, drivers/md/dm-stripe.c (stripe_map_sector).
import { checkedRange, checkedRead } from '../../bytes/range.js';
import { lastAtMost } from '../../bytes/search.js';
import { type ByteSource, dataRuns, MAX_RUNS, type SourceRun } from '../../bytes/source.js';

/** A run of a volume's bytes. */
export interface Run {
  readonly startBytes: number;
  readonly sizeBytes: number;
  /** Bytes that go to one area before the next one's turn; of no meaning with one area. */
  readonly stripeBytes: number;
  readonly areas: readonly RunArea[];
}

export interface RunArea {
  readonly source: ByteSource;
  readonly offsetBytes: number;
}

/** The runs as one source. They must follow each other without gap from 0 on. */
export function mappedSource(runs: readonly Run[]): ByteSource {
  const last = runs.at(-1);
  const sizeBytes = last === undefined ? 0 : last.startBytes + last.sizeBytes;
  return {
    sizeBytes,
    async read(offset, length) {
      checkedRead(offset, length, sizeBytes);
      const parts: Uint8Array[] = [];
      let at = offset;
      const first = lastAtMost(offset, runs.length, (i) => runs[i]?.startBytes);
      for (let index = first; at < offset + length; index++) {
        const run = runs[index];
        if (run === undefined) break;
        const within = at - run.startBytes;
        const part = Math.min(offset + length - at, run.sizeBytes - within);
        parts.push(await readRun(run, within, part));
        at += part;
      }
      const [only] = parts;
      return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
    },
    async runs(offset, length) {
      checkedRange(offset, length, sizeBytes, 'range');
      const found: SourceRun[] = [];
      let index = lastAtMost(offset, runs.length, (i) => runs[i]?.startBytes);
      for (let at = offset; at < offset + length && found.length < MAX_RUNS; index++) {
        const run = runs[index];
        if (run === undefined) break;
        at = addRuns(run, at, Math.min(offset + length, run.startBytes + run.sizeBytes), found);
      }
      return found;
    },
  };
}

async function readRun(run: Run, offset: number, length: number): Promise<Uint8Array> {
  const [first] = run.areas;
  if (first !== undefined && run.areas.length === 1) {
    return first.source.read(first.offsetBytes + offset, length);
  }
  return readStripes(run, offset, length);
}

/** Adds where the bytes of a run lie, one stripe after the other. @returns how far. */
function addRuns(run: Run, offset: number, end: number, found: SourceRun[]): number {
  const { startBytes, areas } = run;
  // All of a linear run is one stripe.
  const stripeBytes = areas.length === 1 ? run.sizeBytes : run.stripeBytes;
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
  { stripeBytes, areas }: Run,
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

/** How many of the bytes before `offset` of a striped run are in the area `index`. */
function areaOffset(offset: number, index: number, stripeBytes: number, count: number): number {
  const stripe = Math.floor(offset / stripeBytes);
  const row = Math.floor(stripe / count);
  const column = stripe - row * count;
  if (index < column) return (row + 1) * stripeBytes;
  if (index > column) return row * stripeBytes;
  return row * stripeBytes + (offset - stripe * stripeBytes);
}
