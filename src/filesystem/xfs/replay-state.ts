// The state that is kept of a log while it is read: for each buffer and inode that it changes, the newest content; and the
// promises that were not kept. df keeps only the things that move its counters: headers of groups, blocks of their trees,
// inodes without a name. Whoever reads files keeps everything. If df has no memory left for all it wants, it gives up the
// blocks of trees first.
// References: Linux 6.18 fs/xfs/xfs_log_recover.c.
import type { Geometry } from './geometry.js';
import type { Promised } from './log-intent-item.js';
import type { LoggedInode } from './logged-inode.js';
import type { Kept, RecoveryMemory } from './recovery-memory.js';

const BUFFER_COST_BYTES = 400;
const INODE_COST_BYTES = 300;
const RANGE_COST_BYTES = 80;
const INTENT_COST_BYTES = 300;
const PROMISED_COST_BYTES = 150;
/** Of an entry of a map or set of numbers. */
export const SMALL_COST_BYTES = 60;

/** A buffer up to the last chunk that the log has: of a block of 4 KiB whose second chunk was logged, 256 bytes. */
export interface LoggedBuffer {
  readonly kind: 'buffer' | 'tree';
  readonly sectorCount: number;
  bytes: Uint8Array;
  /** By chunk: the place in the log of the transaction that changed it last; undefined for a chunk that is not in the log. */
  readonly lsns: (bigint | undefined)[];
}

/** All that a log changes. */
export interface ReplayedLog {
  /** By first sector of 512 bytes. */
  readonly buffers: ReadonlyMap<number, LoggedBuffer>;
  /** By place, which is the offset in the filesystem in units of an inode. df keeps only those without a name. */
  readonly inodes: ReadonlyMap<number, LoggedInode>;
  /** By place: the next inode without a name, which is logged apart from the inode. */
  readonly nextUnlinked: ReadonlyMap<number, number>;
  /** Blocks of the filesystem that were filled with free inodes, and their generation: their old content is void. */
  readonly createdBlocks: ReadonlyMap<number, number>;
  /** Promises that were not kept. */
  readonly intents: ReadonlyMap<string, Promised>;
  /** Whether the blocks of trees are among the buffers: df does without them where there is no room for them. */
  readonly hasTrees: boolean;
  /** Whether the inodes, their chains and their created blocks are known: these maps are empty if not. */
  readonly hasInodes: boolean;
}

export interface ReplayState extends ReplayedLog {
  readonly geometry: Geometry;
  readonly inodeSizeBytes: number;
  readonly memory: RecoveryMemory;
  readonly kept: Kept;
  readonly buffers: Map<number, LoggedBuffer>;
  readonly inodes: Map<number, LoggedInode>;
  readonly nextUnlinked: Map<number, number>;
  readonly createdBlocks: Map<number, number>;
  readonly intents: Map<string, Promised>;
  hasTrees: boolean;
  hasInodes: boolean;
}

export function replayState(geometry: Geometry, memory: RecoveryMemory, kept: Kept): ReplayState {
  return {
    geometry,
    inodeSizeBytes: geometry.blockSizeBytes / geometry.inodesPerBlock,
    memory,
    kept,
    buffers: new Map(),
    inodes: new Map(),
    nextUnlinked: new Map(),
    createdBlocks: new Map(),
    intents: new Map(),
    hasTrees: true,
    hasInodes: true,
  };
}

/** The memory that it takes, about. */
export function bufferCost({ bytes, lsns }: LoggedBuffer): number {
  return BUFFER_COST_BYTES + bytes.length + lsns.length * 8;
}

export function inodeCost({ bytes, ranges }: LoggedInode): number {
  return INODE_COST_BYTES + bytes.length + ranges.length * RANGE_COST_BYTES;
}

export function intentCost(promised: Promised): number {
  return INTENT_COST_BYTES + (promised?.length ?? 0) * PROMISED_COST_BYTES;
}

/**
 * Charges the memory for something. For df other things may be given up for it: `tree` before `inode`, and those before
 * the things that the counters need. False if the thing itself is no longer kept.
 * @throws FormatError LIMIT
 */
export function makeRoom(
  state: ReplayState,
  what: 'tree' | 'inode' | 'counter',
  bytes: number,
): boolean {
  const { memory, kept } = state;
  if (kept === 'counters') {
    if (!memory.hasRoom(bytes)) giveUpTrees(state);
    if (what === 'tree' && !state.hasTrees) return false;
    if (!memory.hasRoom(bytes)) giveUpInodes(state);
    if (what === 'inode' && !state.hasInodes) return false;
  }
  memory.charge(bytes);
  return true;
}

function giveUpTrees(state: ReplayState): void {
  state.hasTrees = false;
  for (const [sector, buffer] of state.buffers) {
    if (buffer.kind !== 'tree') continue;
    state.buffers.delete(sector);
    state.memory.release(bufferCost(buffer));
  }
}

function giveUpInodes(state: ReplayState): void {
  const { memory, inodes, nextUnlinked, createdBlocks } = state;
  state.hasInodes = false;
  for (const inode of inodes.values()) memory.release(inodeCost(inode));
  memory.release((nextUnlinked.size + createdBlocks.size) * SMALL_COST_BYTES);
  inodes.clear();
  nextUnlinked.clear();
  createdBlocks.clear();
}
