// Which names lead where in one state and not in the other: the entries of the directories that differ, less those that both
// states have.
import type { DirectoryEntry, FileId, FileKind, FileReader } from '../../filesystem/files.js';
import type { Memory } from '../files/columns.js';
import type { DifferingFile, Pair } from './differing.js';
import { type FileKey, type FileState, isSameFile, keyOf } from './state.js';

/** A name in a directory; `name` has a character for each byte. */
export interface Link {
  readonly parent: FileId;
  readonly name: string;
  readonly id: FileId;
  readonly kind: FileKind | null;
}

interface ChangedLinks {
  readonly removed: readonly Link[];
  readonly added: readonly Link[];
  /** Names in the directories that were read, in both states, of files that differ. */
  readonly kept: readonly Link[];
  /** Directories of both states that do not have the same names. */
  readonly renaming: ReadonlySet<FileKey>;
}

export type Differing = ReadonlyMap<FileKey, DifferingFile>;

/** Memory of a link, with its path. */
const LINK_BYTES = 400;

/**
 * @param suspects directories that do not differ by their records.
 * @throws SourceError OVER_BUDGET, and what the readers throw.
 */
export async function changedLinks(
  { old, other }: Pair,
  differing: Differing,
  suspects: readonly DifferingFile[],
  memory: Memory,
): Promise<ChangedLinks> {
  const [removed, added, kept]: [Link[], Link[], Link[]] = [[], [], []];
  const renaming = new Set<FileKey>();
  for (const file of [...differing.values(), ...suspects]) {
    const before = removed.length + added.length;
    const wasThere = file.old?.kind === 'directory' ? file.old : null;
    const isThere = file.other?.kind === 'directory' ? file.other : null;
    const isSame = wasThere !== null && isThere !== null && isSameFile(wasThere, isThere);
    const olds = wasThere === null ? NOTHING : await linksOf(old, wasThere.id, memory);
    const others = isThere === null ? NOTHING : await linksOf(other, isThere.id, memory);
    for (const [name, link] of olds) {
      if (!isSame || !isUnchanged(link, others.get(name), differing)) removed.push(link);
    }
    for (const [name, link] of others) {
      if (!isSame || !isUnchanged(link, olds.get(name), differing)) added.push(link);
      else if (differing.has(keyOf(link.id))) kept.push(link);
    }
    if (isSame && removed.length + added.length > before) renaming.add(keyOf(isThere.id));
  }
  return { removed, added, kept, renaming };
}

/** So many names lead to it. */
export function namesOf(file: FileState): number {
  return file.kind === 'directory' ? 1 : file.linkCount;
}

const NOTHING: ReadonlyMap<string, Link> = new Map();

/** The names in a directory; none where it cannot be found. Of several that are the same the first one counts. */
export async function linksOf(
  reader: FileReader,
  id: FileId,
  memory: Memory,
): Promise<ReadonlyMap<string, Link>> {
  const links = new Map<string, Link>();
  const node = await reader.file(id);
  if (node === null) return links;
  for await (const page of node.entries()) {
    for (const entry of page) {
      const name = nameOf(entry);
      if (links.has(name)) continue;
      memory.take(LINK_BYTES);
      links.set(name, { parent: id, name, id: entry.id, kind: entry.kind });
    }
  }
  return links;
}

function nameOf({ name }: DirectoryEntry): string {
  return name.isEncrypted ? name.text : Buffer.from(name.bytes).toString('latin1');
}

function isUnchanged(link: Link, other: Link | undefined, differing: Differing): boolean {
  if (other === undefined || keyOf(link.id) !== keyOf(other.id)) return false;
  const file = differing.get(keyOf(link.id));
  if (file === undefined || file.old === null || file.other === null) return true;
  return isSameFile(file.old, file.other);
}
