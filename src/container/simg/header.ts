// The header of an Android sparse image.
// References: AOSP system/core/libsparse/sparse_read.cpp sparse_file_read_sparse().
import { parseSimg } from '../../../generated/container/simg.js';
import type { ByteSource } from '../../bytes/source.js';
import { invalidIn, UnsupportedError } from '../../errors.js';
import { GIB } from '../../limits.js';
import { equals, int } from '../../validation/guest.js';

export interface Header {
  readonly version: string;
  readonly blockBytes: number;
  /** Size of the disk that the guest sees. */
  readonly sizeBytes: number;
  readonly chunkCount: number;
  /** Where the first chunk begins. */
  readonly endBytes: number;
  readonly chunkHeaderBytes: number;
}

const invalid = invalidIn('simg: ');

export const HEADER_BYTES = 28;
export const CHUNK_HEADER_BYTES = 12;
/** The bytes that a chunk is filled with; also what the size of a block is a multiple of. */
export const FILL_BYTES = 4;
const MAJOR_VERSION = 1;
/** Newer versions may have further fields; so many bytes of them are more than any has. */
const MAX_HEADER_BYTES = 4096;
/** An image of 8 GiB whose blocks of 4 KiB are there and not there in turn has twice as many, which no tool makes. */
const MAX_CHUNKS = 2 ** 20;

/** @throws FormatError; UnsupportedError UNSUPPORTED_FEATURE for another version. */
export async function readHeader(file: ByteSource): Promise<Header> {
  const header = parseSimg(await file.read(0, Math.min(HEADER_BYTES, file.sizeBytes)));
  if (!equals(header.majorVersion, MAJOR_VERSION)) {
    const message = `simg: the image is not of version ${MAJOR_VERSION}, the only one that is known`;
    throw new UnsupportedError('UNSUPPORTED_FEATURE', message);
  }
  const blockBytes = int(header.lenBlock, 'simg: block size', FILL_BYTES, GIB);
  if (blockBytes % FILL_BYTES !== 0) {
    throw invalid(`the block size ${blockBytes} is no multiple of ${FILL_BYTES}`);
  }
  const maxBlocks = Math.floor(Number.MAX_SAFE_INTEGER / blockBytes);
  const blockCount = int(header.numBlocks, 'simg: blocks of the disk', 0, maxBlocks);
  return {
    version: String(MAJOR_VERSION),
    blockBytes,
    sizeBytes: blockCount * blockBytes,
    chunkCount: int(header.numChunks, 'simg: number of chunks', 0, MAX_CHUNKS),
    endBytes: int(header.lenHeader, 'simg: size of the header', HEADER_BYTES, MAX_HEADER_BYTES),
    chunkHeaderBytes: int(
      header.lenChunkHeader,
      "simg: size of a chunk's header",
      CHUNK_HEADER_BYTES,
      MAX_HEADER_BYTES,
    ),
  };
}
