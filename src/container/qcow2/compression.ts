// Compressed clusters. What comes out is one cluster, never more: its size is fixed before anything is decompressed.
// References: QEMU block/qcow2-threads.c qcow2_zlib_decompress(); RFC 1951.
import { FormatError } from '../../errors.js';
import type { Layout } from './header.js';

/**
 * The cluster that a stream holds. Behind the stream's end the bytes may go on with those of other clusters.
 * @throws FormatError INVALID when the stream is damaged, ends too early, or holds more than a cluster.
 */
export async function decompressCluster(stream: Uint8Array, layout: Layout): Promise<Uint8Array> {
  const { compression, clusterBytes } = layout;
  if (compression === 'deflate') return inflate(stream, clusterBytes, 'qcow2');
  // The decoder is needed for few images and takes 20 ms to start.
  const { decompressZstd } = await import('./zstd.js');
  return decompressZstd(stream, clusterBytes);
}

/** Room that keeps the inflater from asking for a second buffer when the first is exactly full. */
const SPARE_BYTES = 64;

/**
 * Not in the thread pool: a cluster of 64 KiB takes 40 us, the way there and back 70 us (measured), and the pool is busy
 * with the reads of other guests. The stream may go on behind the cluster's last byte without its final mark.
 * @param format the word that messages begin with.
 * @throws FormatError INVALID.
 */
export function inflate(stream: Uint8Array, clusterBytes: number, format: string): Uint8Array {
  // Not imported: that would load it at every start, or, when imported here, copy the module's properties each time.
  const { constants, inflateRawSync } = process.getBuiltinModule('node:zlib');
  let cluster: Uint8Array;
  try {
    cluster = inflateRawSync(stream, {
      chunkSize: clusterBytes + SPARE_BYTES,
      maxOutputLength: clusterBytes,
      finishFlush: constants.Z_SYNC_FLUSH,
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown';
    const message = `${format}: a compressed cluster cannot be inflated to ${clusterBytes} bytes: ${reason}`;
    throw new FormatError('INVALID', message, { cause: error });
  }
  if (cluster.length === clusterBytes) return cluster;
  throw new FormatError(
    'INVALID',
    `${format}: a compressed cluster inflates to ${cluster.length} bytes; a cluster has ${clusterBytes}`,
    { data: { lengthBytes: cluster.length, clusterBytes } },
  );
}
