// Whether bytes are zeros, compared natively with zeros that are kept: what is looked at so may be many MiB.
import { KIB } from '../limits.js';

const ZEROS = new Uint8Array(64 * KIB);

export function isZeros(bytes: Uint8Array): boolean {
  return firstNonZero(bytes) === -1;
}

/** The place of the first byte that is not zero; -1: there is none. */
export function firstNonZero(bytes: Uint8Array): number {
  for (let at = 0; at < bytes.length; at += ZEROS.length) {
    const part = bytes.subarray(at, at + ZEROS.length);
    if (Buffer.compare(part, ZEROS.subarray(0, part.length)) === 0) continue;
    return at + part.findIndex((byte) => byte !== 0);
  }
  return -1;
}
