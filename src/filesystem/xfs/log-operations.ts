// The heads of the operations in a record.
// References: Linux 6.18 fs/xfs/libxfs/xfs_log_format.h: struct xlog_op_header.
import type { GuestXfsLogOperation } from '../../../generated/filesystem/xfs_log.js';
import { FormatError } from '../../errors.js';
import { int, u8, u32 } from '../../validation/guest.js';

export const OPERATION_BYTES = 12;
const CLIENT_TRANSACTION = 0x69;
const CLIENT_LOG = 0xaa;

export function transactionOf(operation: GuestXfsLogOperation): number {
  return u32(operation.transaction);
}

/** @throws FormatError OUT_OF_BOUNDS for more data than the record has room for. */
export function lengthOf(operation: GuestXfsLogOperation, roomBytes: number): number {
  return int(operation.lenData, 'xfs: oh_len', 0, roomBytes);
}

/** @throws FormatError INVALID for an operation of no client that there is. */
export function flagsOf(operation: GuestXfsLogOperation): number {
  const client = u8(operation.client);
  if (client !== CLIENT_TRANSACTION && client !== CLIENT_LOG) {
    throw new FormatError(
      'INVALID',
      'xfs: the log is damaged: an operation is of no client that there is',
    );
  }
  return u8(operation.flags);
}
