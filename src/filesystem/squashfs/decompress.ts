// The compressors of SquashFS, for blocks of metadata: what files hold is never decompressed.
// References: Linux fs/squashfs/squashfs_fs.h: ZLIB_COMPRESSION and those that follow.
import { inflate } from '../../container/compression/inflate.js';
import { decodeLz4 } from '../../container/compression/lz4.js';
import { decodeLzo } from '../../container/compression/lzo.js';
import { decodeFrame } from '../../container/compression/zstd.js';
import { decodeXzStream } from '../../container/xz/block.js';
import { UnsupportedError } from '../../errors.js';

const NAMES = ['none', 'zlib', 'lzma', 'lzo', 'xz', 'lz4', 'zstd'] as const;

/** A stream of at most so many bytes. @throws FormatError. */
export type Decompress = (stream: Uint8Array, maxBytes: number) => Promise<Uint8Array>;

const WHAT = 'squashfs: a block of metadata';

const DECOMPRESSORS: Readonly<Partial<Record<(typeof NAMES)[number], Decompress>>> = {
  zlib: async (stream, maxBytes) => inflate(stream, maxBytes, 'zlib', WHAT),
  lzo: async (stream, maxBytes) => decodeLzo(stream, maxBytes, 'squashfs'),
  lz4: async (stream, maxBytes) => decodeLz4(stream, maxBytes, 'squashfs'),
  xz: (stream, maxBytes) => decodeXzStream(stream, maxBytes, WHAT),
  zstd: (stream, maxBytes) => decodeFrame(stream, maxBytes, 'squashfs'),
};

/** The one that a filesystem names; blocks that are not compressed can be read without. */
export function decompressor(compression: number): Decompress {
  const name = NAMES[compression];
  const found = name === undefined ? undefined : DECOMPRESSORS[name];
  if (found !== undefined) return found;
  const words = name === undefined ? `by method ${compression}` : `with ${name}`;
  return async () => {
    throw new UnsupportedError(
      'UNSUPPORTED_FEATURE',
      `squashfs: the metadata are compressed ${words}, which virt-df does not decompress`,
      { data: { compression } },
    );
  };
}
