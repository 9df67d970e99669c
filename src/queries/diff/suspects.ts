// Directories whose records are the same, and a part of whose names lies where the states may differ: mostly in a cluster that was
// written to beside it. Where these bytes are the same, so are the names, and nothing is parsed.
import type { FileNode, VolumeRange } from '../../filesystem/files.js';
import { KIB } from '../../limits.js';
import type { Memory } from '../files/columns.js';
import { areSame } from './content.js';
import type { DifferingFile, Pair } from './differing.js';

const RUN_BYTES = 64 * KIB;
/** Memory of a stretch. */
const STRETCH_BYTES = 100;

/** A stretch of a volume at which both states have a part of a directory's names. */
interface Stretch {
  readonly volumeIndex: number;
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  readonly suspect: DifferingFile;
}

/** Those whose names have to be compared. */
export async function doubtfulOf(
  pair: Pair,
  suspects: readonly DifferingFile[],
  memory: Memory,
): Promise<readonly DifferingFile[]> {
  const doubtful = new Set<DifferingFile>();
  const stretches: Stretch[] = [];
  for (const suspect of suspects) {
    const found = await stretchesOf(pair, suspect);
    if (found === null) doubtful.add(suspect);
    else for (const one of found) stretches.push(one);
    memory.take(STRETCH_BYTES * (found ?? []).length);
  }
  stretches.sort((a, b) => a.volumeIndex - b.volumeIndex || a.offsetBytes - b.offsetBytes);
  for (const run of runsOf(stretches)) {
    if (await areSame(pair, run, run)) continue;
    for (const one of run.parts) {
      if (!(await areSame(pair, one, one))) doubtful.add(one.suspect);
    }
  }
  memory.drop(STRETCH_BYTES * stretches.length);
  return suspects.filter((suspect) => doubtful.has(suspect));
}

/** Neighbours come in one read. */
function* runsOf(stretches: readonly Stretch[]) {
  let parts: Stretch[] = [];
  const runOf = (first: Stretch, last: Stretch) => {
    const lengthBytes = last.offsetBytes + last.lengthBytes - first.offsetBytes;
    return { ...first, lengthBytes, parts };
  };
  for (const [index, stretch] of stretches.entries()) {
    parts.push(stretch);
    const [first = stretch, next] = [parts[0], stretches[index + 1]];
    const end = stretch.offsetBytes + stretch.lengthBytes;
    const isNear = next?.volumeIndex === stretch.volumeIndex && next.offsetBytes === end;
    if (isNear && end - first.offsetBytes < RUN_BYTES) continue;
    yield runOf(first, stretch);
    parts = [];
  }
}

/** null: they do not lie at the same places in both states. */
async function stretchesOf(pair: Pair, suspect: DifferingFile): Promise<readonly Stretch[] | null> {
  const { other } = suspect;
  if (other === null) return null;
  const [was, is] = [await pair.old.file(other.id), await pair.other.file(other.id)];
  if (was === null || is === null) return null;
  const [olds, others] = [await placesOf(was), await placesOf(is)];
  const isSame = olds.length === others.length && olds.every((at, i) => isEqual(at, others[i]));
  return isSame ? others.map((at) => ({ ...at, suspect })) : null;
}

/** All that its names are read from: its record, its content, and the blocks that say where that lies. */
async function placesOf(node: FileNode): Promise<readonly VolumeRange[]> {
  const places = node.record === null ? [] : [node.record];
  for await (const extents of node.extents()) {
    for (const extent of extents) {
      if (extent.kind !== 'hole' && extent.kind !== 'attributes') places.push(extent.at);
    }
  }
  return places;
}

function isEqual(a: VolumeRange, b: VolumeRange | undefined): boolean {
  return (
    a.volumeIndex === b?.volumeIndex &&
    a.offsetBytes === b.offsetBytes &&
    a.lengthBytes === b.lengthBytes
  );
}
