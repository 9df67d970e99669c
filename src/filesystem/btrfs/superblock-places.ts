// The superblocks of the devices, and the addresses of chunks that no extent gets because one of them lies there.
// References: Linux 6.18 fs/btrfs/disk-io.c: write_dev_supers; block-group.c: exclude_super_stripes.
import type { Chunk } from './chunks.js';
import type { Pool } from './devices.js';
import { type Interval, stripeBytes, unitAt } from './stripe-ranges.js';
import { COPY_OFFSETS, SUPERBLOCK_BYTES } from './superblock.js';

/** Of one device, as far as it has room for them. */
export function superblocksOf(
  { devices }: Pick<Pool, 'devices'>,
  index: number,
): readonly Interval[] {
  const totalBytes = devices[index]?.totalBytes ?? 0;
  return COPY_OFFSETS.map((start) => ({ start, end: start + SUPERBLOCK_BYTES })).filter(
    ({ end }) => end < totalBytes,
  );
}

/** The parts of a chunk that are never allocated: ascending, disjoint. */
export function excluded(chunk: Chunk): readonly Interval[] {
  const lengthBytes = stripeBytes(chunk);
  const ranges = chunk.stripes.flatMap(({ offsetBytes }, index) =>
    COPY_OFFSETS.filter((at) => at >= offsetBytes && at < offsetBytes + lengthBytes).map((at) =>
      unitAt(chunk, index, at - offsetBytes),
    ),
  );
  const joined: { start: number; end: number }[] = [];
  for (const { start, end } of ranges.sort((a, b) => a.start - b.start)) {
    const last = joined.at(-1);
    if (last === undefined || start > last.end) joined.push({ start, end });
    else last.end = Math.max(last.end, end);
  }
  return joined;
}

/** What is left of a range without some, which are ascending and disjoint. */
export function without(range: Interval, holes: readonly Interval[]): readonly Interval[] {
  const left: Interval[] = [];
  let at = range.start;
  for (const { start, end } of holes) {
    if (end <= at || start >= range.end) continue;
    if (start > at) left.push({ start: at, end: start });
    at = end;
  }
  if (at < range.end) left.push({ start: at, end: range.end });
  return left;
}
