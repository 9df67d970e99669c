// From the identities of files to places in columns: 0, 1, 2 ... in the order in which they are met.
import { floats, integers, type Memory } from './columns.js';
import { idHash } from './id-hash.js';

const FIRST_BITS = 6;
const EMPTY = -1;

/** For one tree's numbers: open addressing, at most half full. */
interface Table {
  numbers: Float64Array;
  places: Int32Array;
  /** Its slots are 2 ** bits. */
  readonly bits: number;
  count: number;
}

export interface IdTable {
  readonly count: number;
  /** The place of a file, a new one if it was not met before. */
  placeOf(tree: number, number: number): number;
  /** The same; -1 if it was not met before. */
  find(tree: number, number: number): number;
}

export function idTable(memory: Memory): IdTable {
  const tables = new Map<number, Table>();
  const slotOf = idHash();
  let count = 0;
  const made = (bits: number): Table => {
    const slots = 2 ** bits;
    const table = { numbers: floats(slots), places: integers(slots).fill(EMPTY), bits, count: 0 };
    memory.take(table.numbers.byteLength + table.places.byteLength);
    return table;
  };
  const search = ({ numbers, places, bits }: Table, number: number): number => {
    const mask = places.length - 1;
    let slot = slotOf(number, bits);
    while (places[slot] !== EMPTY && numbers[slot] !== number) slot = (slot + 1) & mask;
    return slot;
  };
  const doubled = (tree: number, before: Table): Table => {
    const table = made(before.bits + 1);
    for (const [slot, place] of before.places.entries()) {
      if (place === EMPTY) continue;
      const number = before.numbers[slot] ?? 0;
      const at = search(table, number);
      table.numbers[at] = number;
      table.places[at] = place;
    }
    table.count = before.count;
    memory.drop(before.numbers.byteLength + before.places.byteLength);
    tables.set(tree, table);
    return table;
  };
  return {
    get count() {
      return count;
    },
    find(tree, number) {
      const table = tables.get(tree);
      return table === undefined ? EMPTY : (table.places[search(table, number)] ?? EMPTY);
    },
    placeOf(tree, number) {
      let table = tables.get(tree);
      if (table === undefined) {
        table = made(FIRST_BITS);
        tables.set(tree, table);
      }
      let slot = search(table, number);
      const known = table.places[slot] ?? EMPTY;
      if (known !== EMPTY) return known;
      if (table.count * 2 >= table.places.length) {
        table = doubled(tree, table);
        slot = search(table, number);
      }
      table.numbers[slot] = number;
      table.places[slot] = count;
      table.count += 1;
      count += 1;
      return count - 1;
    },
  };
}
