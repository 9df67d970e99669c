// Which row each filesystem of the agent's is. A disk or a partition has a name; a logical volume or an array is called `dm-0` or `md127`
// there, without name and UUID, and is found by its type and its numbers, or not at all: a guess would be a wrong number.
// References: docs/live.md
import { FormatError } from '../../errors.js';
import { groupBy } from '../../group-by.js';
import { isWithin } from '../../stack/within.js';
import type { DiskRecord, FilesystemRecord } from '../report.js';
import type { AgentFilesystem } from './answer.js';
import { agentPlace, type Placed } from './disks.js';
import { hasFixedTotal, isSameType } from './types.js';
import { rowOfVolume } from './volumes.js';

interface Matches {
  /** The filesystem of a row, and whether its device or its numbers told so. */
  readonly found: ReadonlyMap<FilesystemRecord, Found>;
  /** Rows of which several may be the same, with all that fit. */
  readonly ambiguous: ReadonlyMap<FilesystemRecord, Ambiguity>;
  /** What no row is about, in the order of the answer. */
  readonly left: readonly Placed[];
}

/** Where rows may be mounted of which several may be the same; some of the places, and how many more there are. */
export interface Ambiguity {
  readonly mountpoints: readonly string[];
  readonly more: number;
}

export interface Found {
  readonly by: 'device' | 'numbers';
  readonly told: AgentFilesystem;
}

type Rows = readonly FilesystemRecord[];

/** @param all of the guest; those of machines within it are none that its agent knows. @throws FormatError LIMIT */
export function matched(
  all: Rows,
  disks: readonly DiskRecord[],
  filesystems: readonly AgentFilesystem[],
): Matches {
  const rows = all.filter(({ device }) => !isWithin(device));
  const placed = filesystems.map((told) => ({ told, ...agentPlace(told, disks) }));
  const found = new Map<FilesystemRecord, Found>();
  const others: Placed[] = [];
  const left = new Set<Placed>();
  for (const one of placed) {
    const row = rowOf(one, rows);
    if (row !== null && isOf(row, one.told) && !found.has(row)) {
      found.set(row, { by: 'device', told: one.told });
    } else if (row !== null && one.device !== null) left.add(one);
    else others.push(one);
  }
  const ambiguous = new Map<FilesystemRecord, Ambiguity>();
  const free = rows.filter((row) => !found.has(row) && row.usedBytes !== null);
  for (const group of groupsOf(wishes(others, free))) {
    const wished = new Set(group.flatMap((wish) => wish.rows));
    const pairs = pairsOf(group, wished);
    if (wished.size === 0) for (const one of group) left.add(one.placed);
    else if (pairs === null) {
      const known = ambiguityOf(group);
      for (const row of wished) ambiguous.set(row, known);
    } else for (const [row, told] of pairs) found.set(row, { by: 'numbers', told });
  }
  return { found, ambiguous, left: placed.filter((one) => left.has(one)) };
}

/** Each of many rows has them. */
const MAX_AMBIGUOUS = 4;

function ambiguityOf(group: readonly Wish[]): Ambiguity {
  const all = group.flatMap(({ placed: { told } }) => told.mountpoints);
  const mountpoints = all.slice(0, MAX_AMBIGUOUS);
  return { mountpoints, more: all.length - mountpoints.length };
}

/** By its partition. */
function rowOf(placed: Placed, rows: Rows): FilesystemRecord | null {
  if (placed.device === null) return rowOfVolume(placed, rows);
  return rows.find(({ device }) => device === placed.device) ?? null;
}

/** A row that could not be read has the agent's word for what it is. */
function isOf({ type, problem }: FilesystemRecord, told: AgentFilesystem): boolean {
  return isSameType(type, told.type) || (problem !== null && type === null);
}

/** A filesystem of the agent's, and the rows that it may be. */
interface Wish {
  readonly placed: Placed;
  readonly rows: Rows;
}

/** A guest with five hundred volumes that are alike has as many. */
const MAX_WISHES = 250_000;

/** @throws FormatError LIMIT */
function wishes(all: readonly Placed[], rows: Rows): readonly Wish[] {
  const byType = groupBy(rows, ({ type }) => type);
  let count = 0;
  return all.map((placed) => {
    const same = [...byType].filter(([type]) => isSameType(type, placed.told.type));
    const fitting = same.flatMap(([type, some]) => candidates(placed, type, some));
    count += fitting.length;
    if (count > MAX_WISHES) throw tooAlike(all.length);
    return { placed, rows: ofVolumes(placed, fitting) };
  });
}

function tooAlike(count: number): FormatError {
  const message = `${count} filesystems of the agent may be too many rows each: more than ${MAX_WISHES} in all`;
  return new FormatError('LIMIT', message, { data: { count } });
}

/** Those that may be the same row are in one group, and what is in no group with it has nothing to do with it. */
function groupsOf(all: readonly Wish[]): readonly (readonly Wish[])[] {
  // Each points to one of its group that came before it; the first of a group to itself.
  const before = all.map((_, index) => index);
  const firstOf = (index: number): number => {
    let at = index;
    while (before[at] !== at) at = before[at] ?? at;
    return at;
  };
  const owners = new Map<FilesystemRecord, number>();
  for (const [index, { rows }] of all.entries()) {
    for (const row of rows) {
      const owner = owners.get(row);
      if (owner === undefined) owners.set(row, index);
      else {
        const [a, b] = [firstOf(owner), firstOf(index)];
        before[Math.max(a, b)] = Math.min(a, b);
      }
    }
  }
  const indices = groupBy([...all.keys()], firstOf);
  return [...indices.values()].map((some) => some.flatMap((index) => all[index] ?? []));
}

/**
 * Of rows of one type. What is called by a disk that is no row is a filesystem over several (btrfs), which has the name of another of them.
 */
function candidates(placed: Placed, type: string | null, rows: Rows): Rows {
  const { disks, device, told } = placed;
  const total = totalToFind(placed, type);
  // Where nothing else is known of it, what is used has to be equal: it may be on no disk here at all.
  const isAnywhere = disks === null && total === null;
  return rows.filter(
    ({ disk, usedBytes, availBytes }) =>
      (!isAnywhere || usedBytes === told.usedBytes) &&
      (disk === null || (device === null && (disks === null || disks.has(disk)))) &&
      (total === null || availBytes === 0 || (usedBytes ?? 0) + (availBytes ?? 0) === total),
  );
}

/** null: any may be it. Of a full one the reserve is taken, and the sum is another. */
function totalToFind({ told }: Placed, type: string | null): number | null {
  const isFull = told.totalBytes === told.usedBytes;
  return isFull || !hasFixedTotal(type ?? '') ? null : told.totalBytes;
}

/**
 * Volumes first, which lie in no one stretch of a disk: a disk that several paths lead to is `dm-0` too. What only has its type may be
 * a partition that is not mounted, and the volume one that cannot be read.
 */
function ofVolumes({ told }: Placed, rows: Rows): Rows {
  if (!isLinuxVolume(told)) return rows;
  const volumes = rows.filter(({ offsetBytes }) => offsetBytes === null);
  if (volumes.length > 0 || hasFixedTotal(told.type)) return volumes.length > 0 ? volumes : rows;
  return rows.filter(({ usedBytes }) => usedBytes === told.usedBytes);
}

function isLinuxVolume({ name }: AgentFilesystem): boolean {
  return /^(?:dm-|md|bcache)\d/u.test(name);
}

type Pair = readonly [FilesystemRecord, AgentFilesystem];

/** null: it is ambiguous. Of several none is taken unless all of them fit to the byte, each to a row of its own. */
function pairsOf(
  group: readonly Wish[],
  all: ReadonlySet<FilesystemRecord>,
): readonly Pair[] | null {
  const isOne = group.length === 1 && all.size === 1;
  const pairs = group.flatMap(({ placed: { told }, rows }) => {
    const equal = isOne ? rows : rows.filter(({ usedBytes }) => usedBytes === told.usedBytes);
    const [only, ...more] = equal;
    return only === undefined || more.length > 0 ? [] : [[only, told] as const];
  });
  const isWhole =
    pairs.length === group.length && new Set(pairs.map(([row]) => row)).size === pairs.length;
  return isWhole ? pairs : null;
}
