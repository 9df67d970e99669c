// The chunks of an Android sparse image, which a walk over their headers finds.
// References: AOSP system/core/libsparse/sparse_read.cpp process_chunk() and what it calls.
import { parseSimgChunk, parseSimgFill, SimgChunkKind } from '../../../generated/container/simg.js';
import { lastAtMost } from '../../bytes/search.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError, invalidIn } from '../../errors.js';
import type { HostFile, Scope } from '../../host/scope.js';
import { equals, int } from '../../validation/guest.js';
import { CHUNK_HEADER_BYTES, FILL_BYTES, type Header } from './header.js';

const invalid = invalidIn('simg: ');

/** The chunks as columns, by their number: they lie one behind the other on the disk, and none is empty. */
export interface ChunkTable {
  readonly kinds: readonly ChunkKind[];
  /** Where each chunk begins on the disk. */
  readonly starts: readonly number[];
  /** Where its data are in the file: those of a filled one are the four bytes. */
  readonly hostOffsets: readonly number[];
  readonly sizeBytes: number;
  /** Where the last chunk ends in the file. */
  readonly endBytes: number;
}

/** `zeros`: filled with zeros. `absent`: left out, so that a new disk has zeros there. */
type ChunkKind = 'raw' | 'fill' | 'zeros' | 'absent';

/** So much is read at a time: one page of the file, which small chunks share. */
const WINDOW_BYTES = 4096;
const CHUNKS_PER_CHECK = 4096;

/** @throws FormatError. */
export async function readChunks(
  file: HostFile,
  header: Header,
  scope: Scope,
): Promise<ChunkTable> {
  const { chunkCount, blockBytes, sizeBytes } = header;
  const [kinds, starts, hostOffsets]: [ChunkKind[], number[], number[]] = [[], [], []];
  const bytesAt = windowOf(file);
  let [at, start] = [header.endBytes, 0];
  for (let index = 0; index < chunkCount; index++) {
    if (index % CHUNKS_PER_CHECK === 0) scope.check();
    const roomBlocks = (sizeBytes - start) / blockBytes;
    const chunk = await readChunk(bytesAt, file.sizeBytes, header, at, index, roomBlocks);
    if (chunk.blockCount > 0) {
      kinds.push(chunk.kind);
      starts.push(start);
      hostOffsets.push(at + header.chunkHeaderBytes);
    }
    start += chunk.blockCount * blockBytes;
    at += chunk.lengthBytes;
  }
  if (start < sizeBytes) throw invalid(`the last chunk ends at ${start}, the disk at ${sizeBytes}`);
  return { kinds, starts, hostOffsets, sizeBytes, endBytes: at };
}

/** The chunk that holds the offset. */
export function chunkAt({ starts }: ChunkTable, offset: number): number {
  return lastAtMost(offset, starts.length, (i) => starts[i]);
}

interface Chunk {
  readonly kind: ChunkKind;
  /** 0 for a checksum, which holds nothing of the disk. */
  readonly blockCount: number;
  /** In the file, with the header. */
  readonly lengthBytes: number;
}

/** Some bytes of the file: a view of what was read last, if that holds them. */
type BytesAt = (offset: number, length: number) => Promise<Uint8Array> | Uint8Array;

function windowOf(file: ByteSource): BytesAt {
  let start = 0;
  let held: Uint8Array = new Uint8Array(0);
  return (offset, length) => {
    if (offset >= start && offset + length <= start + held.length) {
      return held.subarray(offset - start, offset - start + length);
    }
    const wanted = Math.min(file.sizeBytes - offset, Math.max(length, WINDOW_BYTES));
    return file.read(offset, wanted).then((bytes) => {
      start = offset;
      held = bytes;
      return bytes.subarray(0, length);
    });
  };
}

async function readChunk(
  bytesAt: BytesAt,
  fileBytes: number,
  { blockBytes, chunkHeaderBytes }: Header,
  at: number,
  index: number,
  roomBlocks: number,
): Promise<Chunk> {
  checkEnd(at + chunkHeaderBytes, fileBytes, index);
  const head = parseSimgChunk(await bytesAt(at, CHUNK_HEADER_BYTES));
  const isChecksum = equals(head.kind, SimgChunkKind.CRC);
  const blockCount = int(head.numBlocks, `simg: blocks of chunk ${index}`, 0, roomBlocks);
  const isRaw = equals(head.kind, SimgChunkKind.RAW);
  const isFill = equals(head.kind, SimgChunkKind.FILL);
  if (!isRaw && !isFill && !isChecksum && !equals(head.kind, SimgChunkKind.DONT_CARE)) {
    throw invalid(`chunk ${index} at ${at} of the file is of no kind that is known`);
  }
  const dataBytes = isRaw ? blockCount * blockBytes : isFill || isChecksum ? FILL_BYTES : 0;
  const lengthBytes = chunkHeaderBytes + dataBytes;
  if (!equals(head.lenChunk, lengthBytes)) {
    throw invalid(`chunk ${index} of ${blockCount} blocks has not the ${lengthBytes} bytes of one`);
  }
  checkEnd(at + lengthBytes, fileBytes, index);
  if (isRaw) return { kind: 'raw', blockCount, lengthBytes };
  if (isChecksum) return { kind: 'absent', blockCount: 0, lengthBytes };
  if (!isFill) return { kind: 'absent', blockCount, lengthBytes };
  const { value } = parseSimgFill(await bytesAt(at + chunkHeaderBytes, FILL_BYTES));
  return { kind: equals(value, 0) ? 'zeros' : 'fill', blockCount, lengthBytes };
}

function checkEnd(end: number, fileBytes: number, index: number): void {
  if (end <= fileBytes) return;
  throw new FormatError(
    'TRUNCATED',
    `simg: chunk ${index} ends at ${end} of a file of ${fileBytes} bytes: the image was cut off`,
    { data: { end, fileBytes } },
  );
}
