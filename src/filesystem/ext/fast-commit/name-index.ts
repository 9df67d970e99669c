// The index of a directory, a tree of hashes over its blocks of names.
// References: Linux 6.18 fs/ext4/namei.c: dx_probe, ext4_dx_add_entry, do_split, make_indexed_dir, dx_root_limit.
import {
  ExtDirectoryEntryFields,
  ExtIndexCountFields,
  ExtIndexEntryFields,
  ExtIndexRootFields,
  extIndexEntryRecords,
  parseExtIndexCount,
  parseExtIndexRoot,
} from '../../../../generated/filesystem/ext.js';
import { lastAtMost } from '../../../bytes/search.js';
import { setField } from '../../../kaitai/index.js';
import { u8, u16, u32 } from '../../../validation/guest.js';
import type { Entry } from './entries.js';
import { isKnownHash } from './name-hash.js';

const ROOT_HEAD_BYTES = 32;
const ROOT_NAMES_BYTES = 24;
const NODE_HEAD_BYTES = 8;
const U16_MAX = 0xffff;
const ENTRY_BYTES = 8;
const TAIL_BYTES = 8;
const BLOCK_VALUES = 2 ** 28;

interface IndexEntry {
  hash: number;
  /** Of the directory. */
  block: number;
}

export interface IndexNode {
  readonly limit: number;
  entries: IndexEntry[];
}

export interface IndexRoot extends IndexNode {
  readonly hashVersion: number;
  levels: number;
}

export function rootLimit(blockSizeBytes: number, hasChecksum: boolean): number {
  return limitOf(blockSizeBytes - ROOT_HEAD_BYTES, hasChecksum);
}

export function nodeLimit(blockSizeBytes: number, hasChecksum: boolean): number {
  return limitOf(blockSizeBytes - NODE_HEAD_BYTES, hasChecksum);
}

function limitOf(bytes: number, hasChecksum: boolean): number {
  return Math.floor((bytes - (hasChecksum ? TAIL_BYTES : 0)) / ENTRY_BYTES);
}

/** null for a block that the kernel does not take for an index. */
export function readIndexRoot(bytes: Uint8Array, hasChecksum: boolean): IndexRoot | null {
  const root = parseExtIndexRoot(bytes);
  const hashVersion = u8(root.hashVersion);
  const levels = u8(root.numLevels);
  const limit = rootLimit(bytes.length, hasChecksum);
  const entries = readIndexEntries(bytes.subarray(ROOT_HEAD_BYTES), limit);
  if (entries === null || !isKnownHash(hashVersion)) return null;
  return { hashVersion, levels, limit, entries };
}

export function readIndexNode(bytes: Uint8Array, hasChecksum: boolean): IndexNode | null {
  const limit = nodeLimit(bytes.length, hasChecksum);
  const entries = readIndexEntries(bytes.subarray(NODE_HEAD_BYTES), limit);
  return entries === null ? null : { limit, entries };
}

function readIndexEntries(bytes: Uint8Array, limit: number): IndexEntry[] | null {
  const head = parseExtIndexCount(bytes.subarray(0, ENTRY_BYTES));
  const count = u16(head.numEntries);
  if (count === 0 || count > limit) return null;
  if (u16(head.maxEntries) !== limit) return null;
  const records = extIndexEntryRecords(bytes.subarray(0, count * ENTRY_BYTES));
  return Array.from({ length: count }, (_, i) => {
    const { hash, block } = records.at(i);
    return {
      // The first entry has the counts in its place: it is for all that is lower than the second.
      hash: i === 0 ? 0 : u32(hash),
      block: u32(block) % BLOCK_VALUES,
    };
  });
}

/** Writes the root's own words and its entries behind the two names that its block begins with. */
export function writeIndexRoot(bytes: Uint8Array, root: IndexRoot): void {
  bytes.fill(0, ROOT_NAMES_BYTES, ROOT_HEAD_BYTES);
  setField(bytes, ExtIndexRootFields.hashVersion, root.hashVersion);
  setField(bytes, ExtIndexRootFields.lenInfo, ROOT_HEAD_BYTES - ROOT_NAMES_BYTES);
  setField(bytes, ExtIndexRootFields.numLevels, root.levels);
  writeIndexEntries(bytes.subarray(ROOT_HEAD_BYTES), root);
}

/** A node begins as an unused entry of the whole block, so that those who know no index find no names in it. */
export function writeIndexNode(bytes: Uint8Array, node: IndexNode): void {
  bytes.fill(0, 0, NODE_HEAD_BYTES);
  setField(bytes, ExtDirectoryEntryFields.lenEntry, Math.min(bytes.length, U16_MAX));
  writeIndexEntries(bytes.subarray(NODE_HEAD_BYTES), node);
}

function writeIndexEntries(bytes: Uint8Array, { limit, entries }: IndexNode): void {
  for (const [i, { hash, block }] of entries.entries()) {
    const at = i * ENTRY_BYTES;
    if (i > 0) setField(bytes, ExtIndexEntryFields.hash, hash, at);
    setField(bytes, ExtIndexEntryFields.block, block, at);
  }
  setField(bytes, ExtIndexCountFields.maxEntries, limit);
  setField(bytes, ExtIndexCountFields.numEntries, entries.length);
}

/** The entry under which a hash is. */
export function entryFor({ entries }: IndexNode, hash: number): number {
  return Math.max(
    0,
    lastAtMost(hash, entries.length, (i) => entries[i]?.hash),
  );
}

/** The two blocks into which a full block of names is split. */
interface Halves {
  readonly lower: readonly Entry[];
  readonly upper: readonly Entry[];
  /** The lowest hash of the upper half; odd if the lower one has names of the same hash. */
  readonly hash: number;
}

/** null if the kernel refuses to split it. */
export function halvesOf(
  entries: readonly Entry[],
  hashOf: (name: string) => number,
  blockSizeBytes: number,
): Halves | null {
  const used = entries.filter(({ inode, name }) => inode !== 0 && name !== '');
  const sorted = used.map((entry) => ({ entry, hash: hashOf(entry.name) }));
  sorted.sort((a, b) => a.hash - b.hash);
  let size = 0;
  let first = sorted.length;
  // Neither half may be more than half full.
  for (; first > 0; first--) {
    const room = sorted[first - 1]?.entry.room ?? 0;
    if (size + Math.floor(room / 2) > Math.floor(blockSizeBytes / 2)) break;
    size += room;
  }
  const split = first > 0 ? first : Math.floor(sorted.length / 2);
  const hash = sorted[split]?.hash;
  if (split === 0 || hash === undefined) return null;
  const upper = sorted.slice(split).map(({ entry }) => entry);
  const moved = new Set(upper);
  const lower = used.filter((entry) => !moved.has(entry));
  return { lower, upper, hash: hash + (sorted[split - 1]?.hash === hash ? 1 : 0) };
}
