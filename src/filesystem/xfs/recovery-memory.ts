// What the recovery of a log may hold in memory at once: transactions that are not committed, and what was.
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
        `xfs: what the log changes takes more than the ${limitBytes} bytes that virt-df keeps of it`,
        { data: { limitBytes } },
      );
    },
    release(bytes) {
      heldBytes -= bytes;
    },
    hasRoom: (bytes) => heldBytes + bytes <= limitBytes,
  };
}
