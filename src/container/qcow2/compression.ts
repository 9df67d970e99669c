// Compressed clusters. A stream gives one cluster, never more: its size is fixed before anything is decompressed.
// References: QEMU block/qcow2-threads.c qcow2_zlib_decompress().
import { inflateExactly } from '../compression/inflate.js';
import type { Layout } from './header.js';

/**
 * Decompresses one cluster, at once or by a decoder that is loaded. Behind the stream's end the bytes may go on with those of other clusters.
 * @throws FormatError INVALID when the stream is damaged, ends too early, or holds more than a cluster.
 */
export function decompressCluster(
  stream: Uint8Array,
  layout: Layout,
): Promise<Uint8Array> | Uint8Array {
  const { compression, clusterBytes } = layout;
  if (compression === 'deflate') {
    return inflateExactly(stream, clusterBytes, 'deflate', 'qcow2: a compressed cluster');
  }
  // The decoder is needed for few images and takes 20 ms to start.
  return import('./zstd.js').then(({ decompressZstd }) => decompressZstd(stream, clusterBytes));
}
