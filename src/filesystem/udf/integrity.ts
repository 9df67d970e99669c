// The logical volume integrity descriptor: whether the volume is in use, and the counters of its last writer.
// References: ECMA-167 3/10.10; OSTA UDF 2.60, 2.2.6; Linux fs/udf/super.c: udf_load_logicalvolint, udf_lvid_valid.
import {
  type GuestUdfAnchor,
  parseUdfIntegrity,
  parseUdfIntegrityUse,
  udfWordRecords,
} from '../../../generated/filesystem/udf.js';
import { equals, int, u16, u32 } from '../../validation/guest.js';
import type { Blocks } from './blocks.js';

const TAG_INTEGRITY = 9;
const U32 = 2 ** 32;
const OPEN = 0;
const HEAD_BYTES = 80;
const WORD_BYTES = 4;
const UNKNOWN = 0xffffffff;
/** The kernel's bound for chained sequences of them. */
const MAX_SEQUENCES = 1000;

/** Blocks of the volume that hold descriptors (extent_ad): where they begin, and their length. */
export interface DescriptorExtent {
  readonly block: number;
  readonly lengthBytes: number;
}

export interface Integrity {
  /** It is mounted, or was not unmounted. */
  readonly isOpen: boolean;
  readonly fileCount: number;
  readonly directoryCount: number;
  /** Oldest revision of UDF that a reader must know, as in 0x0201. */
  readonly readRevision: number;
  /** Oldest revision that a writer must know. */
  readonly writeRevision: number;
  readonly partitionCount: number;
  /** The free blocks that it has for a partition map; null if it has no number. */
  free(reference: number): number | null;
}

export function extentOf({ block, lenExtent }: GuestUdfAnchor['main']): DescriptorExtent {
  return { block: u32(block), lengthBytes: u32(lenExtent) };
}

/** The prevailing one, which is the last of the last sequence; null if there is none that is right. */
export async function readIntegrity(
  blocks: Blocks,
  first: DescriptorExtent,
): Promise<Integrity | null> {
  let found: Uint8Array | null = null;
  let extent = first;
  for (let count = 0; count < MAX_SEQUENCES; count++) {
    const bytes = await lastOf(blocks, extent);
    if (bytes === null) return found === null ? null : parse(found);
    if (fits(bytes)) found = bytes;
    extent = extentOf(parseUdfIntegrity(bytes).next);
    if (extent.lengthBytes === 0) return found === null ? null : parse(found);
  }
  return null;
}

/** As in the kernel a length that is no multiple of the block's does not end. */
async function lastOf(
  blocks: Blocks,
  { block, lengthBytes }: DescriptorExtent,
): Promise<Uint8Array | null> {
  let last: Uint8Array | null = null;
  let left = lengthBytes;
  for (let at = block; left > 0; at++) {
    const descriptor = await blocks.descriptor(at, at);
    if (descriptor === null || descriptor.ident !== TAG_INTEGRITY) break;
    last = descriptor.bytes;
    left = (left - blocks.blockBytes + U32) % U32;
  }
  return last;
}

/** Whether its tables, and the part that is for the implementation's use, fit into the block. */
function fits(bytes: Uint8Array): boolean {
  const { numPartitions, lenUse } = parseUdfIntegrity(bytes);
  const partitions = u32(numPartitions);
  const useBytes = u32(lenUse);
  return HEAD_BYTES + 2 * WORD_BYTES * partitions + useBytes <= bytes.length;
}

function parse(bytes: Uint8Array): Integrity {
  const guest = parseUdfIntegrity(bytes);
  const partitionCount = int(guest.numPartitions, 'udf: partitions', 0, bytes.length);
  const tables = 2 * WORD_BYTES * partitionCount;
  const use = parseUdfIntegrityUse(bytes.subarray(HEAD_BYTES + tables));
  const table = udfWordRecords(bytes.subarray(HEAD_BYTES, HEAD_BYTES + tables));
  return {
    isOpen: equals(guest.state, OPEN),
    fileCount: u32(use.numFiles),
    directoryCount: u32(use.numDirectories),
    readRevision: u16(use.readRevision),
    writeRevision: u16(use.writeRevision),
    partitionCount,
    free(reference) {
      if (reference >= partitionCount) return null;
      const free = u32(table.at(reference).value);
      return free === UNKNOWN ? null : free;
    },
  };
}
