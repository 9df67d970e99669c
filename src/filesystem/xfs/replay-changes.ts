// Applies a committed transaction to the state that is kept of the log: a changed buffer gets the new chunks, an inode its new
// core, and a buffer that is cancelled (a block of a tree that became free, say) is forgotten with all changes to it.
// References: Linux 6.18 fs/xfs/xfs_log_recover.c: xlog_recover_reorder_trans; xfs_buf_item_recover.c:
// xlog_recover_buf_commit_pass2, xlog_recover_do_inode_buffer; xfs_inode_item_recover.c; xfs_icreate_item.c.
import { XfsInodeFields, xfsBtreePointerRecords } from '../../../generated/filesystem/xfs.js';
import { FormatError } from '../../errors.js';
import { int, u32 } from '../../validation/guest.js';
import { type BufferChange, CHUNK_BYTES, type ChunkRun } from './log-buffer-item.js';
import type { InodeChange } from './log-inode-item.js';
import type { IntentChange } from './log-intent-item.js';
import type { Change } from './log-items.js';
import { LOG_BLOCK_BYTES } from './log-ring.js';
import type { Committed } from './log-transactions.js';
import { changeInode, noChanges } from './logged-inode.js';
import {
  bufferCost,
  inodeCost,
  intentCost,
  type LoggedBuffer,
  makeRoom,
  type ReplayState,
  SMALL_COST_BYTES,
} from './replay-state.js';

const U32_MAX = 0xffffffff;
const NO_INODE = 0xffffffff;
const MAX_INODE_BUFFER_SECTORS = 128;

/** Where a buffer lies, in sectors of 512 bytes. */
interface BufferSectors {
  readonly sector: number;
  readonly sectorCount: number;
}

/** The same, with the chunks that the log has of it. */
type Content = Exclude<BufferChange, { readonly kind: 'cancel' }>;

/** The order within a transaction: buffers before the inodes that lie in them, and cancellations last. */
const ORDER: Readonly<Record<Change['kind'], number>> = {
  buffer: 0,
  tree: 0,
  'new-inodes': 0,
  'inode-creation': 0,
  inode: 1,
  intent: 1,
  'intent-done': 1,
  'unlinked-pointers': 2,
  cancel: 3,
};
const LAST_ORDER = 3;

/** @throws FormatError LIMIT */
export function apply(state: ReplayState, { changes, settledInodes, lsn }: Committed): void {
  if (state.inodes.size > 0) {
    for (const offsetBytes of settledInodes) forget(state, offsetBytes / state.inodeSizeBytes);
  }
  for (let order = 0; order <= LAST_ORDER; order++) {
    for (const change of changes) if (ORDER[change.kind] === order) applyOne(state, change, lsn);
  }
}

function applyOne(state: ReplayState, change: Change, lsn: bigint): void {
  switch (change.kind) {
    case 'buffer':
    case 'tree':
      putBuffer(state, change, change.kind, lsn);
      return;
    case 'new-inodes':
      putNewInodes(state, change);
      putPointers(state, change);
      return;
    case 'unlinked-pointers':
      putPointers(state, change);
      return;
    case 'inode-creation': {
      const first = change.group * state.geometry.blocksPerGroup + change.block;
      for (let i = 0; i < change.blockCount; i++) create(state, first + i, change.generation);
      return;
    }
    case 'inode':
      putInode(state, change, lsn);
      return;
    case 'intent':
    case 'intent-done':
      putIntent(state, change);
      return;
    case 'cancel':
      cancel(state, change);
  }
}

function putIntent(state: ReplayState, change: IntentChange): void {
  const { intents, memory } = state;
  const before = intents.get(change.intent);
  if (before !== undefined) memory.release(intentCost(before));
  intents.delete(change.intent);
  if (change.kind === 'intent-done') return;
  makeRoom(state, 'counter', intentCost(change.promised));
  intents.set(change.intent, change.promised);
}

function cancel(state: ReplayState, place: BufferSectors): void {
  const { buffers, memory, createdBlocks, nextUnlinked, inodes, inodeSizeBytes } = state;
  const before = buffers.get(place.sector);
  if (before !== undefined) memory.release(bufferCost(before));
  buffers.delete(place.sector);
  // Buffers of inodes are not larger.
  if (place.sectorCount > MAX_INODE_BUFFER_SECTORS) return;
  if (createdBlocks.size > 0) {
    const blocks = blocksOf(state, place);
    for (let block = blocks.first; block < blocks.end; block++) {
      if (createdBlocks.delete(block)) memory.release(SMALL_COST_BYTES);
    }
  }
  if (nextUnlinked.size === 0 && inodes.size === 0) return;
  const first = (place.sector * LOG_BLOCK_BYTES) / inodeSizeBytes;
  const count = (place.sectorCount * LOG_BLOCK_BYTES) / inodeSizeBytes;
  for (let i = 0; i < count; i++) {
    if (nextUnlinked.delete(first + i)) memory.release(SMALL_COST_BYTES);
    forget(state, first + i);
  }
}

function putBuffer(
  state: ReplayState,
  { sector, sectorCount, runs, content }: Content,
  kind: LoggedBuffer['kind'],
  lsn: bigint,
): void {
  if (runs.length === 0) return;
  const before = state.buffers.get(sector);
  const end = Math.max(...runs.map((run) => run.index * CHUNK_BYTES + run.lengthBytes));
  let buffer = before;
  if (buffer === undefined || buffer.bytes.length < end) {
    const bytes = new Uint8Array(end);
    if (before !== undefined) bytes.set(before.bytes);
    const lsns = before?.lsns ?? [];
    lsns.length = bytes.length / CHUNK_BYTES;
    buffer = { kind, sectorCount, bytes, lsns };
    const cost = bufferCost(buffer);
    if (before !== undefined) state.memory.release(bufferCost(before));
    state.buffers.delete(sector);
    if (!makeRoom(state, kind === 'tree' ? 'tree' : 'counter', cost)) return;
    state.buffers.set(sector, buffer);
  }
  for (const run of runs) putRun(buffer, run, content, lsn);
}

function putRun(
  { bytes, lsns }: LoggedBuffer,
  { index, at, lengthBytes }: ChunkRun,
  content: Uint8Array,
  lsn: bigint,
): void {
  bytes.set(content.subarray(at, at + lengthBytes), index * CHUNK_BYTES);
  lsns.fill(lsn, index, index + lengthBytes / CHUNK_BYTES);
}

function putNewInodes(state: ReplayState, change: Content): void {
  const { first, end } = blocksOf(state, change);
  const generation = generationOf(change);
  for (let block = first; block < end; block++) create(state, block, generation);
}

function create(state: ReplayState, block: number, generation: number): void {
  const { createdBlocks } = state;
  if (createdBlocks.has(block)) createdBlocks.set(block, generation);
  else if (makeRoom(state, 'inode', SMALL_COST_BYTES)) createdBlocks.set(block, generation);
}

/** The blocks of the filesystem that lie in a buffer. */
function blocksOf({ geometry }: ReplayState, { sector, sectorCount }: BufferSectors) {
  const sectorsPerBlock = geometry.blockSizeBytes / LOG_BLOCK_BYTES;
  const first = Math.floor(sector / sectorsPerBlock);
  return { first, end: first + Math.floor(sectorCount / sectorsPerBlock) };
}

/** Inodes that are made together have one generation. */
function generationOf({ runs: [first], content }: Content): number {
  if (first === undefined || first.index !== 0) return 0;
  const word = xfsBtreePointerRecords(content).atByte(XfsInodeFields.generation.at).block;
  return u32(word);
}

/** The chains of inodes without a name are logged in the inodes' buffers, and nothing else of these is. */
function putPointers(state: ReplayState, { sector, runs, content }: Content): void {
  const { inodeSizeBytes, nextUnlinked, createdBlocks, geometry, memory } = state;
  const words = xfsBtreePointerRecords(content);
  for (const { index, at, lengthBytes } of runs) {
    const start = index * CHUNK_BYTES;
    for (let slot = Math.floor(start / inodeSizeBytes); ; slot++) {
      const offset = slot * inodeSizeBytes + XfsInodeFields.nextUnlinked.at - start;
      if (offset >= lengthBytes) break;
      if (offset < 0) continue;
      const next = int(words.atByte(at + offset).block, 'xfs: di_next_unlinked', 1, U32_MAX);
      const place = (sector * LOG_BLOCK_BYTES) / inodeSizeBytes + slot;
      if (next === NO_INODE && createdBlocks.has(Math.floor(place / geometry.inodesPerBlock))) {
        // So it is where nothing is known of an inode that was made.
        if (nextUnlinked.delete(place)) memory.release(SMALL_COST_BYTES);
        continue;
      }
      if (!nextUnlinked.has(place) && !makeRoom(state, 'inode', SMALL_COST_BYTES)) return;
      nextUnlinked.set(place, next);
    }
  }
}

function putInode(state: ReplayState, change: InodeChange, lsn: bigint): void {
  const { inodes, inodeSizeBytes, kept } = state;
  const place = change.offsetBytes / inodeSizeBytes;
  if (!Number.isSafeInteger(place)) {
    throw new FormatError('INVALID', `xfs: the log has an inode at ${change.offsetBytes}`);
  }
  // df counts the blocks that the deletion of an inode without a name gives back, and needs no other inode.
  if (kept === 'counters' && !change.isUnnamed) {
    forget(state, place);
    return;
  }
  const known = inodes.get(place);
  const inode = known ?? noChanges();
  const costBefore = known === undefined ? 0 : inodeCost(known);
  changeInode(inode, change, lsn, inodeSizeBytes);
  const cost = inodeCost(inode);
  // Nearly all changes of an inode that is known have the same parts as those before.
  if (cost === costBefore) return;
  inodes.delete(place);
  state.memory.release(costBefore);
  if (makeRoom(state, 'inode', cost)) inodes.set(place, inode);
}

function forget({ inodes, memory }: ReplayState, place: number): void {
  const before = inodes.get(place);
  if (before === undefined) return;
  inodes.delete(place);
  memory.release(inodeCost(before));
}
