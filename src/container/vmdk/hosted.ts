// The header of a hosted sparse extent: the kind that VMware Workstation, QEMU and most other programs write.
// References: VMware, Virtual Disk Format 5.0, "Hosted Sparse Extents", "Stream-Optimized Compressed Sparse Extents";
// QEMU block/vmdk.c vmdk_open_vmdk4(); open-vmdk vmware_vmdk.h (flags that a reader must know).
import {
  type GuestVmdk,
  parseVmdk,
  VmdkCompression,
  VmdkFlag,
} from '../../../generated/container/vmdk.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError, UnsupportedError } from '../../errors.js';
import { MIB } from '../../limits.js';
import { equals, hasFlag, int, powerOfTwo, unknownFlags } from '../../validation/guest.js';
import { fileEnd } from '../tables/file-end.js';
import { MAX_DESCRIPTOR_BYTES } from './descriptor.js';
import { DIRECTORY_IN_FOOTER, invalidExtent, readFooter } from './footer.js';
import { checkArea, type SparseExtent } from './grains.js';
import { ENTRY_BYTES, tablesOf } from './tables.js';

/** The header of a hosted sparse file, which describes an extent, a descriptor, or both. */
interface HostedHeader {
  readonly descriptor: { readonly offsetBytes: number; readonly lengthBytes: number } | null;
  /** null if the file only holds a descriptor. */
  readonly extent: SparseExtent | null;
}

const HEADER_BYTES = 512;
const MAX_VERSION = 3;
/** 1 GiB: QEMU's limit. */
const MAX_GRAIN_SECTORS = 2 ** 21;
/** A compressed grain lies in memory at once; all writers have grains of 64 KiB. */
const MAX_COMPRESSED_GRAIN_BYTES = 16 * MIB;
const MAX_TABLE_ENTRIES = 512;
/** QEMU's limit for a directory. */
const MAX_TABLES = 32 * MIB;
const MAX_SECTORS = Math.floor(Number.MAX_SAFE_INTEGER / SECTOR_BYTES);
const LINE_ENDS = '0a200d0a';
/** The known flags among those that a reader must know; flags of the lower half may be ignored. */
const KNOWN_INCOMPATIBLE = 0x3ffffn;

/** `label` begins the messages. @throws FormatError, UnsupportedError. */
export async function readHosted(file: ByteSource, label: string): Promise<HostedHeader> {
  const header = parseVmdk(await file.read(0, Math.min(HEADER_BYTES, file.sizeBytes)));
  const descriptor = readDescriptorArea(header, file, label);
  if (equals(header.numSectors, 0)) return { descriptor, extent: null };
  return { descriptor, extent: await readExtent(header, file, label) };
}

function readDescriptorArea(
  header: GuestVmdk,
  file: ByteSource,
  label: string,
): HostedHeader['descriptor'] {
  if (equals(header.descriptorSector, 0)) return null;
  const lastSector = Math.floor(file.sizeBytes / SECTOR_BYTES);
  const what = `${label}: sector of the descriptor`;
  const offsetBytes = int(header.descriptorSector, what, 1, lastSector) * SECTOR_BYTES;
  const maxSectors = Math.ceil(MAX_DESCRIPTOR_BYTES / SECTOR_BYTES);
  const count = int(header.numDescriptorSectors, `${label}: descriptor size`, 0, maxSectors);
  const lengthBytes = Math.min(
    count * SECTOR_BYTES,
    MAX_DESCRIPTOR_BYTES,
    file.sizeBytes - offsetBytes,
  );
  return { offsetBytes, lengthBytes };
}

async function readExtent(
  header: GuestVmdk,
  file: ByteSource,
  label: string,
): Promise<SparseExtent> {
  checkVersion(header, label);
  const compression = readCompression(header, label);
  const maxGrain =
    compression === null ? MAX_GRAIN_SECTORS : MAX_COMPRESSED_GRAIN_BYTES / SECTOR_BYTES;
  const grainSectors = powerOfTwo(header.grainSectors, `${label}: grain size`, 1, maxGrain);
  const what = `${label}: entries of a grain table`;
  const grainsPerTable = int(header.numTableEntries, what, 1, MAX_TABLE_ENTRIES);
  const sizeBytes = int(header.numSectors, `${label}: capacity`, 1, MAX_SECTORS) * SECTOR_BYTES;
  const grainBytes = grainSectors * SECTOR_BYTES;
  const tableCount = Math.ceil(sizeBytes / grainBytes / grainsPerTable);
  if (tableCount > MAX_TABLES) {
    throw new FormatError(
      'LIMIT',
      `${label}: the extent has ${tableCount} grain tables; the limit is ${MAX_TABLES}`,
    );
  }
  const directoryOffset = await readDirectoryOffset(header, file, label, tableCount);
  const overheadBytes =
    int(
      header.numOverheadSectors,
      `${label}: size of the metadata`,
      0,
      Math.ceil(file.sizeBytes / SECTOR_BYTES),
    ) * SECTOR_BYTES;
  const hasZeroGrains = hasFlag(header.flags, BigInt(VmdkFlag.ZERO_GRAINS));
  return {
    file,
    end: fileEnd(label, file.sizeBytes, grainBytes),
    sizeBytes,
    grainBytes,
    grainsPerTable,
    compression,
    overheadBytes: Math.max(overheadBytes, directoryOffset + tableCount * ENTRY_BYTES),
    tableBytes: grainsPerTable * ENTRY_BYTES,
    features: [
      ...(compression === null ? [] : ['compressed']),
      ...(hasZeroGrains ? ['zero-grains'] : []),
      ...(equals(header.isUnclean, 0) ? [] : ['dirty']),
    ],
    ...tablesOf({ file, label, directoryOffset, hasZeroGrains }),
  };
}

function checkVersion(header: GuestVmdk, label: string): void {
  const version = int(header.version, `${label}: version`, 0, 2 ** 32);
  if (version > MAX_VERSION) {
    throw new UnsupportedError(
      'UNSUPPORTED_FEATURE',
      `${label}: the extent is of version ${version}; those up to ${MAX_VERSION} can be read`,
      { data: { version } },
    );
  }
  const unknown = unknownFlags(header.flags, KNOWN_INCOMPATIBLE | 0xffffn);
  if (unknown !== null) {
    const message = `${label}: the extent needs features ${unknown}, which are not known`;
    throw new UnsupportedError('UNSUPPORTED_FEATURE', message, { data: { bits: unknown } });
  }
  const hasLineEnds = hasFlag(header.flags, BigInt(VmdkFlag.VALID_LINE_ENDS));
  if (hasLineEnds && Buffer.from(header.lineEnds).toString('hex') !== LINE_ENDS) {
    throw invalidExtent(label)('was transferred as text, which damaged it');
  }
}

/** Flag and algorithm must agree: QEMU looks at one, others at the other. */
function readCompression(header: GuestVmdk, label: string): SparseExtent['compression'] {
  const algorithm = int(header.compression, `${label}: compression`, 0, 2 ** 16);
  if (algorithm > VmdkCompression.DEFLATE) {
    const message = `${label}: compression ${algorithm} is not known`;
    throw new UnsupportedError('UNSUPPORTED_FEATURE', message, { data: { algorithm } });
  }
  if (hasFlag(header.flags, BigInt(VmdkFlag.COMPRESSED)) !== (algorithm !== 0)) {
    throw invalidExtent(label)(`has compression ${algorithm}, and its flags say the contrary`);
  }
  if (algorithm === VmdkCompression.NONE) return null;
  return { hasMarkers: hasFlag(header.flags, BigInt(VmdkFlag.MARKERS)) };
}

/** The directory; if it is not there, the second one, if the extent has such. */
async function readDirectoryOffset(
  header: GuestVmdk,
  file: ByteSource,
  label: string,
  tableCount: number,
): Promise<number> {
  const isInFooter = equals(header.directorySector, DIRECTORY_IN_FOOTER);
  const { directorySector } = isInFooter ? await readFooter(header, file, label) : header;
  const hasSecond = hasFlag(header.flags, BigInt(VmdkFlag.REDUNDANT_TABLES));
  const isMissing = equals(directorySector, 0) && hasSecond;
  const sector = isMissing ? header.redundantDirectorySector : directorySector;
  const lastSector = Math.floor(file.sizeBytes / SECTOR_BYTES);
  const offset = int(sector, `${label}: sector of the grain directory`, 1, lastSector);
  checkArea(file, offset * SECTOR_BYTES, tableCount * ENTRY_BYTES, `${label}: the grain directory`);
  return offset * SECTOR_BYTES;
}
