// The header of LUKS1.
// References: LUKS1 On-Disk Format Specification 1.2.3; cryptsetup lib/luks1/keymanage.c (LUKS_check_device_size,
// _check_and_convert_hdr); QEMU crypto/block-luks.c.
import { type GuestLuks, LuksSlotState, parseLuks } from '../../../generated/container/luks.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import type { ByteSource } from '../../bytes/source.js';
import { VirtDfError } from '../../errors.js';
import { equals, int, text, u32 } from '../../validation/guest.js';
import { hashName, type Pbkdf2 } from '../keys/kdf.js';
import { type KeySlot, type LuksHeader, MAX_KEY_BYTES, MAX_STRIPES } from './header.js';

const LUKS1_HEADER_BYTES = 592;
/** Node.js takes the number of iterations as a signed number of 32 bits. */
const MAX_ITERATIONS = 2 ** 31 - 1;

/** A hash that is not known is a problem of the slots: the volume has its UUID all the same. @throws FormatError */
export async function readVersion1(source: ByteSource, format: string): Promise<LuksHeader> {
  const bytes = await source.read(0, Math.min(LUKS1_HEADER_BYTES, source.sizeBytes));
  const header = parseLuks(bytes);
  const cipher = text(header.cipherName);
  const mode = text(header.cipherMode);
  const { slots, problems } = readSlots(header, { cipher, mode, source, format });
  return {
    version: 1,
    uuid: text(header.uuid) || null,
    label: null,
    source,
    payload: {
      cipher,
      mode,
      sectorBytes: SECTOR_BYTES,
      offsetBytes: u32(header.payloadSector) * SECTOR_BYTES,
      sizeBytes: null,
      firstVector: 0,
    },
    slots,
    problems,
  };
}

function digestKdf(header: GuestLuks, hash: string, format: string): Pbkdf2 {
  return {
    type: 'pbkdf2',
    hash,
    salt: header.keyDigestSalt,
    iterationCount: iterations(header.numKeyDigestIterations, `${format}: digest iterations`),
  };
}

function iterations(value: GuestLuks['numKeyDigestIterations'], what: string): number {
  return int(value, what, 1, MAX_ITERATIONS);
}

/** The slots that can be tried, and why others cannot. */
function readSlots(
  header: GuestLuks,
  facts: Pick<Common, 'cipher' | 'mode' | 'source' | 'format'>,
): Pick<LuksHeader, 'slots' | 'problems'> {
  const { format } = facts;
  const slots: KeySlot[] = [];
  const problems: VirtDfError[] = [];
  const attempt = (read: () => void) => {
    try {
      read();
    } catch (error) {
      if (!(error instanceof VirtDfError)) throw error;
      problems.push(error);
    }
  };
  attempt(() => {
    const hash = hashName(text(header.hashSpec), format);
    const keyBytes = int(header.lenKey, `${format}: key length`, 1, MAX_KEY_BYTES);
    const digest = { kdf: digestKdf(header, hash, format), value: header.keyDigest };
    const common = { ...facts, keyBytes, hash, digest };
    for (const [index, slot] of header.keySlots.entries()) {
      if (!equals(slot.state, LuksSlotState.ENABLED)) continue;
      attempt(() => slots.push(readSlot(slot, index, common)));
    }
  });
  return { slots, problems };
}

interface Common extends Pick<KeySlot, 'keyBytes' | 'digest'> {
  readonly hash: string;
  readonly cipher: string;
  readonly mode: string;
  readonly source: ByteSource;
  readonly format: string;
}

/** @throws FormatError OUT_OF_BOUNDS. */
function readSlot(
  slot: GuestLuks['keySlots'][number],
  index: number,
  { keyBytes, digest, hash, cipher, mode, source, format }: Common,
): KeySlot {
  const what = `${format}: key slot ${index}`;
  const stripeCount = int(slot.numStripes, `${what}: stripes`, 1, MAX_STRIPES);
  const lastSector = Math.floor((source.sizeBytes - keyBytes * stripeCount) / SECTOR_BYTES);
  const sector = int(slot.materialSector, `${what}: key material offset`, 1, lastSector);
  return {
    name: String(index),
    kdf: {
      type: 'pbkdf2',
      hash,
      salt: slot.salt,
      iterationCount: iterations(slot.numIterations, `${what}: iterations`),
    },
    keyBytes,
    stripeCount,
    stripeHash: hash,
    material: { offsetBytes: sector * SECTOR_BYTES, cipher, mode, keyBytes },
    digest,
  };
}
