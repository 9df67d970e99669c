// The footer of an extent that was written in one go: its header could not know yet where the grain directory would be.
// References: VMware, Virtual Disk Format 5.0, "Stream-Optimized Compressed Sparse Extents"; QEMU block/vmdk.c
// vmdk_open_vmdk4(); OpenStack bug 2073262 (a footer that describes another disk than the header).
import {
  type GuestVmdk,
  parseVmdk,
  parseVmdkMetadataMarker,
  VmdkMarkerKind,
} from '../../../generated/container/vmdk.js';
import { resize } from '../../bytes/resize.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError, invalidIn } from '../../errors.js';
import { equals, u64 } from '../../validation/guest.js';

const MAX_UINT64 = 2n ** 64n - 1n;
/** Stands in the header in place of the directory's sector. */
export const DIRECTORY_IN_FOOTER = MAX_UINT64;
/** Three sectors: a marker, the footer, and the marker of the end. */
const FOOTER_BYTES = 3 * SECTOR_BYTES;

/** The fields in which header and footer must be equal. */
const SAME_IN_FOOTER = [
  'version',
  'flags',
  'numSectors',
  'grainSectors',
  'descriptorSector',
  'numDescriptorSectors',
  'numTableEntries',
  'compression',
] as const;

/**
 * Only the directory's sector is taken from the footer. If a footer could also name another size or descriptor, a program
 * that looks only at the header would see another disk than this one does.
 */
export async function readFooter(
  header: GuestVmdk,
  file: ByteSource,
  label: string,
): Promise<GuestVmdk> {
  const end = Math.ceil(file.sizeBytes / SECTOR_BYTES) * SECTOR_BYTES;
  const start = end - FOOTER_BYTES;
  if (start < SECTOR_BYTES) throw truncated(label, file);
  const bytes = await resize(file, end).read(start, FOOTER_BYTES);
  const before = parseVmdkMetadataMarker(bytes);
  const after = parseVmdkMetadataMarker(bytes.subarray(2 * SECTOR_BYTES));
  const isMarked =
    equals(before.kind, VmdkMarkerKind.FOOTER) &&
    equals(before.lenStream, 0) &&
    equals(after.kind, VmdkMarkerKind.END_OF_STREAM) &&
    equals(after.lenStream, 0) &&
    equals(after.numSectors, 0);
  if (!isMarked) throw truncated(label, file);
  const footer = parseVmdk(bytes.subarray(SECTOR_BYTES, 2 * SECTOR_BYTES));
  if (equals(footer.directorySector, DIRECTORY_IN_FOOTER)) {
    throw invalidExtent(label)('has a footer that refers to another footer');
  }
  for (const key of SAME_IN_FOOTER) {
    const [first, second] = [header[key], footer[key]].map((value) => u64(value));
    if (first !== second) {
      const values = `${first} and ${second}`;
      throw invalidExtent(label)(`has a header and a footer that differ in ${key}: ${values}`);
    }
  }
  return footer;
}

/** Makes errors of an extent: `invalidExtent('vmdk: "disk.vmdk"')('has no header')`. */
export function invalidExtent(label: string): (problem: string) => FormatError {
  return invalidIn(`${label}: the extent `);
}

function truncated(label: string, file: ByteSource): FormatError {
  return new FormatError(
    'TRUNCATED',
    `${label}: the extent has no footer at the end of its ${file.sizeBytes} bytes`,
    { data: { sizeBytes: file.sizeBytes } },
  );
}
