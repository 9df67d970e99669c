// Where the bytes of a device lie on a disk: from source to source down to it.
import type { ByteRange, ByteSource, SourceRun } from '../../bytes/source.js';

/** A range of a source that lies together in another one. */
interface Placed extends ByteRange {
  readonly targetOffsetBytes: number;
}

/** All of `source` that lies in `target` byte for byte, also encrypted. @param check throws when the time is over. */
export function placesIn(
  source: ByteSource,
  target: ByteSource,
  check: () => void,
): AsyncGenerator<Placed> {
  return placed(source, { offsetBytes: 0, lengthBytes: source.sizeBytes }, target, check);
}

/** Recursive as deep as volumes lie in volumes (MAX_STACK_DEPTH), not as a guest's table says. */
async function* placed(
  source: ByteSource,
  { offsetBytes, lengthBytes }: ByteRange,
  target: ByteSource,
  check: () => void,
): AsyncGenerator<Placed> {
  if (source === target) {
    yield { offsetBytes, lengthBytes, targetOffsetBytes: offsetBytes };
    return;
  }
  const end = offsetBytes + lengthBytes;
  for (let at = offsetBytes; at < end; ) {
    check();
    const runs = await source.runs(at, end - at);
    for (const run of runs) {
      at += run.lengthBytes;
      if (!isByteForByte(run)) continue;
      const { parent, parentOffsetBytes, lengthBytes: length } = run;
      const inParent = { offsetBytes: parentOffsetBytes, lengthBytes: length };
      for await (const part of placed(parent, inParent, target, check)) {
        yield { ...part, offsetBytes: part.offsetBytes - parentOffsetBytes + run.offsetBytes };
      }
    }
    if (runs.length === 0) return;
  }
}

type ParentRun = Extract<SourceRun, { readonly kind: 'data' | 'encrypted' }>;

function isByteForByte(run: SourceRun): run is ParentRun {
  return run.kind === 'data' || run.kind === 'encrypted';
}

/** Whether a source lies in another one, as far as its first runs tell. */
export async function liesIn(source: ByteSource, target: ByteSource): Promise<boolean> {
  for await (const _ of placesIn(source, target, () => {})) return true;
  return false;
}
