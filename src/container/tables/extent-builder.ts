// Builds the extents of a table, entry by entry. An entry that goes on where the last extent ends makes that one longer;
// only another one makes an object, since tables have up to millions of entries.
import type { CompressedExtent, DiskExtent, PlainExtent } from './extents.js';

export interface ExtentBuilder {
  plain(kind: PlainExtent['kind'], offsetBytes: number, lengthBytes: number): void;
  data(offsetBytes: number, lengthBytes: number, hostOffsetBytes: number): void;
  /** Compressed blocks are never joined. */
  compressed(extent: CompressedExtent): void;
  /** The number of extents so far, without the last one, which may still grow. */
  readonly count: number;
  /** All extents, as few as possible. Nothing may be added afterwards. */
  finish(): readonly DiskExtent[];
}

/** A builder of extents that are added in the disk's order, without gaps. */
export function extentBuilder(): ExtentBuilder {
  const extents: DiskExtent[] = [];
  let kind: 'zero' | 'backing' | 'data' | null = null;
  let [start, length, host] = [0, 0, 0];
  const flush = (): void => {
    if (kind === 'data') {
      extents.push({ kind, offsetBytes: start, lengthBytes: length, hostOffsetBytes: host });
    } else if (kind !== null) extents.push({ kind, offsetBytes: start, lengthBytes: length });
    kind = null;
  };
  return {
    plain(newKind, offsetBytes, lengthBytes) {
      if (kind === newKind) {
        length += lengthBytes;
        return;
      }
      flush();
      kind = newKind;
      start = offsetBytes;
      length = lengthBytes;
    },
    data(offsetBytes, lengthBytes, hostOffsetBytes) {
      if (kind === 'data' && host + length === hostOffsetBytes) {
        length += lengthBytes;
        return;
      }
      flush();
      kind = 'data';
      start = offsetBytes;
      length = lengthBytes;
      host = hostOffsetBytes;
    },
    compressed(extent) {
      flush();
      extents.push(extent);
    },
    get count() {
      return extents.length;
    },
    finish() {
      flush();
      return extents;
    },
  };
}
