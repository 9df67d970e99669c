// The sums of old partition tables made right again, after bytes of them were changed.

/** Where a table begins in the bytes, and how its sum is made right. */
export type Seal = (bytes: Buffer) => void;

function wordSum(bytes: Buffer, end: number): number {
  let sum = 0;
  for (let at = 0; at + 4 <= end; at += 4) sum = (sum + bytes.readUInt32BE(at)) % 2 ** 32;
  return sum;
}

function xorSum(bytes: Buffer, end: number): number {
  let sum = 0;
  for (let at = 0; at + 2 <= end; at += 2) sum ^= bytes.readUInt16LE(at);
  return sum;
}

/** The sum of 32-bit words over `end` bytes is zero by the word at `at`. */
export function sealWords(at: number, end: (bytes: Buffer) => number): Seal {
  return (bytes) => {
    bytes.writeUInt32BE(0, at);
    bytes.writeUInt32BE((2 ** 32 - wordSum(bytes, end(bytes))) % 2 ** 32, at);
  };
}

/** The exclusive or of 16-bit words over `end` bytes is zero by the word at `at`. */
export function sealXor(at: number, end: (bytes: Buffer) => number): Seal {
  return (bytes) => {
    bytes.writeUInt16LE(0, at);
    bytes.writeUInt16LE(xorSum(bytes, end(bytes)), at);
  };
}
