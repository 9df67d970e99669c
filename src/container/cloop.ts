// cloop: a disk in blocks that are compressed with zlib, for reading only.
// References: QEMU block/cloop.c cloop_open(), cloop_read_block(); cloop compressed_loop.h;
// QEMU tests/qemu-iotests/075 for images that must be refused.
import { cloopBlockOffsetRecords, parseCloop } from '../../generated/container/cloop.js';
import { SECTOR_BYTES } from '../bytes/sector.js';
import type { ByteSource } from '../bytes/source.js';
import { FormatError } from '../errors.js';
import type { HostFile } from '../host/scope.js';
import { MIB } from '../limits.js';
import { int } from '../validation/guest.js';
import { inflateExactly } from './compression/inflate.js';
import { type ContainerFormat, layerOf } from './container.js';
import type { CompressedExtent } from './tables/disk-extent.js';
import { extentContent } from './tables/extents.js';

interface Header {
  readonly sizeBytes: number;
  readonly blockBytes: number;
  readonly blockCount: number;
}

const HEADER_BYTES = 136;
const ENTRY_BYTES = 8;
/** QEMU's own limits for a block, and for its compressed stream. */
const MAX_BLOCK_BYTES = 64 * MIB;
const MAX_STREAM_BYTES = 64 * MIB;
const BLOCKS_AT_ONCE = 512;

export const cloop: ContainerFormat = {
  name: 'cloop',
  async probe(file) {
    return file.sizeBytes >= HEADER_BYTES + 2 * ENTRY_BYTES;
  },
  async open(file, { scope }) {
    const header = await readHeader(file);
    const { sizeBytes, blockBytes, blockCount } = header;
    const map = (offset: number, length: number) => mapRange(file, header, offset, length);
    const layer = layerOf(file, 'cloop', {
      version: '2.0',
      features: ['zlib'],
      clusterBytes: blockBytes,
      capacityBytes: sizeBytes,
      map,
      inspect: async () => ({
        watermarkBytes: (await readOffsets(file, blockCount, 0))[0] ?? null,
        leakedClusterCount: null,
        snapshots: [],
      }),
    });
    const content = extentContent({
      format: 'cloop',
      sizeBytes,
      scope,
      map,
      file,
      data: file,
      backing: null,
      decompress: decompressBlock,
    });
    return { content, layer };
  },
};

async function readHeader(file: HostFile): Promise<Header> {
  const header = parseCloop(await file.read(0, Math.min(HEADER_BYTES, file.sizeBytes)));
  const blockBytes = int(header.lenBlock, 'cloop: block size', SECTOR_BYTES, MAX_BLOCK_BYTES);
  if (blockBytes % SECTOR_BYTES !== 0) {
    const message = `cloop: the block size ${blockBytes} is no multiple of ${SECTOR_BYTES}`;
    throw new FormatError('INVALID', message, { data: { blockBytes } });
  }
  const room = Math.floor((file.sizeBytes - HEADER_BYTES) / ENTRY_BYTES);
  const blockCount = int(header.numBlocks, 'cloop: number of blocks', 0, Math.max(0, room - 1));
  return { blockBytes, blockCount, sizeBytes: blockCount * blockBytes };
}

/** The offsets of `count` blocks in the file, and the end of the last one. */
async function readOffsets(file: ByteSource, first: number, count: number) {
  const bytes = await file.read(HEADER_BYTES + first * ENTRY_BYTES, (count + 1) * ENTRY_BYTES);
  const records = cloopBlockOffsetRecords(bytes);
  return Array.from({ length: count + 1 }, (_, i) =>
    int(records.at(i).value, `cloop: offset of block ${first + i}`, 0, file.sizeBytes),
  );
}

async function mapRange(
  file: ByteSource,
  { blockBytes }: Header,
  offset: number,
  wantedBytes: number,
): Promise<readonly CompressedExtent[]> {
  const first = Math.floor(offset / blockBytes);
  const last = Math.floor(Math.max(offset, offset + wantedBytes - 1) / blockBytes);
  const offsets = await readOffsets(file, first, Math.min(last - first + 1, BLOCKS_AT_ONCE));
  return offsets.slice(0, -1).map((hostOffsetBytes, i) => {
    const block = first + i;
    const blockOffsetBytes = block * blockBytes;
    const start = Math.max(offset, blockOffsetBytes);
    const end = Math.min(offset + wantedBytes, blockOffsetBytes + blockBytes);
    return {
      kind: 'compressed',
      offsetBytes: start,
      lengthBytes: end - start,
      hostOffsetBytes,
      hostLengthBytes: streamLength(block, hostOffsetBytes, offsets[i + 1] ?? 0),
      blockOffsetBytes,
      blockBytes,
    };
  });
}

function streamLength(block: number, start: number, end: number): number {
  if (start < end && end - start <= MAX_STREAM_BYTES) return end - start;
  throw new FormatError(
    'INVALID',
    `cloop: block ${block} is at ${start}, the next at ${end}; a block has 1 to ${MAX_STREAM_BYTES} bytes`,
    { data: { block, start, end } },
  );
}

function decompressBlock(
  stream: Uint8Array,
  { blockOffsetBytes, blockBytes }: CompressedExtent,
): Uint8Array {
  return inflateExactly(stream, blockBytes, 'zlib', `cloop: the block at ${blockOffsetBytes}`);
}
