// The disks of an XVA, as `xe vm-export` writes them: files of 1 MiB called `Ref:4/00000012`, each with its checksum behind
// it. Those that are all zeros are left out, but never a disk's first and last.
// References: xapi ocaml/xapi/stream_vdi.ml send_one(), write_block(); ocaml/xapi/export.ml.
import { lastAtMost } from '../../bytes/search.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import type { Scope } from '../../host/scope.js';
import { MIB } from '../../limits.js';
import type { DiskExtent } from '../tables/disk-extent.js';
import { endOf, fileAt, type Member } from './members.js';

const CHUNK_BYTES = MIB;
const CHUNK_NAME = /^(Ref:[\w:-]{1,64})\/(\d{8,9})(\.checksum|\.xxhash)?$/u;
/** Chunks that are looked at one by one; a run takes up to three, and the budget of reads is spent sooner where they hold data. */
const MAX_VISITS = 2 ** 19;
/** Extents that one answer has at most. */
const MAX_EXTENTS = 256;

/** Chunks with numbers that follow each other, at equal distances in the archive. */
interface Run {
  readonly firstNumber: number;
  count: number;
  readonly headerAtBytes: number;
  /** The distance of two chunks, from header to header; 0 as long as there is one. */
  strideBytes: number;
  readonly headerBytes: number;
  /** The size of the last of them; all others have 1 MiB. */
  lastBytes: number;
}

/** A disk whose chunks are in the archive. */
export interface ChunkedDisk {
  /** `Ref:4`, by which ova.xml knows it. */
  readonly ref: string;
  readonly runs: readonly Run[];
  /** Where its last chunk ends. */
  readonly endBytes: number;
  readonly storedBytes: number;
  /** Why it cannot be read: its chunks are not in order, or the archive was cut. */
  readonly problem: FormatError | null;
}

interface Growing {
  readonly ref: string;
  readonly runs: Run[];
  problem: FormatError | null;
}

interface Chunks {
  /** The visitor of the archive's walk: chunks and their checksums are no files of it. */
  visit(member: Member): Promise<number | null>;
  /** In the order of the archive. */
  disks(): readonly ChunkedDisk[];
}

export function chunkCollector(file: ByteSource, scope: Scope): Chunks {
  const growing = new Map<string, Growing>();
  let visitCount = 0;
  return {
    async visit(member) {
      const [, ref, digits = '', checksum] = CHUNK_NAME.exec(member.name) ?? [];
      if (ref === undefined) return null;
      if (++visitCount > MAX_VISITS) {
        throw new FormatError('LIMIT', `ova: the XVA has more than ${MAX_VISITS} pieces`);
      }
      // An export that finds nothing but zeros for seconds sends an empty file to keep its connection.
      if (checksum !== undefined || member.sizeBytes === 0) return endOf(member);
      const disk = growing.get(ref) ?? { ref, runs: [], problem: null };
      growing.set(ref, disk);
      const run = add(disk, Number(digits), member);
      if (run === null) return endOf(member);
      // Of a long run only some headers are looked at: a disk of 1 TiB has a million.
      if (run.count === 2 && run.lastBytes === CHUNK_BYTES)
        await gallop(file, scope, disk.ref, run);
      return run.count <= 1 ? endOf(member) : endOfRun(run, member);
    },
    disks: () => [...growing.values()].map(finished),
  };
}

/** Adds a chunk to the disk's last run, or as a new one; null if it cannot be one of the disk. */
function add(disk: Growing, number: number, member: Member): Run | null {
  const last = disk.runs.at(-1);
  const expected = last === undefined ? 0 : last.firstNumber + last.count;
  if (member.problem !== null || member.sparse !== null || member.sizeBytes > CHUNK_BYTES) {
    disk.problem ??= cut(disk.ref, number);
    return null;
  }
  if (number < expected || (last !== undefined && last.lastBytes < CHUNK_BYTES)) {
    const message = `ova: chunk ${number} of ${disk.ref} does not come behind all before it`;
    disk.problem ??= new FormatError('INVALID', message, { data: { number } });
    return null;
  }
  const strideBytes =
    member.headerAtBytes - (last === undefined ? 0 : headerOf(last, last.count - 1));
  if (last !== undefined && number === expected && [0, strideBytes].includes(last.strideBytes)) {
    last.count += 1;
    last.strideBytes = strideBytes;
    last.lastBytes = member.sizeBytes;
    return last;
  }
  const { headerAtBytes, offsetBytes, sizeBytes } = member;
  const place = { headerAtBytes, headerBytes: offsetBytes - headerAtBytes };
  const run = { firstNumber: number, count: 1, ...place, strideBytes: 0, lastBytes: sizeBytes };
  disk.runs.push(run);
  return run;
}

function headerOf({ headerAtBytes, strideBytes }: Run, index: number): number {
  return headerAtBytes + index * strideBytes;
}

/**
 * Finds how far a run goes, by steps that double and then halve. Numbers ascend and chunks have one size, so that chunk
 * 1012 a thousand strides behind chunk 12 has all others between them.
 */
async function gallop(file: ByteSource, scope: Scope, ref: string, run: Run): Promise<void> {
  for (let [step, isDoubling] = [1, true]; step >= 1; ) {
    scope.check();
    if (await hasChunk(file, ref, run, run.count - 1 + step)) {
      run.count += step;
      step *= isDoubling ? 2 : 0.5;
    } else {
      isDoubling = false;
      step /= 2;
    }
  }
}

/** Whether the chunk `index` of a run, a whole one, is where it would have to be. */
async function hasChunk(file: ByteSource, ref: string, run: Run, index: number): Promise<boolean> {
  const at = headerOf(run, index);
  if (at + CHUNK_BYTES + run.headerBytes > file.sizeBytes) return false;
  const member = await fileAt(file, at);
  const name = `${ref}/${String(run.firstNumber + index).padStart(8, '0')}`;
  return member?.name === name && member.problem === null && member.sizeBytes === CHUNK_BYTES;
}

/** Where the walk goes on: behind the last chunk of the run. */
function endOfRun(run: Run, member: Member): number {
  return endOf({ ...member, offsetBytes: headerOf(run, run.count - 1) + run.headerBytes });
}

function finished({ ref, runs, problem }: Growing): ChunkedDisk {
  const last = runs.at(-1);
  const end =
    last === undefined ? 0 : (last.firstNumber + last.count - 1) * CHUNK_BYTES + last.lastBytes;
  const chunkCount = runs.reduce((sum, { count }) => sum + count, 0);
  const storedBytes = chunkCount * CHUNK_BYTES - (CHUNK_BYTES - (last?.lastBytes ?? CHUNK_BYTES));
  return { ref, runs, endBytes: end, storedBytes, problem };
}

function cut(ref: string, number: number): FormatError {
  const message = `ova: chunk ${number} of ${ref} does not lie in the archive as one of at most ${CHUNK_BYTES} bytes`;
  return new FormatError('TRUNCATED', message, { data: { number } });
}

/** @throws FormatError if the disk does not end where its last chunk does: the first and the last are always there. */
export function checkEnds({ ref, runs, endBytes }: ChunkedDisk, sizeBytes: number): void {
  if (runs[0]?.firstNumber === 0 && endBytes === sizeBytes) return;
  const message = `ova: the chunks of ${ref} end at ${endBytes}, and the disk at ${sizeBytes}: the export was cut`;
  throw new FormatError('TRUNCATED', message, { data: { endBytes, sizeBytes } });
}

/** The first extents of a range of the disk. */
export function mapChunks(
  { runs }: ChunkedDisk,
  offsetBytes: number,
  lengthBytes: number,
): readonly DiskExtent[] {
  const extents: DiskExtent[] = [];
  const end = offsetBytes + lengthBytes;
  let at = offsetBytes;
  while (at < end && extents.length < MAX_EXTENTS) {
    const number = Math.floor(at / CHUNK_BYTES);
    const index = lastAtMost(number, runs.length, (i) => runs[i]?.firstNumber);
    const run = runs[index];
    const chunk = run === undefined ? 0 : number - run.firstNumber;
    if (run === undefined || chunk >= run.count) {
      const next = runs[index + 1]?.firstNumber;
      const zerosEnd = next === undefined ? end : Math.min(end, next * CHUNK_BYTES);
      extents.push({ kind: 'zero', offsetBytes: at, lengthBytes: zerosEnd - at });
      at = zerosEnd;
    } else {
      const skippedBytes = at - number * CHUNK_BYTES;
      const dataEnd = Math.min(end, (number + 1) * CHUNK_BYTES);
      const hostOffsetBytes = headerOf(run, chunk) + run.headerBytes + skippedBytes;
      extents.push({ kind: 'data', offsetBytes: at, lengthBytes: dataEnd - at, hostOffsetBytes });
      at = dataEnd;
    }
  }
  return extents;
}
