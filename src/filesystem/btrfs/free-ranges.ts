// The free space of the devices: what no chunk has, and of each chunk what nothing is allocated of.
// References: Linux 6.18 fs/btrfs/extent-tree.c: btrfs_trim_fs; block-group.c: load_extent_tree_free.
import type { FormatError } from '../../errors.js';
import { type IsWanted, type VolumeRange, volumeRange } from '../files.js';
import { tell, toldOf } from '../told.js';
import { allocations } from './allocation.js';
import type { Chunk } from './chunks.js';
import { type Interval, onStripe, stripeBytes } from './stripe-ranges.js';
import { excluded, superblocksOf, without } from './superblock-places.js';
import type { BtrfsVolume } from './volume-files.js';

/** Chunks never begin before this byte of a device, except the first ones of old filesystems. */
export const RESERVED_BYTES = 2 ** 20;

/** A chunk's part of a device. */
interface DevicePart extends Interval {
  readonly chunk: Chunk;
  readonly index: number;
}

export async function* freeRanges(
  volume: BtrfsVolume,
  isWanted?: IsWanted,
): AsyncGenerator<readonly VolumeRange[]> {
  const { sources } = volume.recovered.pool;
  for (const volumeIndex of sources.keys()) {
    let held: Interval | null = null;
    for await (const page of freeOfDevice(volume, volumeIndex, isWanted)) {
      const found: VolumeRange[] = [];
      for (const { start, end } of page) {
        if (held !== null && held.end === start) {
          held = { start: held.start, end };
          continue;
        }
        if (held !== null) found.push(rangeOf(volume, volumeIndex, held));
        held = { start, end };
      }
      if (found.length > 0) yield found;
    }
    if (held !== null) yield [rangeOf(volume, volumeIndex, held)];
  }
}

function rangeOf(volume: BtrfsVolume, index: number, { start, end }: Interval): VolumeRange {
  return volumeRange(volume.recovered.pool.sources, start, end - start, index);
}

/** Ascending. */
async function* freeOfDevice(
  volume: BtrfsVolume,
  index: number,
  isWanted: IsWanted | undefined,
): AsyncGenerator<readonly Interval[], void, undefined> {
  const { pool } = volume.recovered;
  let at = RESERVED_BYTES;
  const superblocks = superblocksOf(pool, index);
  for (const part of devicePartsOf(pool, index)) {
    if (part.start > at) yield without({ start: at, end: part.start }, superblocks);
    const isLeftOut = isWanted?.(rangeOf(volume, index, part)) === false;
    const allGaps = isLeftOut ? [] : toldOf(volume, null, gapsOf(volume, part.chunk));
    for await (const gaps of allGaps) {
      const { chunk, index: stripe, start } = part;
      yield gaps.flatMap((gap) =>
        onStripe(chunk, stripe, gap).map((one) => ({
          start: start + one.start,
          end: start + one.end,
        })),
      );
    }
    at = Math.max(at, part.end);
  }
  const endBytes = pool.devices[index]?.totalBytes ?? 0;
  if (endBytes > at) yield without({ start: at, end: endBytes }, superblocks);
}

/** The parts of a device that chunks have, ascending. */
export function devicePartsOf(
  { chunks, devices }: BtrfsVolume['recovered']['pool'],
  deviceIndex: number,
): readonly DevicePart[] {
  const device = devices[deviceIndex];
  return chunks
    .flatMap((chunk) =>
      chunk.stripes.flatMap(({ deviceId, offsetBytes }, index) =>
        deviceId === device?.id
          ? [{ chunk, index, start: offsetBytes, end: offsetBytes + stripeBytes(chunk) }]
          : [],
      ),
    )
    .sort((a, b) => a.start - b.start);
}

/** What of a chunk can be allocated: from its beginning, ascending, in pages. */
export async function* gapsOf(
  volume: BtrfsVolume,
  chunk: Chunk,
): AsyncGenerator<readonly Interval[], void, undefined> {
  const never = excluded(chunk);
  const { address, sizeBytes } = chunk;
  const range = { start: address, end: address + sizeBytes };
  const onDamage = (error: FormatError) => tell(volume, null, error);
  let at = 0;
  for await (const page of allocations(volume.recovered, onDamage, range)) {
    const gaps: Interval[] = [];
    for (const allocated of page) {
      const start = allocated.address - address;
      if (start > at) gaps.push(...without({ start: at, end: start }, never));
      at = start + allocated.sizeBytes;
    }
    if (gaps.length > 0) yield gaps;
  }
  if (sizeBytes > at) yield without({ start: at, end: sizeBytes }, never);
}
