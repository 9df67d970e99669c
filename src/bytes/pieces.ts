// Reads a long range once, in its order, piece by piece: tables and bitmaps of hundreds of MiB of which nothing is kept.
import { MIB } from '../limits.js';
import type { ByteSource } from './source.js';

const PIECE_BYTES = MIB;
/** On a server a round trip takes longer than a MiB. */
const DISTANT_PIECE_BYTES = 4 * MIB;

/**
 * The range in pieces that begin at multiples of their size, but for the first one. A piece holds only until the next one
 * is asked for: where the source can, all lie in the same memory in turn, for making and forgetting a MiB of it takes
 * as long as reading it. While one piece is looked at, the next one is read.
 * @throws whatever the source throws.
 */
export async function* pieces(
  source: ByteSource,
  offsetBytes: number,
  lengthBytes: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const pieceBytes = source.ahead === undefined ? PIECE_BYTES : DISTANT_PIECE_BYTES;
  const memory: Uint8Array[] = [];
  const read = async (done: number, turn: number): Promise<Uint8Array> => {
    const offset = offsetBytes + done;
    const length = Math.min(pieceBytes - (offset % pieceBytes), lengthBytes - done);
    if (source.readInto === undefined) return source.read(offset, length);
    memory[turn] ??= new Uint8Array(Math.min(pieceBytes, lengthBytes));
    const target = memory[turn].subarray(0, length);
    await source.readInto(offset, target);
    return target;
  };
  let next = lengthBytes > 0 ? read(0, 0) : null;
  for (let done = 0, turn = 1; next !== null; turn = 1 - turn) {
    const bytes = await next;
    done += bytes.length;
    next = done < lengthBytes ? read(done, turn) : null;
    // A caller that stops early never awaits the next piece: its error must not be an unhandled one.
    next?.catch(() => undefined);
    yield bytes;
  }
}

/**
 * The range in pieces as large as `memory`, each read into its beginning: where looking at one takes far less than reading it,
 * nothing is gained by reading the next one meanwhile.
 * @throws whatever the source throws.
 */
export async function* piecesIn(
  memory: Uint8Array,
  source: ByteSource,
  offsetBytes: number,
  lengthBytes: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  // What gives memory of its own is asked for less, but for a server.
  const isOwn = source.readInto === undefined && source.ahead === undefined;
  const pieceBytes = isOwn ? PIECE_BYTES : memory.length;
  for (let done = 0; done < lengthBytes; ) {
    const offset = offsetBytes + done;
    const length = Math.min(pieceBytes - (offset % pieceBytes), lengthBytes - done);
    const target = memory.subarray(0, length);
    if (source.readInto === undefined) target.set(await source.read(offset, length));
    else await source.readInto(offset, target);
    yield target;
    done += length;
  }
}
