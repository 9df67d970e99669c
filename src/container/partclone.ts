// partclone's image: those blocks of a partition that its filesystem uses, as Clonezilla, Rescuezilla and FOG keep them.
// What is not used reads as zeros, as after a restore to a new disk.
// References: partclone IMAGE_FORMATS.md, src/partclone.c.
import { type ContainerFormat, layerOf } from './container.js';
import { type BlockRanks, openBitmap } from './partclone/bitmap.js';
import { type Header, MIN_HEADER_BYTES, readHeader } from './partclone/header.js';
import type { DiskExtent } from './tables/disk-extent.js';
import { extentBuilder } from './tables/extent-builder.js';
import { extentContent } from './tables/extents.js';

const EXTENTS_AT_ONCE = 1024;

export const partclone: ContainerFormat = {
  name: 'partclone',
  async probe(file) {
    return file.sizeBytes >= MIN_HEADER_BYTES;
  },
  async open(file, { scope }) {
    const header = await readHeader(file);
    const { sizeBytes, blockBytes } = header;
    const ranks = await openBitmap(file, header, scope);
    const map = (offset: number, length: number) =>
      mapRange(header, ranks, offset, Math.min(sizeBytes, offset + length));
    const layer = layerOf(file, 'partclone', {
      version: header.version,
      features: header.features,
      clusterBytes: blockBytes,
      capacityBytes: sizeBytes,
      map,
      inspect: async () => ({
        watermarkBytes: ranks.endBytes,
        leakedClusterCount: null,
        snapshots: [],
      }),
    });
    const parts = { format: 'partclone', sizeBytes, scope, map, file, data: file };
    return { content: extentContent({ ...parts, backing: null, decompress: null }), layer };
  },
};

async function mapRange(
  { blockBytes, blockCount }: Header,
  ranks: BlockRanks,
  offset: number,
  end: number,
): Promise<readonly DiskExtent[]> {
  const extents = extentBuilder();
  const filesystemEnd = blockCount * blockBytes;
  // The device may be longer than its filesystem.
  if (offset >= filesystemEnd) {
    extents.plain('backing', offset, end - offset);
    return extents.finish();
  }
  const first = Math.floor(offset / blockBytes);
  const last = Math.ceil(Math.min(end, filesystemEnd) / blockBytes);
  const { isUsed, count, rank } = await ranks.piece(first, last - first);
  for (let [i, used] = [0, rank]; i < count && extents.count < EXTENTS_AT_ONCE; i++) {
    const start = (first + i) * blockBytes;
    const from = Math.max(offset, start);
    const lengthBytes = Math.min(end, start + blockBytes) - from;
    if (!isUsed(i)) extents.plain('backing', from, lengthBytes);
    else extents.data(from, lengthBytes, ranks.hostOffset(used++) + (from - start));
  }
  return extents.finish();
}
