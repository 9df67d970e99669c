// A hash of the numbers of files: multiplicative, by numbers that a guest does not know.
// References: Knuth, The Art of Computer Programming, 6.4, multiplicative hashing.

const TWO_32 = 2 ** 32;
const WORD_BITS = 32;

/** A guest that chose its numbers so that all fall into one slot would make each search long. @returns `bits` bits. */
export function idHash(): (number: number, bits: number) => number {
  const [low, high] = [oddNumber(), oddNumber()];
  return (number, bits) => {
    const word = Math.imul(number | 0, low) ^ Math.imul((number / TWO_32) | 0, high);
    return word >>> (WORD_BITS - bits);
  };
}

function oddNumber(): number {
  return Math.floor(Math.random() * TWO_32) | 1;
}
