// What became of paths: those that only one state has are removed or added, and where both are of one file it was renamed; a
// path that leads to another file than before was replaced.
import type { FileId, FileKind } from '../../filesystem/files.js';
import { byComponents, parentOf } from './order.js';
import type { FileKey } from './state.js';

/** A file that a path leads to. */
export interface Place {
  readonly key: FileKey;
  readonly id: FileId;
  readonly kind: FileKind | null;
  /** The same in both states if it is the same file; null: nothing tells. */
  readonly identity: string | null;
}

/** By path, with a character for each byte. */
export type Places = Map<string, Place>;

/** `from`: an old path of the file that is there now; null: it had none. */
interface Moved<F> {
  readonly from: F;
  readonly old: Place;
  readonly other: Place;
}

export interface Moves {
  readonly removed: ReadonlyMap<string, Place>;
  readonly added: ReadonlyMap<string, Place>;
  /** By the new path. */
  readonly renamed: ReadonlyMap<string, Moved<string>>;
  readonly replaced: ReadonlyMap<string, Moved<string | null>>;
}

/** @param removed paths of the old state alone, or that lead to another file in the new one; it and `added` become less. */
export function movesOf(removed: Places, added: Places): Moves {
  const renamed = new Map<string, Moved<string>>();
  const replaced = new Map<string, Moved<string | null>>();
  const oldPaths = pathsByFile(removed);
  for (const [path, other] of added) {
    const old = removed.get(path);
    if (old === undefined) continue;
    removed.delete(path);
    added.delete(path);
    if (old.identity !== null && old.identity === other.identity) continue;
    const [from = null] = oldPaths.get(other.identity ?? '') ?? [];
    replaced.set(path, { from, old, other });
  }
  const left = pathsByFile(removed);
  for (const path of [...added.keys()].sort(byComponents)) {
    const other = added.get(path);
    const known = left.get(other?.identity ?? '')?.shift();
    const from = known ?? pathBefore(path, renamed);
    const old = from === undefined ? undefined : removed.get(from);
    if (from === undefined || old === undefined || other === undefined) continue;
    if (old.identity !== other.identity || old.kind !== other.kind) continue;
    removed.delete(from);
    added.delete(path);
    renamed.set(path, { from, old, other });
  }
  return { removed, added, renamed, replaced };
}

/** Of what lies in a directory that was renamed: an empty file of FAT is known again by its name there alone. */
function pathBefore(path: string, renamed: ReadonlyMap<string, Moved<string>>): string | undefined {
  const parent = parentOf(path);
  const from = renamed.get(parent)?.from;
  return from === undefined ? undefined : `${from}${path.slice(parent.length)}`;
}

/** The paths of each file that is known again, in their order. */
function pathsByFile(places: Places): Map<string, string[]> {
  const paths = new Map<string, string[]>();
  for (const path of [...places.keys()].sort(byComponents)) {
    const identity = places.get(path)?.identity ?? null;
    if (identity === null) continue;
    const known = paths.get(identity);
    if (known === undefined) paths.set(identity, [path]);
    else known.push(path);
  }
  return paths;
}
