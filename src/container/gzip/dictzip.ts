// dictzip: one gzip member that is flushed after every chunk, with the lengths of the chunks in its header.
// References: dictzip(1), "CAVEATS" and "EXTRA FIELD".
import { gzipDictzipChunkRecords, parseGzipTrailer } from '../../../generated/container/gzip.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { int, u16 } from '../../validation/guest.js';
import { type BlockTable, tableBuilder } from '../compression/blocks.js';
import { type GzipHead, TRAILER_BYTES } from './head.js';

/** @throws FormatError when the chunks do not fit the file. */
export async function dictzipBlocks(file: ByteSource, head: GzipHead): Promise<BlockTable> {
  const { dictzip, streamOffsetBytes } = head;
  if (dictzip === null) throw new Error('not of dictzip');
  const { chunkBytes, chunkCount, table } = dictzip;
  const trailer = parseGzipTrailer(await file.read(file.sizeBytes - TRAILER_BYTES, TRAILER_BYTES));
  const [min, max] = [Math.max(0, (chunkCount - 1) * chunkBytes), chunkCount * chunkBytes];
  const sizeBytes = int(trailer.lenContent, 'gzip: size of the chunks of dictzip', min, max);
  const builder = tableBuilder('gzip');
  const chunks = gzipDictzipChunkRecords(table);
  let at = streamOffsetBytes;
  for (let i = 0; i < chunks.length; i++) {
    const length = u16(chunks.at(i).lenStream);
    builder.add(Math.min(chunkBytes, sizeBytes - i * chunkBytes), at, length);
    at += length;
  }
  if (at + TRAILER_BYTES <= file.sizeBytes) return builder.build();
  const message = `gzip: the chunks of dictzip end at ${at} of a file of ${file.sizeBytes} bytes`;
  throw new FormatError('OUT_OF_BOUNDS', message, { data: { at, sizeBytes: file.sizeBytes } });
}
