// The changed ranges of a source as ./overlay.js looks them up: blocks of one size by their number, and ranges of any
// length, of which later ones lie over earlier ones.
import { lastAtMost } from './search.js';
import type { ByteSource } from './source.js';

export interface ByteRange {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

/** Makes all bytes of a changed range, from the source below the overlay or from elsewhere. */
type MakeContent = (below: ByteSource) => Promise<Uint8Array>;

/** A range whose bytes are not those below. */
export interface Change extends ByteRange {
  /**
   * All bytes of the range: in memory, as null zeros, or made when they are read. XFS makes them of those below, for its
   * log has only the chunks of a buffer that changed; ext reads them out of the journal, which may be larger than memory.
   */
  readonly content: Uint8Array | null | MakeContent;
  /** Where the same bytes lie in a source, if they do: the copy of a block in a journal. */
  readonly place?: { readonly source: ByteSource; readonly offsetBytes: number };
}

/** All changes of one source, none over another. */
export interface Changes {
  /** Those that have a byte in the range, in the order of their offsets. */
  within(offsetBytes: number, lengthBytes: number): readonly Change[];
  /** The offsets and lengths of all, in the order of their offsets. */
  ranges(): Iterable<ByteRange>;
}

/** No changes at all: every byte of the overlay is the one below it. */
export const NO_CHANGES: Changes = { within: () => [], ranges: () => [] };

type Changed = Pick<Change, 'content' | 'place'>;

/** Tells which blocks have a newer content; the lookup need not hold the bytes itself. */
interface BlockLookup {
  /** null: the block is as it is below. */
  find(block: number): Changed | null;
  /** The numbers of all that may be changed, ascending. */
  blocks(): Iterable<number>;
}

export function blockChanges(blockSizeBytes: number, { find, blocks }: BlockLookup): Changes {
  return {
    within(offset, length) {
      const found: Change[] = [];
      const end = Math.ceil((offset + length) / blockSizeBytes);
      for (let block = Math.floor(offset / blockSizeBytes); block < end; block++) {
        const changed = find(block);
        if (changed === null) continue;
        const offsetBytes = block * blockSizeBytes;
        found.push({ ...changed, offsetBytes, lengthBytes: blockSizeBytes });
      }
      return found;
    },
    *ranges() {
      for (const block of blocks()) {
        if (find(block) === null) continue;
        yield { offsetBytes: block * blockSizeBytes, lengthBytes: blockSizeBytes };
      }
    },
  };
}

/** Changed blocks in memory, which may be changed again while the overlay is read. */
interface ChangedBlocks extends Changes {
  get(block: number): Uint8Array | undefined;
  /** @throws whatever `charge` throws. */
  set(block: number, bytes: Uint8Array): void;
}

/** @param charge told the bytes of each block that is new here; it throws where that is too much. */
export function changedBlocks(
  blockSizeBytes: number,
  charge: (bytes: number) => void,
): ChangedBlocks {
  const contents = new Map<number, Uint8Array>();
  return {
    get: (block) => contents.get(block),
    set(block, bytes) {
      if (!contents.has(block)) charge(blockSizeBytes);
      contents.set(block, bytes);
    },
    ...blockChanges(blockSizeBytes, {
      find(block) {
        const content = contents.get(block);
        return content === undefined ? null : { content };
      },
      blocks: () => Float64Array.from(contents.keys()).sort(),
    }),
  };
}

/** Ranges of any length in the order in which they were written: of two over each other, the later one is seen. */
export function writtenChanges(writes: readonly Change[]): Changes {
  const parts = visibleParts(writes);
  return {
    within(offset, length) {
      const first = lastAtMost(offset, parts.length, (i) => endOf(parts[i])) + 1;
      let end = first;
      while ((parts[end]?.offsetBytes ?? Number.POSITIVE_INFINITY) < offset + length) end++;
      return parts.slice(first, end);
    },
    ranges: () => parts,
  };
}

function endOf(range: ByteRange | undefined): number | undefined {
  return range === undefined ? undefined : range.offsetBytes + range.lengthBytes;
}

/** All changed ranges, in order; ranges that touch each other are given as one. */
export function* changedRangesOf(changes: Changes): Generator<ByteRange, void, undefined> {
  let [start, end] = [0, 0];
  for (const { offsetBytes, lengthBytes } of changes.ranges()) {
    if (offsetBytes !== end) {
      if (end > start) yield { offsetBytes: start, lengthBytes: end - start };
      start = offsetBytes;
    }
    end = offsetBytes + lengthBytes;
  }
  if (end > start) yield { offsetBytes: start, lengthBytes: end - start };
}

/**
 * The parts of each range that no later range covers, in the order of their offsets: of 0..8 KiB and then 4..12 KiB, the
 * first keeps 0..4 KiB. The bounds of all ranges cut the source into pieces; the ranges take theirs from the last to the
 * first.
 */
function visibleParts(writes: readonly Change[]): readonly Change[] {
  const bounds = [
    ...new Set(writes.flatMap((write) => [write.offsetBytes, endOf(write) ?? 0])),
  ].sort((a, b) => a - b);
  const indexOf = new Map(bounds.map((bound, index) => [bound, index]));
  const owners = new Array<Change | null>(bounds.length).fill(null);
  // From each piece to one at or after it that nobody took yet; paths are shortened as they are walked.
  const nextFree = bounds.map((_, index) => index);
  const freeFrom = (index: number): number => {
    let free = index;
    while ((nextFree[free] ?? free) !== free) free = nextFree[free] ?? free;
    for (let at = index; at !== free; ) {
      const after = nextFree[at] ?? free;
      nextFree[at] = free;
      at = after;
    }
    return free;
  };
  for (const write of writes.toReversed()) {
    const end = indexOf.get(endOf(write) ?? 0) ?? 0;
    for (let i = freeFrom(indexOf.get(write.offsetBytes) ?? 0); i < end; i = freeFrom(i)) {
      owners[i] = write;
      nextFree[i] = i + 1;
    }
  }
  return owners.flatMap((owner, i) => {
    const [start, end] = [bounds[i] ?? 0, bounds[i + 1] ?? 0];
    return owner === null ? [] : [partOf(owner, start - owner.offsetBytes, end - start)];
  });
}

function partOf(change: Change, from: number, lengthBytes: number): Change {
  const { content, place } = change;
  const cut = (bytes: Uint8Array): Uint8Array => bytes.subarray(from, from + lengthBytes);
  const part = { offsetBytes: change.offsetBytes + from, lengthBytes };
  if (content === null) return { ...part, content };
  const newer = typeof content === 'function' ? madePart(content, cut) : cut(content);
  if (place === undefined) return { ...part, content: newer };
  const offsetBytes = place.offsetBytes + from;
  return { ...part, content: newer, place: { ...place, offsetBytes } };
}

function madePart(make: MakeContent, cut: (bytes: Uint8Array) => Uint8Array): MakeContent {
  return async (below) => cut(await make(below));
}
