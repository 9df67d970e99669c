// Reads a LUKS header, and with a passphrase makes of it the cipher that decrypts the payload. Nothing is derived before the
// caller gives a passphrase, and the cost of trying it is bounded.
// References: LUKS1 On-Disk Format Specification 1.2.3, 4.1; LUKS2 On-Disk Format Specification 1.1.1, 3;
// cryptsetup lib/luks1/keymanage.c (LUKS_open_key), lib/luks2/luks2_keyslot_luks2.c.
import { timingSafeEqual } from 'node:crypto';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError, UnsupportedError, VirtDfError } from '../../errors.js';
import { sectorCipher } from '../cipher/sector.js';
import { type UnlockBudget, unlockBudget } from '../keys/kdf.js';
import type { Secrets } from '../secrets.js';
import type { KeySlot, LuksHeader } from './header.js';
import { joinStripes } from './stripes.js';

/** The cipher that decrypts the payload of an unlocked volume. */
export interface LuksCipher {
  readonly payloadOffsetBytes: number;
  /** null when the payload reaches to the end of the source that holds the volume. */
  readonly payloadSizeBytes: number | null;
  readonly sectorBytes: number;
  /**
   * Decrypts whole sectors into new memory.
   * @param offsetBytes a multiple of `sectorBytes` that selects the initial vectors: from the start of the payload; in
   *        qcow2 the host's offset.
   */
  decrypt(bytes: Uint8Array, offsetBytes: number): Uint8Array;
}

const MAGIC_BYTES = 8;

/**
 * Reads the header, which needs no passphrase. Its `uuid` tells which passphrases are for it.
 * @param format the word that messages begin with.
 * @throws FormatError BAD_MAGIC, ...; UnsupportedError with the name of a feature that is not known.
 */
export async function readLuks(source: ByteSource, format: string): Promise<LuksHeader> {
  const head = await source.read(0, Math.min(MAGIC_BYTES, source.sizeBytes));
  const version = (head[6] ?? 0) * 256 + (head[7] ?? 0);
  if (version === 1) return (await import('./version1.js')).readVersion1(source, format);
  if (version === 2) return (await import('./version2.js')).readVersion2(source, format);
  throw new UnsupportedError(
    'UNSUPPORTED_FORMAT',
    `${format}: the volume is of LUKS version ${version}; 1 and 2 can be read`,
    { data: { version } },
  );
}

/**
 * @throws UnsupportedError ENCRYPTED without a passphrase, or when none fits; FormatError LIMIT when trying costs too
 * much.
 */
export async function unlock(
  header: LuksHeader,
  secrets: Secrets,
  format: string,
): Promise<LuksCipher> {
  if (secrets.passphrases.length === 0) throw lockedError(header, format);
  const key = await findKey(header, secrets, format);
  const { payload } = header;
  const { sectorBytes, offsetBytes, sizeBytes, firstVector } = payload;
  const cipher = sectorCipher({ ...payload, key, format });
  return {
    payloadOffsetBytes: offsetBytes,
    payloadSizeBytes: sizeBytes,
    sectorBytes,
    decrypt: (bytes, offset) => cipher.decrypt(bytes, firstVector + offset / SECTOR_BYTES),
  };
}

/** The error for an encrypted volume without a key; its message tells how to give one. */
function lockedError(header: LuksHeader, format: string): UnsupportedError {
  const { version, uuid, slots, problems } = header;
  const [name, id] = uuid === null ? ['without a UUID', 'all'] : [uuid, uuid];
  const [problem] = problems;
  if (slots.length === 0 && problem !== undefined) {
    const message = `${format}: this is the LUKS${version} volume ${name}, which no key opens here: ${problem.message}`;
    return new UnsupportedError('ENCRYPTED', message, { data: { version, uuid } });
  }
  return new UnsupportedError(
    'ENCRYPTED',
    `${format}: this is the LUKS${version} volume ${name}; to read it give --key ${id}:file:PATH`,
    { data: { version, uuid } },
  );
}

async function findKey(
  header: LuksHeader,
  { passphrases, derive }: Secrets,
  format: string,
): Promise<Uint8Array> {
  const budget = unlockBudget(format);
  let problem: VirtDfError | undefined = header.problems[0];
  for (const passphrase of passphrases) {
    for (const slot of header.slots) {
      try {
        const key = await openSlot(header, slot, passphrase, { budget, derive }, format);
        if (key !== null) return key;
      } catch (error) {
        // Another slot may be sound.
        if (!(error instanceof VirtDfError)) throw error;
        problem ??= error;
      }
    }
  }
  if (problem !== undefined) throw problem;
  if (header.slots.length === 0) {
    throw new FormatError('INVALID', `${format}: no key slot of the volume is in use`);
  }
  const { uuid, slots } = header;
  throw new UnsupportedError(
    'ENCRYPTED',
    `${format}: the LUKS${header.version} volume ${uuid ?? 'without a UUID'} is not opened by what was given ` +
      `for it (passphrases: ${passphrases.length}, key slots: ${slots.length})`,
    { data: { uuid, passphrases: passphrases.length, slots: slots.length } },
  );
}

/** The key in the slot; null if the passphrase does not open it. */
async function openSlot(
  { source, payload }: LuksHeader,
  slot: KeySlot,
  passphrase: Uint8Array,
  { budget, derive }: { readonly budget: UnlockBudget; readonly derive: Secrets['derive'] },
  format: string,
): Promise<Uint8Array | null> {
  const { kdf, keyBytes, stripeCount, stripeHash, material, digest } = slot;
  // An unknown cipher is refused here, before time is spent on the derivation.
  sectorCipher({ ...payload, key: new Uint8Array(keyBytes), format });
  const sector = { ...material, sectorBytes: SECTOR_BYTES, format };
  sectorCipher({ ...sector, key: new Uint8Array(material.keyBytes) });
  budget.spend(kdf, material.keyBytes);
  budget.spend(digest.kdf, digest.value.length);
  const key = await derive({ kdf, passphrase, keyBytes: material.keyBytes });
  const stripesBytes = keyBytes * stripeCount;
  const stripes = await readSectors(source, material.offsetBytes, stripesBytes);
  const plain = sectorCipher({ ...sector, key }).decrypt(stripes, 0);
  const candidate = joinStripes(plain.subarray(0, stripesBytes), keyBytes, stripeHash);
  const actual = await derive({
    kdf: digest.kdf,
    passphrase: candidate,
    keyBytes: digest.value.length,
  });
  return timingSafeEqual(actual, digest.value) ? candidate : null;
}

/** Reads whole sectors; bytes behind the end of a header that was cut are zeros. */
async function readSectors(
  source: ByteSource,
  offsetBytes: number,
  lengthBytes: number,
): Promise<Uint8Array> {
  const sectors = new Uint8Array(Math.ceil(lengthBytes / SECTOR_BYTES) * SECTOR_BYTES);
  const available = Math.min(sectors.length, source.sizeBytes - offsetBytes);
  sectors.set(await source.read(offsetBytes, available));
  return sectors;
}
