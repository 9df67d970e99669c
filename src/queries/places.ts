// Where a range of a volume lies on the guest's disks, or on a device below it: through partitions, logical volumes, arrays and
// ciphers, and no further. A discard of the range is one of these ranges of the disks.
import type { ByteRange, ByteSource, SourceRun } from '../bytes/source.js';
import { MAX_RUNS } from '../bytes/source.js';
import { MAX_STACK_DEPTH } from '../limits.js';

/** A part of a volume that lies together on one disk. */
interface Place<D> {
  /** On the volume. */
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  /** null: it lies on no disk (zeros, a part of a stream). */
  readonly disk: D | null;
  readonly diskOffsetBytes: number;
}

export interface Places<D> {
  /** The place that has this byte of the volume, if the page in memory has it. */
  placeAt(offsetBytes: number): Place<D> | null;
  /** Gets the page that begins at this byte. @throws as `ByteSource.runs`. */
  fetch(offsetBytes: number): Promise<void>;
}

/** A source is followed through so many others at most: a volume in a volume in a partition. */
const MAX_DEPTH = 4 * MAX_STACK_DEPTH;

/**
 * @param disks the disks, by the sources that their nodes have.
 * @param half of each mirror below: 0 is the one that is read, and others have a place only for what lies in a mirror of so many.
 */
export function placesOf<D>(
  volume: ByteSource,
  disks: ReadonlyMap<ByteSource, D>,
  half = 0,
): Places<D> {
  const following = { disks, half, isOfHalf: half === 0, depth: 0 };
  let page: readonly Place<D>[] = [];
  let index = 0;
  return {
    placeAt(at) {
      for (; index < page.length; index++) {
        const place = page[index];
        if (place === undefined || at < place.offsetBytes) return null;
        if (at < place.offsetBytes + place.lengthBytes) return place;
      }
      return null;
    },
    async fetch(at) {
      page = await follow(volume, at, volume.sizeBytes - at, following);
      index = 0;
    },
  };
}

/** A range of a source that lies together in another one. */
interface Placed extends ByteRange {
  readonly targetOffsetBytes: number;
}

/** All of `source` that lies in `target` byte for byte, also encrypted. @param check throws when the time is over. */
export async function* placesIn(
  source: ByteSource,
  target: ByteSource,
  check: () => void,
): AsyncGenerator<Placed> {
  const disks = new Map([[target, target]]);
  const following = { disks, half: 0, isOfHalf: true, depth: 0 };
  for (let at = 0; at < source.sizeBytes; ) {
    check();
    const places = await follow(source, at, source.sizeBytes - at, following);
    for (const { offsetBytes, lengthBytes, disk, diskOffsetBytes } of places) {
      if (disk !== null) yield { offsetBytes, lengthBytes, targetOffsetBytes: diskOffsetBytes };
      at = offsetBytes + lengthBytes;
    }
    if (places.length === 0) return;
  }
}

/** Whether a source lies in another one, as far as its first runs tell. */
export async function liesIn(source: ByteSource, target: ByteSource): Promise<boolean> {
  for await (const _ of placesIn(source, target, () => {})) return true;
  return false;
}

interface Following<D> {
  readonly disks: ReadonlyMap<ByteSource, D>;
  /** Which half of mirrors is followed; `isOfHalf`: it was, or it is the first one. */
  readonly half: number;
  readonly isOfHalf: boolean;
  readonly depth: number;
}

/** The first places of a range: at least one, perhaps not all of it. */
async function follow<D>(
  source: ByteSource,
  offsetBytes: number,
  lengthBytes: number,
  following: Following<D>,
): Promise<readonly Place<D>[]> {
  const { disks, half, isOfHalf, depth } = following;
  const known = disks.get(source);
  const whole = { offsetBytes, lengthBytes, diskOffsetBytes: offsetBytes };
  if (known !== undefined) return [{ ...whole, disk: isOfHalf ? known : null }];
  const other = half === 0 ? undefined : source.otherHalves;
  const below = { ...following, depth: depth + 1 };
  if (other !== undefined) {
    const only = other[half - 1];
    if (only === undefined) return [{ ...whole, disk: null }];
    return follow(only, offsetBytes, lengthBytes, { ...below, isOfHalf: true });
  }
  if (depth > MAX_DEPTH) return [{ ...whole, disk: null }];
  const places: Place<D>[] = [];
  for (const run of await source.runs(offsetBytes, lengthBytes)) {
    const parts = await followRun(run, below);
    for (const one of parts) append(places, one);
    const last = parts.at(-1);
    const end = last === undefined ? 0 : last.offsetBytes + last.lengthBytes;
    if (places.length >= MAX_RUNS || end < run.offsetBytes + run.lengthBytes) break;
  }
  return places;
}

async function followRun<D>(run: SourceRun, following: Following<D>): Promise<readonly Place<D>[]> {
  const { offsetBytes, lengthBytes } = run;
  if (run.kind !== 'data' && run.kind !== 'encrypted') {
    return [{ offsetBytes, lengthBytes, disk: null, diskOffsetBytes: 0 }];
  }
  const { parent, parentOffsetBytes } = run;
  const below = await follow(parent, parentOffsetBytes, lengthBytes, following);
  const moveBytes = offsetBytes - parentOffsetBytes;
  if (moveBytes === 0) return below;
  return below.map((place) => ({ ...place, offsetBytes: place.offsetBytes + moveBytes }));
}

/** Adds a place, or makes the last one longer: a source may give a long run in parts. */
function append<D>(places: Place<D>[], place: Place<D>): void {
  const last = places.at(-1);
  const goesOn =
    last !== undefined &&
    last.disk === place.disk &&
    (place.disk === null || last.diskOffsetBytes + last.lengthBytes === place.diskOffsetBytes);
  if (!goesOn) places.push(place);
  else places[places.length - 1] = { ...last, lengthBytes: last.lengthBytes + place.lengthBytes };
}
