// Pauses of long work in memory. An `await` that waits for nothing never reaches the event loop, so that no timer fires, no
// signal is seen and no other guest has its turn; and a loop that reads nothing is not told that its guest's time has ended.
import { passedMs } from '../bytes/clock.js';
import type { ByteSource } from '../bytes/source.js';

/** How long one guest may work without a pause. */
const BREATH_MS = 50;

/**
 * Called at each step of the work. null: it goes on; otherwise it awaits the promise first.
 * @throws (the promise) SourceError TIMEOUT when the guest's time has ended.
 */
export type Breathe = () => Promise<void> | null;

/** @param offsetBytes of a byte that has been read before: its scope checks the deadline whenever it is read again. */
export function breathing(source: ByteSource, offsetBytes: number): Breathe {
  let beganMs = passedMs();
  const pause = async (): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve));
    await source.read(offsetBytes, 1);
    beganMs = passedMs();
  };
  return () => (passedMs() - beganMs < BREATH_MS ? null : pause());
}
