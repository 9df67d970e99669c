// The key slots of a LUKS2 volume, with the digest that tells whether the key of a slot is right.
// References: LUKS2 On-Disk Format Specification 1.1.1, 3.2, 3.4; cryptsetup lib/luks2/luks2_keyslot.c (priorities),
// lib/luks2/luks2_keyslot_luks2.c, lib/crypto_backend/pbkdf_check.c.

import type { ByteSource } from '../../bytes/source.js';
import { FormatError, UnsupportedError, VirtDfError } from '../../errors.js';
import { printable } from '../../validation/guest.js';
import {
  bigField,
  bytesField,
  intField,
  type JsonObject,
  objectField,
  objectsField,
  textField,
  textsField,
} from '../../validation/json.js';
import { hashName, type Kdf, MAX_ARGON2_MEMORY_KIB, type Pbkdf2 } from '../keys/kdf.js';
import { type KeySlot, MAX_KEY_BYTES, MAX_STRIPES } from './header.js';
import { encryptionOf } from './segment.js';

const MAX_SLOTS = 32;
const MAX_SALT_BYTES = 64;
const MAX_DIGEST_BYTES = 64;
const MAX_ITERATIONS = 2 ** 31 - 1;
const MAX_LANES = 64;
/** RFC 9106, 3.1: each lane has four parts of two blocks. */
const MIN_ARGON2_KIB_PER_LANE = 8;
const MIN_ARGON2_SALT_BYTES = 8;
const NORMAL_PRIORITY = 1;

/** The slots of the payload, preferred ones first, and why others of them cannot be tried. */
export function readSlots(
  root: JsonObject,
  source: ByteSource,
  format: string,
): { readonly slots: readonly KeySlot[]; readonly problems: readonly VirtDfError[] } {
  const digest = payloadDigest(root, format);
  const found: { readonly slot: KeySlot; readonly priority: number }[] = [];
  const problems: VirtDfError[] = [];
  for (const [name, object] of objectsField(root, 'keyslots', MAX_SLOTS)) {
    if (!digest.slotNames.includes(name)) continue;
    try {
      const hasPriority = object.fields.has('priority');
      const priority = hasPriority ? intField(object, 'priority', 0, 2) : NORMAL_PRIORITY;
      found.push({ priority, slot: readSlot(name, object, digest, source, format) });
    } catch (error) {
      if (!(error instanceof VirtDfError)) throw error;
      problems.push(error);
    }
  }
  const slots = found.sort((a, b) => b.priority - a.priority).map(({ slot }) => slot);
  return { slots, problems };
}

interface Digest {
  readonly kdf: Pbkdf2;
  readonly value: Uint8Array;
  readonly slotNames: readonly string[];
}

/** The digest of the key that segment 0 is encrypted with. */
function payloadDigest(root: JsonObject, format: string): Digest {
  for (const [, object] of objectsField(root, 'digests', MAX_SLOTS)) {
    if (!textsField(object, 'segments').includes('0')) continue;
    const type = textField(object, 'type');
    if (type !== 'pbkdf2') throw refused(`a digest of type ${printable(type)}`, format);
    return {
      kdf: pbkdf2Of(object, format),
      value: bytesField(object, 'digest', MAX_DIGEST_BYTES),
      slotNames: textsField(object, 'keyslots'),
    };
  }
  throw new FormatError('INVALID', `${format}: the LUKS2 volume has no digest for its segment`);
}

function pbkdf2Of(object: JsonObject, format: string): Pbkdf2 {
  return {
    type: 'pbkdf2',
    hash: hashName(textField(object, 'hash'), format),
    salt: bytesField(object, 'salt', MAX_SALT_BYTES),
    iterationCount: intField(object, 'iterations', 1, MAX_ITERATIONS),
  };
}

function readSlot(
  name: string,
  object: JsonObject,
  digest: Digest,
  source: ByteSource,
  format: string,
): KeySlot {
  const type = textField(object, 'type');
  if (type !== 'luks2') throw refused(`a key slot of type ${printable(type)}`, format);
  const stripes = objectField(object, 'af');
  const area = objectField(object, 'area');
  refuseOthers(stripes, 'luks1', format);
  refuseOthers(area, 'raw', format);
  const keyBytes = intField(object, 'key_size', 1, MAX_KEY_BYTES);
  const stripeCount = intField(stripes, 'stripes', 1, MAX_STRIPES);
  const materialBytes = keyBytes * stripeCount;
  const areaBytes = bigField(area, 'size', materialBytes, source.sizeBytes);
  return {
    name,
    kdf: kdfOf(objectField(object, 'kdf'), format),
    keyBytes,
    stripeCount,
    stripeHash: hashName(textField(stripes, 'hash'), format),
    material: {
      ...encryptionOf(area, format),
      offsetBytes: bigField(area, 'offset', 0, source.sizeBytes - areaBytes),
      keyBytes: intField(area, 'key_size', 1, MAX_KEY_BYTES),
    },
    digest,
  };
}

function refuseOthers(object: JsonObject, known: string, format: string): void {
  const type = textField(object, 'type');
  if (type !== known) throw refused(`a key slot with ${printable(type)} for ${known}`, format);
}

function kdfOf(object: JsonObject, format: string): Kdf {
  const type = textField(object, 'type');
  if (type === 'pbkdf2') return pbkdf2Of(object, format);
  if (type !== 'argon2i' && type !== 'argon2id') {
    throw refused(`a key slot with the key derivation ${printable(type)}`, format);
  }
  const laneCount = intField(object, 'cpus', 1, MAX_LANES);
  const leastKib = laneCount * MIN_ARGON2_KIB_PER_LANE;
  const salt = bytesField(object, 'salt', MAX_SALT_BYTES);
  if (salt.length < MIN_ARGON2_SALT_BYTES) {
    throw new FormatError('INVALID', `${object.what}: the salt has only ${salt.length} bytes`);
  }
  return {
    type,
    salt,
    passCount: intField(object, 'time', 1, MAX_ITERATIONS),
    memoryKib: argon2Memory(object, leastKib, format),
    laneCount,
  };
}

/** The memory, checked here because it would be taken at once. @throws FormatError LIMIT. */
function argon2Memory(object: JsonObject, leastKib: number, format: string): number {
  const memoryKib = intField(object, 'memory', leastKib, Number.MAX_SAFE_INTEGER);
  if (memoryKib <= MAX_ARGON2_MEMORY_KIB) return memoryKib;
  throw new FormatError(
    'LIMIT',
    `${format}: ${object.what} asks for ${memoryKib} KiB of memory; the limit is ${MAX_ARGON2_MEMORY_KIB} KiB`,
    { data: { memoryKib, limitKib: MAX_ARGON2_MEMORY_KIB } },
  );
}

function refused(what: string, format: string): UnsupportedError {
  return new UnsupportedError(
    'UNSUPPORTED_FEATURE',
    `${format}: the LUKS2 volume has ${what}, which is not supported`,
  );
}
