// gzip: a file that can be read at random (BGZF, dictzip) is read block by block, another one only if it is small enough to
// be inflated as a whole.
// References: RFC 1952; bgzip(1), dictzip(1).
import { parseGzipTrailer } from '../../generated/container/gzip.js';
import { FormatError, UnsupportedError } from '../errors.js';
import type { HostFile, Scope } from '../host/scope.js';
import { MAX_READ_BYTES, MIB } from '../limits.js';
import { int, printable } from '../validation/guest.js';
import { blockContent, keyOf, tableBuilder } from './compression/blocks.js';
import { inflateExactly } from './compression/inflate.js';
import type { WrapperFormat } from './container.js';
import { bgzfBlocks } from './gzip/bgzf.js';
import { dictzipBlocks } from './gzip/dictzip.js';
import { readGzipHead, TRAILER_BYTES } from './gzip/head.js';

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
    return [await wholeContent(file, scope)];
  },
};

/** The whole content of a small file. Its size is known only afterwards: the trailer has the last member's, modulo 4 GiB. */
async function wholeContent(file: HostFile, scope: Scope): Promise<HostFile> {
  const trailer = parseGzipTrailer(await file.read(file.sizeBytes - TRAILER_BYTES, TRAILER_BYTES));
  const stated = int(trailer.lenContent, 'gzip: size of the content', 0, 2 ** 32);
  // Of a file that is cut these four bytes are any, which may be more than it can hold: inflating it tells.
  const isPossible = stated <= file.sizeBytes * MAX_DEFLATE_RATIO;
  const isTooLarge = isPossible && stated > MAX_WHOLE_BYTES;
  if (file.sizeBytes > MAX_READ_BYTES || isTooLarge) throw notSeekable(file, stated);
  const expected = isPossible ? stated : 0;
  // An archive may hold thousands of small ones: what the last member says is counted before, that of others behind.
  scope.spend(expected);
  const content = await inflateAll(file, await file.read(0, file.sizeBytes), stated);
  scope.spend(Math.max(0, content.length - expected));
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
      const bytes = await inflateAll(file, stream, stated);
      if (bytes.length === lengthBytes) return bytes;
      const message = `gzip: the file held ${lengthBytes} bytes, and holds ${bytes.length} now`;
      throw new FormatError('INVALID', message);
    },
  });
}

/** Inflates in the thread pool: it may take a third of a second. */
function inflateAll(file: HostFile, stream: Uint8Array, stated: number): Promise<Uint8Array> {
  const { gunzip } = process.getBuiltinModule('node:zlib');
  return new Promise((resolve, reject) => {
    gunzip(stream, { maxOutputLength: MAX_WHOLE_BYTES }, (error, content) => {
      if (error === null) resolve(content);
      else if (error instanceof RangeError) reject(notSeekable(file, stated));
      else {
        const isCut = 'code' in error && error.code === 'Z_BUF_ERROR';
        const message = isCut
          ? 'gzip: the file ends within its stream: it is cut'
          : `gzip: the file cannot be inflated: ${error.message}`;
        reject(new FormatError(isCut ? 'TRUNCATED' : 'INVALID', message, { cause: error }));
      }
    });
  });
}

function notSeekable(file: HostFile, statedBytes: number): UnsupportedError {
  const path = printable(file.path);
  const { sizeBytes } = file;
  return new UnsupportedError(
    'UNSUPPORTED_FORMAT',
    `gzip: ${path} has ${sizeBytes} bytes, more than ${MAX_WHOLE_BYTES} when decompressed (its last member says ` +
      `${statedBytes}, modulo 4 GiB), and cannot be read at random; run \`gunzip -k ${path}\`, or compress with bgzip`,
    { data: { sizeBytes, statedBytes } },
  );
}
