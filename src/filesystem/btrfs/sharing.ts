// Which extents and nodes have several owners. A snapshot refers to the node below its root, so that all below it is in two
// subvolumes, though each extent there still counts one reference.
// References: Linux 6.18 fs/btrfs/backref.c: btrfs_is_data_extent_shared.
import { countBefore } from '../../bytes/search.js';
import { FormatError } from '../../errors.js';
import { MAX_SHARED_EXTENTS } from '../../limits.js';
import { allocations } from './allocation.js';
import type { Recovered } from './recovered.js';

export interface Sharing {
  /** How often an extent of data is referred to. */
  references(address: number): number;
  /** Whether any of the nodes has several parents. */
  isShared(path: readonly number[]): boolean;
}

const FIRST = 1024;
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
  const { sharedNodes } = recovered;
  const references = (address: number): number => {
    const i = countBefore(count, (index) => (addresses[index] ?? 0) < address);
    return i < count && addresses[i] === address ? (counts[i] ?? 1) : 1;
  };
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
