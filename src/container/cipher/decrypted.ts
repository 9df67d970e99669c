// Bytes that are encrypted by the sector, in clear.
import { checkedRange, checkedRead } from '../../bytes/range.js';
import type { ByteSource } from '../../bytes/source.js';

/** Where the encrypted bytes lie. */
interface Encrypted {
  readonly source: ByteSource;
  readonly startBytes: number;
  /** Whole sectors. */
  readonly sizeBytes: number;
  readonly sectorBytes: number;
}

/** Decrypts whole sectors into new memory. @param offsetBytes from `startBytes` on. */
type Decrypt = (bytes: Uint8Array, offsetBytes: number) => Uint8Array;

/** @param decrypt asked for at every read, so that a key is needed only for the first one. */
export function decryptedSource(
  { source, startBytes, sizeBytes, sectorBytes }: Encrypted,
  decrypt: () => Decrypt | Promise<Decrypt>,
): ByteSource {
  return {
    sizeBytes,
    async read(offset, length) {
      checkedRead(offset, length, sizeBytes);
      const sectors = await decrypt();
      const first = offset - (offset % sectorBytes);
      const end = Math.ceil((offset + length) / sectorBytes) * sectorBytes;
      const bytes = await source.read(startBytes + first, end - first);
      return sectors(bytes, first).subarray(offset - first, offset - first + length);
    },
    async runs(offset, length) {
      checkedRange(offset, length, sizeBytes);
      const parentOffsetBytes = startBytes + offset;
      return [
        {
          kind: 'encrypted',
          offsetBytes: offset,
          lengthBytes: length,
          parent: source,
          parentOffsetBytes,
        },
      ];
    },
  };
}
