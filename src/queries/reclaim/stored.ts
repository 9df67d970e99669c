// What the active image of a disk stores, as one goes along the disk: an extent at a time, a page of them in memory.
// References: src/container/tables/extents.ts; lseek(2): SEEK_DATA.
import { checkedRange } from '../../bytes/range.js';
import { lastAtMost } from '../../bytes/search.js';
import type { ByteSource } from '../../bytes/source.js';
import type { Layer } from '../../container/container.js';
import type { DiskExtent } from '../../container/tables/disk-extent.js';
import { FormatError } from '../../errors.js';
import { hasHoles } from '../chain/sweep.js';

/** The image that a guest writes to, and the disk that it holds. */
export interface ActiveImage {
  readonly layer: Layer;
  readonly source: ByteSource;
}

export interface Stored {
  /** The extent that has this byte of the disk, if the page in memory has it: most questions need no promise. */
  extentAt(offsetBytes: number): DiskExtent | null;
  /** Gets the page that begins at this byte. @throws as `Layer.map`. */
  fetch(offsetBytes: number): Promise<void>;
}

export function storedOf({ layer, source }: ActiveImage): Stored {
  const { sizeBytes } = source;
  const isFull = layer.map === null && !hasHoles(layer);
  let page: readonly DiskExtent[] = [];
  let index = 0;
  const read = async (at: number): Promise<readonly DiskExtent[]> => {
    const length = sizeBytes - at;
    if (layer.map !== null) return layer.map(at, length);
    if (isFull) return [dataAt(at, length)];
    return (await piecesOf(source, at, length)) ?? [dataAt(at, length)];
  };
  return {
    extentAt(at) {
      const known = page[index];
      if (known !== undefined && has(known, at)) return known;
      const next = page[index + 1];
      index =
        next !== undefined && has(next, at)
          ? index + 1
          : Math.max(
              0,
              lastAtMost(at, page.length, (one) => page[one]?.offsetBytes),
            );
      const found = page[index];
      return found !== undefined && has(found, at) ? found : null;
    },
    async fetch(at) {
      checkedRange(at, 1, sizeBytes);
      page = await read(at);
      index = 0;
      if (page[0] === undefined || !has(page[0], at)) {
        throw new FormatError('INVALID', `${layer.format}: the map has a gap at ${at}`);
      }
    },
  };
}

function has({ offsetBytes, lengthBytes }: DiskExtent, at: number): boolean {
  return offsetBytes <= at && at < offsetBytes + lengthBytes;
}

function dataAt(offsetBytes: number, lengthBytes: number): DiskExtent {
  return { kind: 'data', offsetBytes, lengthBytes, hostOffsetBytes: offsetBytes };
}

/** Of a raw disk: what its file stores, and its holes; null where nothing tells. */
async function piecesOf(
  source: ByteSource,
  offsetBytes: number,
  lengthBytes: number,
): Promise<readonly DiskExtent[] | null> {
  const [run] = await source.runs(offsetBytes, lengthBytes);
  if (run === undefined) return null;
  const moveBytes = run.kind === 'data' ? run.parentOffsetBytes - run.offsetBytes : 0;
  const moved = (one: DiskExtent) => ({ ...one, offsetBytes: one.offsetBytes - moveBytes });
  switch (run.kind) {
    case 'host': {
      const pieces = (await source.dataRanges?.(run.offsetBytes, run.lengthBytes)) ?? null;
      return pieces?.map((piece) => pieceExtent(piece)) ?? null;
    }
    case 'data': {
      const below = await piecesOf(run.parent, run.parentOffsetBytes, run.lengthBytes);
      return below?.map(moved) ?? null;
    }
    case 'zero':
      return [{ kind: 'zero', offsetBytes, lengthBytes: run.lengthBytes }];
    default:
      return [dataAt(offsetBytes, run.lengthBytes)];
  }
}

function pieceExtent({
  kind,
  offsetBytes,
  lengthBytes,
}: {
  readonly kind: 'data' | 'hole';
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}): DiskExtent {
  if (kind === 'hole') return { kind: 'backing', offsetBytes, lengthBytes };
  return dataAt(offsetBytes, lengthBytes);
}
