// Extents in order, of which newer ones are laid over older ones.
// Reference: Linux drivers/md/bcache/extents.c: bch_extent_sort_fixup.

/** Sectors of a cached device. */
export interface Extent {
  readonly inode: number;
  readonly start: number;
  readonly end: number;
  /** Where the cache has them; null: the cached device has them. */
  readonly cacheSector: number | null;
}

/** Ascending by device and by end; none over another. */
export type Extents = readonly Extent[];

/** Sets of extents, each laid over those before it; two by two, so that many take no more than a sort of all. */
export function laidOverEachOther(oldestFirst: readonly Extents[]): Extents {
  let lists = oldestFirst.map(sound);
  while (lists.length > 1) {
    const pairs: Extents[] = [];
    for (let i = 0; i < lists.length; i += 2) {
      pairs.push(laidOver(lists[i] ?? [], lists[i + 1] ?? []));
    }
    lists = pairs;
  }
  return lists[0] ?? [];
}

function laidOver(older: Extents, newer: Extents): Extents {
  if (older.length === 0) return newer;
  const result: Extent[] = [];
  let at = 0;
  let rest: Extent | undefined = older[0];
  const next = () => {
    at++;
    rest = older[at];
  };
  for (const over of newer) {
    while (rest !== undefined && isBefore(rest, over)) {
      result.push(rest);
      next();
    }
    while (rest !== undefined && rest.inode === over.inode && rest.start < over.end) {
      const whole: Extent = rest;
      if (whole.start < over.start) result.push({ ...whole, end: over.start });
      if (whole.end > over.end) rest = from(whole, over.end);
      else next();
    }
    result.push(over);
  }
  while (rest !== undefined) {
    result.push(rest);
    next();
  }
  return result;
}

/** All of it comes before the other begins. */
function isBefore(one: Extent, other: Extent): boolean {
  return one.inode < other.inode || (one.inode === other.inode && one.end <= other.start);
}

function from(extent: Extent, start: number): Extent {
  const { cacheSector } = extent;
  const moved = cacheSector === null ? null : cacheSector + start - extent.start;
  return { ...extent, start, cacheSector: moved };
}

/** A set that a kernel wrote is sorted, and none of its keys reaches into another; what is not is left out. */
function sound(extents: Extents): Extents {
  const kept: Extent[] = [];
  for (const extent of extents) {
    const last = kept.at(-1);
    if (last === undefined || isBefore(last, extent)) kept.push(extent);
  }
  return kept;
}
