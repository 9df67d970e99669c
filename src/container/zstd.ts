// zstd: each frame is read by itself, since it can be decompressed without the others. Where one is too large for that, as that
// of an image which zstd(1) compressed whole, the file is read forward.
// References: RFC 8878; zstd contrib/seekable_format/zstd_seekable_compression_format.md; zstd contrib/pzstd.
import { FormatError } from '../errors.js';
import { type Block, blockContent } from './compression/blocks.js';
import { contentSize, decodeFrame, frameHead, MAX_FRAME_HEAD_BYTES } from './compression/zstd.js';
import type { WrapperFormat } from './container.js';
import { streamContent } from './stream/content.js';
import { zstdCursor } from './zstd/cursor.js';
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
    if (blocks !== null) return [blockContent({ format: 'zstd', file, scope, blocks, decode })];
    const head = await file.read(0, Math.min(MAX_FRAME_HEAD_BYTES, file.sizeBytes));
    const stated = contentSize(head, frameHead(head, 'zstd'), 'zstd');
    return [
      await streamContent({
        format: 'zstd',
        file,
        scope,
        maxBytes: Math.min(file.sizeBytes * MAX_RATIO, Number.MAX_SAFE_INTEGER),
        statedBytes: stated ?? 0,
        command: 'unzstd -k',
        cursorCount: 1,
        open: () => zstdCursor(file, scope),
      }),
    ];
  },
};

/** A block of four bytes may stand for 128 KiB. */
const MAX_RATIO = 2 ** 15;

async function decode(stream: Uint8Array, { lengthBytes, hostOffsetBytes }: Block) {
  const bytes = await decodeFrame(stream, lengthBytes, 'zstd');
  if (bytes.length === lengthBytes) return bytes;
  const message = `zstd: the frame at ${hostOffsetBytes} holds ${bytes.length} bytes, not ${lengthBytes}`;
  throw new FormatError('INVALID', message, { data: { hostOffsetBytes, lengthBytes } });
}
