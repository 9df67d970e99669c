// A source of which some chunks lie in another: those that a snapshot kept, those that a cache holds.
import { type MappedPiece, mapped } from '../../bytes/mapped.js';
import { lastAtMost } from '../../bytes/search.js';
import type { ByteSource } from '../../bytes/source.js';

interface Chunks {
  readonly chunkBytes: number;
  /** By number of a chunk, where in the store it begins. Asked for once, when something is read. */
  load(): Promise<ReadonlyMap<number, number>>;
}

interface Loaded {
  readonly places: ReadonlyMap<number, number>;
  /** The chunks, ascending. */
  readonly chunks: Float64Array;
}

export function withChunks(
  origin: ByteSource,
  store: ByteSource,
  { chunkBytes, load }: Chunks,
): ByteSource {
  let loading: Promise<Loaded> | null = null;
  return mapped(origin.sizeBytes, [origin, store], async (at): Promise<MappedPiece> => {
    loading ??= sorted(load());
    const { places, chunks } = await loading;
    const chunk = Math.floor(at / chunkBytes);
    const within = at - chunk * chunkBytes;
    const stored = places.get(chunk);
    if (stored !== undefined) {
      const from = { source: store, offsetBytes: stored + within };
      return { lengthBytes: chunkBytes - within, from };
    }
    const next = chunks[lastAtMost(chunk, chunks.length, (i) => chunks[i]) + 1];
    const end = next === undefined ? origin.sizeBytes : next * chunkBytes;
    return { lengthBytes: end - at, from: { source: origin, offsetBytes: at } };
  });
}

async function sorted(loading: Promise<ReadonlyMap<number, number>>): Promise<Loaded> {
  const places = await loading;
  return { places, chunks: Float64Array.from(places.keys()).sort() };
}
