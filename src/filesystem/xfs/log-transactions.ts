// The records of the log -> transactions -> regions of items. A transaction's operations lie among those of others,
// and a region may be parted between records. Only what was committed counts.
// References: Linux 6.18 fs/xfs/xfs_log_recover.c: xlog_recover_process_data, xlog_recover_process_ophdr,
// xlog_recovery_process_trans, xlog_recover_add_to_trans, xlog_recover_add_to_cont_trans.
import { xfsLogOperationRecords } from '../../../generated/filesystem/xfs_log.js';
import { FormatError } from '../../errors.js';
import { equals, hasFlag, int } from '../../validation/guest.js';
import { type Change, type ItemHeads, itemHeads, readItem } from './log-items.js';
import type { RecoveryMemory } from './recovery-memory.js';

const OPERATION_BYTES = 12;
const ALIGNMENT_BYTES = 4;
const CLIENT_TRANSACTION = 0x69;
const CLIENT_LOG = 0xaa;
const START = 0x01n;
const COMMIT = 0x02n;
const CONTINUED = 0x04n;
const CONTINUES = 0x08n;
const UNMOUNT = 0x20n;
const TRANSACTION_HEAD_BYTES = 16;
const U32_MAX = 0xffffffff;
/** Transactions that are begun and not committed: the kernel has a few at a time. */
const MAX_OPEN_TRANSACTIONS = 4096;
const TRANSACTION_COST_BYTES = 512;
const REGION_COST_BYTES = 128;

/** An item of which some regions were read. */
interface OpenItem {
  readonly regionCount: number;
  /** How many of its regions are kept. */
  readonly wantedCount: number;
  seen: number;
  /** Its regions; null if the item does not matter. */
  regions: Uint8Array[] | null;
}

interface Transaction {
  readonly lsn: bigint;
  headBytes: number;
  item: OpenItem | null;
  readonly changes: Change[];
  /** What the memory was charged for it. */
  chargedBytes: number;
}

export interface TransactionReader {
  /** @throws FormatError for a record that the kernel calls corrupt; LIMIT. */
  feed(data: Buffer, lsn: bigint, operationCount: number): void;
}

/** Calls `commit` with the changes of each transaction, in the order of the commits. */
export function transactionReader(
  memory: RecoveryMemory,
  commit: (changes: readonly Change[], lsn: bigint) => void,
): TransactionReader {
  const open = new Map<number, Transaction>();
  return {
    feed(data, lsn, operationCount) {
      const operations = operationsOf(data);
      const heads = itemHeads(data);
      let at = 0;
      for (let i = 0; i < operationCount && at + OPERATION_BYTES <= data.length; i++) {
        const operation = operations(at);
        at += OPERATION_BYTES;
        const length = int(operation.lenData, 'xfs: oh_len', 0, data.length - at);
        if (
          !equals(operation.client, CLIENT_TRANSACTION) &&
          !equals(operation.client, CLIENT_LOG)
        ) {
          throw corrupt('an operation is of no client that there is');
        }
        const number = int(operation.transaction, 'xfs: oh_tid', 0, U32_MAX);
        const { flags } = operation;
        const transaction = open.get(number);
        if (transaction === undefined) {
          // What has no beginning here began before the tail, so it is in the metadata.
          if (hasFlag(flags, START)) open.set(number, begin(open.size, lsn, memory));
        } else if (hasFlag(flags, COMMIT)) {
          finishItem(transaction, memory);
          open.delete(number);
          commit(transaction.changes, transaction.lsn);
          memory.release(transaction.chargedBytes);
        } else if (hasFlag(flags, UNMOUNT)) {
          open.delete(number);
          memory.release(transaction.chargedBytes);
        } else if (hasFlag(flags, START)) {
          throw corrupt(`transaction ${number} begins twice`);
        } else {
          const bytes = data.subarray(at, at + length);
          if (hasFlag(flags, CONTINUES)) continueRegion(transaction, bytes, memory);
          else
            addRegion(transaction, bytes, memory, {
              heads,
              at,
              isParted: hasFlag(flags, CONTINUED),
            });
        }
        at += length;
      }
    },
  };
}

/** The heads of operations, which begin at any multiple of four bytes. */
function operationsOf(data: Buffer) {
  const phases = [0, 1, 2].map((phase) =>
    xfsLogOperationRecords(data.subarray(Math.min(data.length, phase * ALIGNMENT_BYTES))),
  );
  return (at: number) => {
    const phase = (at / ALIGNMENT_BYTES) % phases.length;
    const records = phases[phase];
    if (records === undefined)
      throw corrupt(`an operation lies at ${at}, which is no multiple of 4`);
    return records.at((at - phase * ALIGNMENT_BYTES) / OPERATION_BYTES);
  };
}

function begin(openCount: number, lsn: bigint, memory: RecoveryMemory): Transaction {
  if (openCount >= MAX_OPEN_TRANSACTIONS) {
    throw new FormatError(
      'LIMIT',
      `xfs: the log has more than ${MAX_OPEN_TRANSACTIONS} transactions that do not end`,
    );
  }
  memory.charge(TRANSACTION_COST_BYTES);
  return { lsn, headBytes: 0, item: null, changes: [], chargedBytes: TRANSACTION_COST_BYTES };
}

/** A region begins: of the transaction's head, of a new item, or of the one that lacks some. */
function addRegion(
  transaction: Transaction,
  bytes: Uint8Array,
  memory: RecoveryMemory,
  place: RegionPlace,
): void {
  if (bytes.length === 0) return;
  if (transaction.headBytes < TRANSACTION_HEAD_BYTES) {
    transaction.headBytes += bytes.length;
    if (transaction.headBytes > TRANSACTION_HEAD_BYTES)
      throw corrupt('the head of a transaction is too long');
    return;
  }
  if (transaction.item === null || transaction.item.seen === transaction.item.regionCount) {
    finishItem(transaction, memory);
    transaction.item = beginItem(bytes, place);
  }
  const { item } = transaction;
  item.seen += 1;
  keep(transaction, item, bytes, memory);
}

/** Where in a record a region begins, and whether the next record has the rest of it. */
interface RegionPlace {
  readonly heads: ItemHeads;
  readonly at: number;
  readonly isParted: boolean;
}

function beginItem(bytes: Uint8Array, { heads, at, isParted }: RegionPlace): OpenItem {
  if (bytes.length < ALIGNMENT_BYTES) throw corrupt('an item has no head');
  const regionCount = heads.regionCount(at);
  const isWanted = isParted || heads.isWanted(at, bytes.length);
  const wantedCount = heads.wantedCount(at);
  return { regionCount, wantedCount, seen: 0, regions: isWanted ? [] : null };
}

function keep(
  transaction: Transaction,
  item: OpenItem,
  bytes: Uint8Array,
  memory: RecoveryMemory,
): void {
  if (item.regions === null || item.seen > item.wantedCount) return;
  charge(transaction, memory, bytes.length + REGION_COST_BYTES);
  // The record's buffer is not kept for the sake of a region.
  item.regions.push(Uint8Array.from(bytes));
}

/** The rest of a region that another record began. */
function continueRegion(transaction: Transaction, bytes: Uint8Array, memory: RecoveryMemory): void {
  if (transaction.headBytes < TRANSACTION_HEAD_BYTES || transaction.item === null) {
    // The head was parted; or nothing was added before, which the kernel takes as the head's rest too.
    if (bytes.length > TRANSACTION_HEAD_BYTES)
      throw corrupt('the head of a transaction is too long');
    transaction.headBytes = TRANSACTION_HEAD_BYTES;
    return;
  }
  const { regions, seen, wantedCount } = transaction.item;
  if (seen > wantedCount) return;
  const begun = regions?.pop();
  if (!regions || begun === undefined) return;
  charge(transaction, memory, bytes.length);
  regions.push(Buffer.concat([begun, bytes]));
}

function charge(transaction: Transaction, memory: RecoveryMemory, bytes: number): void {
  memory.charge(bytes);
  transaction.chargedBytes += bytes;
}

/** What the item says, in little; its regions are forgotten. */
function finishItem(transaction: Transaction, memory: RecoveryMemory): void {
  const regions = transaction.item?.regions;
  transaction.item = null;
  if (!regions) return;
  const change = readItem(regions);
  const regionBytes = regions.reduce((sum, { length }) => sum + length + REGION_COST_BYTES, 0);
  const kept = change === null ? 0 : change.costBytes;
  if (change !== null) transaction.changes.push(change);
  charge(transaction, memory, kept - regionBytes);
}

function corrupt(message: string): FormatError {
  return new FormatError('INVALID', `xfs: the log is damaged: ${message}`);
}
