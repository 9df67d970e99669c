// Puts the transactions of a log together from its records. A record holds operations, each a piece of an item of some
// transaction; those of several transactions lie among each other, and a piece that does not fit is parted between two
// records. A transaction without its commit counts for nothing: the machine stopped before it was written.
// A log has millions of operations, nearly all of which change nothing that df counts: they are passed over without an
// object for any.
// References: Linux 6.18 fs/xfs/xfs_log_recover.c: xlog_recover_process_data, xlog_recover_process_ophdr,
// xlog_recovery_process_trans, xlog_recover_add_to_trans, xlog_recover_add_to_cont_trans.
import { xfsLogOperationRecords } from '../../../generated/filesystem/xfs_log.js';
import { FormatError } from '../../errors.js';
import { type Change, type ItemHeads, itemHeads, readItem } from './log-items.js';
import { flagsOf, lengthOf, OPERATION_BYTES, transactionOf } from './log-operations.js';
import type { Kept, RecoveryMemory } from './recovery-memory.js';

const START = 0x01;
const COMMIT = 0x02;
const CONTINUED = 0x04;
const CONTINUES = 0x08;
const UNMOUNT = 0x20;
const WORD_BYTES = 4;
const TRANSACTION_HEAD_BYTES = 16;
/** Transactions that are begun and not committed: the kernel has a few at a time. */
const MAX_OPEN_TRANSACTIONS = 4096;
const TRANSACTION_COST_BYTES = 512;
const REGION_COST_BYTES = 128;
const PLACE_COST_BYTES = 16;

/** The changes of a committed transaction. */
export interface Committed {
  readonly changes: readonly Change[];
  /** Offsets in the filesystem of inodes that have a name, or that are free: most inodes in a log are such. */
  readonly settledInodes: readonly number[];
  readonly lsn: bigint;
}

interface Transaction extends Committed {
  readonly changes: Change[];
  readonly settledInodes: number[];
  headBytes: number;
  /** The item that is being read: its regions in all, those that were seen, and how many are kept. */
  regionCount: number;
  seenCount: number;
  wantedCount: number;
  regions: Uint8Array[];
  /** Regions from here on still lie in the record's buffer. */
  ownedCount: number;
  /** The bytes that the memory was charged for it. */
  chargedBytes: number;
}

interface RecordSize {
  readonly dataBytes: number;
  readonly operationCount: number;
  readonly lsn: bigint;
}

interface TransactionReader {
  /**
   * @param bytes that begin with the record's data. Nothing of them is used afterwards, but if each record comes in the
   *        same ones, less has to be made for it.
   * @throws FormatError for a record that the kernel calls corrupt; LIMIT.
   */
  feed(bytes: Uint8Array, record: RecordSize): void;
}

/**
 * Calls `commit` with the changes of each transaction, in the order of the commits.
 * @param needsSettled whether, as far as was committed, it matters which inodes are settled.
 */
export function transactionReader(
  memory: RecoveryMemory,
  kept: Kept,
  commit: (committed: Committed) => void,
  needsSettled: () => boolean,
): TransactionReader {
  const open = new Map<number, Transaction>();
  // Other transactions that are open may still be committed before this one.
  const isSole = () => open.size === 1 && !needsSettled();
  let tables = tablesOf(new Uint8Array(0), kept, isSole);
  return {
    feed(bytes, { dataBytes, operationCount, lsn }) {
      if (tables.bytes !== bytes) tables = tablesOf(bytes, kept, isSole);
      const { operations, region } = tables;
      region.recordBytes = dataBytes;
      let at = 0;
      let number = -1;
      let transaction: Transaction | undefined;
      for (let i = 0; i < operationCount && at + OPERATION_BYTES <= dataBytes; i++) {
        if (at % WORD_BYTES !== 0) {
          throw corrupt(`an operation lies at ${at}, which is no multiple of ${WORD_BYTES}`);
        }
        const operation = operations.atByte(at);
        const of = transactionOf(operation);
        const length = lengthOf(operation, dataBytes - at - OPERATION_BYTES);
        const flags = flagsOf(operation);
        at += OPERATION_BYTES;
        if (of !== number || transaction === undefined) transaction = open.get(of);
        number = of;
        if (transaction === undefined) {
          // A transaction without a beginning here began before the tail, so its changes are in the metadata.
          if ((flags & START) !== 0) open.set(of, begin(open.size, lsn, memory));
        } else if ((flags & (COMMIT | UNMOUNT)) !== 0) {
          if ((flags & COMMIT) !== 0) {
            finishItem(transaction, memory, kept);
            commit(transaction);
          }
          open.delete(of);
          memory.release(transaction.chargedBytes);
          transaction = undefined;
        } else if ((flags & START) !== 0) {
          throw corrupt(`transaction ${of} begins twice`);
        } else if ((flags & CONTINUES) !== 0) {
          continueRegion(transaction, bytes.subarray(at, at + length), memory);
        } else if (length > 0) {
          region.at = at;
          region.length = length;
          region.transaction = of;
          region.flags = flags;
          addRegion(transaction, memory, region);
        }
        at += length;
      }
      // The record's buffer is not kept for the sake of a region.
      for (const left of open.values()) own(left, memory);
    },
  };
}

/** The records through which the bytes of a log record are read. */
function tablesOf(bytes: Uint8Array, kept: Kept, isSole: () => boolean) {
  const region: RegionPlace = {
    bytes,
    heads: itemHeads(bytes, kept),
    kept,
    recordBytes: 0,
    at: 0,
    length: 0,
    transaction: 0,
    flags: 0,
    isSole,
  };
  return { bytes, operations: xfsLogOperationRecords(bytes), region };
}

function begin(openCount: number, lsn: bigint, memory: RecoveryMemory): Transaction {
  if (openCount >= MAX_OPEN_TRANSACTIONS) {
    throw new FormatError(
      'LIMIT',
      `xfs: the log has more than ${MAX_OPEN_TRANSACTIONS} transactions that do not end`,
    );
  }
  memory.charge(TRANSACTION_COST_BYTES);
  return {
    lsn,
    changes: [],
    settledInodes: [],
    headBytes: 0,
    regionCount: 0,
    seenCount: 0,
    wantedCount: 0,
    regions: [],
    ownedCount: 0,
    chargedBytes: TRANSACTION_COST_BYTES,
  };
}

/** Where in a record a region begins, and of which operation it is; one object for all of them. */
interface RegionPlace {
  readonly bytes: Uint8Array;
  readonly heads: ItemHeads;
  readonly kept: Kept;
  recordBytes: number;
  at: number;
  length: number;
  transaction: number;
  flags: number;
  /** Whether it does not matter which inodes are settled. */
  readonly isSole: () => boolean;
}

/** A region begins: of the transaction's head, of a new item, or of the one that lacks some. */
function addRegion(transaction: Transaction, memory: RecoveryMemory, place: RegionPlace): void {
  const { bytes, at, length } = place;
  if (transaction.headBytes < TRANSACTION_HEAD_BYTES) {
    transaction.headBytes += length;
    if (transaction.headBytes > TRANSACTION_HEAD_BYTES)
      throw corrupt('the head of a transaction is too long');
    return;
  }
  if (transaction.seenCount === transaction.regionCount) {
    finishItem(transaction, memory, place.kept);
    beginItem(transaction, memory, place);
  }
  transaction.seenCount += 1;
  if (transaction.seenCount <= transaction.wantedCount) {
    transaction.regions.push(bytes.subarray(at, at + length));
  }
}

function beginItem(transaction: Transaction, memory: RecoveryMemory, place: RegionPlace): void {
  const { heads, at, length, flags } = place;
  if (length < WORD_BYTES) throw corrupt('an item has no head');
  transaction.regionCount = heads.regionCount(at);
  transaction.seenCount = 0;
  if ((flags & CONTINUED) !== 0) {
    transaction.wantedCount = transaction.regionCount;
    return;
  }
  if (!heads.isSettledInode(at, length, place)) {
    transaction.wantedCount = heads.wantedCount(at, length);
    return;
  }
  transaction.wantedCount = 0;
  if (place.isSole()) return;
  transaction.settledInodes.push(heads.inodeOffset(at));
  charge(transaction, memory, PLACE_COST_BYTES);
}

/** The rest of a region that another record began. */
function continueRegion(transaction: Transaction, bytes: Uint8Array, memory: RecoveryMemory): void {
  if (transaction.headBytes < TRANSACTION_HEAD_BYTES || transaction.regionCount === 0) {
    // This is the rest of the transaction's head, which the record before cut off. The kernel takes a rest for that too
    // where no item was begun.
    if (bytes.length > TRANSACTION_HEAD_BYTES)
      throw corrupt('the head of a transaction is too long');
    transaction.headBytes = TRANSACTION_HEAD_BYTES;
    return;
  }
  const { regions, seenCount, wantedCount } = transaction;
  if (seenCount > wantedCount) return;
  own(transaction, memory);
  const begun = regions.pop();
  if (begun === undefined) return;
  charge(transaction, memory, bytes.length);
  regions.push(Buffer.concat([begun, bytes]));
  transaction.ownedCount = regions.length;
}

/** Copies the regions that lie in the record. */
function own(transaction: Transaction, memory: RecoveryMemory): void {
  const { regions } = transaction;
  for (let i = transaction.ownedCount; i < regions.length; i++) {
    const region = Buffer.from(regions[i] ?? []);
    regions[i] = region;
    charge(transaction, memory, region.length + REGION_COST_BYTES);
  }
  transaction.ownedCount = regions.length;
}

function charge(transaction: Transaction, memory: RecoveryMemory, bytes: number): void {
  memory.charge(bytes);
  transaction.chargedBytes += bytes;
}

/** Turns the item's regions into a change, which takes less memory, and forgets them. */
function finishItem(transaction: Transaction, memory: RecoveryMemory, kept: Kept): void {
  const { regions, ownedCount } = transaction;
  transaction.seenCount = 0;
  transaction.regionCount = 0;
  if (regions.length === 0) return;
  transaction.regions = [];
  transaction.ownedCount = 0;
  const change = readItem(regions, kept);
  let heldBytes = 0;
  for (let i = 0; i < ownedCount; i++) heldBytes += (regions[i]?.length ?? 0) + REGION_COST_BYTES;
  if (change !== null) transaction.changes.push(change);
  charge(transaction, memory, (change?.costBytes ?? 0) - heldBytes);
}

function corrupt(message: string): FormatError {
  return new FormatError('INVALID', `xfs: the log is damaged: ${message}`);
}
