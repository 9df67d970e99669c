// Reads a listing: a row after the other, without an object for each that is kept.
import type { FileKind } from '../../filesystem/files.js';
import { bytesOf, type GuestPath, guestPath } from '../files/guest-path.js';
import { KINDS } from './gather.js';
import type { Listing } from './record.js';

/** A file or directory as it is listed. */
export interface DuEntry {
  readonly path: GuestPath;
  readonly kind: FileKind;
  /** Below the top. */
  readonly depth: number;
  readonly sizeBytes: number;
  /** st_blocks in bytes. */
  readonly allocatedBytes: number;
  /** The same of it and all below it, each file once. */
  readonly totalSizeBytes: number;
  readonly totalBytes: number;
  /** What of `totalBytes` no other file has, the sum of what each has alone; null: not known, or nothing is shared. */
  readonly exclusiveBytes: number | null;
  readonly tree: number;
  readonly inode: number;
  readonly linkCount: number;
  /** Another path that sorts before this one leads to the same file, and has its bytes. */
  readonly isRepeated: boolean;
  /** In seconds since 1970; null: nobody asked, or the format does not say. */
  readonly modifiedSeconds: number | null;
}

export function* duEntries(listing: Listing): Generator<DuEntry> {
  const pathOf = paths(listing);
  for (const node of listing.order) yield entryAt(listing, node, pathOf(node));
}

function entryAt(listing: Listing, node: number, path: GuestPath): DuEntry {
  const { files } = listing;
  const file = listing.fileOf[node] ?? 0;
  const seconds = files.modified[file] ?? Number.NaN;
  return {
    path,
    kind: KINDS[files.kinds[file] ?? 0] ?? 'file',
    depth: listing.depths[node] ?? 0,
    sizeBytes: files.sizes[file] ?? 0,
    allocatedBytes: files.allocated[file] ?? 0,
    totalSizeBytes: listing.totalSizes[node] ?? 0,
    totalBytes: listing.totalAllocated[node] ?? 0,
    exclusiveBytes: exclusiveOf(listing, node),
    tree: files.trees[file] ?? 0,
    inode: files.numbers[file] ?? 0,
    linkCount: files.links[file] ?? 0,
    isRepeated: listing.isRepeated[node] === 1,
    modifiedSeconds: Number.isNaN(seconds) ? null : seconds,
  };
}

function exclusiveOf({ totalAllocated, totalShared }: Listing, node: number): number | null {
  const bytes = (totalAllocated[node] ?? 0) - (totalShared[node] ?? Number.NaN);
  return Number.isNaN(bytes) ? null : Math.max(0, bytes);
}

/** The bytes of a node's name; none of the top. */
export function nameOf({ entryOf, names, nameEnds }: Listing, node: number): Uint8Array {
  const entry = entryOf[node] ?? -1;
  if (entry === -1) return names.subarray(0, 0);
  return names.subarray(entry === 0 ? 0 : (nameEnds[entry - 1] ?? 0), nameEnds[entry] ?? 0);
}

const SLASH = Buffer.from('/');

/** The path of a node. That of the last one's directory is remembered. */
function paths(listing: Listing): (node: number) => GuestPath {
  const { top, parents } = listing;
  const topPath = guestPath(Buffer.from(top));
  let known = 0;
  let directory = topPath;
  const climbed = (node: number): GuestPath => {
    const parts: Uint8Array[] = [];
    for (let at = node; at > 0; at = parents[at] ?? 0) parts.push(nameOf(listing, at), SLASH);
    return guestPath(Buffer.concat([Buffer.from(top), ...parts.reverse()]));
  };
  return (node) => {
    if (node === 0) return top === '' ? { text: '/', bytes: null } : topPath;
    const parent = parents[node] ?? 0;
    if (parent !== known) [known, directory] = [parent, climbed(parent)];
    const name = guestPath(nameOf(listing, node));
    return {
      text: `${directory.text}/${name.text}`,
      bytes:
        directory.bytes === null && name.bytes === null
          ? null
          : Buffer.concat([bytesOf(directory), SLASH, bytesOf(name)]),
    };
  };
}
