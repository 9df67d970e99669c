// The rows of two states that were compared: each path that differs once, with what differs and how many of its bytes.
import type { FileKind, FileReader } from '../../filesystem/files.js';
import { KIB } from '../../limits.js';
import { guestPath } from '../files/guest-path.js';
import { withMore } from './classic-states.js';
import { changedBytes, contentBytes } from './content.js';
import type { Pair } from './differing.js';
import type { Moves, Place } from './moves.js';
import type { Differing } from './names.js';
import { byComponents, parentOf } from './order.js';
import type { ChangeKind, DiffChange } from './record.js';
import type { Row, RowOptions } from './row.js';
import {
  differingFields,
  type Field,
  type FileKey,
  type FileState,
  type Ignored,
  stateOf,
} from './state.js';

/** What a comparison found. */
export interface Found {
  readonly differing: Differing;
  readonly moves: Moves;
  /** Paths of files that differ and that have them in both states. */
  readonly kept: ReadonlyMap<string, Place>;
  /** Directories of both states, by the keys of their places, that do not have the same names. */
  readonly renaming: ReadonlySet<FileKey>;
  /** Of a snapshot that only one state has, whose files are not among these: how many lie below, by its path. */
  readonly belowCounts: ReadonlyMap<string, number>;
}

export async function rowsOf(pair: Pair, found: Found, options: RowOptions): Promise<DiffChange[]> {
  const { removed, added, renamed, replaced } = found.moves;
  const state = ({ key }: Place) => found.differing.get(key) ?? NOTHING;
  const rows: Row[] = [];
  for (const [path, place] of removed) {
    rows.push({ ...plain('removed', path, place), old: state(place).old });
  }
  for (const [path, place] of added) {
    rows.push(await newRow(pair.other, 'added', path, place, state(place).other));
  }
  for (const [path, { from, old, other }] of replaced) {
    rows.push({
      ...(await newRow(pair.other, 'replaced', path, other, state(other).other)),
      from,
      old: state(old).old,
    });
  }
  const compared = comparer(pair, options.ignored);
  for (const [path, { from, old, other }] of renamed) {
    const row = { ...plain('renamed', path, other), from };
    const states = options.hasStates ? await statesOf(pair, old, other) : state(other);
    rows.push({
      ...row,
      ...(await compared(states, found.renaming.has(other.key))),
      change: 'renamed',
    });
  }
  for (const [path, place] of found.kept) {
    if (added.has(path) || renamed.has(path) || replaced.has(path)) continue;
    const own = await compared(state(place), found.renaming.has(place.key));
    if (own.fields.length > 0) rows.push({ ...plain('modified', path, place), ...own });
  }
  const told: Row[] = [];
  for (const row of rows) told.push(options.hasStates ? await withMore(pair, row, options) : row);
  return collapsed(
    told.sort((a, b) => byComponents(a.path, b.path)),
    found.belowCounts,
    options,
  );
}

const NOTHING = { old: null, other: null };

async function statesOf(pair: Pair, from: Place, to: Place) {
  const [old, other] = [await pair.old.file(from.id), await pair.other.file(to.id)];
  return {
    old: old === null ? null : stateOf(old),
    other: other === null ? null : stateOf(other),
  };
}

function plain(change: ChangeKind, path: string, { kind }: Place): Row {
  const nothing = { from: null, bytesChanged: null, fields: [], ...NOTHING };
  return { path, change, kind: kind ?? 'file', ...nothing };
}

/** All of a new file's content is new. */
async function newRow(
  reader: FileReader,
  change: ChangeKind,
  path: string,
  place: Place,
  other: FileState | null,
): Promise<Row> {
  const row = { ...plain(change, path, place), other };
  if (other === null || row.kind !== 'file') return row;
  return { ...row, bytesChanged: await storedBytes(reader, other) };
}

/** So small a file has no blocks that say where its content lies: what it takes is content. */
const MAPLESS_BYTES = 12 * KIB;

async function storedBytes(
  reader: FileReader,
  { id, sizeBytes, allocatedBytes }: FileState,
): Promise<number> {
  if (sizeBytes <= Math.min(MAPLESS_BYTES, allocatedBytes)) return sizeBytes;
  const node = await reader.file(id);
  return node === null ? 0 : contentBytes(node);
}

type Compared = Pick<Row, 'change' | 'bytesChanged' | 'fields' | 'old' | 'other'>;

/** A file that has several paths is compared once. */
function comparer({ old, other, changed }: Pair, ignored: Ignored) {
  const known = new Map<FileState, Compared>();
  return async (
    states: { readonly old: FileState | null; readonly other: FileState | null },
    isRenaming: boolean,
  ): Promise<Compared> => {
    if (states.old === null || states.other === null) {
      return { change: 'metadata', bytesChanged: null, fields: [], ...states };
    }
    const done = known.get(states.other);
    if (done !== undefined) return done;
    const fields = differingFields(states.old, states.other, ignored);
    if (isRenaming) fields.push('entries');
    let bytesChanged: number | null = null;
    if (states.other.kind === 'file') {
      const [from, to] = [await old.file(states.old.id), await other.file(states.other.id)];
      const isBoth = from !== null && to !== null;
      bytesChanged = isBoth ? await changedBytes({ old, other, changed, ignored }, from, to) : 0;
      if (bytesChanged > 0) fields.push('content');
    }
    const own = { change: kindOf(fields, states.other.kind), bytesChanged, fields, ...states };
    known.set(states.other, own);
    return own;
  };
}

/** The content of a directory is its names. */
function kindOf(fields: readonly Field[], kind: FileKind): 'modified' | 'metadata' {
  const isOther = kind === 'directory' ? fields.includes('entries') : fields.includes('size');
  return isOther || fields.includes('content') ? 'modified' : 'metadata';
}

/** What was renamed because it lies below a renamed directory is only counted there, unless it differs itself. */
function collapsed(
  rows: readonly Row[],
  known: ReadonlyMap<string, number>,
  { isExpanded }: RowOptions,
): DiffChange[] {
  const belowCounts = new Map(known);
  const tops = new Map<string, string>();
  const renamed = new Map(
    rows.flatMap(({ path, change, from }) => (change === 'renamed' ? [[path, from ?? '']] : [])),
  );
  const kept = rows.flatMap((row): Row[] => {
    if (!isBelow(row, renamed)) return [row];
    const parent = parentOf(row.path);
    const top = tops.get(parent) ?? parent;
    tops.set(row.path, top);
    belowCounts.set(top, (belowCounts.get(top) ?? 0) + 1);
    if (isExpanded) return [row];
    return row.fields.length === 0 ? [] : [{ ...row, change: kindOf(row.fields, row.kind) }];
  });
  return kept.map((row) => ({
    ...row,
    path: toPath(row.path),
    from: row.from === null ? null : toPath(row.from),
    belowCount: belowCounts.get(row.path) ?? 0,
  }));
}

/** Whether only a directory above it was renamed. */
function isBelow({ path, change, from }: Row, renamed: ReadonlyMap<string, string>): boolean {
  if (change !== 'renamed' || from === null) return false;
  const [parent, before] = [parentOf(path), parentOf(from)];
  const isSameName = path.slice(parent.length) === from.slice(before.length);
  return isSameName && renamed.get(parent) === before;
}

function toPath(path: string) {
  return guestPath(Buffer.from(path === '' ? '/' : path, 'latin1'));
}
