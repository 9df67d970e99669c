// A btrfs after its log, as the parts of the reader of files share it.
import { type FileId, type FileWalk, type VolumeRange, volumeRange } from '../files.js';
import type { FileTrees } from './file-trees.js';
import { placed } from './placed.js';
import type { Recovered } from './recovered.js';
import type { Sharing } from './sharing.js';
import type { Leaf } from './tree.js';
import type { WalkedNode } from './walk.js';

/** A filesystem whose files are read. */
export interface BtrfsVolume {
  readonly recovered: Recovered;
  readonly walk: FileWalk;
  readonly trees: FileTrees;
  /** Bounds how many bytes of extents are come to in all. @throws FormatError LIMIT */
  spend(bytes: number): void;
  /** What of these extents and nodes has several owners; read when it is first asked for. null: that could not be read. */
  sharing(addresses: readonly number[]): Promise<Sharing | null>;
}

/** Trees have 64 bits, the filesystem's own ones those with a sign. */
export function fileId(tree: bigint, number: number): FileId {
  return { tree: Number(BigInt.asIntN(64, tree)), number };
}

/** Where a part of an item lies, in the first copy of its leaf: to the end of the stripe if it goes on behind that. */
export function itemRange(
  { recovered: { pool } }: BtrfsVolume,
  { address, node }: WalkedNode<Leaf>,
  data: Uint8Array,
): VolumeRange {
  const at = address + data.byteOffset - node.bytes.byteOffset;
  const [first] = placed(pool, at, data.length);
  return first?.at ?? volumeRange(pool.sources, 0, 0);
}
