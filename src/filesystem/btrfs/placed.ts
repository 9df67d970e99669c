// Where a stretch of logical addresses lies on the devices: piece by piece, each with its copies.
// References: Linux 6.18 fs/btrfs/volumes.c: btrfs_map_block.
import { FormatError } from '../../errors.js';
import { type VolumeRange, volumeRange } from '../files.js';
import { type Chunk, chunkAt, copyCount, locate } from './chunks.js';
import type { Pool } from './devices.js';

/** Bytes with one address behind the other that lie so on each device that has them. */
interface Placed {
  readonly at: VolumeRange;
  readonly copies: readonly VolumeRange[];
}

/** @throws FormatError OUT_OF_BOUNDS for addresses that no chunk has, and for places that no device has. */
export function* placed(
  pool: Pick<Pool, 'chunks' | 'devices' | 'sources'>,
  address: number,
  lengthBytes: number,
): Generator<Placed, void, undefined> {
  let chunk: Chunk | null = null;
  for (let done = 0; done < lengthBytes; ) {
    const from = address + done;
    if (chunk === null || from >= chunk.address + chunk.sizeBytes) {
      chunk = chunkAt(pool.chunks, from);
    }
    if (chunk === null) {
      const message = `btrfs: ${lengthBytes} bytes at address ${address} do not lie in chunks`;
      throw new FormatError('OUT_OF_BOUNDS', message, { data: { address, lengthBytes } });
    }
    const [at, ...copies] = placesOf(pool, chunk, from, lengthBytes - done);
    if (at === undefined) return;
    yield { at, copies };
    done += at.lengthBytes;
  }
}

function placesOf(
  pool: Pick<Pool, 'devices' | 'sources'>,
  chunk: Chunk,
  address: number,
  leftBytes: number,
): readonly VolumeRange[] {
  return Array.from({ length: copyCount(chunk) }, (_, copy) => {
    const { stripe, offsetBytes, lengthBytes } = locate(chunk, address, leftBytes, copy);
    const index = pool.devices.findIndex(
      ({ id, uuid }) => id === stripe.deviceId && uuid === stripe.deviceUuid,
    );
    return volumeRange(pool.sources, offsetBytes, lengthBytes, index);
  });
}
