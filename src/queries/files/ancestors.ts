// The directories above some files, by what the files' records say: whoever looks for the paths of a few files need not read the
// others.
import { FormatError } from '../../errors.js';
import type { FileId, FileNode, FileReader } from '../../filesystem/files.js';
import { MAX_ANCESTORS, MAX_OWNERS } from '../../limits.js';

/** A set of files. */
export interface IdSet {
  has(id: FileId): boolean;
}

/** With the files themselves. null: the format does not say, a record is damaged, or they are too many. */
export async function ancestorsOf(
  { parentsOf }: Pick<FileReader, 'parentsOf'>,
  wanted: readonly Pick<FileNode, 'id' | 'system' | 'linkCount'>[],
): Promise<IdSet | null> {
  if (parentsOf === undefined || wanted.length > MAX_OWNERS) return null;
  const seen = new Set<string>();
  const open: FileId[] = [];
  const add = (id: FileId) => {
    const key = keyOf(id);
    if (seen.has(key)) return;
    seen.add(key);
    open.push(id);
  };
  for (const { id, system, linkCount } of wanted) if (system === null && linkCount > 0) add(id);
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const parents = await orNull(parentsOf(id));
    if (parents === null || seen.size > MAX_ANCESTORS) return null;
    for (const parent of parents) add(parent);
  }
  return { has: (id) => seen.has(keyOf(id)) };
}

function keyOf({ tree, number }: FileId): string {
  return `${tree} ${number}`;
}

async function orNull<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof FormatError && error.code !== 'LIMIT') return null;
    throw error;
  }
}
