// The anti-forensic splitter: a key is blown up to stripes all of which are needed, so that a slot can be destroyed by
// wiping a few sectors. Here they are joined again.
// References: LUKS1 On-Disk Format Specification 1.2.3, 2.4; cryptsetup lib/luks1/af.c (diffuse, AF_merge).
import { createHash } from 'node:crypto';

/** Joins the stripes, of `keyBytes` bytes each, to the key. */
export function joinStripes(stripes: Uint8Array, keyBytes: number, hash: string): Uint8Array {
  const key = new Uint8Array(keyBytes);
  const lastOffset = stripes.length - keyBytes;
  for (let at = 0; at <= lastOffset; at += keyBytes) {
    for (let i = 0; i < keyBytes; i++) key[i] = (key[i] ?? 0) ^ (stripes[at + i] ?? 0);
    if (at < lastOffset) diffuse(key, hash);
  }
  return key;
}

/** Each part of the length of a digest becomes the digest of its number and itself; the last one may be shorter. */
function diffuse(key: Uint8Array, hash: string): void {
  const number = new Uint8Array(4);
  const view = new DataView(number.buffer);
  let at = 0;
  for (let part = 0; at < key.length; part++) {
    view.setUint32(0, part);
    const digestBytes = createHash(hash).digest().length;
    const bytes = key.subarray(at, at + digestBytes);
    bytes.set(createHash(hash).update(number).update(bytes).digest().subarray(0, bytes.length));
    at += digestBytes;
  }
}
