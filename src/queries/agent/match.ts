// Which row each filesystem of the agent's is. A disk or a partition has a name; a logical volume or an array is called `dm-0` or `md127`
// there, without name and UUID, and is found by its type and its numbers, or not at all: a guess would be a wrong number.
// References: docs/live.md
import type { DiskRecord, FilesystemRecord } from '../report.js';
import type { AgentFilesystem } from './answer.js';
import { agentPlace, type Placed } from './disks.js';
import { hasFixedTotal, isSameType } from './types.js';
import { rowOfVolume } from './volumes.js';

interface Matches {
  /** The filesystem of a row, and whether its device or its numbers told so. */
  readonly found: ReadonlyMap<FilesystemRecord, Found>;
  /** Rows of which several may be the same, with all that fit. */
  readonly ambiguous: ReadonlyMap<FilesystemRecord, readonly AgentFilesystem[]>;
  /** What no row is about. */
  readonly left: readonly Placed[];
}

export interface Found {
  readonly by: 'device' | 'numbers';
  readonly told: AgentFilesystem;
}

type Rows = readonly FilesystemRecord[];

export function matched(
  rows: Rows,
  disks: readonly DiskRecord[],
  filesystems: readonly AgentFilesystem[],
): Matches {
  const placed = filesystems.map((told) => ({ told, ...agentPlace(told, disks) }));
  const found = new Map<FilesystemRecord, Found>();
  const others: Placed[] = [];
  const left: Placed[] = [];
  for (const one of placed) {
    const row = rowOf(one, rows);
    if (row !== null && isOf(row, one.told) && !found.has(row)) {
      found.set(row, { by: 'device', told: one.told });
    } else if (one.device === null) others.push(one);
    else left.push(one);
  }
  const ambiguous = new Map<FilesystemRecord, readonly AgentFilesystem[]>();
  const free = rows.filter((row) => !found.has(row) && row.usedBytes !== null);
  for (const group of groupsOf(others, free)) {
    if (group.rows.length === 0) left.push(...group.placed);
    else {
      const pairs = pairsOf(group);
      for (const [row, told] of pairs ?? []) found.set(row, { by: 'numbers', told });
      const fit = group.placed.map(({ told }) => told);
      if (pairs === null) for (const row of group.rows) ambiguous.set(row, fit);
    }
  }
  return { found, ambiguous, left };
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

/** Filesystems of the agent's, and the rows that they may be: nothing in it may be anything outside. */
interface Group {
  readonly placed: readonly Placed[];
  readonly rows: Rows;
}

function groupsOf(placed: readonly Placed[], rows: Rows): readonly Group[] {
  let groups: Group[] = [];
  for (const one of placed) {
    const fitting = candidates(one, rows);
    const all = new Set(fitting);
    const joined = groups.filter((group) => group.rows.some((row) => all.has(row)));
    const parts = [...joined, { placed: [one], rows: fitting }];
    groups = groups.filter((group) => !joined.includes(group));
    groups.push({
      placed: parts.flatMap((group) => group.placed),
      rows: [...new Set(parts.flatMap((group) => group.rows))],
    });
  }
  return groups;
}

/** Volumes first, which lie in no one stretch of a disk: a disk that several paths lead to is `dm-0` too. */
function candidates({ told, disks }: Placed, rows: Rows): Rows {
  const fitting = rows.filter(
    (row) =>
      isSameType(row.type, told.type) &&
      (disks === null || row.disk === null || disks.has(row.disk)) &&
      hasTotal(row, told),
  );
  const volumes = fitting.filter(({ offsetBytes }) => offsetBytes === null);
  return isLinuxVolume(told) && volumes.length > 0 ? volumes : fitting;
}

function isLinuxVolume({ name }: AgentFilesystem): boolean {
  return /^(?:dm-|md|bcache)\d/u.test(name);
}

/** Of a full one the reserve is taken, and the sum is another. */
function hasTotal({ type, usedBytes, availBytes }: FilesystemRecord, told: AgentFilesystem) {
  if (told.totalBytes === null || usedBytes === null || availBytes === null) return true;
  const isFull = availBytes === 0 || told.totalBytes === told.usedBytes;
  return isFull || !hasFixedTotal(type ?? '') || usedBytes + availBytes === told.totalBytes;
}

/** null: it is ambiguous. Of several none is taken unless all of them fit to the byte, each to a row of its own. */
function pairsOf({
  placed,
  rows,
}: Group): readonly (readonly [FilesystemRecord, AgentFilesystem])[] | null {
  const [row, ...otherRows] = rows;
  const [one, ...others] = placed;
  if (row !== undefined && one !== undefined && otherRows.length + others.length === 0) {
    return [[row, one.told]];
  }
  const pairs = placed.flatMap(({ told }) => {
    const equal = rows.filter((each) => each.usedBytes === told.usedBytes);
    const [only, ...more] = equal;
    return only === undefined || more.length > 0 ? [] : [[only, told] as const];
  });
  const isWhole =
    pairs.length === placed.length && new Set(pairs.map(([each]) => each)).size === pairs.length;
  return isWhole ? pairs : null;
}
