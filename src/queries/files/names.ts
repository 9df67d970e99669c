// Names in directories as columns: which directory has which file under which name.
import type { GuestName } from '../../filesystem/files.js';
import { bytes, growColumns, grown, integers, type Memory, naturals } from './columns.js';

const SHORT_NAME = 64;

/** The places of both files, and where the name's bytes end in `names`. */
export interface Entries {
  count: number;
  parents: Int32Array;
  children: Int32Array;
  nameEnds: Uint32Array;
  names: Uint8Array;
}

export function noEntries(): Entries {
  return {
    count: 0,
    parents: integers(0),
    children: integers(0),
    nameEnds: naturals(0),
    names: bytes(0),
  };
}

/** @returns its number. @throws SourceError OVER_BUDGET */
export function addEntry(
  entries: Entries,
  { parent, child, name }: { readonly parent: number; readonly child: number; name: GuestName },
  memory: Memory,
): number {
  const bytesOfName = name.isEncrypted ? Buffer.from(name.text) : name.bytes;
  const at = entries.count;
  const start = at === 0 ? 0 : (entries.nameEnds[at - 1] ?? 0);
  const end = start + bytesOfName.length;
  if (at >= entries.parents.length) {
    growColumns(entries, ['parents', 'children', 'nameEnds'], at, memory);
  }
  if (end > entries.names.length) entries.names = grown(entries.names, end, memory);
  copy(bytesOfName, entries.names, start);
  entries.nameEnds[at] = end;
  entries.parents[at] = parent;
  entries.children[at] = child;
  entries.count = at + 1;
  return at;
}

/** Most names are short: to set a part of an array costs more than to copy them byte by byte. */
function copy(from: Uint8Array, to: Uint8Array, start: number): void {
  if (from.length > SHORT_NAME) to.set(from, start);
  else for (let i = 0; i < from.length; i++) to[start + i] = from[i] ?? 0;
}

/** Where a name begins and ends. */
export function nameRange(
  { nameEnds }: Pick<Entries, 'nameEnds'>,
  entry: number,
): readonly [number, number] {
  return [entry === 0 ? 0 : (nameEnds[entry - 1] ?? 0), nameEnds[entry] ?? 0];
}

export function nameLength(entries: Pick<Entries, 'nameEnds'>, entry: number): number {
  const [start, end] = nameRange(entries, entry);
  return end - start;
}
