// The discards that fstrim makes of a filesystem's free space, as they come to the disks: free ranges are gone through in their
// order beside the maps of the images, and none of either is kept.
// References: Linux 6.18 fs/ext4/mballoc.c: ext4_trim_fs (a group at a time); fs/xfs/xfs_discard.c: xfs_trim_perag_extents (a group
// at a time; no free range reaches over one); drivers/md/raid0.c: raid0_handle_discard (of all stripes of a disk one).
import type { ByteSource } from '../../bytes/source.js';
import type { FileReader, TrimBorders, VolumeRange } from '../../filesystem/files.js';
import type { StackNode } from '../../stack/node.js';
import { type Places, placesOf } from '../places.js';
import type { ReclaimSpace } from './record.js';
import { addDiscard, newTally, type Tallied, type TalliedDisk } from './tally.js';

/** What the discards of one filesystem, or of one area, come to. */
interface Discarded<D> {
  freeBytes: number;
  readonly tallies: Map<D, Tallied>;
  /** In clusters that are free as a whole, and that two discards share. */
  readonly lost: Map<D, number>;
  /** Free ranges that others had in part: damage, and counted once. */
  overlapCount: number;
}

interface Discarding<D extends TalliedDisk> {
  /** The devices of the filesystem, without the replay of its log, which no image stores. */
  readonly devices: readonly ByteSource[];
  /** The disks of the guest, by their sources. */
  readonly disks: ReadonlyMap<ByteSource, D>;
  /** How many halves the mirrors have on which it lies, at most: each gets the discard. Left out: there is no mirror. */
  readonly halfCount?: number;
  /** Called for each page of free ranges: it throws to end it. */
  check(): void;
}

/** @throws as `FileReader.free` and the maps of the images do. */
export async function discardsOf<D extends TalliedDisk>(
  { free, trimBorders }: Pick<FileReader, 'free' | 'trimBorders'>,
  { devices, disks, halfCount = 1, check }: Discarding<D>,
): Promise<Discarded<D>> {
  const found = nothingDiscarded<D>();
  const halves = Array.from({ length: halfCount }, (_, half) => half);
  const places = devices.map((device) => halves.map((half) => placesOf(device, disks, half)));
  const ends = devices.map(() => 0);
  for await (const page of free()) {
    check();
    for (const range of page) {
      const { volumeIndex } = range;
      const volume = places[volumeIndex];
      if (volume === undefined) continue;
      const once = after(ends[volumeIndex] ?? 0, range);
      if (once.lengthBytes < range.lengthBytes) found.overlapCount += 1;
      if (once.lengthBytes <= 0) continue;
      ends[volumeIndex] = once.offsetBytes + once.lengthBytes;
      found.freeBytes += once.lengthBytes;
      for (const half of volume) {
        const more = addFree(found, half, once, trimBorders);
        if (more !== null) await more;
      }
    }
  }
  return found;
}

/** Of mirrors among what a filesystem lies on. */
export function halfCountOf(nodes: Iterable<StackNode>): number {
  let most = 1;
  for (const { source } of nodes) most = Math.max(most, 1 + (source?.otherHalves?.length ?? 0));
  return most;
}

/** A copy leaves out clusters that are free as a whole, however they are discarded. */
export function spaceOf<D>({ tallies, lost }: Discarded<D>, disk: D): ReclaimSpace {
  const { wholeBytes, ...tally } = tallies.get(disk) ?? newTally();
  return { ...tally, copyBytes: wholeBytes + (lost.get(disk) ?? 0) };
}

function nothingDiscarded<D>(): Discarded<D> {
  return { freeBytes: 0, tallies: new Map(), lost: new Map(), overlapCount: 0 };
}

type Range = Pick<VolumeRange, 'offsetBytes' | 'lengthBytes'>;

/** The part of a range that lies behind those before it. */
function after(endBytes: number, { offsetBytes, lengthBytes }: Range): Range {
  const skipped = Math.max(0, endBytes - offsetBytes);
  return { offsetBytes: offsetBytes + skipped, lengthBytes: lengthBytes - skipped };
}

/** Adds one free range: null if all that it takes was in memory. */
function addFree<D extends TalliedDisk>(
  found: Discarded<D>,
  places: Places<D>,
  range: Range,
  borders: TrimBorders | undefined,
): Promise<void> | null {
  const isOne = borderBehind(range.offsetBytes, borders) >= range.offsetBytes + range.lengthBytes;
  return isOne ? addRange(found.tallies, places, range) : addParts(found, places, range, borders);
}

/** A discard for each part between borders; as a whole it is what a copy leaves out. */
async function addParts<D extends TalliedDisk>(
  found: Discarded<D>,
  places: Places<D>,
  range: Range,
  borders: TrimBorders | undefined,
): Promise<void> {
  const end = range.offsetBytes + range.lengthBytes;
  const [whole, parts] = [new Map<D, Tallied>(), new Map<D, Tallied>()];
  await addRange(whole, places, range);
  for (let at = range.offsetBytes; at < end; ) {
    const next = Math.min(end, borderBehind(at, borders));
    await addRange(parts, places, { offsetBytes: at, lengthBytes: next - at });
    at = next;
  }
  for (const [disk, tally] of parts) {
    const lost = (whole.get(disk)?.wholeBytes ?? 0) - tally.wholeBytes;
    found.lost.set(disk, (found.lost.get(disk) ?? 0) + lost);
    addTally(tallyOf(found.tallies, disk), tally);
  }
}

function borderBehind(at: number, borders: TrimBorders | undefined): number {
  if (borders === undefined) return Number.POSITIVE_INFINITY;
  const { firstBytes, everyBytes } = borders;
  if (at < firstBytes) return firstBytes;
  return firstBytes + (Math.floor((at - firstBytes) / everyBytes) + 1) * everyBytes;
}

/** Adds the discard of one range of a volume. */
function addRange<D extends TalliedDisk>(
  tallies: Map<D, Tallied>,
  places: Places<D>,
  { offsetBytes, lengthBytes }: Range,
): Promise<void> | null {
  const place = places.placeAt(offsetBytes);
  const end = offsetBytes + lengthBytes;
  // Most volumes lie in one piece.
  if (place === null || end > place.offsetBytes + place.lengthBytes) {
    return addPieces(tallies, places, offsetBytes, end);
  }
  const { disk } = place;
  if (disk === null) return null;
  const from = place.diskOffsetBytes + (offsetBytes - place.offsetBytes);
  return addDiscard(tallyOf(tallies, disk), disk, from, from + lengthBytes);
}

/** On each disk, what follows there without a gap is one discard. */
async function addPieces<D extends TalliedDisk>(
  tallies: Map<D, Tallied>,
  places: Places<D>,
  offsetBytes: number,
  end: number,
): Promise<void> {
  const open = new Map<D, [number, number]>();
  const close = (disk: D, [from, to]: readonly [number, number]) =>
    addDiscard(tallyOf(tallies, disk), disk, from, to);
  for (let at = offsetBytes; at < end; ) {
    let place = places.placeAt(at);
    if (place === null) {
      await places.fetch(at);
      place = places.placeAt(at);
      if (place === null) throw new Error(`the volume has no place for ${at}`);
    }
    const next = Math.min(end, place.offsetBytes + place.lengthBytes);
    const { disk } = place;
    if (disk !== null) {
      const from = place.diskOffsetBytes + (at - place.offsetBytes);
      const last = open.get(disk);
      if (last !== undefined && last[1] === from) last[1] += next - at;
      else {
        if (last !== undefined) await close(disk, last);
        open.set(disk, [from, from + (next - at)]);
      }
    }
    at = next;
  }
  for (const [disk, range] of open) await close(disk, range);
}

function tallyOf<D>(tallies: Map<D, Tallied>, disk: D): Tallied {
  const known = tallies.get(disk);
  if (known !== undefined) return known;
  const fresh = newTally();
  tallies.set(disk, fresh);
  return fresh;
}

function addTally(sum: Tallied, one: Tallied): void {
  sum.storedBytes += one.storedBytes;
  sum.reclaimableBytes += one.reclaimableBytes;
  sum.wholeBytes += one.wholeBytes;
  sum.partialBytes += one.partialBytes;
  sum.pinnedBytes += one.pinnedBytes;
  sum.compressedBytes += one.compressedBytes;
}
