// Reads the chunks of the disk, each decompressed or checked against its checksum.
// References: J. Metz, "Expert Witness Compression Format specification", sections "Sectors section" and "Table section".
import { parseEwfAdler } from '../../../generated/container/ewf.js';
import { FormatError } from '../../errors.js';
import { equals } from '../../validation/guest.js';
import { inflateExactly } from '../compression/inflate.js';
import type { CompressedExtent, DataExtent, MissingExtent } from '../tables/disk-extent.js';
import { adler32 } from './adler32.js';
import {
  type ChunkParts,
  chunkCountOf,
  missingChunks,
  numberedTables,
  placeChunk,
  sourceOf,
} from './places.js';

interface ChunkReader {
  /** The whole content of a chunk; the last one ends with the disk. @throws FormatError. */
  chunk(index: number): Promise<Uint8Array>;
  /**
   * The extent of a chunk within `offset`..`end` of the disk. Its host offset counts through the segment files as one
   * file.
   */
  extent(
    index: number,
    offset: number,
    end: number,
  ): Promise<DataExtent | CompressedExtent | MissingExtent>;
  /** As `Layer.cut`. */
  readonly cut: FormatError | null;
}

const CHECKSUM_BYTES = 4;

export function chunkReader(parts: ChunkParts): ChunkReader {
  const tables = numberedTables(parts);
  const { scope, volume, path } = parts;
  const starts: number[] = [];
  let total = 0;
  for (const part of parts.parts) {
    starts.push(total);
    total += part.sizeBytes;
  }
  const lengthOf = (index: number): number =>
    Math.min(volume.chunkBytes, volume.sizeBytes - index * volume.chunkBytes);
  const place = (index: number) => placeChunk(parts, tables, index);
  const chunkCount = chunkCountOf(tables);
  const cut = missingChunks(chunkCount, volume);
  return {
    cut,
    async chunk(index) {
      const placed = await place(index);
      const key = `${path}@ewf:${placed.segment}:${placed.offsetBytes}`;
      const held = scope.clusters.get(key);
      if (held?.length === lengthOf(index)) return held;
      scope.spend(lengthOf(index));
      const stream = await sourceOf(parts, placed.segment).read(
        placed.offsetBytes,
        placed.lengthBytes,
      );
      const bytes = placed.isCompressed
        ? inflateExactly(stream, lengthOf(index), 'zlib', `ewf: chunk ${index}`)
        : storedChunk(stream, lengthOf(index), index);
      scope.clusters.set(key, bytes);
      return bytes;
    },
    async extent(index, offset, end) {
      if (index >= chunkCount) {
        const lengthBytes = end - offset;
        const hostOffsetBytes = total;
        return {
          kind: 'missing',
          offsetBytes: offset,
          lengthBytes,
          hostOffsetBytes,
          fileBytes: total,
        };
      }
      const placed = await place(index);
      const blockOffsetBytes = index * volume.chunkBytes;
      const lengthBytes = Math.min(end, blockOffsetBytes + lengthOf(index)) - offset;
      const chunkStart = (starts[placed.segment] ?? 0) + placed.offsetBytes;
      const part = { offsetBytes: offset, lengthBytes };
      if (!placed.isCompressed) {
        return { kind: 'data', ...part, hostOffsetBytes: chunkStart + offset - blockOffsetBytes };
      }
      return {
        kind: 'compressed',
        ...part,
        hostOffsetBytes: chunkStart,
        hostLengthBytes: placed.lengthBytes,
        blockOffsetBytes,
        blockBytes: lengthOf(index),
      };
    },
  };
}

/** A chunk that is not compressed is followed by its checksum. */
function storedChunk(stream: Uint8Array, lengthBytes: number, index: number): Uint8Array {
  const stored = stream.subarray(lengthBytes, lengthBytes + CHECKSUM_BYTES);
  if (stored.length < CHECKSUM_BYTES) {
    const message = `ewf: chunk ${index} has ${stream.length} bytes, not ${lengthBytes + CHECKSUM_BYTES}`;
    throw new FormatError('TRUNCATED', message, { data: { index } });
  }
  const bytes = stream.subarray(0, lengthBytes);
  if (equals(parseEwfAdler(stored).value, adler32(bytes))) return bytes;
  throw new FormatError('BAD_CHECKSUM', `ewf: chunk ${index} does not match its checksum`);
}
