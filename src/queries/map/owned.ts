// The claims on a filesystem's devices with the files that have them: who owns something is put together when it is told.
import type { FileKind } from '../../filesystem/files.js';
import { bytes, floats, growColumns, integers, type Memory, naturals } from '../files/columns.js';
import type { GuestPath } from '../files/guest-path.js';
import type { WantedFile } from '../files/path-search.js';
import { type PathColumns, pathsAt } from '../files/paths.js';
import { type Claims, claimAt, type FoundClaim, type Words, wordAt } from './claims.js';
import type { MapOwner } from './row.js';

const COLUMNS = ['trees', 'numbers', 'kinds', 'links', 'systems'] as const;
const KINDS: readonly FileKind[] = ['file', 'directory', 'symlink', 'device'];

/** Files by their place. */
export interface OwnerColumns {
  count: number;
  trees: Float64Array;
  numbers: Float64Array;
  kinds: Uint8Array;
  links: Uint32Array;
  /** Into `words`; -1: none. */
  systems: Int32Array;
  readonly words: string[];
}

export function noOwners(): OwnerColumns {
  return {
    count: 0,
    trees: floats(0),
    numbers: floats(0),
    kinds: bytes(0),
    links: naturals(0),
    systems: integers(0),
    words: [],
  };
}

/** @returns its place. @throws SourceError OVER_BUDGET */
export function addOwner(
  owners: OwnerColumns,
  { id, kind, linkCount, system }: WantedFile,
  known: Words,
  memory: Memory,
): number {
  const at = owners.count;
  if (at >= owners.trees.length) {
    growColumns(owners, COLUMNS, at, memory);
  }
  owners.trees[at] = id.tree;
  owners.numbers[at] = id.number;
  owners.kinds[at] = KINDS.indexOf(kind);
  owners.links[at] = linkCount;
  owners.systems[at] = system === null ? -1 : wordAt(owners.words, system, known);
  owners.count = at + 1;
  return at;
}

export function* filesIn(owners: OwnerColumns): Generator<WantedFile> {
  for (let at = 0; at < owners.count; at++) yield fileIn(owners, at);
}

function fileIn(owners: OwnerColumns, at: number): WantedFile {
  return {
    id: { tree: owners.trees[at] ?? 0, number: owners.numbers[at] ?? 0 },
    kind: KINDS[owners.kinds[at] ?? 0] ?? 'file',
    linkCount: owners.links[at] ?? 0,
    system: owners.words[owners.systems[at] ?? -1] ?? null,
  };
}

/** Plain data, which other processes are sent. */
export interface OwnedClaims {
  readonly claims: Claims;
  /** By the device and where they begin. */
  readonly order: Int32Array;
  readonly owners: OwnerColumns;
  readonly paths: PathColumns;
  /** By the owner: its place among the paths. */
  readonly places: Int32Array;
}

/** A range of one of the devices, and one owner of it. */
export interface Claim extends Omit<FoundClaim, 'file'> {
  readonly owner: MapOwner | null;
}

/** Gives claims; one after the other are often the same file's. */
export function claimReader({ claims, owners, paths, places }: OwnedClaims) {
  let [last, lastFile]: [MapOwner | null, number] = [null, -1];
  return (at: number): Claim => {
    const { file, ...claim } = claimAt(claims, at);
    if (file === null) return { ...claim, owner: null };
    if (file !== lastFile) {
      last = ownerOf(fileIn(owners, file), pathsAt(paths, places[file] ?? -1));
      lastFile = file;
    }
    return { ...claim, owner: last, name: claim.name ?? nameless(last) };
  };
}

/** All of them in their order. */
export function* claimsIn(owned: OwnedClaims): Generator<Claim> {
  const read = claimReader(owned);
  for (const at of owned.order) yield read(at);
}

function ownerOf(file: WantedFile, { paths, moreCount }: ReturnType<typeof pathsAt>): MapOwner {
  const { id, kind: type, linkCount } = file;
  return { id, type, linkCount, paths: paths.filter(isOfRoot), morePaths: moreCount };
}

function isOfRoot({ root }: GuestPath & { readonly root: number }): boolean {
  return root === 0;
}

/** Why a file has no path. */
function nameless(owner: MapOwner | null): string | null {
  if (owner === null || owner.paths.length > 0 || owner.morePaths > 0) return null;
  if (owner.linkCount === 0) return 'deleted, and still open';
  return owner.id.tree === 0
    ? 'no path leads to it'
    : `no path leads to it (subvolume ${owner.id.tree})`;
}
