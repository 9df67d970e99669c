// A file as it is in one of the two states that are compared: what stat(2) shows of it, and which file it is.
import type {
  FileAttribute,
  FileId,
  FileKind,
  FileNode,
  FileStat,
} from '../../filesystem/files.js';
import type { GuestPath } from '../files/guest-path.js';

/** It takes less memory than a FileNode, which may hold the page that it was read from. */
export interface FileState {
  readonly id: FileId;
  readonly kind: FileKind;
  readonly sizeBytes: number;
  readonly allocatedBytes: number;
  readonly linkCount: number;
  readonly stat: FileStat;
  /** Where a symbolic link leads; left out where nobody asked, and where that is not known. */
  readonly target?: GuestPath;
  /** Extended attributes; null: they could not be read. Left out where nobody asked, or the format's are not read. */
  readonly attributes?: readonly FileAttribute[] | null;
}

export function stateOf(node: FileNode): FileState {
  const { id, kind, sizeBytes, allocatedBytes, linkCount } = node;
  return { id, kind, sizeBytes, allocatedBytes, linkCount, stat: node.stat() };
}

/** A name leads to it, and it is no file of the filesystem's own. */
export function isListed({ system, linkCount }: Pick<FileNode, 'system' | 'linkCount'>): boolean {
  return system === null && linkCount > 0;
}

/** The same key: the same inode, though perhaps of another file by now. */
export type FileKey = string;

export function keyOf({ tree, number }: FileId): FileKey {
  return tree === 0 ? String(number) : `${tree}:${number}`;
}

/** Whether an inode is of the same file in both states, and was not given to another one meanwhile. */
export function isSameFile(old: FileState, other: FileState): boolean {
  return old.kind === other.kind && old.stat.generation === other.stat.generation;
}

/** What stat(2) shows and may differ, in the words of the outputs. Access times tell of reads, and are ignored unless asked for. */
export type Field =
  | 'type'
  | 'mode'
  | 'owner'
  | 'links'
  | 'size'
  | 'blocks'
  | 'modified'
  | 'changed'
  | 'accessed'
  | 'created'
  | 'content'
  | 'entries';

/** The numbers of each field, for comparison. */
export function fieldsOf(file: FileState): Readonly<Partial<Record<Field, readonly unknown[]>>> {
  const { kind, sizeBytes, allocatedBytes, linkCount, stat } = file;
  return {
    type: [kind],
    mode: [stat.mode],
    owner: [stat.userId, stat.groupId],
    links: [linkCount],
    size: [sizeBytes],
    blocks: [allocatedBytes],
    modified: [stat.modifiedNs],
    changed: [stat.changedNs],
    accessed: [stat.accessedNs],
    created: [stat.createdNs],
  };
}

/** Fields that are not compared: two images that were made apart have times and blocks of their own. */
export type Ignored = ReadonlySet<Field>;

export function isSameList(
  olds: readonly FileAttribute[],
  others: readonly FileAttribute[],
): boolean {
  const text = (all: readonly FileAttribute[]) =>
    all
      .map(({ name, value }) => [name, value].map((one) => Buffer.from(one).toString('hex')).join())
      .sort();
  return text(olds).join() === text(others).join();
}

export function differingFields(old: FileState, other: FileState, ignored: Ignored): Field[] {
  const [olds, others] = [fieldsOf(old), fieldsOf(other)];
  const names = Object.keys(olds) as Field[];
  return names.filter(
    (name) =>
      !ignored.has(name) && olds[name]?.some((value, index) => value !== others[name]?.[index]),
  );
}
