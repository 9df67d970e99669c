// A btrfs after its log, as the parts of the reader of files share it.
import { FormatError } from '../../errors.js';
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
  /** What has several owners; read when it is first asked for. null: that could not be read. */
  sharing(): Promise<Sharing | null>;
}

/** Trees have 64 bits, the filesystem's own ones those with a sign. */
export function fileId(tree: bigint, number: number): FileId {
  return { tree: Number(BigInt.asIntN(64, tree)), number };
}

/** Tells of a damaged part of a file, or of no file's; a limit is no damage, and is thrown. */
export function tell({ walk }: Pick<BtrfsVolume, 'walk'>, id: FileId | null, error: FormatError) {
  if (error.code === 'LIMIT') throw error;
  walk.onDoubt({ id, error });
}

/** Runs a part of a walk; what is damaged in it is told, and ends it. @throws FormatError LIMIT. */
export async function* toldOf<T>(
  volume: Pick<BtrfsVolume, 'walk'>,
  id: FileId | null,
  part: AsyncIterable<T>,
): AsyncGenerator<T, void, undefined> {
  try {
    yield* part;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    tell(volume, id, error);
  }
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
