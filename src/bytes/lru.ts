// A least-recently-used store of byte arrays with a budget in bytes.

export interface Lru<K> {
  /** Gives the bytes stored under the key, which becomes the most recently used. */
  get(key: K): Uint8Array | undefined;
  /** Stores the bytes and drops the least recently used ones until the budget holds. */
  set(key: K, bytes: Uint8Array): void;
  readonly sizeBytes: number;
}

/** @param maxBytes the budget; an array larger than all of it is not stored at all. */
export function lru<K>(maxBytes: number): Lru<K> {
  // A Map iterates in the order of insertion, so its first key is the least recently used one.
  const entries = new Map<K, Uint8Array>();
  let sizeBytes = 0;
  /** Readers come back to the same bytes several times in a row: then their place is right already. */
  let newest: K | undefined;
  const drop = (key: K, bytes: Uint8Array): void => {
    entries.delete(key);
    sizeBytes -= bytes.length;
  };
  return {
    get sizeBytes() {
      return sizeBytes;
    },
    get(key) {
      const bytes = entries.get(key);
      if (bytes !== undefined && key !== newest) {
        entries.delete(key);
        entries.set(key, bytes);
        newest = key;
      }
      return bytes;
    },
    set(key, bytes) {
      const old = entries.get(key);
      if (old !== undefined) drop(key, old);
      if (bytes.length > maxBytes) return;
      entries.set(key, bytes);
      newest = key;
      sizeBytes += bytes.length;
      for (const [oldest, oldBytes] of entries) {
        if (sizeBytes <= maxBytes) break;
        drop(oldest, oldBytes);
      }
    },
  };
}
