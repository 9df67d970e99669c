// A volume in blocks of one size, and the descriptors in them, each of which begins with a tag.
// References: ECMA-167 3/7.2; Linux fs/udf/misc.c: udf_read_tagged, udf_tag_checksum.
import { parseUdfTag } from '../../../generated/filesystem/udf.js';
import { crcItu } from '../../bytes/crc-itu.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { equals, u16 } from '../../validation/guest.js';

const TAG_BYTES = 16;
const CHECKSUM_AT = 4;
const VERSIONS = [2, 3];

/** Far more than a volume has, and few enough to read all of them: a chain of descriptors may be made endless. */
const MAX_DESCRIPTORS = 16_384;

/** A block with a tag that is right. */
export interface Descriptor {
  /** Its kind, tagIdent: 9 is an integrity descriptor. */
  readonly ident: number;
  /** The whole block. */
  readonly bytes: Uint8Array;
}

export interface Blocks {
  readonly source: ByteSource;
  readonly blockBytes: number;
  /** Whole blocks of the volume. */
  readonly blockCount: number;
  /** A block, null for one that the volume does not have. */
  read(block: number): Promise<Uint8Array | null>;
  /**
   * The descriptor in a block, whose tag says that it is in `location`; null if there is none.
   * @throws FormatError LIMIT when too many were read.
   */
  descriptor(block: number, location: number): Promise<Descriptor | null>;
}

export function openBlocks(source: ByteSource, blockBytes: number): Blocks {
  const blockCount = Math.floor(source.sizeBytes / blockBytes);
  const isThere = (block: number) => block >= 0 && block < blockCount;
  const read = async (block: number) =>
    isThere(block) ? source.read(block * blockBytes, blockBytes) : null;
  let descriptors = 0;
  return {
    source,
    blockBytes,
    blockCount,
    read,
    async descriptor(block, location) {
      const bytes = await read(block);
      if (bytes === null) return null;
      descriptors++;
      if (descriptors <= MAX_DESCRIPTORS) return descriptorIn(bytes, location);
      const words = `more than ${MAX_DESCRIPTORS} descriptors lead to each other`;
      throw new FormatError('LIMIT', `udf: ${words}`, { data: { limit: MAX_DESCRIPTORS } });
    },
  };
}

/** The same of a block that was read. */
export function descriptorIn(bytes: Uint8Array, location: number): Descriptor | null {
  const tag = parseUdfTag(bytes);
  if (!equals(tag.location, location)) return null;
  if (!equals(tag.checksum, tagChecksum(bytes))) return null;
  if (!VERSIONS.some((version) => equals(tag.version, version))) return null;
  const crcBytes = u16(tag.lenCrc);
  if (TAG_BYTES + crcBytes > bytes.length) return null;
  if (!equals(tag.crc, crcItu(bytes.subarray(TAG_BYTES, TAG_BYTES + crcBytes)))) return null;
  return { ident: u16(tag.ident), bytes };
}

/** The sum of a tag's bytes but for the one that holds it. */
function tagChecksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < TAG_BYTES; i++) if (i !== CHECKSUM_AT) sum += bytes[i] ?? 0;
  return sum % 256;
}
