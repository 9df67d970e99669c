// The sparse extent of ESX Server, which begins with COWD.
// References: VMware, Virtual Disk Format 5.0, "ESX Server Sparse Extents"; QEMU block/vmdk.c vmdk_open_vmfs_sparse().
import { parseVmdkCowd, parseVmdkCowdState } from '../../../generated/container/vmdk_cowd.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import type { ByteSource } from '../../bytes/source.js';
import { UnsupportedError } from '../../errors.js';
import { equals, int, powerOfTwo, u32 } from '../../validation/guest.js';
import { fileEnd } from '../tables/file-end.js';
import { checkArea, type SparseExtent } from './grains.js';
import { ENTRY_BYTES, tablesOf } from './tables.js';

const HEADER_BYTES = 32;
const STATE_OFFSET = 1648;
const STATE_BYTES = 4;
const GRAINS_PER_TABLE = 4096;
/** 1 GiB: QEMU's limit. */
const MAX_GRAIN_SECTORS = 2 ** 21;
const MAX_UINT32 = 2 ** 32 - 1;

/** `label` begins the messages. @throws FormatError, UnsupportedError. */
export async function readCowd(file: ByteSource, label: string): Promise<SparseExtent> {
  const header = parseVmdkCowd(await file.read(0, Math.min(HEADER_BYTES, file.sizeBytes)));
  if (!equals(header.version, 1)) {
    const version = u32(header.version);
    throw new UnsupportedError(
      'UNSUPPORTED_FEATURE',
      `${label}: the extent is of version ${version}; only 1 can be read`,
    );
  }
  const sizeBytes = int(header.numSectors, `${label}: capacity`, 1, MAX_UINT32) * SECTOR_BYTES;
  const grainBytes =
    powerOfTwo(header.grainSectors, `${label}: grain size`, 1, MAX_GRAIN_SECTORS) * SECTOR_BYTES;
  const tableCount = Math.ceil(sizeBytes / grainBytes / GRAINS_PER_TABLE);
  const entryCount = `${label}: entries of the grain directory`;
  int(header.numDirectoryEntries, entryCount, tableCount, MAX_UINT32);
  const directorySector = `${label}: sector of the grain directory`;
  const directoryOffset =
    int(header.directorySector, directorySector, 1, MAX_UINT32) * SECTOR_BYTES;
  const directoryBytes = tableCount * ENTRY_BYTES;
  checkArea(file, directoryOffset, directoryBytes, `${label}: the grain directory`);
  const tables = {
    file,
    label,
    directoryOffset,
    hasZeroGrains: false,
  };
  return {
    file,
    end: fileEnd(label, file.sizeBytes, grainBytes),
    sizeBytes,
    grainBytes,
    grainsPerTable: GRAINS_PER_TABLE,
    compression: null,
    overheadBytes: directoryOffset + directoryBytes,
    tableBytes: GRAINS_PER_TABLE * ENTRY_BYTES,
    features: (await isUnclean(file)) ? ['dirty'] : [],
    ...tablesOf(tables),
  };
}

async function isUnclean(file: ByteSource): Promise<boolean> {
  if (file.sizeBytes < STATE_OFFSET + STATE_BYTES) return false;
  const state = parseVmdkCowdState(await file.read(STATE_OFFSET, STATE_BYTES));
  return !equals(state.isUnclean, 0);
}
