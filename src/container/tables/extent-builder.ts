// Extents of a table, entry by entry: what goes on where the last one ended becomes one with it, and only what does not
// makes an object. Tables have up to millions of entries.
import type { CompressedExtent, DiskExtent, PlainExtent } from './extents.js';

export interface ExtentBuilder {
  plain(kind: PlainExtent['kind'], offsetBytes: number, lengthBytes: number): void;
  data(offsetBytes: number, lengthBytes: number, hostOffsetBytes: number): void;
  /** Compressed blocks are never joined. */
  compressed(extent: CompressedExtent): void;
  /** Of the extents so far, the last one not counted. */
  readonly count: number;
  /** All of them, as few as possible. Nothing is added after that. */
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
