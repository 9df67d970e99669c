// Builds the extents of a table, entry by entry. An entry that goes on where the last extent ends makes that one longer;
// only another one makes an object, since tables have up to millions of entries.
import type { CompressedExtent, DiskExtent, PlainExtent } from './disk-extent.js';
import type { FileEnd } from './file-end.js';

export interface ExtentBuilder {
  plain(kind: PlainExtent['kind'], offsetBytes: number, lengthBytes: number): void;
  /**
   * Bytes of one block, or of several whose places in the file follow each other.
   * @param skippedBytes how many bytes of the first one come before them.
   */
  data(
    offsetBytes: number,
    lengthBytes: number,
    hostOffsetBytes: number,
    skippedBytes?: number,
  ): void;
  /** Compressed blocks are never joined. */
  compressed(extent: CompressedExtent): void;
  /** Bytes whose block, or the table that leads to it, begins behind the end of the file; `hostEndBytes` is where it ends. */
  missing(
    offsetBytes: number,
    lengthBytes: number,
    hostOffsetBytes: number,
    hostEndBytes: number,
  ): void;
  /** The number of extents so far, without the last one, which may still grow. */
  readonly count: number;
  /** All extents, as few as possible. Nothing may be added afterwards. */
  finish(): readonly DiskExtent[];
}

/**
 * A builder of extents that are added in the disk's order, without gaps.
 * @param end of the file that has the data: what lies behind it is missing, and the rest of a block that it cuts is zeros.
 */
export function extentBuilder(end?: FileEnd): ExtentBuilder {
  const extents: DiskExtent[] = [];
  const fileBytes = end?.sizeBytes ?? Number.POSITIVE_INFINITY;
  let kind: 'zero' | 'backing' | 'data' | 'missing' | null = null;
  let [start, length, host] = [0, 0, 0];
  const flush = (): void => {
    const range = { offsetBytes: start, lengthBytes: length };
    if (kind === 'data') extents.push({ kind, ...range, hostOffsetBytes: host });
    else if (kind === 'missing') {
      extents.push({ kind, ...range, hostOffsetBytes: host, fileBytes });
    } else if (kind !== null) extents.push({ kind, ...range });
    kind = null;
  };
  const add = (
    newKind: NonNullable<typeof kind>,
    offsetBytes: number,
    lengthBytes: number,
    hostOffsetBytes: number,
  ): void => {
    const goesOn = newKind !== 'data' || host + length === hostOffsetBytes;
    if (kind === newKind && goesOn) {
      length += lengthBytes;
      return;
    }
    flush();
    kind = newKind;
    start = offsetBytes;
    length = lengthBytes;
    host = hostOffsetBytes;
  };
  const missing: ExtentBuilder['missing'] = (
    offsetBytes,
    lengthBytes,
    hostOffsetBytes,
    hostEnd,
  ) => {
    end?.needs(hostEnd);
    add('missing', offsetBytes, lengthBytes, hostOffsetBytes);
  };
  return {
    plain: (newKind, offsetBytes, lengthBytes) => add(newKind, offsetBytes, lengthBytes, 0),
    data(offsetBytes, lengthBytes, hostOffsetBytes, skippedBytes = 0) {
      if (hostOffsetBytes + lengthBytes <= fileBytes) {
        add('data', offsetBytes, lengthBytes, hostOffsetBytes);
        return;
      }
      const parts = atEnd(
        hostOffsetBytes,
        lengthBytes,
        skippedBytes,
        fileBytes,
        end?.unitBytes ?? 1,
      );
      const { dataBytes, zeroBytes } = parts;
      if (dataBytes > 0) add('data', offsetBytes, dataBytes, hostOffsetBytes);
      if (zeroBytes > 0) add('zero', offsetBytes + dataBytes, zeroBytes, 0);
      const held = dataBytes + zeroBytes;
      const hostEnd = hostOffsetBytes + lengthBytes;
      if (held < lengthBytes) {
        missing(offsetBytes + held, lengthBytes - held, hostOffsetBytes + held, hostEnd);
      }
    },
    compressed(extent) {
      flush();
      extents.push(extent);
    },
    missing,
    get count() {
      return extents.length;
    },
    finish() {
      flush();
      return extents;
    },
  };
}

/** How many bytes of a range are before the end of the file, and how many of the block that the end cuts are behind it. */
function atEnd(
  hostOffsetBytes: number,
  lengthBytes: number,
  skippedBytes: number,
  fileBytes: number,
  unitBytes: number,
): { readonly dataBytes: number; readonly zeroBytes: number } {
  const dataBytes = Math.min(lengthBytes, Math.max(0, fileBytes - hostOffsetBytes));
  const firstBlock = hostOffsetBytes - skippedBytes;
  const blockCount = Math.max(0, Math.ceil((fileBytes - firstBlock) / unitBytes));
  const blocksEnd = firstBlock + blockCount * unitBytes;
  const zeroEnd = Math.min(hostOffsetBytes + lengthBytes, blocksEnd);
  const zeroBytes = Math.max(0, zeroEnd - hostOffsetBytes - dataBytes);
  return { dataBytes, zeroBytes };
}
