// The header of LUKS2: two copies, of which the newer sound one counts, and the text in it.
// References: LUKS2 On-Disk Format Specification 1.1.1; cryptsetup lib/luks2/luks2_disk_metadata.c
// (LUKS2_disk_hdr_read, hdr_disk_sanity_check_pre), lib/luks2/luks2_json_metadata.c.
import { createHash } from 'node:crypto';
import { type GuestLuks2, parseLuks2 } from '../../../generated/container/luks2.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError, UnsupportedError, VirtDfError } from '../../errors.js';
import { KIB, MIB } from '../../limits.js';
import { equals, int, labelOf, printable, text, u64 } from '../../validation/guest.js';
import { type JsonObject, objectField, parseObject, textsField } from '../../validation/json.js';
import type { LuksHeader } from './header.js';
import { readPayload } from './segment.js';
import { readSlots } from './slot.js';

const BINARY_BYTES = 4 * KIB;
const FIELDS_BYTES = 512;
const CHECKSUM_OFFSET = 0x1c0;
const CHECKSUM_FIELD_BYTES = 64;
const SHA256_BYTES = 32;
/** The sizes that a copy may have: powers of two. The second one begins where the first one ends. */
const MIN_COPY_BYTES = 16 * KIB;
const MAX_COPY_BYTES = 4 * MIB;
const FIRST_MAGIC = [0x4c, 0x55, 0x4b, 0x53, 0xba, 0xbe];
const SECOND_MAGIC = [0x53, 0x4b, 0x55, 0x4c, 0xba, 0xbe];

/** One of the two copies of the header. */
interface Copy {
  readonly fields: GuestLuks2;
  readonly sequenceId: bigint;
  readonly sizeBytes: number;
  readonly json: string;
}

/** @throws FormatError when no copy is sound; UnsupportedError UNSUPPORTED_FEATURE for a requirement of the volume. */
export async function readVersion2(source: ByteSource, format: string): Promise<LuksHeader> {
  const { fields, json } = await newestCopy(source, format);
  const root = parseObject(json, `${format}: the LUKS2 metadata`);
  refuseRequirements(root, format);
  const { slots, problems } = readSlots(root, source, format);
  return {
    version: 2,
    uuid: text(fields.uuid) || null,
    ...labelOf(fields.label),
    source,
    payload: readPayload(root, format),
    slots,
    problems,
  };
}

async function newestCopy(source: ByteSource, format: string): Promise<Copy> {
  const copies: Copy[] = [];
  let problem: VirtDfError | null = null;
  const tryCopy = async (offset: number): Promise<boolean> => {
    try {
      copies.push(await readCopy(source, offset, format));
      return true;
    } catch (error) {
      if (!(error instanceof VirtDfError)) throw error;
      problem ??= error;
      return false;
    }
  };
  await tryCopy(0);
  const [first] = copies;
  if (first !== undefined) await tryCopy(first.sizeBytes);
  else {
    // The first one's size is not to be trusted.
    for (let offset = MIN_COPY_BYTES; offset <= MAX_COPY_BYTES; offset *= 2) {
      if (await tryCopy(offset)) break;
    }
  }
  const [newest] = copies.sort((a, b) => Number(b.sequenceId - a.sequenceId));
  if (newest !== undefined) return newest;
  throw problem ?? new FormatError('INVALID', `${format}: there is no LUKS2 header`);
}

async function readCopy(source: ByteSource, offset: number, format: string): Promise<Copy> {
  const what = `${format}: LUKS2 header at ${offset}`;
  const available = Math.max(0, source.sizeBytes - offset);
  const fields = parseLuks2(await source.read(offset, Math.min(FIELDS_BYTES, available)));
  const magic = offset === 0 ? FIRST_MAGIC : SECOND_MAGIC;
  if (!magic.every((byte, index) => fields.magic[index] === byte)) {
    throw new FormatError('BAD_MAGIC', `${what}: the signature is missing`);
  }
  const sizeBytes = int(fields.lenHeader, `${what}: size`, MIN_COPY_BYTES, MAX_COPY_BYTES);
  int(fields.ofsHeader, `${what}: its own offset`, offset, offset);
  if (offset !== 0) int(fields.lenHeader, `${what}: size`, offset, offset);
  const bytes = await source.read(offset, Math.min(sizeBytes, available));
  checkSum(bytes, fields, what);
  const end = bytes.indexOf(0, BINARY_BYTES);
  const json = bytes.subarray(BINARY_BYTES, end === -1 ? bytes.length : end);
  return {
    fields,
    sequenceId: u64(fields.sequenceId),
    sizeBytes,
    json: new TextDecoder().decode(json),
  };
}

function checkSum(bytes: Uint8Array, { checksum, checksumAlgorithm }: GuestLuks2, what: string) {
  if (!equals(checksumAlgorithm, 'sha256')) {
    throw new UnsupportedError(
      'UNSUPPORTED_FEATURE',
      `${what}: the checksum ${text(checksumAlgorithm)} is not supported; sha256 is`,
    );
  }
  const actual = createHash('sha256')
    .update(bytes.subarray(0, CHECKSUM_OFFSET))
    .update(new Uint8Array(CHECKSUM_FIELD_BYTES))
    .update(bytes.subarray(CHECKSUM_OFFSET + CHECKSUM_FIELD_BYTES))
    .digest();
  if (actual.equals(checksum.subarray(0, SHA256_BYTES))) return;
  throw new FormatError('BAD_CHECKSUM', `${what}: the checksum does not match`);
}

/** Refuses a volume that names features which a reader must know, such as a reencryption under way: none is known here. */
function refuseRequirements(root: JsonObject, format: string): void {
  const config = objectField(root, 'config');
  if (!config.fields.has('requirements')) return;
  const [requirement] = textsField(objectField(config, 'requirements'), 'mandatory');
  if (requirement === undefined) return;
  const name = printable(requirement);
  const what = name.includes('reencrypt') ? `is being reencrypted (${name})` : `needs ${name}`;
  throw new UnsupportedError(
    'UNSUPPORTED_FEATURE',
    `${format}: the volume ${what}, which is not supported`,
    { data: { requirement: name } },
  );
}
