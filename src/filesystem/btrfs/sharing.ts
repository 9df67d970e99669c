// Which extents and nodes have several owners. A snapshot refers to the node below its root, so that all below it is in two
// subvolumes, though each extent there still counts one reference.
// References: Linux 6.18 fs/btrfs/backref.c: btrfs_is_data_extent_shared.
import { countBefore } from '../../bytes/search.js';
import { FormatError } from '../../errors.js';
import { MAX_SHARED_EXTENTS } from '../../limits.js';
import { allocations, referencesAt } from './allocation.js';
import type { Recovered } from './recovered.js';

export interface Sharing {
  /** How often an extent of data is referred to. */
  references(address: number): number;
  /** Whether any of the nodes has several parents. */
  isShared(path: readonly number[]): boolean;
}

const FIRST = 1024;
/** Each takes a search, most of which end in nodes that are in memory. */
const MAX_LOOKED_UP = 4096;
const U32_MAX = 0xffff_ffff;

/** @throws FormatError LIMIT for more than are remembered. */
export async function readSharing(
  recovered: Recovered,
  onDamage: (error: FormatError) => void,
): Promise<Sharing> {
  let addresses = new Float64Array(FIRST);
  let counts = new Uint32Array(FIRST);
  let count = 0;
  for await (const page of allocations(recovered, onDamage)) {
    for (const { address, references } of page) {
      if (references <= 1) continue;
      if (count === MAX_SHARED_EXTENTS) {
        const message = `btrfs: more than ${count} extents and nodes have several owners`;
        throw new FormatError('LIMIT', message);
      }
      if (count === addresses.length) {
        addresses = copied(addresses, new Float64Array(2 * count));
        counts = copied(counts, new Uint32Array(2 * count));
      }
      addresses[count] = address;
      counts[count] = Math.min(references, U32_MAX);
      count += 1;
    }
  }
  const references = (address: number): number => {
    const i = countBefore(count, (index) => (addresses[index] ?? 0) < address);
    return i < count && addresses[i] === address ? (counts[i] ?? 1) : 1;
  };
  return sharingOf(recovered, references);
}

/**
 * For a few files: each extent and node is looked up when it is asked for, and all are read once that were many.
 * @param all reads them.
 */
export function sharingByAddress(
  recovered: Recovered,
  all: () => Promise<Sharing | null>,
): (addresses: readonly number[]) => Promise<Sharing | null> {
  const known = new Map<number, number>();
  const sharing: Sharing = sharingOf(recovered, (address) => known.get(address) ?? 1);
  return async (addresses) => {
    const unknown = addresses.filter((address) => !known.has(address));
    if (known.size + unknown.length > MAX_LOOKED_UP) return all();
    try {
      for (const address of unknown) known.set(address, await referencesAt(recovered, address));
    } catch (error) {
      // What is damaged is told by whoever reads all of it.
      if (error instanceof FormatError) return all();
      throw error;
    }
    return sharing;
  };
}

function sharingOf({ sharedNodes }: Recovered, references: (address: number) => number): Sharing {
  const isSharedNode = (address: number) => sharedNodes.has(address) || references(address) > 1;
  return { references, isShared: (path) => path.some(isSharedNode) };
}

function copied<Column extends { set(values: ArrayLike<number>): void }>(
  from: ArrayLike<number>,
  to: Column,
): Column {
  to.set(from);
  return to;
}
