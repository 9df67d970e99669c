// What is kept of a log: the newest content of the buffers that matter, the inodes without a name, and the promises that
// were not kept. Where that is too much for the memory, what is needed least is given up: the counters come first.
// References: Linux 6.18 fs/xfs/xfs_log_recover.c.
import type { Geometry } from './geometry.js';
import type { Fork, InodeCore } from './log-inode-item.js';
import type { Promised } from './log-intent-item.js';
import type { RecoveryMemory } from './recovery-memory.js';

const BUFFER_COST_BYTES = 400;
const INODE_COST_BYTES = 300;
const INTENT_COST_BYTES = 300;
const PROMISED_COST_BYTES = 150;
/** Of an entry of a map or set of numbers. */
export const SMALL_COST_BYTES = 60;

/** What the log has of a buffer, as far as the last chunk that it has. */
export interface LoggedBuffer {
  readonly kind: 'buffer' | 'tree';
  readonly sectorCount: number;
  bytes: Uint8Array;
  /** By chunk: the place in the log of the transaction that changed it last; nothing of what is not in the log. */
  readonly lsns: (bigint | undefined)[];
}

export interface LoggedInode extends InodeCore {
  readonly lsn: bigint;
  readonly fork: Fork | null;
}

export interface Replay {
  /** By first sector of 512 bytes. */
  readonly buffers: ReadonlyMap<number, LoggedBuffer>;
  /** Whether the blocks of trees are among them: they were not kept where there was no room for them. */
  readonly hasTrees: boolean;
  /** Whether the inodes without a name and what they need are known: what follows is empty if not. */
  readonly hasInodes: boolean;
  /** By place, which is the offset in the filesystem in units of an inode: the next inode without a name. */
  readonly nextUnlinked: ReadonlyMap<number, number>;
  /** By place: the inodes without a name. */
  readonly unnamed: ReadonlyMap<number, LoggedInode>;
  /** Blocks of the filesystem that were filled with free inodes: what they held before is void. */
  readonly createdBlocks: ReadonlySet<number>;
  /** Promises that were not kept. */
  readonly intents: ReadonlyMap<string, Promised>;
}

export interface ReplayState extends Replay {
  readonly geometry: Geometry;
  readonly inodeSizeBytes: number;
  readonly memory: RecoveryMemory;
  readonly buffers: Map<number, LoggedBuffer>;
  hasTrees: boolean;
  hasInodes: boolean;
  readonly nextUnlinked: Map<number, number>;
  readonly unnamed: Map<number, LoggedInode>;
  readonly createdBlocks: Set<number>;
  readonly intents: Map<string, Promised>;
}

export function replayState(geometry: Geometry, memory: RecoveryMemory): ReplayState {
  return {
    geometry,
    inodeSizeBytes: geometry.blockSizeBytes / geometry.inodesPerBlock,
    memory,
    buffers: new Map(),
    hasTrees: true,
    hasInodes: true,
    nextUnlinked: new Map(),
    unnamed: new Map(),
    createdBlocks: new Set(),
    intents: new Map(),
  };
}

/** What it takes in memory, about. */
export function bufferCost({ bytes, lsns }: LoggedBuffer): number {
  return BUFFER_COST_BYTES + bytes.length + lsns.length * 8;
}

export function inodeCost({ fork }: LoggedInode): number {
  return INODE_COST_BYTES + (fork?.bytes.length ?? 0);
}

export function intentCost(promised: Promised): number {
  return INTENT_COST_BYTES + (promised?.length ?? 0) * PROMISED_COST_BYTES;
}

/**
 * Charges the memory for something, for which other things may be given up: `tree` before `inode`, and those before
 * what the counters need. False if the thing itself is no longer kept.
 * @throws FormatError LIMIT
 */
export function makeRoom(
  state: ReplayState,
  what: 'tree' | 'inode' | 'counter',
  bytes: number,
): boolean {
  const { memory } = state;
  if (!memory.hasRoom(bytes)) giveUpTrees(state);
  if (what === 'tree' && !state.hasTrees) return false;
  if (!memory.hasRoom(bytes)) giveUpInodes(state);
  if (what === 'inode' && !state.hasInodes) return false;
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
  const { memory, unnamed, nextUnlinked, createdBlocks } = state;
  state.hasInodes = false;
  for (const inode of unnamed.values()) memory.release(inodeCost(inode));
  memory.release((nextUnlinked.size + createdBlocks.size) * SMALL_COST_BYTES);
  unnamed.clear();
  nextUnlinked.clear();
  createdBlocks.clear();
}
