// gzip: a file that can be read at random (BGZF, dictzip) is read block by block, another one is inflated as a whole if it is
// small, and else read forward, with marks to come back to.
// References: RFC 1952; bgzip(1), dictzip(1).
import { parseGzipTrailer } from '../../generated/container/gzip.js';
import { SECTOR_BYTES } from '../bytes/sector.js';
import { FormatError } from '../errors.js';
import type { HostFile, Scope } from '../host/scope.js';
import { MAX_READ_BYTES, MIB } from '../limits.js';
import { int } from '../validation/guest.js';
import { blockContent, keyOf, tableBuilder } from './compression/blocks.js';
import { inflateExactly } from './compression/inflate.js';
import type { WrapperFormat } from './container.js';
import { bgzfBlocks } from './gzip/bgzf.js';
import { type GzipMark, gzipCursor } from './gzip/cursor.js';
import { dictzipBlocks } from './gzip/dictzip.js';
import { readGzipHead, TRAILER_BYTES } from './gzip/head.js';
import { streamContent } from './stream/content.js';

const MIN_HEAD_BYTES = 10;
/** The most bytes that are inflated at once and kept, of a file that cannot be read at random. */
const MAX_WHOLE_BYTES = 64 * MIB;
/** Two bits of deflate stand for 258 bytes at most. */
const MAX_DEFLATE_RATIO = 1032;

export const gzip: WrapperFormat = {
  name: 'gzip',
  /** The registry has compared the magic number and the method. */
  async probe(file) {
    return file.sizeBytes >= MIN_HEAD_BYTES + TRAILER_BYTES;
  },
  async unwrap(file, { scope }) {
    const head = await readGzipHead(file);
    if (head.bgzf !== null) {
      const { blocks, decode } = await bgzfBlocks(file, scope);
      return [blockContent({ format: 'gzip', file, scope, blocks, decode })];
    }
    if (head.dictzip !== null) {
      const blocks = await dictzipBlocks(file, head);
      const decode = (stream: Uint8Array, { lengthBytes }: { readonly lengthBytes: number }) =>
        inflateExactly(stream, lengthBytes, 'deflate', 'gzip: a chunk of dictzip');
      return [blockContent({ format: 'gzip', file, scope, blocks, decode })];
    }
    return [await plainContent(file, scope)];
  },
};

/**
 * The content of a file that cannot be read at random: if it is small, inflated at once. Its size is known only afterwards:
 * the trailer has the last member's, modulo 4 GiB.
 */
async function plainContent(file: HostFile, scope: Scope): Promise<HostFile> {
  const trailer = parseGzipTrailer(await file.read(file.sizeBytes - TRAILER_BYTES, TRAILER_BYTES));
  const stated = int(trailer.lenContent, 'gzip: size of the content', 0, 2 ** 32);
  const maxBytes = file.sizeBytes * MAX_DEFLATE_RATIO;
  // Of a file that is cut these four bytes are any. What is more than it can hold, or no number of sectors, is no disk's size:
  // inflating it tells.
  const statedBytes = stated <= maxBytes && stated % SECTOR_BYTES === 0 ? stated : 0;
  const isSmall = file.sizeBytes <= MAX_READ_BYTES && statedBytes <= MAX_WHOLE_BYTES;
  const whole = isSmall ? await wholeContent(file, scope, statedBytes) : null;
  if (whole !== null) return whole;
  const open = (mark: GzipMark | null) => gzipCursor(file, scope, mark);
  return streamContent({
    format: 'gzip',
    file,
    scope,
    maxBytes,
    statedBytes,
    command: 'gunzip -k',
    cursorCount: 2,
    open,
  });
}

/** null: it has more than it says, or is cut. */
async function wholeContent(
  file: HostFile,
  scope: Scope,
  statedBytes: number,
): Promise<HostFile | null> {
  // An archive may hold thousands of small ones: what the last member says is counted before, that of others behind.
  scope.spend(statedBytes);
  const content = await inflateAll(await file.read(0, file.sizeBytes));
  if (content === null) return null;
  scope.spend(Math.max(0, content.length - statedBytes));
  const builder = tableBuilder('gzip');
  builder.add(content.length, 0, file.sizeBytes);
  // It is kept only in the cache, like every block: an archive may hold many such files.
  scope.clusters.set(keyOf({ file, format: 'gzip' }, { hostOffsetBytes: 0 }), content);
  return blockContent({
    format: 'gzip',
    file,
    scope,
    blocks: builder.build(),
    async decode(stream, { lengthBytes }) {
      const bytes = await inflateAll(stream);
      if (bytes?.length === lengthBytes) return bytes;
      const message = `gzip: the file held ${lengthBytes} bytes, and no longer does`;
      throw new FormatError('INVALID', message);
    },
  });
}

/** Inflates in the thread pool: it may take a third of a second. null: it is too much, or cut. @throws FormatError. */
function inflateAll(stream: Uint8Array): Promise<Uint8Array | null> {
  const { gunzip } = process.getBuiltinModule('node:zlib');
  return new Promise((resolve, reject) => {
    gunzip(stream, { maxOutputLength: MAX_WHOLE_BYTES }, (error, content) => {
      if (error === null) resolve(content);
      else if (error instanceof RangeError) resolve(null);
      else if ('code' in error && error.code === 'Z_BUF_ERROR') resolve(null);
      else {
        const message = `gzip: the file cannot be inflated: ${error.message}`;
        reject(new FormatError('INVALID', message, { cause: error }));
      }
    });
  });
}
