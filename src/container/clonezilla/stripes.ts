// One device's part of a striped volume: of each round of stripes one.
// References: lvm2 lib/striped/striped.c; Linux drivers/md/dm-stripe.c.
import { checkedRange, checkedRead } from '../../bytes/range.js';
import { type ByteSource, dataRuns, MAX_RUNS, type SourceRun } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';

/** @param count of devices, of which this one is the one with the number `index`. @throws FormatError INVALID. */
export function striped(
  volume: ByteSource,
  count: number,
  index: number,
  stripeBytes: number,
): ByteSource {
  const sizeBytes = volume.sizeBytes / count;
  if (!Number.isInteger(sizeBytes / stripeBytes)) {
    const message = `clonezilla: ${volume.sizeBytes} bytes are no whole stripes of ${stripeBytes} on ${count} devices`;
    throw new FormatError('INVALID', message);
  }
  const pieceAt = (at: number, end: number) => {
    const round = Math.floor(at / stripeBytes);
    const skipped = at - round * stripeBytes;
    const lengthBytes = Math.min(end - at, stripeBytes - skipped);
    return { offsetBytes: (round * count + index) * stripeBytes + skipped, lengthBytes };
  };
  return {
    sizeBytes,
    async read(offset, length) {
      checkedRead(offset, length, sizeBytes);
      const bytes = new Uint8Array(length);
      for (let at = offset; at < offset + length; ) {
        const { offsetBytes, lengthBytes } = pieceAt(at, offset + length);
        bytes.set(await volume.read(offsetBytes, lengthBytes), at - offset);
        at += lengthBytes;
      }
      return bytes;
    },
    async runs(offset, length) {
      checkedRange(offset, length, sizeBytes);
      const runs: SourceRun[] = [];
      for (let at = offset; at < offset + length && runs.length < MAX_RUNS; ) {
        const { offsetBytes, lengthBytes } = pieceAt(at, offset + length);
        runs.push(...dataRuns(volume, at, lengthBytes, offsetBytes));
        at += lengthBytes;
      }
      return runs;
    },
  };
}
