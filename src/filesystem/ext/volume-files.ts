// An ext filesystem after its log, and one file of it, as the parts of the reader of files share them.
// References: Linux 6.18 fs/ext4/ext4.h: EXT4_BAD_INO and its neighbours.
import type { ByteSource } from '../../bytes/source.js';
import { u32 } from '../../validation/guest.js';
import type { FileWalk } from '../files.js';
import type { MapReader } from './block-map.js';
import type { inodeCheck } from './checksum.js';
import type { Context } from './context.js';
import type { Inode } from './inode.js';

export const ROOT_INODE = 2;
export const RESIZE_INODE = 7;
/** The first inode that files may have, in filesystems too old to say. */
const OLD_FIRST_INODE = 11;

/** A filesystem whose files are read. */
export interface ExtVolume {
  readonly context: Context;
  readonly volumes: readonly ByteSource[];
  readonly walk: FileWalk;
  /** Files that the next mount deletes, or cuts to their size. */
  readonly orphans: ReadonlyMap<number, 'deleted' | 'cut'>;
  /** Bounds how many blocks of files are come to in all. @throws FormatError LIMIT */
  spend(blockCount: number): void;
  /** Of the inodes' checksums, where they have them. */
  readonly check: ReturnType<typeof inodeCheck>;
  readonly maps: MapReader;
  /** The inodes that the filesystem has for itself, by number. */
  readonly systemNames: ReadonlyMap<number, string>;
  /** Blocks of the journal that df leaves out of the size; none where it is on another device. */
  readonly journal: { readonly number: number; readonly blockCount: number } | null;
}

/** Blocks that were read, by their numbers. */
export type DirectoryBlocks = ReadonlyMap<number, Uint8Array>;

/** One file, in trusted numbers. */
export interface ExtFile {
  readonly inode: Inode;
  readonly number: number;
  /** All of the inode, and where it lies on the volume. */
  readonly bytes: Uint8Array;
  readonly offsetBytes: number;
  readonly isEncrypted: boolean;
  /** Blocks of this directory and others that were read at once; null: nobody reads them together. */
  readonly ahead: (() => Promise<DirectoryBlocks>) | null;
}

export function systemNames({ superblock, features }: Context): ReadonlyMap<number, string> {
  const names = new Map([
    [1, 'bad blocks'],
    [3, 'user quota'],
    [4, 'group quota'],
    [5, 'boot loader'],
    [6, 'undelete directory'],
    [RESIZE_INODE, 'resize inode'],
    [8, 'journal'],
    [9, 'exclude bitmap'],
    [10, 'replica'],
  ]);
  const said: readonly (readonly [Parameters<typeof u32>[0], string])[] = [
    [superblock.userQuotaInode, 'user quota'],
    [superblock.groupQuotaInode, 'group quota'],
    [superblock.projectQuotaInode, 'project quota'],
    [superblock.orphanFileInode, 'orphan file'],
  ];
  for (const [inode, name] of said) names.set(u32(inode), name);
  if (features.hasJournal) names.set(u32(superblock.journalInode), 'journal');
  names.delete(0);
  names.delete(ROOT_INODE);
  return names;
}

/** Whether an inode is one of those that no file may have. */
export function isReserved({ superblock }: Context, number: number): boolean {
  const first = u32(superblock.revision) === 0 ? OLD_FIRST_INODE : u32(superblock.firstInode);
  return number < first && number !== ROOT_INODE;
}
