// What is read soon of an image's disk, as ranges of its files: the tables are looked up for all at once, and so are the data.
import type { ByteRange, ByteSource } from '../../bytes/source.js';
import type { DiskExtent, ExtentParts } from './extents.js';

/** The function `ahead` of an image's disk, if any of its files has one. */
export function aheadThrough(parts: ExtentParts): Pick<ByteSource, 'ahead'> {
  const { file, data, backing } = parts;
  if ([file, data, backing].every((source) => source?.ahead === undefined)) return {};
  return {
    async ahead(ranges) {
      await Promise.allSettled(ranges.map((range) => aheadOne(parts, range)));
    },
  };
}

async function aheadOne(
  { map, sizeBytes, file, data, backing }: ExtentParts,
  { offsetBytes, lengthBytes }: ByteRange,
): Promise<void> {
  const length = Math.min(lengthBytes, sizeBytes - offsetBytes);
  if (offsetBytes < 0 || length <= 0) return;
  const extents = await map(offsetBytes, length);
  const of = (kind: DiskExtent['kind']) => extents.filter((extent) => extent.kind === kind);
  await Promise.all([
    data.ahead?.(of('data').flatMap(rangeInFile)),
    file.ahead?.(of('compressed').flatMap(rangeInFile)),
    backing?.ahead?.(of('backing')),
  ]);
}

function rangeInFile(extent: DiskExtent): readonly ByteRange[] {
  if (extent.kind === 'data') {
    return [{ offsetBytes: extent.hostOffsetBytes, lengthBytes: extent.lengthBytes }];
  }
  if (extent.kind !== 'compressed') return [];
  return [{ offsetBytes: extent.hostOffsetBytes, lengthBytes: extent.hostLengthBytes }];
}
