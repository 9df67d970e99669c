// Argon2, which OpenSSL has since 3.2 and Node.js since 24 only: by WebAssembly, in a thread of its own. The program goes
// on with other guests meanwhile, keeps to its time limits, and ends the thread when it ends itself.
// References: RFC 9106; hash-wasm; argon2-thread.ts, the other end.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

/** The parameters of a derivation by Argon2. */
export interface Argon2 {
  readonly type: 'argon2i' | 'argon2id';
  readonly salt: Uint8Array;
  readonly passCount: number;
  readonly memoryKib: number;
  readonly laneCount: number;
}

/** The input of the thread. */
export interface Argon2Work {
  readonly kdf: Argon2;
  readonly passphrase: Uint8Array;
  readonly keyBytes: number;
}

/** Derives a key from a passphrase. */
export function argon2(kdf: Argon2, passphrase: Uint8Array, keyBytes: number): Promise<Uint8Array> {
  const workerData: Argon2Work = { kdf, passphrase, keyBytes };
  return new Promise((resolve, reject) => {
    const worker = new Worker(threadPath(), { workerData, execArgv: [] });
    worker.once('message', (key: Uint8Array) => resolve(key));
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the thread for Argon2 ended with ${code}`)));
  });
}

/** It lies beside this file, or, in the bundle, beside or above this chunk. */
function threadPath(): string {
  const candidates = ['./argon2-thread.js', '../argon2-thread.js'];
  const paths = candidates.map((name) => fileURLToPath(new URL(name, import.meta.url)));
  const found = paths.find((path) => existsSync(path));
  if (found === undefined) throw new Error(`none of ${paths.join(', ')} exists`);
  return found;
}
