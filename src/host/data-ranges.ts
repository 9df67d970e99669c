// Where an open file of this host holds data, and where it has holes, which read as zeros and were never written. Node has
// no call for it, so lseek(2) is called by koffi, which is loaded when this is first asked.
// References: lseek(2): SEEK_DATA, SEEK_HOLE; POSIX.1-2024 lseek().
import type { FilePiece } from '../bytes/source.js';
import { FormatError } from '../errors.js';

/** An answer has no more pieces than this, so that a file of a million holes cannot keep the run busy. */
const MAX_PIECES = 512;

interface Whence {
  readonly data: number;
  readonly hole: number;
}

/** macOS has the two numbers the other way round. */
const WHENCE: Readonly<Record<string, Whence>> = {
  linux: { data: 3, hole: 4 },
  freebsd: { data: 3, hole: 4 },
  darwin: { data: 4, hole: 3 },
};
/** Where off_t has 64 bits in every C library. */
const WIDE = new Set(['x64', 'arm64', 'ppc64', 'riscv64', 's390x', 'loong64']);

type Seek = (fd: number, offsetBytes: number, whence: number) => Promise<number>;

/**
 * The first pieces of the range, in order and without gaps: at least one, perhaps not all of the range. A filesystem that
 * keeps no holes answers that all is data. null: nothing here can tell (a block device, Windows, koffi is missing).
 * @param fd of a regular file that is open; its position moves, which reads with an offset do not heed.
 * @param sizeBytes of the file; the range lies within.
 */
export async function dataRanges(
  fd: number,
  sizeBytes: number,
  offsetBytes: number,
  lengthBytes: number,
): Promise<readonly FilePiece[] | null> {
  const end = offsetBytes + lengthBytes;
  if (offsetBytes < 0 || lengthBytes <= 0 || end > sizeBytes) {
    const message = `pieces of ${lengthBytes} bytes at ${offsetBytes} are wanted of a file of ${sizeBytes}`;
    throw new FormatError('OUT_OF_BOUNDS', message);
  }
  const whence = WHENCE[process.platform];
  const seek = whence === undefined || !WIDE.has(process.arch) ? null : await loadSeek();
  if (whence === undefined || seek === null) return null;
  const pieces: FilePiece[] = [];
  let at = offsetBytes;
  for (let count = 0; at < end && count < MAX_PIECES; count++) {
    // The end of a file counts as a hole, so that this fails only where holes cannot be asked for, or the file became shorter.
    const hole = await seek(fd, at, whence.hole);
    if (hole < at) return null;
    // It fails where no data follows.
    const data = hole > at ? at : await seek(fd, at, whence.data);
    const kind = data === at ? 'data' : 'hole';
    const next = Math.min(kind === 'data' ? hole : data < at ? end : data, end);
    // A program wrote into the hole between the two questions: it is asked once more.
    if (next === at) continue;
    pieces.push({ kind, offsetBytes: at, lengthBytes: next - at });
    at = next;
  }
  return pieces.length === 0 ? null : pieces;
}

/** lseek on a thread of its own, since a file server may take its time to answer; null without koffi. */
async function loadSeek(): Promise<Seek | null> {
  const koffi = await import('koffi').catch(() => null);
  if (koffi === null) return null;
  const lseek = koffi.load(null).func('int64_t lseek(int fd, int64_t offset, int whence)');
  return (fd, offsetBytes, whence) =>
    new Promise((resolve, reject) => {
      lseek.async(fd, offsetBytes, whence, (error: unknown, place: number | bigint) =>
        error ? reject(error) : resolve(Number(place)),
      );
    });
}
