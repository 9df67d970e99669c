// The bytes of a filesystem that is written once (ISO 9660, SquashFS, EROFS). Nothing is ever free on it, and nothing says which
// blocks are in use: what no file and no structure has is told as not in use, and df counts it all the same.
import { type Cover, coverOf, NOTHING, rangeList, together, without } from '../bytes/range-list.js';
import type { ByteRange, ByteSource } from '../bytes/source.js';
import type { DfCount, FileNode, MetadataRange } from './files.js';
import { volumeRange } from './files.js';

const PAGE = 256;

/** Structures of one name. Where a file has a byte of theirs too, it is the file's. */
export interface NamedRanges {
  readonly name: string;
  readonly ranges: Iterable<ByteRange> | AsyncIterable<ByteRange>;
}

export interface WrittenOnce {
  readonly volumes: readonly ByteSource[];
  /** Where the filesystem ends for df. */
  readonly endBytes: number;
}

/** What lies behind the end of a filesystem is of no number of df's. */
export function countedAt({ endBytes }: WrittenOnce, offsetBytes: number): DfCount {
  return offsetBytes < endBytes ? 'used' : 'overhead';
}

/** The structures in their order, and all that is left: of two structures with one byte the first one has it. */
export async function* metadataOf(
  volume: WrittenOnce,
  files: AsyncIterable<readonly FileNode[]>,
  parts: readonly NamedRanges[],
): AsyncGenerator<readonly MetadataRange[], void, undefined> {
  const sizeBytes = volume.volumes[0]?.sizeBytes ?? 0;
  let taken = await coverOfFiles(files);
  for (const { name, ranges } of parts) {
    const own = await coverOfRanges(ranges, sizeBytes);
    yield* pagesOf(without(own, taken), (at) => ({
      at: volumeRange(volume.volumes, at.offsetBytes, at.lengthBytes),
      name,
      kind: 'metadata',
      countedAs: countedAt(volume, at.offsetBytes),
    }));
    taken = together(taken, own);
  }
  yield* rest(volume, taken, sizeBytes);
}

async function* rest(volume: WrittenOnce, taken: Cover, sizeBytes: number) {
  const endBytes = Math.min(volume.endBytes, sizeBytes);
  const left = (name: string, start: number, end: number) =>
    pagesOf(without(end > start ? coverOf(start, end) : NOTHING, taken), (at) => ({
      at: volumeRange(volume.volumes, at.offsetBytes, at.lengthBytes),
      name,
      kind: 'unused',
      countedAs: countedAt(volume, at.offsetBytes),
    }));
  yield* left('not in use', 0, endBytes);
  yield* left('behind the filesystem', endBytes, sizeBytes);
}

function* pagesOf(
  ranges: Iterable<ByteRange>,
  make: (at: ByteRange) => MetadataRange,
): Generator<readonly MetadataRange[], void, undefined> {
  let page: MetadataRange[] = [];
  for (const range of ranges) {
    page.push(make(range));
    if (page.length < PAGE) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

async function coverOfFiles(files: AsyncIterable<readonly FileNode[]>): Promise<Cover> {
  const all = rangeList();
  for await (const page of files) {
    for (const node of page) {
      for await (const extents of node.extents()) {
        for (const extent of extents) {
          if (extent.kind === 'hole' || extent.kind === 'inline') continue;
          const { offsetBytes, lengthBytes } = extent.at;
          all.add(offsetBytes, offsetBytes + lengthBytes);
        }
      }
    }
  }
  return all.cover();
}

/** What of them lies within the volume: a structure that is cut has the rest of it. */
async function coverOfRanges(ranges: NamedRanges['ranges'], sizeBytes: number): Promise<Cover> {
  const all = rangeList();
  for await (const { offsetBytes, lengthBytes } of ranges) {
    all.add(offsetBytes, Math.min(offsetBytes + lengthBytes, sizeBytes));
  }
  return all.cover();
}
