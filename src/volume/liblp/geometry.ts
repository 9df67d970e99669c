// Where the metadata of a super partition are; of the two copies the first that is sound.
// References: AOSP system/core/fs_mgr/liblp/reader.cpp ReadLogicalPartitionGeometry(), ParseGeometry().
import { parseLiblp } from '../../../generated/volume/liblp.js';
import { firstSound, orNull } from '../../bytes/sound.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { MIB } from '../../limits.js';
import { int } from '../../validation/guest.js';

export interface Geometry {
  readonly slotCount: number;
  readonly metadataMaxBytes: number;
}

const COPIES = [4096, 8192];
const GEOMETRY_BYTES = 52;
const CHECKSUM_AT = 8;
const CHECKSUM_BYTES = 32;
/** Android uses two or three slots of 64 KiB. */
const MAX_SLOTS = 8;
const MAX_METADATA_BYTES = MIB;
const MIN_METADATA_BYTES = 512;

/** null: neither copy is sound. */
export async function findGeometry(source: ByteSource): Promise<Geometry | null> {
  const there = COPIES.filter((at) => at + GEOMETRY_BYTES <= source.sizeBytes);
  return orNull(() =>
    firstSound(there, async (at) => readGeometry(await source.read(at, GEOMETRY_BYTES))),
  );
}

function readGeometry(bytes: Uint8Array): Geometry {
  const geometry = parseLiblp(bytes);
  int(geometry.lenStruct, 'liblp: size of the geometry', GEOMETRY_BYTES, GEOMETRY_BYTES);
  if (!matches(sumOf(bytes, CHECKSUM_AT), geometry.checksum)) {
    throw new FormatError('BAD_CHECKSUM', 'liblp: the geometry does not match its SHA-256');
  }
  const { lenMetadataMax, numSlots } = geometry;
  const what = 'liblp: size of the metadata';
  return {
    slotCount: int(numSlots, 'liblp: number of slots', 1, MAX_SLOTS),
    metadataMaxBytes: int(lenMetadataMax, what, MIN_METADATA_BYTES, MAX_METADATA_BYTES),
  };
}

/** SHA-256 of the bytes, those at an offset, which hold it, taken for zeros. */
export function sumOf(bytes: Uint8Array, checksumAt: number | null): Uint8Array {
  const { createHash } = process.getBuiltinModule('node:crypto');
  const summed = Uint8Array.from(bytes);
  if (checksumAt !== null) summed.fill(0, checksumAt, checksumAt + CHECKSUM_BYTES);
  return createHash('sha256').update(summed).digest();
}

export function matches(sum: Uint8Array, stored: Uint8Array): boolean {
  return Buffer.compare(sum, stored) === 0;
}
