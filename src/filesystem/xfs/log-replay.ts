// What a log changes, gathered in one pass over it. A buffer that is cancelled is forgotten with all that was said of
// it before, which is what the kernel's first pass is for.
// References: Linux 6.18 fs/xfs/xfs_log_recover.c: xlog_do_recovery_pass, xlog_recover_reorder_trans;
// xfs_buf_item_recover.c: xlog_recover_buf_commit_pass2, xlog_recover_do_inode_buffer.
import { xfsBtreePointerRecords } from '../../../generated/filesystem/xfs.js';
import { FormatError } from '../../errors.js';
import { int } from '../../validation/guest.js';
import type { Geometry } from './geometry.js';
import type { LogSpan } from './log-head.js';
import { CHUNK_BYTES, type Change, type FreedExtent, type InodeCore } from './log-items.js';
import { hasRightChecksum, type LogOwner, loadRecord, unpack } from './log-record.js';
import { LOG_BLOCK_BYTES, type LogRing, ringReader } from './log-ring.js';
import { transactionReader } from './log-transactions.js';
import { type RecoveryMemory, recoveryMemory } from './recovery-memory.js';

const U32_MAX = 0xffffffff;
const NEXT_UNLINKED_OFFSET = 96;
const ENTRY_COST_BYTES = 300;
const CHUNK_COST_BYTES = CHUNK_BYTES + 160;
const SMALL_COST_BYTES = 80;
const MAX_INODE_BUFFER_SECTORS = 128;

/** A part of a buffer, and the place in the log of the transaction that changed it last. */
export interface LoggedChunk {
  readonly bytes: Uint8Array;
  readonly lsn: bigint;
}

export interface LoggedBuffer {
  readonly sectorCount: number;
  /** By place in the buffer. */
  readonly chunks: Map<number, LoggedChunk>;
}

export interface LoggedInode extends InodeCore {
  readonly lsn: bigint;
}

export interface Replay {
  /** By first sector of 512 bytes. */
  readonly buffers: ReadonlyMap<number, LoggedBuffer>;
  /** By place, which is the offset in the filesystem in units of an inode: the next inode without a name. */
  readonly nextUnlinked: ReadonlyMap<number, number>;
  /** By place: the inodes without a name. */
  readonly unnamed: ReadonlyMap<number, LoggedInode>;
  /** Blocks of the filesystem that were filled with free inodes: what they held before is void. */
  readonly createdBlocks: ReadonlySet<number>;
  /** Promises that were not kept. */
  readonly intents: ReadonlyMap<string, readonly FreedExtent[]>;
}

interface State {
  readonly geometry: Geometry;
  readonly inodeSizeBytes: number;
  readonly memory: RecoveryMemory;
  readonly buffers: Map<number, LoggedBuffer>;
  readonly nextUnlinked: Map<number, number>;
  readonly unnamed: Map<number, LoggedInode>;
  readonly createdBlocks: Set<number>;
  readonly intents: Map<string, readonly FreedExtent[]>;
}

/**
 * Reads the log from its tail to its head, each block once.
 * @throws FormatError for what the kernel would not recover either; LIMIT for what takes too much memory.
 */
export async function replayLog(
  ring: LogRing,
  { tail, head }: LogSpan,
  owner: LogOwner,
  geometry: Geometry,
): Promise<Replay> {
  const state: State = {
    geometry,
    inodeSizeBytes: geometry.blockSizeBytes / geometry.inodesPerBlock,
    memory: recoveryMemory(),
    buffers: new Map(),
    nextUnlinked: new Map(),
    unnamed: new Map(),
    createdBlocks: new Set(),
    intents: new Map(),
  };
  const transactions = transactionReader(state.memory, (changes, lsn) =>
    apply(state, changes, lsn),
  );
  const reader = ringReader(ring);
  let left = (head - tail + ring.blockCount) % ring.blockCount;
  for (let block = tail; left > 0; ) {
    const record = await loadRecord(ring, reader, block, owner);
    left -= record.headBlocks + Math.ceil(record.dataBytes / LOG_BLOCK_BYTES);
    if (left < 0) {
      throw new FormatError(
        'INVALID',
        `xfs: the log's record at block ${block} runs over its head`,
      );
    }
    if (owner.hasChecksums && !hasRightChecksum(record, owner)) {
      throw new FormatError('BAD_CHECKSUM', `xfs: the log's record at block ${block} is damaged`);
    }
    transactions.feed(unpack(record), record.lsn, record.operationCount);
    block = record.end;
  }
  return state;
}

/** Where a buffer lies, in sectors of 512 bytes. */
interface Place {
  readonly sector: number;
  readonly sectorCount: number;
}

/** The order within a transaction: buffers before what lies in them, and cancellations last. */
const ORDER: Readonly<Record<Change['kind'], number>> = {
  buffer: 0,
  'new-inodes': 0,
  'inode-creation': 0,
  inode: 1,
  intent: 1,
  'intent-done': 1,
  'unlinked-pointers': 2,
  cancel: 3,
};
const LAST_ORDER = 3;

function apply(state: State, changes: readonly Change[], lsn: bigint): void {
  for (let order = 0; order <= LAST_ORDER; order++) {
    for (const change of changes) if (ORDER[change.kind] === order) applyOne(state, change, lsn);
  }
}

function applyOne(state: State, change: Change, lsn: bigint): void {
  switch (change.kind) {
    case 'buffer':
      for (const { index, bytes } of change.chunks) putChunk(state, change, index, { bytes, lsn });
      return;
    case 'new-inodes':
      for (const block of blocksOf(state, change)) create(state, block);
      putPointers(state, change);
      return;
    case 'unlinked-pointers':
      putPointers(state, change);
      return;
    case 'inode-creation': {
      const first = change.group * state.geometry.blocksPerGroup + change.block;
      for (let i = 0; i < change.blockCount; i++) create(state, first + i);
      return;
    }
    case 'inode':
      putInode(state, change, lsn);
      return;
    case 'intent':
      state.memory.charge(change.costBytes);
      state.intents.set(change.intent, change.freedBlocks);
      return;
    case 'intent-done':
      state.intents.delete(change.intent);
      return;
    case 'cancel':
      cancel(state, change);
  }
}

function cancel(state: State, place: Place): void {
  state.buffers.delete(place.sector);
  // Buffers of inodes are not larger.
  if (place.sectorCount > MAX_INODE_BUFFER_SECTORS) return;
  for (const block of blocksOf(state, place)) state.createdBlocks.delete(block);
  const first = (place.sector * LOG_BLOCK_BYTES) / state.inodeSizeBytes;
  const count = (place.sectorCount * LOG_BLOCK_BYTES) / state.inodeSizeBytes;
  for (let i = 0; i < count; i++) {
    state.nextUnlinked.delete(first + i);
    state.unnamed.delete(first + i);
  }
}

function putChunk(
  state: State,
  { sector, sectorCount }: Place,
  index: number,
  chunk: LoggedChunk,
): void {
  let buffer = state.buffers.get(sector);
  if (buffer === undefined) {
    buffer = { sectorCount, chunks: new Map() };
    state.buffers.set(sector, buffer);
    state.memory.charge(ENTRY_COST_BYTES);
  }
  if (!buffer.chunks.has(index)) state.memory.charge(CHUNK_COST_BYTES);
  // A chunk of its own: the region that it is part of is not kept for it.
  buffer.chunks.set(index, { ...chunk, bytes: Uint8Array.from(chunk.bytes) });
}

function create(state: State, block: number): void {
  if (!state.createdBlocks.has(block)) state.memory.charge(SMALL_COST_BYTES);
  state.createdBlocks.add(block);
}

/** The blocks of the filesystem that lie in a buffer. */
function blocksOf({ geometry }: State, { sector, sectorCount }: Place): readonly number[] {
  const sectorsPerBlock = geometry.blockSizeBytes / LOG_BLOCK_BYTES;
  const count = Math.floor(sectorCount / sectorsPerBlock);
  return Array.from({ length: count }, (_, i) => Math.floor(sector / sectorsPerBlock) + i);
}

/** The chains of inodes without a name are logged in the inodes' buffers, and nothing else of these is. */
function putPointers(
  { inodeSizeBytes, memory, nextUnlinked }: State,
  {
    sector,
    chunks,
  }: Extract<Change, { readonly kind: 'new-inodes' | 'unlinked-pointers' | 'buffer' }>,
): void {
  for (const { index, bytes } of chunks) {
    const start = index * CHUNK_BYTES;
    const slot = Math.floor(start / inodeSizeBytes);
    const offset = slot * inodeSizeBytes + NEXT_UNLINKED_OFFSET - start;
    if (offset < 0 || offset >= CHUNK_BYTES) continue;
    const next = xfsBtreePointerRecords(bytes.subarray(offset)).at(0).block;
    const place = (sector * LOG_BLOCK_BYTES) / inodeSizeBytes + slot;
    if (!nextUnlinked.has(place)) memory.charge(SMALL_COST_BYTES);
    nextUnlinked.set(place, int(next, 'xfs: di_next_unlinked', 1, U32_MAX));
  }
}

function putInode(
  { inodeSizeBytes, memory, unnamed }: State,
  change: Extract<Change, { readonly kind: 'inode' }>,
  lsn: bigint,
): void {
  const { offsetBytes, kind, costBytes, ...core } = change;
  const place = offsetBytes / inodeSizeBytes;
  if (core.isFree || core.linkCount > 0) {
    unnamed.delete(place);
    return;
  }
  if (!unnamed.has(place)) memory.charge(costBytes);
  unnamed.set(place, { ...core, lsn });
}
