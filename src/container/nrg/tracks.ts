// The tracks of an NRG, from the chunks behind them: a disc that was written at once has them in DAOI or DAOX, one that was
// written track by track in ETNF or ETN2.
// References: https://en.wikipedia.org/wiki/NRG_(file_format); libcdio lib/driver/image/nrg.c.
import {
  nrgDiscTrack64Records,
  nrgDiscTrackRecords,
  nrgTrack64Records,
  nrgTrackRecords,
  parseNrg,
  parseNrgChunk,
} from '../../../generated/container/nrg.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { equals, int, rawText } from '../../validation/guest.js';

/** Where a track is in the file, and what its sectors are. */
export interface Track {
  readonly firstBytes: number;
  readonly endBytes: number;
  readonly mode: number;
}

/** A chunk: what it is, and where its content is. */
interface Chunk {
  readonly kind: string;
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

const FOOTER_BYTES = 12;
const SIGNATURE5 = Buffer.from('NER5');
const SIGNATURE_LENGTH = 4;
const FOOTER1_BYTES = 8;
const CHUNK_HEAD_BYTES = 8;
const LAST_CHUNK = 'END!';
const U32_VALUES = 2 ** 32;
/** A disc has 99 tracks, each in a session of its own at most, and each session has a few chunks. */
const MAX_CHUNKS = 1000;
const MAX_CHUNK_BYTES = 2 ** 20;
const DISC_HEAD_BYTES = 22;
/** Of a raw track in mode 2, with what the subchannels have. */
const MAX_MODE = 17;

/**
 * All tracks, in the order of the chunks; null where no chain of chunks leads to the footer, so that the file is none.
 * @throws FormatError for a track that cannot be.
 */
export async function readTracks(file: ByteSource): Promise<readonly Track[] | null> {
  const chunks = await readChunks(file);
  if (chunks === null) return null;
  const tracks: Track[] = [];
  for (const { kind, offsetBytes, lengthBytes } of chunks) {
    const read = READERS.get(kind);
    if (read === undefined) continue;
    if (lengthBytes > MAX_CHUNK_BYTES) {
      const message = `nrg: the chunk ${kind} has ${lengthBytes} bytes; the limit is ${MAX_CHUNK_BYTES}`;
      throw new FormatError('LIMIT', message);
    }
    tracks.push(...read(await file.read(offsetBytes, lengthBytes), offsetBytes));
  }
  return tracks;
}

/** The chunks up to the last one, which ends where the footer begins; null if they do not. */
async function readChunks(file: ByteSource): Promise<readonly Chunk[] | null> {
  if (file.sizeBytes < FOOTER_BYTES) return null;
  const bytes = await file.read(file.sizeBytes - FOOTER_BYTES, FOOTER_BYTES);
  const { ofsChunks, highOrSignature } = parseNrg(bytes);
  const isVersion2 = SIGNATURE5.equals(bytes.subarray(0, SIGNATURE_LENGTH));
  const high = isVersion2 ? int(highOrSignature, 'nrg: offset of the chunks', 0, U32_VALUES) : 0;
  const low = int(ofsChunks, 'nrg: offset of the chunks', 0, U32_VALUES);
  const end = file.sizeBytes - (isVersion2 ? FOOTER_BYTES : FOOTER1_BYTES);
  const chunks: Chunk[] = [];
  for (let at = high * U32_VALUES + low; at + CHUNK_HEAD_BYTES <= end; ) {
    const head = parseNrgChunk(await file.read(at, CHUNK_HEAD_BYTES));
    const offsetBytes = at + CHUNK_HEAD_BYTES;
    const lengthBytes = int(head.lenContent, 'nrg: size of a chunk', 0, U32_VALUES);
    if (equals(head.kind, LAST_CHUNK)) return offsetBytes + lengthBytes === end ? chunks : null;
    if (offsetBytes + lengthBytes > end || chunks.length === MAX_CHUNKS) return null;
    chunks.push({ kind: rawText(head.kind, SIGNATURE_LENGTH), offsetBytes, lengthBytes });
    at = offsetBytes + lengthBytes;
  }
  return null;
}

/** A track lies before its chunk. @param limit where that begins. */
type Reader = (content: Uint8Array, limit: number) => readonly Track[];

const READERS: ReadonlyMap<string, Reader> = new Map([
  ['DAOI', discReader(nrgDiscTrackRecords)],
  ['DAOX', discReader(nrgDiscTrack64Records)],
  ['ETNF', trackReader(nrgTrackRecords)],
  ['ETN2', trackReader(nrgTrack64Records)],
]);

function discReader(recordsOf: typeof nrgDiscTrackRecords | typeof nrgDiscTrack64Records): Reader {
  return (content, limit) => {
    const records = recordsOf(content.subarray(Math.min(DISC_HEAD_BYTES, content.length)));
    return Array.from({ length: records.length }, (_, i) => {
      const { ofsTrack, ofsEnd, mode } = records.at(i);
      const endBytes = int(ofsEnd, 'nrg: end of a track', 0, limit);
      const firstBytes = int(ofsTrack, 'nrg: beginning of a track', 0, endBytes);
      return { firstBytes, endBytes, mode: int(mode, 'nrg: mode of a track', 0, MAX_MODE) };
    });
  };
}

function trackReader(recordsOf: typeof nrgTrackRecords | typeof nrgTrack64Records): Reader {
  return (content, limit) => {
    const records = recordsOf(content);
    return Array.from({ length: records.length }, (_, i) => {
      const { ofsTrack, lenTrack, mode } = records.at(i);
      const firstBytes = int(ofsTrack, 'nrg: beginning of a track', 0, limit);
      const lengthBytes = int(lenTrack, 'nrg: size of a track', 0, limit - firstBytes);
      return {
        firstBytes,
        endBytes: firstBytes + lengthBytes,
        mode: int(mode, 'nrg: mode of a track', 0, MAX_MODE),
      };
    });
  };
}
