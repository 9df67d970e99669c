// Whether a source is zeros from its first byte to its last. "Empty" is a claim about all of it: a disk whose first MiB was
// overwritten with zeros still has its filesystems behind that.
// References: lseek(2): SEEK_DATA; src/bytes/source.ts: the runs of a source.
import { isAnyProblem, orNull } from '../bytes/sound.js';
import type { ByteSource, SourceRun } from '../bytes/source.js';
import { firstNonZero, isZeros } from '../bytes/zero.js';
import { KIB, MAX_EMPTY_READ_BYTES, MAX_EMPTY_RUNS } from '../limits.js';

/** What a source holds as far as it was looked at. */
export interface Zeros {
  /** All of it is zeros, for certain. */
  readonly isEmpty: boolean;
  /** The first byte that is known not to be zero; null if none was met. */
  readonly firstDataBytes: number | null;
  /** How many of its bytes the host or a container stores, zeros among them. */
  readonly storedBytes: number;
  /** The bytes that nobody looked at, since there were too many of them. */
  readonly unseenBytes: number;
}

/** Bytes of one guest's sources that may still be read to find out that they are empty. */
export interface ZerosBudget {
  readLeft: number;
}

interface Search {
  firstDataBytes: number | null;
  storedBytes: number;
  unseenBytes: number;
  /** Bytes that may still be read, and runs that may still be asked for. */
  readLeft: number;
  runsLeft: number;
  /** What each read fills. */
  readonly piece: Uint8Array;
}

/** A part of a source that is stored. */
interface Range {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

const PIECE_BYTES = 64 * KIB;
/** How much is read before it is asked what is stored: of what was written to, few begin with zeros. */
const HEAD_BYTES = 4 * KIB;
/** A volume that nobody wrote to has a few. */
const MAX_UNWRITTEN_RUNS = 64;

/**
 * Whether no byte of a source is stored, which then need not be read: a group may have thousands of such volumes. False also where
 * that takes long to tell.
 */
export async function isUnwritten(source: ByteSource): Promise<boolean> {
  const isStored = async () => {
    const head = await source.read(0, Math.min(HEAD_BYTES, source.sizeBytes));
    if (!isZeros(head)) return true;
    const budget = { runsLeft: MAX_UNWRITTEN_RUNS };
    return (await storedRanges(source, 0, source.sizeBytes, budget).next()).done !== true;
  };
  return (await orNull(isStored, isAnyProblem)) === false;
}

/**
 * @param fromBytes what lies before it is known. Reads no more than MAX_EMPTY_READ_BYTES, and nothing where the container's map or the host knows of no data.
 */
export async function zerosOf(
  source: ByteSource,
  fromBytes: number,
  budget: ZerosBudget,
): Promise<Zeros> {
  const search: Search = {
    firstDataBytes: null,
    storedBytes: 0,
    unseenBytes: 0,
    readLeft: Math.min(MAX_EMPTY_READ_BYTES, budget.readLeft),
    runsLeft: MAX_EMPTY_RUNS,
    piece: new Uint8Array(PIECE_BYTES),
  };
  for await (const stored of storedRanges(
    source,
    fromBytes,
    source.sizeBytes - fromBytes,
    search,
  )) {
    search.storedBytes += stored.lengthBytes;
    await look(source, stored, search);
  }
  budget.readLeft -= Math.min(MAX_EMPTY_READ_BYTES, budget.readLeft) - search.readLeft;
  const { firstDataBytes, storedBytes, unseenBytes } = search;
  return {
    isEmpty: firstDataBytes === null && unseenBytes === 0,
    firstDataBytes,
    storedBytes,
    unseenBytes,
  };
}

/** The parts of a range that are stored somewhere; once too many runs were asked for, all that is left is one of them. */
async function* storedRanges(
  source: ByteSource,
  offsetBytes: number,
  lengthBytes: number,
  search: Pick<Search, 'runsLeft'>,
): AsyncGenerator<Range, void, undefined> {
  const end = offsetBytes + lengthBytes;
  for (let at = offsetBytes; at < end; ) {
    if (search.runsLeft <= 0) return yield { offsetBytes: at, lengthBytes: end - at };
    for (const run of await source.runs(at, end - at)) {
      search.runsLeft--;
      yield* storedInRun(source, run, search);
      at = run.offsetBytes + run.lengthBytes;
    }
  }
}

async function* storedInRun(
  source: ByteSource,
  run: SourceRun,
  search: Pick<Search, 'runsLeft'>,
): AsyncGenerator<Range, void, undefined> {
  const { offsetBytes, lengthBytes, kind } = run;
  if (kind === 'zero') return;
  if (kind === 'data') {
    const moveBytes = offsetBytes - run.parentOffsetBytes;
    const below = storedRanges(run.parent, run.parentOffsetBytes, lengthBytes, search);
    for await (const one of below) yield { ...one, offsetBytes: one.offsetBytes + moveBytes };
    return;
  }
  const end = offsetBytes + lengthBytes;
  let at = offsetBytes;
  while (at < end && search.runsLeft > 0) {
    const pieces = kind === 'host' ? await source.dataRanges?.(at, end - at) : null;
    if (!pieces) return yield { offsetBytes: at, lengthBytes: end - at };
    for (const piece of pieces) {
      search.runsLeft--;
      if (piece.kind === 'data') yield piece;
      at = piece.offsetBytes + piece.lengthBytes;
    }
  }
  if (at < end) yield { offsetBytes: at, lengthBytes: end - at };
}

/** Reads a stored part until a byte is met that is not zero; once one was met, nothing is read any more. */
async function look(
  source: ByteSource,
  { offsetBytes, lengthBytes }: Range,
  search: Search,
): Promise<void> {
  if (search.firstDataBytes !== null) return;
  const end = offsetBytes + lengthBytes;
  for (let at = offsetBytes; at < end; at += PIECE_BYTES) {
    const length = Math.min(PIECE_BYTES, end - at);
    if (search.readLeft < length) {
      search.unseenBytes += end - at;
      return;
    }
    search.readLeft -= length;
    const first = firstNonZero(await readPiece(source, at, search.piece.subarray(0, length)));
    if (first === -1) continue;
    search.firstDataBytes = at + first;
    return;
  }
}

/** Into the same memory each time, where the source can. */
async function readPiece(source: ByteSource, at: number, piece: Uint8Array): Promise<Uint8Array> {
  if (source.readInto === undefined) return source.read(at, piece.length);
  await source.readInto(at, piece);
  return piece;
}
