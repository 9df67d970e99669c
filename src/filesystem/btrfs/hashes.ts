// xxHash64 and BLAKE2b with 256 bits, which Node.js does not have: by WebAssembly.
// References: https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md; RFC 7693; hash-wasm.
import { createBLAKE2b, createXXHash64 } from 'hash-wasm';

const BLAKE2B_BITS = 256;

type Hash = (content: Uint8Array) => Uint8Array;

export async function xxhash64(): Promise<Hash> {
  const hasher = await createXXHash64();
  // Its usual spelling is big-endian, and it is stored as a little-endian integer.
  return (content) => hasher.init().update(content).digest('binary').reverse();
}

export async function blake2b(): Promise<Hash> {
  const hasher = await createBLAKE2b(BLAKE2B_BITS);
  return (content) => hasher.init().update(content).digest('binary');
}
