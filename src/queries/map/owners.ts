// Who owns ranges of a filesystem's devices. Free space and metadata are asked first, and only where they may be. For what is left
// the format is asked which files have it (XFS's reverse map, btrfs's back references); where it does not tell, all files are gone
// through once, in the order of the disk, to the last one, since several files may have the same blocks.
import { type Cover, rangesOfCover } from '../../bytes/range-list.js';
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
import { integers, type Memory } from '../files/columns.js';
import type { Doubts } from '../files/doubts.js';
import type { WantedFile } from '../files/path-search.js';
import { pathColumnsOf } from '../files/paths.js';
import {
  addClaim,
  type Claims,
  claimAt,
  coverOfRanges,
  type FoundClaim,
  isAlone,
  leftOf,
  markShared,
  noClaims,
  orderOf,
  type Words,
} from './claims.js';
import { type InlinePiece, inlinePages } from './inline.js';
import { addOwner, filesIn, noOwners, type OwnedClaims, type OwnerColumns } from './owned.js';
import { merged, type Ranges, within } from './ranges.js';

interface Work {
  readonly memory: Memory;
  readonly doubts: Doubts;
  /** Where a filesystem ends by its own account; null: that is not known. */
  readonly endBytes: number | null;
  /** Files are told too whose content lies in metadata: where ranges were asked for, since of all there are as many as small files. */
  readonly hasInline?: boolean;
  onFiles(count: number): void;
}

/** @param wanted by the index of the device. @throws as the reader does; SourceError OVER_BUDGET. */
export async function claimsOf(
  reader: FileReader,
  wanted: readonly Ranges[],
  work: Work,
): Promise<OwnedClaims> {
  const { memory, doubts, endBytes } = work;
  const [claims, owners] = [noClaims(), noOwners()];
  const [names, systems]: [Words, Words] = [new Map(), new Map()];
  const add = (claim: FoundClaim) => addClaim(claims, claim, names, memory);
  const addFile = (file: WantedFile) => addOwner(owners, file, systems, memory);
  const covers = wanted.map(coverOfRanges);
  await addFree(reader, wanted, add);
  if (hasSome(leftOf(covers, claims, memory))) await addMetadata(reader, wanted, add);
  const left = leftOf(covers, claims, memory);
  if (hasSome(left)) {
    await addOwners(reader, wanted, left, { ...work, claims, owners, add, addFile });
  }
  markShared(claims, orderOf(claims, memory), memory);
  if (work.hasInline) await addInline(reader, wanted, { ...work, claims, owners, add, addFile });
  for (const [volumeIndex, cover] of leftOf(covers, claims, memory).entries()) {
    for (const range of rangesOfCover(cover)) {
      const isBehind = endBytes !== null && range.offsetBytes >= endBytes;
      add({ ...range, volumeIndex, ...(isBehind ? BEHIND : NOBODYS) });
    }
  }
  const { columns, placeOf } = await pathColumnsOf(reader, filesIn(owners), {
    memory,
    onDoubt: doubts.onDoubt,
  });
  const places = integers(owners.count);
  memory.take(places.byteLength);
  let file = 0;
  for (const { id } of filesIn(owners)) places[file++] = placeOf(id);
  return { claims, order: orderOf(claims, memory), owners, paths: columns, places };
}

/** In what was claimed as the filesystem's own. */
async function addInline(reader: FileReader, wanted: readonly Ranges[], pass: Pass): Promise<void> {
  const { claims, add, addFile, onFiles } = pass;
  const own = wanted.map((_, volume) => merged([...ownRanges(claims, volume)]));
  if (own.every((ranges) => ranges.length === 0)) return;
  for await (const { fileCount, pieces } of inlinePages(reader, isIn(own))) {
    for (const { node, extent, places } of pieces) {
      let file: number | null = null;
      for (const claim of places.flatMap((at) => [...inlineParts(extent, at, own)])) {
        file ??= addFile(node);
        add({ ...claim, file });
      }
    }
    onFiles(fileCount);
  }
}

function* ownRanges(claims: Claims, volume: number) {
  for (let at = 0; at < claims.count; at++) {
    const { volumeIndex, kind, offsetBytes, lengthBytes } = claimAt(claims, at);
    const isOwn = kind === 'metadata' || kind === 'system';
    if (isOwn && volumeIndex === volume) yield { offsetBytes, lengthBytes };
  }
}

function* inlineParts(
  { kind, offsetBytes, lengthBytes }: InlinePiece['extent'],
  at: VolumeRange,
  wanted: readonly Ranges[],
) {
  const isExact = lengthBytes === at.lengthBytes;
  for (const part of parts(wanted, at)) {
    const before = isExact ? part.offsetBytes - at.offsetBytes : 0;
    yield { ...part, kind, name: null, fileOffsetBytes: offsetBytes + before, isShared: false };
  }
}

function hasSome(covers: readonly Cover[]): boolean {
  return covers.some(({ count }) => count > 0);
}

const NO_FILE = { file: null, fileOffsetBytes: null, isShared: null } as const;
const NOBODYS = { kind: 'unknown', name: 'in use, and of no file', ...NO_FILE } as const;
/** A filesystem may end before its device does. */
const BEHIND = { kind: 'gap', name: 'behind the filesystem', ...NO_FILE } as const;

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

const FREE = { kind: 'free', name: null, ...NO_FILE } as const;

async function addMetadata(
  reader: FileReader,
  wanted: readonly Ranges[],
  add: (claim: FoundClaim) => void,
): Promise<void> {
  for await (const page of reader.metadata(isIn(wanted))) {
    for (const { at, kind, name } of page) {
      for (const part of parts(wanted, at)) add({ ...part, kind, name, ...NO_FILE });
    }
  }
}

interface Pass extends Work {
  readonly claims: Claims;
  readonly owners: OwnerColumns;
  add(claim: FoundClaim): void;
  addFile(file: WantedFile): number;
}

async function addOwners(
  reader: FileReader,
  wanted: readonly Ranges[],
  left: readonly Cover[],
  pass: Pass,
): Promise<void> {
  const { claims, owners } = pass;
  const [claimCount, ownerCount] = [claims.count, owners.count];
  const nodes = await ownersOf(reader, left);
  if (nodes !== null) {
    for (const node of nodes) await addPieces(node, wanted, pass);
    pass.onFiles(nodes.length);
    if (!hasSome(leftOf(left, claims, pass.memory))) return;
    // What nobody has may be one's whom the format forgot.
    claims.count = claimCount;
    owners.count = ownerCount;
  }
  await addFiles(reader, wanted, left, pass);
}

/** The files that may have something of these ranges; null: the format does not tell. */
async function ownersOf(
  reader: FileReader,
  left: readonly Cover[],
): Promise<readonly FileNode[] | null> {
  const count = left.reduce((sum, own) => sum + own.count, 0);
  if (reader.ownersOf === undefined || count > MAX_OWNERS) return null;
  const ranges = left.flatMap((own, volumeIndex) =>
    [...rangesOfCover(own)].map((range): VolumeRange => ({ ...range, volumeIndex })),
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
  left: readonly Cover[],
  pass: Pass,
): Promise<void> {
  let leftBytes = 0;
  for (const own of left) {
    for (const { lengthBytes } of rangesOfCover(own)) leftBytes += lengthBytes;
  }
  // Files may claim the same bytes, so that the sum only says when to look: a hostile one each time after twice as much.
  let [aloneBytes, enoughBytes] = [0, leftBytes];
  for await (const nodes of reader.files()) {
    for (const node of nodes) {
      aloneBytes += await addPieces(node, wanted, pass);
      if (aloneBytes < enoughBytes) continue;
      const { claims, memory } = pass;
      if (!hasSome(leftOf(left, claims, memory, (at) => isAlone(claims, at)))) return;
      enoughBytes = 2 * aloneBytes;
    }
    pass.onFiles(nodes.length);
  }
}

/** @returns how many of the bytes that it has are its own alone. */
async function addPieces(node: FileNode, wanted: readonly Ranges[], pass: Pass): Promise<number> {
  let aloneBytes = 0;
  let file: number | null = null;
  for await (const extents of node.extents()) {
    for (const extent of extents) {
      for (const claim of partsOf(extent, wanted)) {
        file ??= pass.addFile(node);
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
