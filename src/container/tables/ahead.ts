// What is read soon of an image's disk, as ranges of its files: the tables are looked up for all at once, and so are the data.
import type { ByteRange, ByteSource } from '../../bytes/source.js';

/** As much of an extent as says where it lies. */
interface PlacedExtent extends ByteRange {
  readonly kind: string;
  readonly hostOffsetBytes?: number;
  readonly hostLengthBytes?: number;
}

interface MappedDisk {
  readonly sizeBytes: number;
  readonly file: ByteSource;
  readonly data: ByteSource;
  readonly backing: ByteSource | null;
  map(offsetBytes: number, lengthBytes: number): Promise<readonly PlacedExtent[]>;
}

/** The function `ahead` of an image's disk, if any of its files has one. */
export function aheadThrough(parts: MappedDisk): Pick<ByteSource, 'ahead'> {
  const { file, data, backing } = parts;
  if ([file, data, backing].every((source) => source?.ahead === undefined)) return {};
  return {
    async ahead(ranges) {
      await Promise.allSettled(ranges.map((range) => aheadOne(parts, range)));
    },
  };
}

async function aheadOne(
  { map, sizeBytes, file, data, backing }: MappedDisk,
  { offsetBytes, lengthBytes }: ByteRange,
): Promise<void> {
  const length = Math.min(lengthBytes, sizeBytes - offsetBytes);
  if (offsetBytes < 0 || length <= 0) return;
  const extents = await map(offsetBytes, length);
  const of = (kind: string) => extents.filter((extent) => extent.kind === kind);
  await Promise.all([
    data.ahead?.(of('data').flatMap(rangeInFile)),
    file.ahead?.(of('compressed').flatMap(rangeInFile)),
    backing?.ahead?.(of('backing')),
  ]);
}

function rangeInFile(extent: PlacedExtent): readonly ByteRange[] {
  const { hostOffsetBytes, hostLengthBytes = extent.lengthBytes } = extent;
  if (hostOffsetBytes === undefined) return [];
  return [{ offsetBytes: hostOffsetBytes, lengthBytes: hostLengthBytes }];
}
