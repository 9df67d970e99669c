// Entry point of the process that derives one key: nothing else runs in it meanwhile, and it is killed when it takes too long.
// References: deriver.ts, its other end; RFC 8018; RFC 9106; hash-wasm, since OpenSSL has Argon2 since 3.2 only.
import { pbkdf2Sync } from 'node:crypto';
import { argon2i, argon2id } from 'hash-wasm';
import type { Derivation } from '../secrets.js';
import { stretch } from './stretch.js';

async function derive({ kdf, passphrase, keyBytes }: Derivation): Promise<Uint8Array> {
  if (kdf.type === 'pbkdf2') {
    return pbkdf2Sync(passphrase, kdf.salt, kdf.iterationCount, keyBytes, kdf.hash);
  }
  if (kdf.type === 'stretch') return stretch(passphrase, kdf.salt);
  const argon2 = kdf.type === 'argon2i' ? argon2i : argon2id;
  return argon2({
    password: passphrase,
    salt: kdf.salt,
    iterations: kdf.passCount,
    memorySize: kdf.memoryKib,
    parallelism: kdf.laneCount,
    hashLength: keyBytes,
    outputType: 'binary',
  });
}

process.once('message', async (derivation: Derivation) => {
  try {
    process.send?.(await derive(derivation));
  } catch (error) {
    process.send?.(error instanceof Error ? error.message : String(error));
  }
});
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
