// Counts the memory that the recovery of a log holds: transactions that are not committed yet, and the changes of those that
// are. A log of 2 GiB that changes the same thousand inodes again and again needs little; one that changes each inode of a
// large filesystem once needs more than is given.
import { FormatError } from '../../errors.js';

/** Which items of a log are kept: those that move the numbers of df, or all. */
export type Kept = 'counters' | 'all';

export interface RecoveryMemory {
  /** @throws FormatError LIMIT; a negative number gives back. */
  charge(bytes: number): void;
  release(bytes: number): void;
  hasRoom(bytes: number): boolean;
}

export function recoveryMemory(limitBytes: number): RecoveryMemory {
  let heldBytes = 0;
  return {
    charge(bytes) {
      heldBytes += bytes;
      if (heldBytes <= limitBytes) return;
      throw new FormatError(
        'LIMIT',
        `xfs: the changes in the log take more than the ${limitBytes} bytes that virt-df keeps of them`,
        { data: { limitBytes } },
      );
    },
    release(bytes) {
      heldBytes -= bytes;
    },
    hasRoom: (bytes) => heldBytes + bytes <= limitBytes,
  };
}
