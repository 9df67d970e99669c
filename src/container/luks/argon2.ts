// Argon2, which OpenSSL has since 3.2 and Node.js since 24 only: by WebAssembly.
// References: RFC 9106; hash-wasm.
import { argon2i, argon2id } from 'hash-wasm';
import type { Argon2 } from './kdf.js';

/** The key that a passphrase gives. */
export async function argon2(
  { type, salt, passCount, memoryKib, laneCount }: Argon2,
  passphrase: Uint8Array,
  keyBytes: number,
): Promise<Uint8Array> {
  const derive = type === 'argon2i' ? argon2i : argon2id;
  return derive({
    password: passphrase,
    salt,
    iterations: passCount,
    memorySize: memoryKib,
    parallelism: laneCount,
    hashLength: keyBytes,
    outputType: 'binary',
  });
}
