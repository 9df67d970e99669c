// Reads a listing: a path, a name, a row after the other, without an object for each that is kept.
import type { FileKind } from '../../filesystem/files.js';
import { MAX_DU_PATH_BYTES, MAX_DU_PATH_DEPTH } from '../../limits.js';
import { KINDS } from './gather.js';
import type { Listing } from './record.js';

/** A file or directory as it is listed. */
export interface DuEntry {
  /** From the filesystem's root on, with a slash before it, in the guest's bytes. */
  readonly path: Uint8Array;
  readonly kind: FileKind;
  /** Below the top. */
  readonly depth: number;
  readonly sizeBytes: number;
  /** st_blocks in bytes. */
  readonly allocatedBytes: number;
  /** The same of it and all below it, each file once. */
  readonly totalSizeBytes: number;
  readonly totalBytes: number;
  readonly tree: number;
  readonly inode: number;
  readonly linkCount: number;
  /** Another path that sorts before this one leads to the same file, and has its bytes. */
  readonly isRepeated: boolean;
  /** In seconds since 1970; null: nobody asked, or the format does not say. */
  readonly modifiedSeconds: number | null;
}

/** All that are listed, but for those whose paths are too long. */
export function* duEntries(listing: Listing): Generator<DuEntry> {
  const paths = pathsOf(listing);
  for (const node of listing.order) {
    const path = paths(node);
    if (path !== null) yield entryAt(listing, node, path);
  }
}

function entryAt(listing: Listing, node: number, path: Uint8Array): DuEntry {
  const { modified } = listing;
  const seconds = modified[node] ?? Number.NaN;
  return {
    path,
    kind: KINDS[listing.kinds[node] ?? 0] ?? 'file',
    depth: listing.depths[node] ?? 0,
    sizeBytes: listing.sizes[node] ?? 0,
    allocatedBytes: listing.allocated[node] ?? 0,
    totalSizeBytes: listing.totalSizes[node] ?? 0,
    totalBytes: listing.totalAllocated[node] ?? 0,
    tree: listing.trees[node] ?? 0,
    inode: listing.inodes[node] ?? 0,
    linkCount: listing.links[node] ?? 0,
    isRepeated: listing.isRepeated[node] === 1,
    modifiedSeconds: Number.isNaN(seconds) ? null : seconds,
  };
}

/** The bytes of a node's name; none of the top. */
function nameOf({ names, nameEnds }: Listing, node: number): Uint8Array {
  return names.subarray(node === 0 ? 0 : (nameEnds[node - 1] ?? 0), nameEnds[node] ?? 0);
}

const SLASH = Buffer.from('/');

/** The path of a node; null: it is longer than what is shown. The directory of the last one is remembered. */
function pathsOf(listing: Listing): (node: number) => Uint8Array | null {
  const { top, parents, depths } = listing;
  const topPath = Buffer.from(top);
  let known = -1;
  let directory: Uint8Array | null = null;
  const climbed = (node: number): Uint8Array | null => {
    if ((depths[node] ?? 0) > MAX_DU_PATH_DEPTH) return null;
    const parts: Uint8Array[] = [];
    let length = topPath.length;
    for (let at = node; at > 0; at = parents[at] ?? 0) {
      const name = nameOf(listing, at);
      length += name.length + 1;
      if (length > MAX_DU_PATH_BYTES) return null;
      parts.push(name, SLASH);
    }
    return Buffer.concat([topPath, ...parts.reverse()]);
  };
  return (node) => {
    if (node === 0) return topPath.length === 0 ? SLASH : topPath;
    const parent = parents[node] ?? 0;
    if (parent !== known) [known, directory] = [parent, climbed(parent)];
    if (directory === null) return null;
    const path = Buffer.concat([directory, SLASH, nameOf(listing, node)]);
    return path.length > MAX_DU_PATH_BYTES ? null : path;
  };
}
