// Where the bytes of a source lie in the end: the runs of a source, and of the sources that those name, down to the files
// of the host. A logical volume's bytes 0..4 KiB lie at 1 MiB of a partition, which lie at 2 MiB of a disk, which an image
// holds as a cluster at 5 MiB of the file vm.qcow2: that is one run of 4 KiB at 5 MiB of vm.qcow2.
import { type ByteSource, MAX_RUNS, type SourceRun } from './source.js';

/** A part of a source whose bytes lie together, or nowhere; offsets are the source's own. */
export type HostRun = {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  /** Whether what lies there must be decrypted, as well of zeros that lie nowhere. */
  readonly isEncrypted: boolean;
} & Place;

export type Place = FilePlace | NoPlace | StreamPlace;

/** As many bytes of a file. */
export interface FilePlace {
  readonly kind: 'data';
  /** As the file was opened, links resolved, or a URL. */
  readonly path: string;
  readonly hostOffsetBytes: number;
}

/** As `SourceRun`. */
export interface NoPlace {
  readonly kind: 'zero' | 'memory';
}

/** A part of a block that is made of a stream. */
export interface StreamPlace {
  readonly kind: 'compressed';
  /** Where the stream lies: one run, unless it goes over files that were cut; of thousands, the first ones. */
  readonly stream: readonly HostRun[];
  readonly blockBytes: number;
  /** Of the block, before the run's first byte. */
  readonly skippedBytes: number;
}

/** How many runs may still be made, of the range and of the streams that it is made of. */
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
    // Without a promise where none is needed: a volume may have millions of runs.
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

/** The runs of a parent as those of the source above it. */
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
