// The parts of extents that a file has, by their extents; and the extents of which several of its leaves have parts.
// Example: of an extent of 1 MiB a file wrote every other block anew. Of its 128 parts the first 90 are in one leaf, and the others
// in the next one; the extent has 128 references, and still it is the file's alone.
import { type BtrfsFile, itemPages } from './file-items.js';
import type { Sharing } from './sharing.js';
import { readStretch, type Stretch } from './stretch.js';
import type { Leaf } from './tree.js';
import type { BtrfsVolume } from './volume-files.js';
import type { WalkedNode } from './walk.js';

export const EXTENT_DATA = 108;
/** Of a file with more, the others are told as shared. */
const MAX_SPREAD_EXTENTS = 2 ** 16;

/** By the address of the extent. */
export type ByExtent = ReadonlyMap<number, readonly Stretch[]>;

export function partsByExtent(stretches: readonly { readonly stretch: Stretch }[]): ByExtent {
  const byExtent = new Map<number, Stretch[]>();
  for (const { stretch } of stretches) addPart(byExtent, stretch);
  return byExtent;
}

function addPart(byExtent: Map<number, Stretch[]>, stretch: Stretch): void {
  if (stretch.address === 0) return;
  const known = byExtent.get(stretch.address);
  if (known === undefined) byExtent.set(stretch.address, [stretch]);
  else known.push(stretch);
}

/** Of the extents that a leaf has parts of, and of the nodes above it. */
export function sharingOfLeaf(
  volume: BtrfsVolume,
  { path }: WalkedNode<Leaf>,
  stretches: readonly { readonly stretch: Stretch }[],
): Promise<Sharing | null> {
  const extents = stretches.flatMap(({ stretch: { address } }) => (address === 0 ? [] : address));
  return volume.sharing([...path, ...extents]);
}

/**
 * The extents of which several leaves have parts, with all of these; without those that a leaf has which is in several trees, since
 * each of its references stands for one of each tree. @throws FormatError when no copy of a leaf is sound; LIMIT.
 */
export async function spreadExtents(volume: BtrfsVolume, file: BtrfsFile): Promise<ByExtent> {
  const { sectorBytes } = volume.recovered.pool.superblock;
  const all = new Map<number, Stretch[]>();
  const leafCounts = new Map<number, number>();
  for await (const { leaf, items } of itemPages(volume, file, EXTENT_DATA)) {
    const stretches = items.map((item) => ({ stretch: readStretch(item, sectorBytes) }));
    const sharing = await sharingOfLeaf(volume, leaf, stretches);
    if (sharing === null) continue;
    const isShared = sharing.isShared(leaf.path);
    for (const [extent, parts] of partsByExtent(stretches)) {
      if (sharing.references(extent) <= parts.length) continue;
      if (all.size >= MAX_SPREAD_EXTENTS && !all.has(extent)) continue;
      for (const part of parts) addPart(all, part);
      const count = leafCounts.get(extent) ?? 0;
      leafCounts.set(extent, isShared ? Number.NaN : count + 1);
    }
  }
  for (const [extent, count] of leafCounts) if (!(count > 1)) all.delete(extent);
  return all;
}
