// A disc image of Nero's: its first track with data is the disc. Tracks of music, and those of further sessions, are left out.
// References: https://en.wikipedia.org/wiki/NRG_(file_format); libcdio lib/driver/image/nrg.c; cdemu libmirage
// images/image-nrg/parser.c (modes of tracks).
import type { ByteSource } from '../bytes/source.js';
import { FormatError, UnsupportedError } from '../errors.js';
import type { ContainerFormat } from './container.js';
import { readTracks, type Track } from './nrg/tracks.js';
import { CONTENT_BYTES, discOf, type Sectors } from './rawcd/sectors.js';

/** What a track's sectors are, by its mode: those of data, whose content is 2048 bytes of each. */
const DATA_MODES: ReadonlyMap<
  number,
  Pick<Sectors, 'version' | 'strideBytes' | 'skippedBytes'>
> = new Map([
  [0, { version: 'mode1', strideBytes: CONTENT_BYTES, skippedBytes: 0 }],
  [2, { version: 'mode2', strideBytes: CONTENT_BYTES, skippedBytes: 0 }],
  [3, { version: 'mode2', strideBytes: 2336, skippedBytes: 8 }],
  [5, { version: 'mode1', strideBytes: 2352, skippedBytes: 16 }],
  [6, { version: 'mode2', strideBytes: 2352, skippedBytes: 24 }],
  [15, { version: 'mode1', strideBytes: 2448, skippedBytes: 16 }],
  [17, { version: 'mode2', strideBytes: 2448, skippedBytes: 24 }],
]);
/** Of music, alone and with what the subchannels have. */
const AUDIO_MODES = [7, 16];

export const nrg: ContainerFormat = {
  name: 'nrg',
  /** The footer is one that a guest may have written, but not the chain of chunks that leads to it. */
  probe: async (file) => (await tracksOrNull(file)) !== null,
  async open(file, { scope }) {
    const tracks = await readTracks(file);
    if (tracks === null) {
      throw new FormatError('INVALID', 'nrg: no chunks lead from where the footer says to its end');
    }
    return discOf('nrg', file, sectorsOf(tracks), scope);
  },
};

async function tracksOrNull(file: ByteSource): Promise<readonly Track[] | null> {
  try {
    return await readTracks(file);
  } catch (error) {
    // A track that cannot be is one of an NRG.
    if (error instanceof FormatError) return [];
    throw error;
  }
}

/** @throws UnsupportedError UNSUPPORTED_FEATURE when there is no track with data, or the first one has unknown sectors. */
function sectorsOf(tracks: readonly Track[]): Sectors {
  const first = tracks.find(({ mode }) => !AUDIO_MODES.includes(mode));
  if (first === undefined) {
    const message = `nrg: none of the ${tracks.length} tracks has data`;
    throw new UnsupportedError('UNSUPPORTED_FEATURE', message);
  }
  const kind = DATA_MODES.get(first.mode);
  if (kind === undefined) {
    const message = `nrg: the first track with data is of the mode ${first.mode}, which is not known`;
    throw new UnsupportedError('UNSUPPORTED_FEATURE', message, { data: { mode: first.mode } });
  }
  const { firstBytes, endBytes } = first;
  const count = Math.floor((endBytes - firstBytes) / kind.strideBytes);
  return { ...kind, firstBytes, count };
}
