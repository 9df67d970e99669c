// BGZF: small gzip members, each of which says how long it is.
// References: SAM specification section 4.1 "The BGZF compression format"; bgzip(1).
import { parseGzipTrailer } from '../../../generated/container/gzip.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError, UnsupportedError } from '../../errors.js';
import type { Scope } from '../../host/scope.js';
import { equals, int } from '../../validation/guest.js';
import { type Block, type BlockTable, tableBuilder } from '../compression/blocks.js';
import { inflateExactly } from '../compression/inflate.js';
import { readGzipHead, TRAILER_BYTES } from './head.js';

const MAX_CONTENT_BYTES = 65_536;

interface BgzfBlocks {
  readonly blocks: BlockTable;
  decode(stream: Uint8Array, block: Block): Uint8Array;
}

/** Walks the members from the first to the last: each is at least one small read. @throws FormatError. */
export async function bgzfBlocks(wholeFile: ByteSource, scope: Scope): Promise<BgzfBlocks> {
  const builder = tableBuilder('gzip');
  const file = windowed(wholeFile);
  for (let at = 0; at < file.sizeBytes; ) {
    scope.check();
    const { bgzf, streamOffsetBytes } = await readGzipHead(file, at);
    if (bgzf === null) {
      const message = `gzip: the member at ${at} does not say how long it is, as those before it do`;
      throw new UnsupportedError('UNSUPPORTED_FORMAT', message, { data: { at } });
    }
    const end = at + bgzf.memberBytes;
    if (end > file.sizeBytes || streamOffsetBytes + TRAILER_BYTES > end) {
      const message = `gzip: the member at ${at} has ${bgzf.memberBytes} bytes; the file ends at ${file.sizeBytes}`;
      throw new FormatError('OUT_OF_BOUNDS', message, { data: { at } });
    }
    const trailer = parseGzipTrailer(await file.read(end - TRAILER_BYTES, TRAILER_BYTES));
    const length = int(trailer.lenContent, 'gzip: ISIZE of a member', 0, MAX_CONTENT_BYTES);
    builder.add(length, streamOffsetBytes, end - streamOffsetBytes);
    at = end;
  }
  return { blocks: builder.build(), decode };
}

/** Most pieces that are read lie close behind the one before: a trailer, and the fields of the next header. */
const WINDOW_BYTES = 4096;

/** The same file, read some KiB at a time. */
function windowed(file: ByteSource): ByteSource {
  const { sizeBytes } = file;
  let start = 0;
  let held: Uint8Array = new Uint8Array(0);
  return {
    ...file,
    async read(offset, length) {
      if (offset < start || offset + length > start + held.length) {
        held = await file.read(
          offset,
          Math.max(length, Math.min(WINDOW_BYTES, sizeBytes - offset)),
        );
        start = offset;
      }
      return held.subarray(offset - start, offset - start + length);
    },
  };
}

function decode(stream: Uint8Array, { lengthBytes, hostOffsetBytes }: Block): Uint8Array {
  const deflated = stream.subarray(0, stream.length - TRAILER_BYTES);
  const what = `gzip: the member whose stream is at ${hostOffsetBytes}`;
  const bytes = inflateExactly(deflated, lengthBytes, 'deflate', what);
  const { crc32 } = process.getBuiltinModule('node:zlib');
  const trailer = parseGzipTrailer(stream.subarray(stream.length - TRAILER_BYTES));
  if (equals(trailer.crc32, crc32(bytes))) return bytes;
  throw new FormatError('BAD_CHECKSUM', `${what} does not match its CRC-32`);
}
