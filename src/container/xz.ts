// xz: each block is read by itself; the index at the end of each stream has the blocks' sizes.
// References: https://tukaani.org/xz/xz-file-format.txt.

import { blockContent } from './compression/blocks.js';
import type { WrapperFormat } from './container.js';
import { decodeXzBlock } from './xz/block.js';
import { readXzStreams, UNIT_BYTES } from './xz/streams.js';

/** A stream without blocks: header, index, footer. */
const MIN_FILE_BYTES = 32;

export const xz: WrapperFormat = {
  name: 'xz',
  /** The registry has compared the magic number. */
  async probe(file) {
    return file.sizeBytes >= MIN_FILE_BYTES;
  },
  async unwrap(file, { scope }) {
    const { blocks, checkAt } = await readXzStreams(file, scope);
    return [
      blockContent({
        format: 'xz',
        file,
        scope,
        blocks,
        unitBytes: UNIT_BYTES,
        decode: (stream, block) => decodeXzBlock(stream, block, checkAt(block.hostOffsetBytes)),
      }),
    ];
  },
};
