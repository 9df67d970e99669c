// Partitions of one table that overlap, as an error that names two of them.
import { FormatError } from '../errors.js';
import { overlapping, shared } from '../volume/overlap.js';
import { isFrame, type PartitionTable } from '../volume/volume.js';

/**
 * null: none overlap. Extended partitions frame the logical ones, and one that begins with the disk is the frame of a hybrid
 * disc: these are passed over.
 */
export function overlapOf({ partitions }: PartitionTable): FormatError | null {
  const placed = partitions
    .filter((one) => !isFrame(one) && one.endBytes !== one.sizeBytes)
    .map(({ number, sizeBytes, endBytes }) => ({
      number,
      start: endBytes - sizeBytes,
      end: endBytes,
    }));
  const pairs = overlapping(placed);
  const [pair] = pairs;
  if (pair === undefined) return null;
  const [before, later] = pair;
  const sumBytes = placed.reduce((sum, { start, end }) => sum + end - start, 0);
  const others = pairs.length > 1 ? `, and ${pairs.length - 1} more overlap others` : '';
  return new FormatError(
    'OVERLAP',
    `partitions ${before.number} and ${later.number} share ${shared(before, later)} bytes from byte ${later.start} on` +
      `${others}; ${placed.length} partitions have ${sumBytes} bytes together`,
    { data: { before: before.number, later: later.number, sumBytes } },
  );
}
