// The names of items, read once: a file with thousands of links has all of them in one item, which is looked into for
// each of them, and which grows and shrinks by one at a time.
import type { Item } from '../tree.js';
import type { Budget } from './budget.js';
import type { Name } from './items.js';

/** Of items with fewer names nothing is kept: to read them again is as cheap. */
const MIN_KEPT_NAMES = 16;
/** Of all items together; one of 64 KiB has at most 6,553. */
const MAX_KEPT_NAMES = 65_536;

/** The names in an item. They are out of date when `withMore` or `without` was called for the item. */
interface Names<T extends Name> {
  /** As they lie in the item. */
  readonly list: readonly T[];
  /** The first of each place, which is the one that the kernel finds. */
  readonly byPlace: ReadonlyMap<string, T>;
}

export interface NameCache<T extends Name> {
  /** @throws FormatError LIMIT, or for an item that is damaged. */
  of(item: Item): Names<T>;
  /** The item with a name more, behind the others. */
  withMore(item: Item, bytes: Uint8Array): Item;
  /** The item without the name of a place. */
  without(item: Item, place: string): Item;
}

interface Table<T extends Name> extends Names<T> {
  readonly list: T[];
  readonly byPlace: Map<string, T>;
}

export function nameCache<T extends Name>(
  budget: Budget,
  read: (item: Item, budget: Budget) => readonly T[],
): NameCache<T> {
  const { take, keep } = recentTables<T>();
  const of = (item: Item): Table<T> => {
    const table = take(item.data) ?? tableOf(read(item, budget));
    keep(item.data, table);
    return table;
  };
  return {
    of,
    withMore(item, bytes) {
      const changed = { ...item, data: Buffer.concat([item.data, bytes]) };
      const table = take(item.data);
      if (table !== null) {
        for (const name of read({ ...item, data: bytes }, budget)) add(table, name);
        keep(changed.data, table);
      }
      return changed;
    },
    without(item, place) {
      const table = of(item);
      const name = table.byPlace.get(place);
      if (name === undefined) return item;
      const at = table.list.indexOf(name);
      const { data } = item;
      const start = table.list.slice(0, at).reduce((sum, { bytes }) => sum + bytes.length, 0);
      const end = start + name.bytes.length;
      const changed = {
        ...item,
        data: Buffer.concat([data.subarray(0, start), data.subarray(end)]),
      };
      take(data);
      // Where a name is there twice, the second one takes the place of the first.
      if (table.byPlace.size === table.list.length) {
        table.list.splice(at, 1);
        table.byPlace.delete(place);
        keep(changed.data, table);
      }
      return changed;
    },
  };
}

function tableOf<T extends Name>(names: readonly T[]): Table<T> {
  const table: Table<T> = { list: [], byPlace: new Map() };
  for (const name of names) add(table, name);
  return table;
}

function add<T extends Name>({ list, byPlace }: Table<T>, name: T): void {
  list.push(name);
  if (!byPlace.has(name.place)) byPlace.set(name.place, name);
}

/** Tables by the bytes that they were read of; those that were not asked for the longest go. */
function recentTables<T extends Name>() {
  const kept = new Map<Uint8Array, Table<T>>();
  let count = 0;
  const take = (data: Uint8Array): Table<T> | null => {
    const table = kept.get(data);
    if (table === undefined) return null;
    kept.delete(data);
    count -= table.list.length;
    return table;
  };
  const keep = (data: Uint8Array, table: Table<T>): void => {
    if (table.list.length < MIN_KEPT_NAMES) return;
    kept.set(data, table);
    count += table.list.length;
    for (const oldest of kept.keys()) {
      if (count <= MAX_KEPT_NAMES) return;
      take(oldest);
    }
  };
  return { take, keep };
}
