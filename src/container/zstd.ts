// zstd: each frame is read by itself, since it can be decompressed without the others.
// References: RFC 8878; zstd contrib/seekable_format/zstd_seekable_compression_format.md; zstd contrib/pzstd.
import { FormatError } from '../errors.js';
import { type Block, blockContent } from './compression/blocks.js';
import { decodeFrame } from './compression/zstd.js';
import type { WrapperFormat } from './container.js';
import { zstdFrames } from './zstd/frames.js';
import { readSeekTable } from './zstd/seek-table.js';

/** The smallest file: a magic number, a head and one block. */
const MIN_FILE_BYTES = 9;

export const zstd: WrapperFormat = {
  name: 'zstd',
  /** The registry has compared the magic number. */
  async probe(file) {
    return file.sizeBytes >= MIN_FILE_BYTES;
  },
  async unwrap(file, { scope }) {
    const blocks = (await readSeekTable(file)) ?? (await zstdFrames(file, scope));
    return [blockContent({ format: 'zstd', file, scope, blocks, decode })];
  },
};

async function decode(stream: Uint8Array, { lengthBytes, hostOffsetBytes }: Block) {
  const bytes = await decodeFrame(stream, lengthBytes, 'zstd');
  if (bytes.length === lengthBytes) return bytes;
  const message = `zstd: the frame at ${hostOffsetBytes} holds ${bytes.length} bytes, not ${lengthBytes}`;
  throw new FormatError('INVALID', message, { data: { hostOffsetBytes, lengthBytes } });
}
