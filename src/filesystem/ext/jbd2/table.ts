// Which copy of each of the filesystem's blocks is the newest in the log. Flat arrays: a journal of 1 GiB may name a
// million blocks.
// References: Linux 6.18 fs/jbd2/revoke.c: jbd2_journal_set_revoke, jbd2_journal_test_revoke.

const FIRST_CAPACITY = 1024;
/** Slots for each entry at least, so that an entry is found within a few steps. */
const SLOTS_PER_ENTRY = 2;
/** Block numbers are hashed by a multiplication modulo 2^32. */
const HASH_FACTOR = 0x9e3779b1;
const UPPER_FACTOR = 0x85ebca6b;
const U32_VALUES = 2 ** 32;
const LOWER_BITS = 2 ** 7;

/** Numbers by block number; entries are numbered from 0 in the order in which their blocks came. */
interface BlockTable {
  readonly size: number;
  /** The entry of a block; -1 if there is none. */
  find(block: number): number;
  /** The entry of a block, made if there is none. */
  entry(block: number): number;
  /** A copy of the block numbers, by entry. */
  blocks(): Float64Array;
}

export function blockTable(): BlockTable {
  let size = 0;
  let blocks = new Float64Array(FIRST_CAPACITY);
  let slots = new Uint32Array(FIRST_CAPACITY * SLOTS_PER_ENTRY);

  /** The slot that holds a block's entry (its number and 1), or the free one in which it would be. */
  const slotOf = (block: number): number => {
    const mask = slots.length - 1;
    const upper = Math.imul(Math.floor(block / U32_VALUES), UPPER_FACTOR);
    // The upper bits of the product are the mixed ones.
    const product = Math.imul((block % U32_VALUES) ^ upper, HASH_FACTOR);
    let slot = Math.floor(Math.abs(product) / LOWER_BITS) & mask;
    for (;;) {
      const used = slots[slot] ?? 0;
      if (used === 0 || blocks[used - 1] === block) return slot;
      slot = (slot + 1) & mask;
    }
  };

  const grow = (): void => {
    const larger = new Float64Array(blocks.length * 2);
    larger.set(blocks);
    blocks = larger;
    slots = new Uint32Array(blocks.length * SLOTS_PER_ENTRY);
    for (let i = 0; i < size; i++) slots[slotOf(blocks[i] ?? 0)] = i + 1;
  };

  return {
    get size() {
      return size;
    },
    blocks: () => blocks.slice(0, size),
    find(block) {
      return (slots[slotOf(block)] ?? 0) - 1;
    },
    entry(block) {
      const slot = slotOf(block);
      const found = (slots[slot] ?? 0) - 1;
      if (found >= 0) return found;
      if (size === blocks.length) {
        grow();
        return this.entry(block);
      }
      blocks[size] = block;
      slots[slot] = ++size;
      return size - 1;
    },
  };
}

/** A 32-bit number for each entry of a table. */
interface NumberColumn {
  get(entry: number): number;
  set(entry: number, value: number): void;
}

export function numberColumn(): NumberColumn {
  let values = new Uint32Array(FIRST_CAPACITY);
  return {
    get: (entry) => values[entry] ?? 0,
    set(entry, value) {
      while (entry >= values.length) {
        const larger = new Uint32Array(values.length * 2);
        larger.set(values);
        values = larger;
      }
      values[entry] = value;
    },
  };
}
