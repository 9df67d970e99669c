// The queue of changes to the extent tree at the end of a transaction, in the order of addresses. Example: with 100 taken and
// 200 waiting, 50 comes in; 200 is next, and 50 follows in the next round.
// References: Linux 6.18 fs/btrfs/delayed-ref.c: btrfs_select_ref_head, btrfs_add_delayed_tree_ref.

/** An extent that is to be put into the extent tree, or to be taken out of it. */
export interface Pending {
  readonly address: number;
  readonly isAdded: boolean;
  /** null for data. */
  readonly level: number | null;
  readonly sizeBytes: number;
}

export interface Queue {
  isEmpty(): boolean;
  /** An extent that is taken out while it still waits to be put in leaves the queue: the extent tree never hears of it. */
  put(extent: Pending): void;
  /** The next one behind the last that was taken, or again the first. */
  take(): Pending | null;
}

export function queue(): Queue {
  const pending = new Map<number, Pending>();
  // Those behind the last one that was taken, and those before it, which are for the next round.
  let [ahead, behind]: [number[], number[]] = [[], []];
  let last = -1;
  return {
    isEmpty: () => pending.size === 0,
    put(extent) {
      const { address, isAdded } = extent;
      if (!isAdded && pending.get(address)?.isAdded) {
        pending.delete(address);
        return;
      }
      pending.set(address, extent);
      push(address > last ? ahead : behind, address);
    },
    take() {
      while (pending.size > 0) {
        if (ahead.length === 0) [ahead, behind] = [behind, []];
        const address = pop(ahead);
        if (address === null) break;
        last = address;
        const extent = pending.get(address);
        // It may be in the queue twice, and is taken once.
        if (extent !== undefined) {
          pending.delete(address);
          return extent;
        }
      }
      last = -1;
      return null;
    },
  };
}

/** A binary heap: no number is below the one at half its index. */
function push(heap: number[], value: number): void {
  let at = heap.length;
  heap.push(value);
  while (at > 0) {
    const above = Math.floor((at - 1) / 2);
    const other = heap[above] ?? 0;
    if (other <= value) return;
    heap[at] = other;
    heap[above] = value;
    at = above;
  }
}

/** The smallest. */
function pop(heap: number[]): number | null {
  const [first] = heap;
  const moved = heap.pop();
  if (first === undefined || moved === undefined || heap.length === 0) return first ?? null;
  let at = 0;
  for (;;) {
    const left = 2 * at + 1;
    const right = left + 1;
    const below = (heap[right] ?? Infinity) < (heap[left] ?? Infinity) ? right : left;
    const other = heap[below] ?? Infinity;
    if (other >= moved) break;
    heap[at] = other;
    at = below;
  }
  heap[at] = moved;
  return first;
}
