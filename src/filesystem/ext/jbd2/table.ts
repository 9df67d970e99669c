// Numbers by block of the filesystem, such as where the newest copy of each lies. Flat arrays: a journal of 1 GiB may name a
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

/** Entries are numbered from 0 in the order in which their blocks came. */
interface BlockTable {
  readonly size: number;
  /** The highest block number; -1 if there is no entry. */
  readonly highest: number;
  /** The entry of a block; -1 if there is none. */
  find(block: number): number;
  /** The entry of a block, made if there is none. */
  entry(block: number): number;
  get(entry: number, column: number): number;
  /** @param value of 32 bits. */
  set(entry: number, column: number, value: number): void;
  /** A copy of the block numbers, by entry. */
  blocks(): Float64Array;
}

/** @param columns how many numbers each entry has; they are 0 at first. */
export function blockTable(columns: number): BlockTable {
  let size = 0;
  let highest = -1;
  let blocks = new Float64Array(FIRST_CAPACITY);
  let values = new Uint32Array(FIRST_CAPACITY * columns);
  let slots = new Uint32Array(FIRST_CAPACITY * SLOTS_PER_ENTRY);

  /** The slot that holds a block's entry (its number and 1), or the free one in which it would be. */
  const slotOf = (block: number): number => {
    const mask = slots.length - 1;
    // Few filesystems have so many blocks.
    const upper = block < U32_VALUES ? 0 : Math.imul(Math.floor(block / U32_VALUES), UPPER_FACTOR);
    // The upper bits of the product are the mixed ones.
    const product = Math.abs(Math.imul(block ^ upper, HASH_FACTOR));
    for (let slot = Math.floor(product / LOWER_BITS) & mask; ; slot = (slot + 1) & mask) {
      const used = slots[slot] ?? 0;
      if (used === 0 || blocks[used - 1] === block) return slot;
    }
  };

  const grow = (): void => {
    const [fewer, less] = [blocks, values];
    blocks = new Float64Array(fewer.length * 2);
    blocks.set(fewer);
    values = new Uint32Array(less.length * 2);
    values.set(less);
    slots = new Uint32Array(blocks.length * SLOTS_PER_ENTRY);
    for (let i = 0; i < size; i++) slots[slotOf(blocks[i] ?? 0)] = i + 1;
  };

  return {
    get size() {
      return size;
    },
    get highest() {
      return highest;
    },
    blocks: () => blocks.slice(0, size),
    get: (entry, column) => values[entry * columns + column] ?? 0,
    set(entry, column, value) {
      values[entry * columns + column] = value;
    },
    find(block) {
      return (slots[slotOf(block)] ?? 0) - 1;
    },
    entry(block) {
      if (size === blocks.length) grow();
      const slot = slotOf(block);
      const found = (slots[slot] ?? 0) - 1;
      if (found >= 0) return found;
      blocks[size] = block;
      highest = Math.max(highest, block);
      slots[slot] = ++size;
      return size - 1;
    },
  };
}
