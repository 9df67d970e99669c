// The summaries in a checkpoint's pack: the newest entries of NAT and SIT, which count before those of the tables, and the
// owners of the blocks of the segments that are being filled with data.
// References: Linux 6.1 fs/f2fs/segment.c: restore_curseg_summaries, read_compacted_summaries, read_normal_summaries.
import {
  f2fsNatJournalEntryRecords,
  f2fsSitJournalEntryRecords,
  f2fsSummaryRecords,
  type GuestF2fsNatEntry,
  type GuestF2fsNatJournalEntry,
  parseF2fsJournal,
} from '../../../generated/filesystem/f2fs.js';
import { int, u16, u32 } from '../../validation/guest.js';
import { BLOCKS_PER_SEGMENT } from './superblock.js';
import { readBlock, type Volume } from './volume.js';

const ENTRY_BYTES = 7;
const ENTRIES_BYTES = ENTRY_BYTES * BLOCKS_PER_SEGMENT;
const JOURNAL_BYTES = 507;
/** The bytes of a block that hold entries where they are packed: all but the footer. */
const PACKED_BYTES = 4096 - 5;
const MAX_NAT_ENTRIES = 38;
const MAX_SIT_ENTRIES = 6;

/** CP_COMPACT_SUM_FLAG; CP_UMOUNT_FLAG and CP_FASTBOOT_FLAG, with which there are summaries of nodes too. */
const COMPACT = 0x4n;
const WITH_NODES = 0x21n;
const DATA_SUMMARIES = 3;
const ALL_SUMMARIES = 6;
/** Hot and cold data: whose summaries hold the newest entries of the NAT and of the SIT. */
const NAT_JOURNAL = 0;
const SIT_JOURNAL = 2;

/** Whose a block of data is: the node that has its address, and where in it. */
export interface Owner {
  readonly node: number;
  readonly index: number;
}

/** An entry of the NAT: whose a node is, and where it lies. */
export interface NodePlace {
  readonly inode: number;
  /** 0 if there is none, 2^32 - 1 if it was never written. */
  readonly block: number;
}

export interface Summaries {
  /** By number of node. */
  readonly nat: ReadonlyMap<number, NodePlace>;
  /** Bitmaps by segment. */
  readonly sit: ReadonlyMap<number, Uint8Array>;
  /** Of the segments that are being filled with data: tables of `summary`. */
  readonly owners: ReadonlyMap<number, Uint8Array>;
}

/** @throws FormatError OUT_OF_BOUNDS */
export async function readSummaries(volume: Volume): Promise<Summaries> {
  const { checkpoint } = volume;
  const parts = checkpoint.has(COMPACT) ? await readCompact(volume) : await readNormal(volume);
  const owners = new Map<number, Uint8Array>();
  for (const [i, { segment }] of checkpoint.dataSegments.entries()) {
    owners.set(segment, parts.entries[i] ?? new Uint8Array(ENTRIES_BYTES));
  }
  return { nat: readNat(parts.nat), sit: readSit(parts.sit), owners };
}

interface Parts {
  readonly nat: Uint8Array;
  readonly sit: Uint8Array;
  readonly entries: readonly Uint8Array[];
}

/** Both journals, then as many entries as the segments have, one behind the other. */
async function readCompact(volume: Volume): Promise<Parts> {
  const { block, summariesOffset, dataSegments } = volume.checkpoint;
  let next = block + summariesOffset;
  const first = await readBlock(volume, next++);
  let bytes = first;
  let at = 2 * JOURNAL_BYTES;
  const entries: Uint8Array[] = [];
  for (const { next: filled, isReused } of dataSegments) {
    const table = new Uint8Array(ENTRIES_BYTES);
    const count = isReused ? BLOCKS_PER_SEGMENT : filled;
    for (let i = 0; i < count; i++) {
      table.set(bytes.subarray(at, at + ENTRY_BYTES), i * ENTRY_BYTES);
      at += ENTRY_BYTES;
      if (at + ENTRY_BYTES <= PACKED_BYTES) continue;
      bytes = await readBlock(volume, next++);
      at = 0;
    }
    entries.push(table);
  }
  return {
    nat: first.subarray(0, JOURNAL_BYTES),
    sit: first.subarray(JOURNAL_BYTES, 2 * JOURNAL_BYTES),
    entries,
  };
}

/** A block for each segment, before the pack's last one. */
async function readNormal(volume: Volume): Promise<Parts> {
  const { block, packBlockCount, dataSegments } = volume.checkpoint;
  const count = volume.checkpoint.has(WITH_NODES) ? ALL_SUMMARIES : DATA_SUMMARIES;
  const first = block + packBlockCount - 1 - count;
  const blocks: Uint8Array[] = [];
  for (const i of dataSegments.keys()) blocks.push(await readBlock(volume, first + i));
  const journal = (i: number) => {
    return (blocks[i] ?? new Uint8Array(0)).subarray(ENTRIES_BYTES, ENTRIES_BYTES + JOURNAL_BYTES);
  };
  return {
    nat: journal(NAT_JOURNAL),
    sit: journal(SIT_JOURNAL),
    entries: blocks.map((bytes) => bytes.subarray(0, ENTRIES_BYTES)),
  };
}

function readNat(bytes: Uint8Array): ReadonlyMap<number, NodePlace> {
  const journal = parseF2fsJournal(bytes);
  const count = int(journal.numEntries, 'f2fs: n_nats', 0, MAX_NAT_ENTRIES);
  const records = f2fsNatJournalEntryRecords(journal.entries);
  const places = new Map<number, NodePlace>();
  for (let i = 0; i < count; i++) {
    const entry = records.at(i);
    const node = u32(entry.node);
    // The first one that is found counts.
    if (!places.has(node)) places.set(node, placeIn(entry));
  }
  return places;
}

export function placeIn({ inode, block }: GuestF2fsNatEntry | GuestF2fsNatJournalEntry): NodePlace {
  return { inode: u32(inode), block: u32(block) };
}

function readSit(bytes: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const journal = parseF2fsJournal(bytes);
  const count = int(journal.numEntries, 'f2fs: n_sits', 0, MAX_SIT_ENTRIES);
  const records = f2fsSitJournalEntryRecords(journal.entries);
  const bitmaps = new Map<number, Uint8Array>();
  for (let i = 0; i < count; i++) {
    const entry = records.at(i);
    bitmaps.set(u32(entry.segment), new Uint8Array(entry.validMap));
  }
  return bitmaps;
}

/** The entry of a table of `summary`. */
export function ownerAt(table: Uint8Array, index: number): Owner {
  const entry = f2fsSummaryRecords(table).at(index);
  return {
    node: u32(entry.node),
    index: u16(entry.index),
  };
}
