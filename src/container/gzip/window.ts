// The last 32 KiB of what was inflated, which the blocks that follow may copy from.
import { KIB } from '../../limits.js';

const WINDOW_BYTES = 32 * KIB;

interface Window {
  add(bytes: Uint8Array): void;
  clear(): void;
  copy(): Uint8Array;
}

export function windowOf(): Window {
  const held = new Uint8Array(WINDOW_BYTES);
  let length = 0;
  return {
    add(bytes) {
      const kept = bytes.subarray(Math.max(0, bytes.length - WINDOW_BYTES));
      const before = Math.min(length, WINDOW_BYTES - kept.length);
      held.copyWithin(0, length - before, length);
      held.set(kept, before);
      length = before + kept.length;
    },
    clear() {
      length = 0;
    },
    copy: () => held.slice(0, length),
  };
}
