// The differences of two states of one filesystem whose files are known by the numbers of their inodes. Only files whose
// records differ are looked at: names differ only in directories that differ, and a file that no changed directory names
// keeps its paths, unless a directory above it was renamed.
import type { FileId, FileReader, RecordTree } from '../../filesystem/files.js';
import { MAX_PATH_BYTES } from '../../limits.js';
import type { Memory } from '../files/columns.js';
import type { Doubts } from '../files/doubts.js';
import { bytesOf } from '../files/guest-path.js';
import type { WantedFile } from '../files/path-search.js';
import { pathsOf } from '../files/paths.js';
import { withContents } from './contents.js';
import { differingFiles, type Pair, type Records } from './differing.js';
import { type Moves, movesOf, type Place, type Places } from './moves.js';
import { changedLinks, type Differing, type Link, linksOf, namesOf } from './names.js';
import { recordsOf } from './records.js';
import type { Found } from './rows.js';
import { isSameFile, keyOf } from './state.js';
import { doubtfulOf } from './suspects.js';

interface Work {
  readonly memory: Memory;
  readonly doubts: Doubts;
  /** Whether files of a snapshot are told that only one state has. */
  readonly hasSnapshots: boolean;
  /** Whether bytes are compared that no record tells of. */
  readonly hasContent: boolean;
  onFiles(count: number): void;
}

/** @throws SourceError OVER_BUDGET, and what the readers throw. */
export async function foundById(
  pair: Pair,
  { memory, doubts, hasSnapshots, hasContent, onFiles }: Work,
): Promise<Found> {
  const records = await recordsOf(pair, hasSnapshots, memory);
  const { differing: found, suspects } = await differingFiles(pair, records, memory, onFiles);
  const differing = hasContent ? await withContents(pair, found, memory) : found;
  const doubtful = await doubtfulOf(pair, suspects, memory);
  const links = await changedLinks(pair, differing, doubtful, memory);
  const counts = {
    removed: countsOf(links.removed),
    added: countsOf(links.added),
    present: countsOf([...links.added, ...links.kept]),
  };
  const [goneIds, newIds, keptIds] = wantedOf(differing, counts);
  const search = { memory, onDoubt: doubts.onDoubt };
  const oldWanted = [...parentsOf(links.removed), ...goneIds];
  const olds = textsOf(await pathsOf(pair.old, oldWanted, search));
  const wanted = [...parentsOf([...links.added, ...links.kept]), ...newIds, ...keptIds];
  const others = textsOf(await pathsOf(pair.other, wanted, search));
  const removed = placesOf(links.removed, olds, differing, 'old');
  const added = placesOf(links.added, others, differing, 'other');
  const kept = placesOf(links.kept, others, differing, 'other');
  addLone(removed.places, goneIds, olds, differing, 'old');
  addLone(added.places, newIds, others, differing, 'other');
  const lostCount = removed.lostCount + added.lostCount + kept.lostCount;
  doubts.add('INVALID', lostCount, 'names that differ in directories that no path leads to');
  await addMoved(pair, differing, removed.places, added.places, memory);
  addLone(kept.places, keptIds, others, differing, 'other');
  const moves = movesOf(removed.places, added.places);
  const belowCounts = await snapshotCounts(records.snapshots, moves);
  return { differing, moves, kept: kept.places, renaming: links.renaming, belowCounts };
}

/** How much lies below a snapshot that only one state has, by its path. */
async function snapshotCounts(
  { old, other }: Records['snapshots'],
  { added, removed, replaced }: Moves,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  const gone = new Map(old.map((tree) => [keyOf(tree.root), tree]));
  const come = new Map(other.map((tree) => [keyOf(tree.root), tree]));
  const add = async (path: string, tree: RecordTree | undefined) => {
    if (tree !== undefined) counts.set(path, await tree.nameCount());
  };
  for (const [path, { key }] of removed) await add(path, gone.get(key));
  for (const [path, place] of replaced) await add(path, come.get(place.other.key));
  for (const [path, { key }] of added) await add(path, come.get(key));
  return counts;
}

type Side = 'old' | 'other';

function countsOf(links: readonly Link[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { id } of links) counts.set(keyOf(id), (counts.get(keyOf(id)) ?? 0) + 1);
  return counts;
}

/** Files of which the changed directories do not have all names: gone, new, and those that are in both states. */
function wantedOf(
  differing: Differing,
  counts: {
    readonly [which in 'removed' | 'added' | 'present']: ReadonlyMap<string, number>;
  },
): readonly [WantedFile[], WantedFile[], WantedFile[]] {
  const [gone, added, kept]: [WantedFile[], WantedFile[], WantedFile[]] = [[], [], []];
  for (const [key, { old, other }] of differing) {
    const isSame = old !== null && other !== null && isSameFile(old, other);
    if (isSame) {
      const nameCount = namesOf(other);
      if ((counts.present.get(key) ?? 0) < nameCount) kept.push(wantedFile(other, nameCount));
      continue;
    }
    // What is new or gone has its names in directories that differ, unless they are damaged.
    if (old !== null && !counts.removed.has(key)) gone.push(wantedFile(old, 1));
    if (other !== null && !counts.added.has(key)) added.push(wantedFile(other, 1));
  }
  return [gone, added, kept];
}

function parentsOf(links: readonly Link[]): readonly WantedFile[] {
  const parents = new Map(links.map(({ parent }) => [keyOf(parent), parent]));
  return [...parents.values()].map((id) => wantedFile({ id, kind: 'directory' }, 1));
}

function wantedFile({ id, kind }: Pick<WantedFile, 'id' | 'kind'>, linkCount: number): WantedFile {
  return { id, kind, linkCount, system: null };
}

/** The paths of a file, with a character for each byte; that of the root is empty. */
type Paths = (id: FileId) => readonly string[];

function textsOf(pathsOfId: Awaited<ReturnType<typeof pathsOf>>): Paths {
  return (id) =>
    pathsOfId(id).paths.map((path) => {
      const text = Buffer.from(bytesOf(path)).toString('latin1');
      return text === '/' ? '' : text;
    });
}

function placesOf(links: readonly Link[], paths: Paths, differing: Differing, side: Side) {
  const places: Places = new Map();
  let lostCount = 0;
  for (const link of links) {
    const [parent] = paths(link.parent);
    if (parent === undefined) lostCount += 1;
    else places.set(`${parent}/${link.name}`, placeOf(link, differing, side));
  }
  return { places, lostCount };
}

function placeOf({ id, kind }: Pick<Link, 'id' | 'kind'>, differing: Differing, side: Side): Place {
  const key = keyOf(id);
  const state = differing.get(key)?.[side];
  const generation = state === undefined || state === null ? '=' : state.stat.generation;
  return { key, id, kind: state?.kind ?? kind, identity: `${key} ${generation}` };
}

function addLone(
  places: Places,
  wanted: readonly WantedFile[],
  paths: Paths,
  differing: Differing,
  side: Side,
): void {
  for (const { id } of wanted) {
    for (const path of paths(id)) {
      if (!places.has(path)) places.set(path, placeOf({ id, kind: null }, differing, side));
    }
  }
}

/** All below a directory that was moved has other paths too, though nothing of it differs. */
async function addMoved(
  { old, other }: Pair,
  differing: Differing,
  removed: Places,
  added: Places,
  memory: Memory,
): Promise<void> {
  const directories = ([, { kind }]: [string, Place]) => kind === 'directory';
  const gone = new Set([...removed].filter(directories).map(([, { identity }]) => identity));
  const come = new Set([...added].filter(directories).map(([, { identity }]) => identity));
  for (const [reader, places, side, elsewhere] of [
    [old, removed, 'old', come],
    [other, added, 'other', gone],
  ] as const) {
    for (const [path, { id, kind, identity }] of [...places]) {
      if (kind !== 'directory' || !elsewhere.has(identity)) continue;
      await addBelow(reader, [id, path], places, (link) => placeOf(link, differing, side), memory);
    }
  }
}

async function addBelow(
  reader: FileReader,
  top: readonly [FileId, string],
  places: Places,
  toPlace: (link: Link) => Place,
  memory: Memory,
): Promise<void> {
  const entered = new Set([keyOf(top[0])]);
  const stack = [top];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const [id, path] = next;
    for (const link of (await linksOf(reader, id, memory)).values()) {
      const below = `${path}/${link.name}`;
      if (below.length > MAX_PATH_BYTES) continue;
      const kind = link.kind ?? (await reader.file(link.id))?.kind ?? null;
      if (!places.has(below)) places.set(below, toPlace({ ...link, kind }));
      if (kind !== 'directory' || entered.has(keyOf(link.id))) continue;
      entered.add(keyOf(link.id));
      stack.push([link.id, below]);
    }
  }
}
