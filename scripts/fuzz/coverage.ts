// What an execution ran through: how often it took each branch, in the steps 1, 2, 3, 4-7, 8-15, 16-31, 32-127 and more, as
// AFL has them. An input with a branch, or a step, that none had before is one to go on from.
// References: AFL's technical details, "Detecting new behaviors".

declare global {
  /** The counters of the bundle (start.ts); a program without them has none. */
  var virtDfCounters: Uint8Array | undefined;
}

export interface Coverage {
  /** Before an execution. */
  reset(): void;
  /** Whether the execution took a way that none took before; it is remembered. */
  isNew(): boolean;
  /** How many branches were ever taken, of how many. */
  readonly edgeCount: number;
  readonly branchCount: number;
  /** Adds those that were ever taken to a list of theirs. */
  addTo(taken: Set<number>): void;
}

/** Each step of a count is a bit. */
const STEPS = Uint8Array.from({ length: 256 }, (_, count) => {
  if (count < 4) return [0, 1, 2, 4][count] ?? 0;
  const ends = [8, 16, 32, 128, 256];
  return 2 ** (3 + ends.findIndex((end) => count < end));
});

/** @param counters the length is a multiple of 4. */
export function coverage(
  counters: Uint8Array = globalThis.virtDfCounters ?? new Uint8Array(4),
): Coverage {
  const words = new Uint32Array(counters.buffer, counters.byteOffset, counters.length / 4);
  const seen = new Uint8Array(counters.length);
  let edgeCount = 0;
  const note = (at: number): boolean => {
    const step = STEPS[counters[at] ?? 0] ?? 0;
    const before = seen[at] ?? 0;
    if ((before & step) !== 0 || step === 0) return false;
    if (before === 0) edgeCount++;
    seen[at] = before | step;
    return true;
  };
  return {
    get edgeCount() {
      return edgeCount;
    },
    branchCount: counters.length,
    addTo(taken) {
      for (const [branch, steps] of seen.entries()) if (steps !== 0) taken.add(branch);
    },
    reset: () => counters.fill(0),
    isNew() {
      let isNew = false;
      for (let word = 0; word < words.length; word++) {
        if (words[word] === 0) continue;
        for (let at = word * 4; at < word * 4 + 4; at++) if (note(at)) isNew = true;
      }
      return isNew;
    },
  };
}
