// The pieces of a file: parts of extents, holes, content in items, and what of an extent no one refers to any more. Example: of
// an extent of 1 MiB the file wrote 64 KiB in the middle anew. It has two parts of the old extent, and the old 64 KiB are slack.
// References: Linux 6.18 fs/btrfs/file.c: btrfs_drop_extents; backref.c: btrfs_is_data_extent_shared.
import { FormatError } from '../../errors.js';
import type { DfCount, FileExtent, StoredExtent } from '../files.js';
import { tell } from '../told.js';
import { type BtrfsFile, itemPages } from './file-items.js';
import { placed } from './placed.js';
import type { Sharing } from './sharing.js';
import {
  type ByExtent,
  EXTENT_DATA,
  partsByExtent,
  sharingOfLeaf,
  spreadExtents,
} from './spread-extents.js';
import { INLINE_CONTENT_AT, readStretch, type Stretch } from './stretch.js';
import type { Item, Leaf } from './tree.js';
import { type BtrfsVolume, fileId, itemRange } from './volume-files.js';
import type { WalkedNode } from './walk.js';

const PAGE_EXTENTS = 1024;
const NONE: ByExtent = new Map();

/** What a leaf has of the file. */
interface LeafExtents {
  readonly volume: BtrfsVolume;
  readonly file: BtrfsFile;
  readonly leaf: WalkedNode<Leaf>;
  readonly sharing: Sharing | null;
  readonly isLeafShared: boolean;
  readonly countedAs: DfCount;
  /** The stretches of each extent, by its address. */
  readonly byExtent: ByExtent;
  /** Those of extents that several leaves have stretches of, in all the file. */
  readonly spread: ByExtent;
}

export async function* extentPages(
  volume: BtrfsVolume,
  file: BtrfsFile,
): AsyncGenerator<readonly FileExtent[], void, undefined> {
  if (file.kind === 'directory' || file.kind === 'device') return;
  let page: FileExtent[] = [];
  try {
    for await (const extents of leafPieces(volume, file)) {
      // A stretch on many stripes has many pieces.
      for (const extent of extents) {
        page.push(extent);
        if (page.length < PAGE_EXTENTS) continue;
        yield page;
        page = [];
        const pause = volume.recovered.pool.breathe();
        if (pause !== null) await pause;
      }
    }
  } catch (error) {
    tell(volume, fileId(file.tree.number, file.number), error);
  }
  if (page.length > 0) yield page;
}

/** How far the pieces of a file have come. */
interface Reached {
  end: number;
}

/** Those of each leaf, made as they are asked for, so that what comes before damage is told. */
async function* leafPieces(
  volume: BtrfsVolume,
  file: BtrfsFile,
): AsyncGenerator<Iterable<FileExtent>, void, undefined> {
  const { sectorBytes } = volume.recovered.pool.superblock;
  const reached: Reached = { end: 0 };
  let spread: ByExtent | null = null;
  let last: LeafExtents | null = null;
  for await (const { leaf, items } of itemPages(volume, file, EXTENT_DATA)) {
    const stretches = items.map((item) => ({ item, stretch: readStretch(item, sectorBytes) }));
    const sharing = await sharingOfLeaf(volume, leaf, stretches);
    const inLeaf = leafExtents(volume, file, leaf, sharing, stretches);
    if (sharing !== null && hasMoreElsewhere(inLeaf)) spread ??= await spreadExtents(volume, file);
    const page = spread === null ? inLeaf : { ...inLeaf, spread };
    last = page;
    yield piecesOfLeaf(page, stretches, reached);
  }
  if (last !== null && last.spread.size > 0) yield slackOfAll({ ...last, isLeafShared: false });
  if (reached.end < file.sizeBytes) yield [hole(reached.end, file.sizeBytes)];
}

function* piecesOfLeaf(
  page: LeafExtents,
  stretches: readonly { readonly item: Item; readonly stretch: Stretch }[],
  reached: Reached,
): Generator<FileExtent, void, undefined> {
  for (const { item, stretch } of stretches) {
    if (stretch.start < reached.end) {
      const message = `btrfs: ${nameOf(page)} has two contents at byte ${stretch.start}`;
      throw new FormatError('INVALID', message);
    }
    if (stretch.start > reached.end) yield hole(reached.end, stretch.start);
    yield* piecesOf(page, item, stretch);
    reached.end = stretch.isInline ? stretch.start + stretch.contentBytes : stretch.end;
  }
  for (const [extent, parts] of page.byExtent) {
    if (!page.spread.has(extent)) yield* slackOf(page, parts);
  }
}

function* slackOfAll(page: LeafExtents): Generator<FileExtent, void, undefined> {
  for (const parts of page.spread.values()) yield* slackOf(page, parts);
}

function leafExtents(
  volume: BtrfsVolume,
  file: BtrfsFile,
  leaf: WalkedNode<Leaf>,
  sharing: Sharing | null,
  stretches: readonly { readonly stretch: Stretch }[],
): LeafExtents {
  const byExtent = partsByExtent(stretches);
  const isFreed = file.linkCount === 0 && volume.recovered.cleaned.has(file.tree.number);
  const isLeafShared = sharing?.isShared(leaf.path) ?? false;
  const countedAs = isFreed ? 'free' : 'used';
  return { volume, file, leaf, sharing, isLeafShared, countedAs, byExtent, spread: NONE };
}

/** Whether an extent has more references than this leaf has of it: the file's other leaves may have them. */
function hasMoreElsewhere({ sharing, isLeafShared, byExtent }: LeafExtents): boolean {
  if (sharing === null || isLeafShared) return false;
  return [...byExtent].some(([extent, parts]) => sharing.references(extent) > parts.length);
}

function hole(start: number, end: number): FileExtent {
  return { kind: 'hole', offsetBytes: start, lengthBytes: end - start };
}

function* piecesOf(
  page: LeafExtents,
  item: Item,
  stretch: Stretch,
): Generator<FileExtent, void, undefined> {
  const { start, end, address, isInline, isCompressed, isEncrypted } = stretch;
  if (isInline) {
    yield* inlineExtent(page, item, stretch);
    return;
  }
  if (end <= start) throw new FormatError('INVALID', `btrfs: ${nameOf(page)} has an empty stretch`);
  if (address === 0) {
    yield hole(start, end);
    return;
  }
  if (isCompressed || isEncrypted) {
    yield* encodedPieces(page, stretch);
    return;
  }
  const { skippedBytes, extentBytes } = stretch;
  if (skippedBytes + end - start > extentBytes) {
    const message = `btrfs: ${nameOf(page)} has ${end - start} bytes at ${skippedBytes} of an extent of ${extentBytes}`;
    throw new FormatError('OUT_OF_BOUNDS', message);
  }
  const kind = stretch.isUnwritten ? 'unwritten' : 'data';
  let offsetBytes = start;
  for (const piece of stored(page, stretch, kind, address + skippedBytes, end - start)) {
    const { lengthBytes } = piece.at;
    yield { ...piece, offsetBytes, lengthBytes };
    offsetBytes += lengthBytes;
  }
}

function nameOf({ file }: LeafExtents): string {
  return `inode ${file.number}`;
}

function* inlineExtent(
  { volume, leaf }: LeafExtents,
  { data }: Item,
  { start, contentBytes }: Stretch,
): Generator<FileExtent, void, undefined> {
  const content = data.subarray(INLINE_CONTENT_AT);
  if (contentBytes === 0 || content.length === 0) return;
  const at = itemRange(volume, leaf, content);
  yield { kind: 'inline', offsetBytes: start, lengthBytes: contentBytes, at };
}

/** The whole extent, of which the file may have a part: the first piece stands for it. */
function* encodedPieces(
  page: LeafExtents,
  stretch: Stretch,
): Generator<FileExtent, void, undefined> {
  const { start, end, address, extentBytes, isEncrypted } = stretch;
  const kind = isEncrypted ? 'encrypted' : 'compressed';
  let isFirst = true;
  for (const piece of stored(page, stretch, kind, address, extentBytes)) {
    yield isFirst ? { ...piece, offsetBytes: start, lengthBytes: end - start } : piece;
    isFirst = false;
  }
}

/** Of an extent what lies before, between and behind the parts that this leaf has of it. */
function* slackOf(
  page: LeafExtents,
  parts: readonly Stretch[],
): Generator<FileExtent, void, undefined> {
  const [first] = parts;
  if (first === undefined || first.isCompressed || first.isEncrypted) return;
  const { address, extentBytes } = first;
  const ascending = [...parts].sort((a, b) => a.skippedBytes - b.skippedBytes);
  let used = 0;
  for (const { skippedBytes, start, end } of ascending) {
    if (skippedBytes > used) {
      yield* stored(page, first, 'slack', address + used, skippedBytes - used);
    }
    used = Math.max(used, skippedBytes + end - start);
  }
  if (used < extentBytes) yield* stored(page, first, 'slack', address + used, extentBytes - used);
}

function* stored(
  page: LeafExtents,
  { address: extent }: Stretch,
  kind: StoredExtent['kind'],
  address: number,
  lengthBytes: number,
): Generator<StoredExtent, void, undefined> {
  const { volume, countedAs } = page;
  volume.spend(lengthBytes);
  const shared = sharingOf(page, extent);
  const place = { kind, offsetBytes: null, lengthBytes: 0, ...shared, countedAs };
  for (const { at, copies } of placed(volume.recovered.pool, address, lengthBytes)) {
    yield copies.length === 0 ? { ...place, at } : { ...place, at, copies };
  }
}

/** Parts of one extent that do not lie over each other are the file's alone, however many there are. */
function sharingOf(
  { sharing, isLeafShared, byExtent, spread }: LeafExtents,
  extent: number,
): Pick<StoredExtent, 'isShared' | 'isSharedWithin'> {
  if (sharing === null) return { isShared: null };
  const parts = spread.get(extent) ?? byExtent.get(extent) ?? [];
  if (isLeafShared || sharing.references(extent) > parts.length) return { isShared: true };
  const ascending = [...parts].sort((a, b) => a.skippedBytes - b.skippedBytes);
  const isWithin = ascending.some((part, i) => {
    const before = ascending[i - 1];
    // Of a compressed extent each part takes all.
    const isWhole = part.isCompressed || part.isEncrypted;
    return before !== undefined && (isWhole || endInExtent(before) > part.skippedBytes);
  });
  return isWithin ? { isShared: true, isSharedWithin: true } : { isShared: false };
}

function endInExtent({ skippedBytes, start, end }: Stretch): number {
  return skippedBytes + end - start;
}
