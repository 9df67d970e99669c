// The heads of the operations in a record, as a table of words.
// References: Linux 6.18 fs/xfs/libxfs/xfs_log_format.h: struct xlog_op_header.
import { xfsLogWordRecords } from '../../../generated/filesystem/xfs_log.js';
import { FormatError } from '../../errors.js';
import { int } from '../../validation/guest.js';

export const OPERATION_BYTES = 12;
const WORD_BYTES = 4;
const U32_MAX = 0xffffffff;
const CLIENT_UNIT = 2 ** 24;
const FLAGS_UNIT = 2 ** 16;
const FLAGS_VALUES = 256;
const CLIENT_TRANSACTION = 0x69;
const CLIENT_LOG = 0xaa;

/** What the head of an operation says that lies at an offset in the bytes. */
export interface Operations {
  transactionAt(at: number): number;
  /** @throws FormatError OUT_OF_BOUNDS if the record, of so many bytes, ends before the operation does. */
  lengthAt(at: number, recordBytes: number): number;
  /** @throws FormatError INVALID for an operation of no client that there is. */
  flagsAt(at: number): number;
}

export function operationsOf(bytes: Uint8Array): Operations {
  const words = xfsLogWordRecords(bytes);
  return {
    transactionAt(at) {
      if (at % WORD_BYTES !== 0) {
        throw corrupt(`an operation lies at ${at}, which is no multiple of ${WORD_BYTES}`);
      }
      return int(words.at(at / WORD_BYTES).value, 'xfs: oh_tid', 0, U32_MAX);
    },
    lengthAt: (at, recordBytes) =>
      int(
        words.at(at / WORD_BYTES + 1).value,
        'xfs: oh_len',
        0,
        recordBytes - at - OPERATION_BYTES,
      ),
    flagsAt(at) {
      const word = int(words.at(at / WORD_BYTES + 2).value, 'xfs: oh_flags', 0, U32_MAX);
      const client = Math.floor(word / CLIENT_UNIT);
      if (client !== CLIENT_TRANSACTION && client !== CLIENT_LOG) {
        throw corrupt('an operation is of no client that there is');
      }
      return Math.floor(word / FLAGS_UNIT) % FLAGS_VALUES;
    },
  };
}

function corrupt(message: string): FormatError {
  return new FormatError('INVALID', `xfs: the log is damaged: ${message}`);
}
