// One pass over the maps of all layers of a chain at once. It counts the bytes that each layer stores, those of them that
// the layers above hide from the guest, and the space that committing a layer would need in its base. No map is held as a
// whole: of each layer there is one extent at a time.
// References: QEMU block/mirror.c (commit_active_start), block/commit.c: which extents a commit writes into the base;
// block/qcow2-cluster.c (qcow2_subcluster_zeroize): zeros in a base.
import { hostNumbers, type Layer } from '../../container/container.js';
import type { VirtDfError } from '../../errors.js';
import type { Scope } from '../../host/scope.js';
import { type Counts, type Cursor, openCursor, type PlaceKind } from './cursor.js';
import { type Need, needOf } from './need.js';

/** The counts of one layer; a number is null where a layer that it depends on could not be read. */
export interface Swept {
  readonly counts: Counts | null;
  readonly hiddenBytes: number | null;
  readonly commitBytes: number | null;
  readonly problem: VirtDfError | null;
}

/** A layer with the position that the pass has reached in it. */
interface Track {
  readonly cursor: Cursor;
  /** The space that a commit of the layer needs in its base; null without a base. */
  readonly need: Need | null;
  /** Whether zeros are written into the base as bytes, since it has no other way to say them. */
  readonly writesZeros: boolean;
  /** Whether the file stores every byte of its data; false for one with holes. */
  readonly isFull: boolean;
  hiddenBytes: number;
}

/** Extents between two looks at the clock. */
const STEPS_PER_CHECK = 4096;

/** The layers from the active one to the base. @throws SourceError TIMEOUT; FormatError LIMIT. */
export async function sweep(layers: readonly Layer[], scope: Scope): Promise<readonly Swept[]> {
  const tracks = layers.map((layer, index) => trackOf(layer, layers[index + 1] ?? null));
  const cursors = tracks.map(({ cursor }) => cursor);
  const sizeBytes = Math.max(...layers.map(({ capacityBytes }) => capacityBytes ?? 0));
  let steps = 0;
  for (let at = 0; at < sizeBytes; ) {
    if (steps++ % STEPS_PER_CHECK === 0) scope.check();
    let end = sizeBytes;
    for (const cursor of cursors) {
      while (cursor.endBytes <= at && !cursor.step()) await cursor.fetch();
      if (cursor.endBytes < end) end = cursor.endBytes;
    }
    count(tracks, at, end);
    at = end;
  }
  return tracks.map((track, index) => sweptOf(track, index, tracks));
}

function trackOf(layer: Layer, base: Layer | null): Track {
  return {
    cursor: openCursor(layer),
    need: base === null ? null : needOf(base.clusterBytes ?? 1),
    writesZeros: base !== null && !holdsZeros(base),
    isFull: layer.map !== null || !hasHoles(layer),
    hiddenBytes: 0,
  };
}

/** Whether the files store fewer bytes than they have. A device has no holes to be seen. */
export function hasHoles(layer: Layer): boolean {
  const { allocationBytes, physicalBytes } = hostNumbers(layer);
  return allocationBytes !== null && physicalBytes !== null && allocationBytes < physicalBytes;
}

/** Formats in which zeros take no space: QEMU writes them by a mark, or by a hole. */
function holdsZeros({ format, version, backing }: Layer): boolean {
  // Version 2 has no mark for zeros, but a cluster that it does not hold reads as zeros when no image is behind it.
  if (format === 'qcow2') return version !== '2' || backing === null;
  return format === 'raw' || format === 'qed';
}

/** Counts the stretch in which no layer changes. */
function count(tracks: readonly Track[], from: number, to: number): void {
  let isHidden = false;
  for (let index = 0; index < tracks.length; index++) {
    const track = tracks[index];
    if (track === undefined) break;
    const { kind } = track.cursor;
    const isStored = kind === 'data' || kind === 'compressed';
    if (isHidden && isStored) track.hiddenBytes += to - from;
    isHidden ||= kind !== 'backing';
    const base = tracks[index + 1];
    if (track.need === null || base === undefined) continue;
    const isWritten = isStored || (kind === 'zero' && track.writesZeros);
    track.need.add(from, to, isWritten, isAllocated(base.cursor.kind, base.isFull));
  }
}

/** A compressed cluster is not written in place: it needs a new one. */
function isAllocated(kind: PlaceKind, isFull: boolean): boolean {
  return kind === 'data' && isFull;
}

function sweptOf(track: Track, index: number, tracks: readonly Track[]): Swept {
  const { cursor, need, hiddenBytes } = track;
  const isUnknown = (other: Track | undefined) => other?.cursor.isKnown !== true;
  const isRead = cursor.isKnown;
  const isAboveRead = !tracks.slice(0, index).some(isUnknown);
  const isBaseRead = need !== null && !isUnknown(tracks[index + 1]);
  return {
    counts: isRead ? cursor.counts : null,
    hiddenBytes: isRead && isAboveRead ? hiddenBytes : null,
    commitBytes: isRead && isBaseRead ? need.totalBytes() : null,
    problem: cursor.problem,
  };
}
