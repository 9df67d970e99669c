// Files whose bytes differ although their records do not: written by mmap and not told yet, or behind the filesystem's back.
import type { Memory } from '../files/columns.js';
import { changedBytes } from './content.js';
import { type DifferingFile, type Pair, STATE_BYTES } from './differing.js';
import type { Differing } from './names.js';
import { meetsChanged } from './range-set.js';
import { type FileKey, isListed, keyOf, stateOf } from './state.js';

/** All files are gone through, and those are compared that have content where the states may differ. */
export async function withContents(
  pair: Pair,
  differing: Differing,
  memory: Memory,
): Promise<Differing> {
  const all = new Map<FileKey, DifferingFile>(differing);
  for await (const nodes of pair.other.files()) {
    for (const node of nodes) {
      const key = keyOf(node.id);
      if (node.kind !== 'file' || !isListed(node) || differing.has(key)) continue;
      if (!(await meetsChanged(pair.changed, node))) continue;
      const old = await pair.old.file(node.id);
      if (old === null || (await changedBytes(pair, old, node)) === 0) continue;
      memory.take(2 * STATE_BYTES);
      all.set(key, { old: stateOf(old), other: stateOf(node) });
    }
  }
  return all;
}
