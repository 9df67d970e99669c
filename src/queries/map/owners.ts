// Who owns ranges of a filesystem's devices. Free space and metadata are asked first, and only where they may be. For what is left
// the format is asked which files have it (XFS's reverse map, btrfs's back references); where it does not tell, all files are gone
// through once, in the order of the disk, to the last one, since several files may have the same blocks.
import type { ByteRange } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import type {
  FileExtent,
  FileId,
  FileNode,
  FileReader,
  IsWanted,
  VolumeRange,
} from '../../filesystem/files.js';
import { MAX_OWNERS } from '../../limits.js';
import type { Memory } from '../files/columns.js';
import type { Doubts } from '../files/doubts.js';
import type { GuestPath } from '../files/guest-path.js';
import type { WantedFile } from '../files/path-search.js';
import { pathsOf } from '../files/paths.js';
import { type Ranges, within, without } from './ranges.js';
import type { MapKind, MapOwner } from './record.js';

/** A range of one of the devices, and one owner of it. */
export interface Claim extends ByteRange {
  readonly volumeIndex: number;
  readonly kind: MapKind;
  readonly name: string | null;
  readonly owner: MapOwner | null;
  readonly fileOffsetBytes: number | null;
  readonly isShared: boolean | null;
}

/** Before the owner's paths are known: its place among the files. */
interface FoundClaim extends Omit<Claim, 'owner'> {
  readonly file: number | null;
}

interface Work {
  readonly memory: Memory;
  readonly doubts: Doubts;
  onFiles(count: number): void;
}

/** Of one claim, and of one file that owns something. */
const CLAIM_BYTES = 160;
const FILE_BYTES = 400;

/** @param wanted by the index of the device. @throws as the reader does; SourceError OVER_BUDGET. */
export async function claimsOf(
  reader: FileReader,
  wanted: readonly Ranges[],
  work: Work,
): Promise<readonly Claim[]> {
  const claims: FoundClaim[] = [];
  const files: WantedFile[] = [];
  const add = (claim: FoundClaim): void => {
    work.memory.take(CLAIM_BYTES);
    claims.push(claim);
  };
  await addFree(reader, wanted, add);
  if (leftOf(wanted, claims).some(({ length }) => length > 0))
    await addMetadata(reader, wanted, add);
  const left = leftOf(wanted, claims);
  if (left.some(({ length }) => length > 0)) {
    await addOwners(reader, wanted, left, { ...work, add, claims, files });
  }
  const shared = sharedMarked(claims);
  const rest = leftOf(wanted, claims).flatMap((ranges, volumeIndex) =>
    ranges.map((range) => ({ ...range, volumeIndex, ...NOBODYS })),
  );
  const paths = await pathsOf(reader, files, {
    memory: work.memory,
    onDoubt: work.doubts.onDoubt,
  });
  const owners = files.map((file): MapOwner => {
    const { paths: own, moreCount } = paths(file.id);
    for (const { text } of own) work.memory.take(2 * text.length);
    const { id, kind: type, linkCount } = file;
    return { id, type, linkCount, paths: own.filter(isOfRoot), morePaths: moreCount };
  });
  const named = shared.map(({ file, ...claim }): Claim => {
    const owner = file === null ? null : (owners[file] ?? null);
    return { ...claim, owner, name: claim.name ?? nameless(owner) };
  });
  return [...named, ...rest].sort(
    (a, b) => a.volumeIndex - b.volumeIndex || a.offsetBytes - b.offsetBytes,
  );
}

const NOBODYS = {
  kind: 'unknown',
  name: 'in use, and of no file',
  owner: null,
  fileOffsetBytes: null,
  isShared: null,
} as const;

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

/** What nobody has claimed, by the device. */
function leftOf(wanted: readonly Ranges[], claims: readonly FoundClaim[]): readonly Ranges[] {
  return wanted.map((ranges, index) =>
    without(
      ranges,
      claims.filter(({ volumeIndex }) => volumeIndex === index),
    ),
  );
}

function* parts(wanted: readonly Ranges[], at: VolumeRange) {
  const { volumeIndex } = at;
  for (const { offsetBytes, lengthBytes } of within(wanted[volumeIndex] ?? [], at)) {
    yield { offsetBytes, lengthBytes, volumeIndex };
  }
}

function isIn(wanted: readonly Ranges[]): IsWanted {
  return (at) => parts(wanted, at).next().done !== true;
}

async function addFree(
  reader: FileReader,
  wanted: readonly Ranges[],
  add: (claim: FoundClaim) => void,
): Promise<void> {
  const ends = wanted.map((ranges) => {
    const last = ranges.at(-1);
    return last === undefined ? 0 : last.offsetBytes + last.lengthBytes;
  });
  const lastVolume = ends.findLastIndex((end) => end > 0);
  for await (const page of reader.free(isIn(wanted))) {
    for (const at of page) {
      for (const part of parts(wanted, at)) add({ ...part, ...FREE });
      // They are ascending.
      const isBehind = at.offsetBytes >= (ends[at.volumeIndex] ?? 0);
      if (at.volumeIndex > lastVolume || (at.volumeIndex === lastVolume && isBehind)) return;
    }
  }
}

const FREE = {
  kind: 'free',
  name: null,
  file: null,
  fileOffsetBytes: null,
  isShared: null,
} as const;

async function addMetadata(
  reader: FileReader,
  wanted: readonly Ranges[],
  add: (claim: FoundClaim) => void,
): Promise<void> {
  const nobodys = { file: null, fileOffsetBytes: null, isShared: null };
  for await (const page of reader.metadata(isIn(wanted))) {
    for (const { at, kind, name } of page) {
      for (const part of parts(wanted, at)) add({ ...part, kind, name, ...nobodys });
    }
  }
}

interface Pass extends Work {
  readonly claims: FoundClaim[];
  readonly files: WantedFile[];
  add(claim: FoundClaim): void;
}

async function addOwners(
  reader: FileReader,
  wanted: readonly Ranges[],
  left: readonly Ranges[],
  pass: Pass,
): Promise<void> {
  const { claims, files } = pass;
  const [claimCount, fileCount] = [claims.length, files.length];
  const owners = await ownersOf(reader, left);
  if (owners !== null) {
    for (const node of owners) await addFile(node, wanted, pass);
    pass.onFiles(owners.length);
    if (leftOf(left, claims).every(({ length }) => length === 0)) return;
    // What nobody has may be one's whom the format forgot.
    claims.length = claimCount;
    files.length = fileCount;
  }
  await addFiles(reader, wanted, left, pass);
}

/** The files that may have something of these ranges; null: the format does not tell. */
async function ownersOf(
  reader: FileReader,
  left: readonly Ranges[],
): Promise<readonly FileNode[] | null> {
  const count = left.reduce((sum, { length }) => sum + length, 0);
  if (reader.ownersOf === undefined || count > MAX_OWNERS) return null;
  const ranges = left.flatMap((own, volumeIndex) =>
    own.map((range): VolumeRange => ({ ...range, volumeIndex })),
  );
  try {
    const ids = await reader.ownersOf(ranges);
    if (ids === null) return null;
    const nodes: FileNode[] = [];
    for (const id of ids.toSorted(compareIds)) {
      const node = await reader.file(id);
      if (node !== null) nodes.push(node);
    }
    return nodes;
  } catch (error) {
    // Whoever goes through all files tells what is damaged.
    if (error instanceof FormatError) return null;
    throw error;
  }
}

/** As `files` has them. */
function compareIds(a: FileId, b: FileId): number {
  return a.tree - b.tree || a.number - b.number;
}

/** Ends before the last file where all that was left has an owner that shares it with nobody. */
async function addFiles(
  reader: FileReader,
  wanted: readonly Ranges[],
  left: readonly Ranges[],
  pass: Pass,
): Promise<void> {
  const leftBytes = left.flat().reduce((sum, { lengthBytes }) => sum + lengthBytes, 0);
  // Files may claim the same bytes, so that the sum only says when to look: a hostile one each time after twice as much.
  let [aloneBytes, enoughBytes] = [0, leftBytes];
  for await (const nodes of reader.files()) {
    for (const node of nodes) {
      aloneBytes += await addFile(node, wanted, pass);
      if (aloneBytes < enoughBytes) continue;
      const alone = pass.claims.filter(({ isShared, file }) => file === null || isShared === false);
      if (leftOf(left, alone).every(({ length }) => length === 0)) return;
      enoughBytes = 2 * aloneBytes;
    }
    pass.onFiles(nodes.length);
  }
}

/** @returns how many of the bytes that it has are its own alone. */
async function addFile(node: FileNode, wanted: readonly Ranges[], pass: Pass): Promise<number> {
  let aloneBytes = 0;
  let file: number | null = null;
  for await (const extents of node.extents()) {
    for (const extent of extents) {
      for (const claim of partsOf(extent, wanted)) {
        if (file === null) {
          pass.memory.take(FILE_BYTES);
          const { id, kind, linkCount, system } = node;
          file = pass.files.push({ id, kind, linkCount, system }) - 1;
        }
        if (claim.isShared === false) aloneBytes += claim.lengthBytes;
        pass.add({ ...claim, ...(node.system === null ? {} : systemOf(node.system)), file });
      }
    }
  }
  return aloneBytes;
}

function systemOf(system: string) {
  return { kind: system === 'journal' ? 'log' : 'system', name: system } as const;
}

/** Content within a record is the record's: metadata. */
function* partsOf(extent: FileExtent, wanted: readonly Ranges[]) {
  if (extent.kind === 'hole' || extent.kind === 'inline') return;
  const { kind, offsetBytes, lengthBytes, isShared } = extent;
  for (const at of [extent.at, ...(extent.copies ?? [])]) {
    const isExact = lengthBytes === at.lengthBytes;
    for (const part of parts(wanted, at)) {
      const before = isExact ? part.offsetBytes - at.offsetBytes : 0;
      const fileOffsetBytes = offsetBytes === null ? null : offsetBytes + before;
      yield { ...part, kind, name: null, fileOffsetBytes, isShared };
    }
  }
}

/** Where the format does not say whether blocks are shared, other claims do. */
function sharedMarked(claims: readonly FoundClaim[]): readonly FoundClaim[] {
  const sorted = [...claims].sort(
    (a, b) => a.volumeIndex - b.volumeIndex || a.offsetBytes - b.offsetBytes,
  );
  const isOverlapped = sorted.map(() => false);
  // The claim that reaches farthest so far: whatever begins before its end overlaps it.
  let farthest = -1;
  const endOf = (index: number): number => {
    const claim = sorted[index];
    return claim === undefined ? 0 : claim.offsetBytes + claim.lengthBytes;
  };
  for (const [index, claim] of sorted.entries()) {
    const isSameVolume = sorted[farthest]?.volumeIndex === claim.volumeIndex;
    if (isSameVolume && claim.offsetBytes < endOf(farthest)) {
      isOverlapped[index] = true;
      isOverlapped[farthest] = true;
    }
    if (!isSameVolume || endOf(index) > endOf(farthest)) farthest = index;
  }
  return sorted.map((claim, index) =>
    claim.file === null
      ? claim
      : { ...claim, isShared: claim.isShared === true || isOverlapped[index] === true },
  );
}
