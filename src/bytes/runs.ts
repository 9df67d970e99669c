// Where the bytes of a source lie in the end: the runs of a source, and of the sources that those name, down to the files
// of the host. A logical volume's bytes 0..4 KiB lie at 1 MiB of a partition, which lie at 2 MiB of a disk, which an image
// holds as a cluster at 5 MiB of the file vm.qcow2: that is one run of 4 KiB at 5 MiB of vm.qcow2.
import { type ByteSource, MAX_RUNS, type SourceRun } from './source.js';

/** A part of a source whose bytes lie together, or nowhere; offsets are the source's own. */
export type HostRun = {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  /** Whether the bytes there must be decrypted. Zeros that lie nowhere may be so too: they stand for ciphertext. */
  readonly isEncrypted: boolean;
} & HostPlace;

export type HostPlace = FilePlace | NoPlace | StreamPlace;

/** The run's bytes are as many bytes of a file. */
export interface FilePlace {
  readonly kind: 'data';
  /** The path as the file was opened, links resolved, or a URL. */
  readonly path: string;
  readonly hostOffsetBytes: number;
}

/** The run's bytes are in no file; the kinds mean the same as in `SourceRun`. */
export interface NoPlace {
  readonly kind: 'zero' | 'memory';
}

/** The run's bytes are a part of a block that a compressed stream in a file decompresses to. */
export interface StreamPlace {
  readonly kind: 'compressed';
  /** Where the stream lies: one run, or several if it goes on in another file of a split image; of thousands, the first. */
  readonly stream: readonly HostRun[];
  readonly blockBytes: number;
  /** How many bytes of the block come before the run's first byte. */
  readonly skippedBytes: number;
}

/** How many runs one call may still make, for its range and for the compressed streams in it together. */
interface Budget {
  left: number;
}

/**
 * The first runs of a range, in order and without gaps: at least one, unless it is empty, and perhaps not all of it.
 * @throws as `ByteSource.runs`.
 */
export function resolve(
  source: ByteSource,
  offsetBytes: number,
  lengthBytes: number,
): Promise<readonly HostRun[]> {
  return resolveWithin(source, offsetBytes, lengthBytes, { left: MAX_RUNS });
}

async function resolveWithin(
  source: ByteSource,
  offsetBytes: number,
  lengthBytes: number,
  budget: Budget,
): Promise<readonly HostRun[]> {
  const found: HostRun[] = [];
  for (const run of await source.runs(offsetBytes, lengthBytes)) {
    // Awaits only a run that has a parent: a volume may have millions of runs, and each promise costs.
    const resolved = 'parent' in run ? await followed(run, budget) : [ended(run, budget)];
    for (const one of resolved) append(found, one);
    const last = resolved.at(-1);
    const end = last === undefined ? 0 : last.offsetBytes + last.lengthBytes;
    if (budget.left <= 0 || end < run.offsetBytes + run.lengthBytes) break;
  }
  return found;
}

type ParentRun = Extract<SourceRun, { readonly parent: ByteSource }>;

async function followed(run: ParentRun, budget: Budget): Promise<readonly HostRun[]> {
  const { offsetBytes, lengthBytes, parent, parentOffsetBytes, kind } = run;
  if (kind !== 'compressed') {
    const below = await resolveWithin(parent, parentOffsetBytes, lengthBytes, budget);
    return moved(below, offsetBytes - parentOffsetBytes, kind === 'encrypted');
  }
  budget.left--;
  const { parentLengthBytes, blockBytes, skippedBytes } = run;
  const stream = await resolveWithin(parent, parentOffsetBytes, parentLengthBytes, budget);
  const range = { offsetBytes, lengthBytes, isEncrypted: false };
  return [{ ...range, kind, stream, blockBytes, skippedBytes }];
}

/** A run that lies in no parent. */
function ended(run: Exclude<SourceRun, ParentRun>, budget: Budget): HostRun {
  budget.left--;
  const { offsetBytes, lengthBytes, kind } = run;
  const range = { offsetBytes, lengthBytes, isEncrypted: false };
  if (kind !== 'host') return { ...range, kind };
  return { ...range, kind: 'data', path: run.path, hostOffsetBytes: offsetBytes };
}

/** The runs of a parent with the offsets that they have in the source above it. */
function moved(
  below: readonly HostRun[],
  moveBytes: number,
  isEncrypted: boolean,
): readonly HostRun[] {
  if (moveBytes === 0 && !isEncrypted) return below;
  return below.map((run) => ({
    ...run,
    offsetBytes: run.offsetBytes + moveBytes,
    isEncrypted: isEncrypted || run.isEncrypted,
  }));
}

/** All runs of a range, in order and without gaps. @param check called between reads of tables: it throws to end it. */
export async function* hostRuns(
  source: ByteSource,
  offsetBytes: number,
  lengthBytes: number,
  check?: () => void,
): AsyncGenerator<HostRun, void, undefined> {
  const end = offsetBytes + lengthBytes;
  for (let at = offsetBytes; at < end; ) {
    check?.();
    const runs = await resolve(source, at, end - at);
    if (runs.length === 0) throw new Error(`a source of ${source.sizeBytes} bytes has no runs`);
    for (const run of runs) {
      yield run;
      at += run.lengthBytes;
    }
  }
}

/** Adds a run, or makes the last one longer if this one goes on where it ends. */
function append(runs: HostRun[], run: HostRun): void {
  const last = runs.at(-1);
  if (last === undefined || !goesOn(last, run)) runs.push(run);
  else runs[runs.length - 1] = { ...last, lengthBytes: last.lengthBytes + run.lengthBytes };
}

function goesOn(last: HostRun, next: HostRun): boolean {
  if (last.isEncrypted !== next.isEncrypted) return false;
  if (last.kind === 'data' && next.kind === 'data') {
    const isSameFile = last.path === next.path;
    return isSameFile && last.hostOffsetBytes + last.lengthBytes === next.hostOffsetBytes;
  }
  return last.kind === next.kind && (next.kind === 'zero' || next.kind === 'memory');
}
