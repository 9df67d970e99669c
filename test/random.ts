// Random numbers that are the same in every run: a case that fails can be shown again.
// References: George Marsaglia, "Xorshift RNGs", Journal of Statistical Software 8 (2003).

/** A generator of whole numbers in 0..limit-1, seeded by a name. */
export function random(seed: string): (limit: number) => number {
  let state = 2463534242;
  for (const char of seed)
    state = Math.imul(state ^ (char.codePointAt(0) ?? 0), 16777619) >>> 0 || 1;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % limit;
  };
}
