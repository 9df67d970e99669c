// Entry point of the thread that computes one Argon2: it takes seconds, in which nothing else of the program would run.
// References: argon2.ts, its other end.
import { parentPort, workerData } from 'node:worker_threads';
import { argon2i, argon2id } from 'hash-wasm';
import type { Argon2Work } from './argon2.js';

async function main({ kdf, passphrase, keyBytes }: Argon2Work): Promise<void> {
  const derive = kdf.type === 'argon2i' ? argon2i : argon2id;
  const key = await derive({
    password: passphrase,
    salt: kdf.salt,
    iterations: kdf.passCount,
    memorySize: kdf.memoryKib,
    parallelism: kdf.laneCount,
    hashLength: keyBytes,
    outputType: 'binary',
  });
  parentPort?.postMessage(key);
}

main(workerData);
