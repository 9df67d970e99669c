// The bytes of a filesystem that only a walk over all its files tells: those of written-once formats (ISO 9660, SquashFS, EROFS), of
// which nothing says what is in use, and of UDF, whose records nothing lists. What no file and no structure has of the former is
// told as not in use, and df counts it all the same.
import {
  type Cover,
  coverFrom,
  coverOf,
  NOTHING,
  rangeList,
  together,
  without,
} from '../bytes/range-list.js';
import type { ByteRange, ByteSource } from '../bytes/source.js';
import type { DfCount, FileNode, MetadataRange } from './files.js';
import { volumeRange } from './files.js';

const PAGE = 256;

/** Structures of one name. Where a file has a byte of theirs too, it is the file's. */
export interface NamedRanges {
  readonly name: string;
  /** `metadata` where it is left out. */
  readonly kind?: MetadataRange['kind'];
  readonly ranges: Iterable<ByteRange> | AsyncIterable<ByteRange>;
}

/** A volume, and which of its bytes df counts. */
interface Counted {
  readonly volumes: readonly ByteSource[];
  readonly counted: Cover;
}

export interface WrittenOnce {
  readonly volumes: readonly ByteSource[];
  /** Where the filesystem ends for df. */
  readonly endBytes: number;
}

type Pages = AsyncGenerator<readonly MetadataRange[], void, undefined>;

/** What lies behind the end of a filesystem is of no number of df's. */
export function countedAt({ endBytes }: WrittenOnce, offsetBytes: number): DfCount {
  return offsetBytes < endBytes ? 'used' : 'overhead';
}

/** The structures in their order, and all that is left: of two structures with one byte the first one has it. */
export function metadataOf(
  { volumes, endBytes }: WrittenOnce,
  files: AsyncIterable<readonly FileNode[]>,
  parts: readonly NamedRanges[],
): Pages {
  const end = Math.min(endBytes, volumes[0]?.sizeBytes ?? 0);
  const counted = end > 0 ? coverOf(0, end) : NOTHING;
  const rest = { within: 'not in use', outside: 'behind the filesystem' };
  return claimedRanges({ volumes, counted }, files, parts, rest);
}

/**
 * The same where df counts other bytes.
 * @param rest the names of what is left of these, and of the others; null: it is nobody's.
 */
export async function* claimedRanges(
  volume: Counted,
  files: AsyncIterable<readonly FileNode[]>,
  parts: readonly NamedRanges[],
  rest: { readonly within: string | null; readonly outside: string },
): Pages {
  const sizeBytes = volume.volumes[0]?.sizeBytes ?? 0;
  const all = sizeBytes > 0 ? coverOf(0, sizeBytes) : NOTHING;
  const { counted } = volume;
  const uncounted = coverFrom(without(all, counted));
  let taken = await coverOfFiles(files);
  const told = (own: Cover, name: string, kind: MetadataRange['kind']) =>
    pagesOf(volume, [
      [without(coverFrom(without(own, taken)), uncounted), { name, kind, countedAs: 'used' }],
      [without(coverFrom(without(own, taken)), counted), { name, kind, countedAs: 'overhead' }],
    ]);
  for (const { name, kind = 'metadata', ranges } of parts) {
    const own = await coverOfRanges(ranges, sizeBytes);
    yield* told(own, name, kind);
    taken = together(taken, own);
  }
  if (rest.within !== null) yield* told(counted, rest.within, 'unused');
  yield* told(uncounted, rest.outside, 'unused');
}

type Told = Omit<MetadataRange, 'at'>;

function* pagesOf(
  { volumes }: Counted,
  parts: readonly (readonly [Iterable<ByteRange>, Told])[],
): Generator<readonly MetadataRange[], void, undefined> {
  let page: MetadataRange[] = [];
  for (const [ranges, told] of parts) {
    for (const { offsetBytes, lengthBytes } of ranges) {
      page.push({ ...told, at: volumeRange(volumes, offsetBytes, lengthBytes) });
      if (page.length < PAGE) continue;
      yield page;
      page = [];
    }
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
