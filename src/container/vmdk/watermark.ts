// Finds how far a sparse file is in use: to the end of its highest grain, or of its tables.
// References: QEMU block/vmdk.c vmdk_open_vmdk4(), next_cluster_sector.
import { parseVmdkMarker } from '../../../generated/container/vmdk.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import { FormatError } from '../../errors.js';
import type { Scope } from '../../host/scope.js';
import { int } from '../../validation/guest.js';
import { MARKER_BYTES } from './compression.js';
import { coverageBytes, maxStreamBytes, type SparseExtent } from './grains.js';

const TABLES_PER_STEP = 1024;

/** Rounded up to a sector. @throws FormatError. */
export async function watermarkBytes(extent: SparseExtent, scope: Scope): Promise<number> {
  const { sizeBytes, grainBytes, grainsPerTable, tableBytes } = extent;
  const tableCount = Math.ceil(sizeBytes / coverageBytes(extent));
  const grainCount = Math.ceil(sizeBytes / grainBytes);
  let end = extent.overheadBytes;
  let highest = 0;
  // A hostile directory may name one table as often as it likes.
  let room = Math.ceil(extent.file.sizeBytes / tableBytes);
  for (let first = 0; first < tableCount; first += TABLES_PER_STEP) {
    const tables = await extent.tables(first, Math.min(TABLES_PER_STEP, tableCount - first));
    for (const [i, table] of tables.entries()) {
      scope.check();
      if (table === null || table + tableBytes > extent.file.sizeBytes) continue;
      if (--room < 0) throw new FormatError('INVALID', 'vmdk: the grain tables overlap');
      end = Math.max(end, table + tableBytes);
      const left = grainCount - (first + i) * grainsPerTable;
      for (const grain of await extent.grains(table, 0, Math.min(grainsPerTable, left))) {
        if (typeof grain === 'number' && grain > highest) highest = grain;
      }
    }
  }
  if (highest > 0) end = Math.max(end, await grainEnd(extent, highest));
  return Math.ceil(Math.min(end, extent.file.sizeBytes) / SECTOR_BYTES) * SECTOR_BYTES;
}

async function grainEnd(extent: SparseExtent, offset: number): Promise<number> {
  const { file, compression, grainBytes } = extent;
  if (compression === null) return offset + grainBytes;
  if (!compression.hasMarkers || offset + MARKER_BYTES > file.sizeBytes) return file.sizeBytes;
  const marker = parseVmdkMarker(await file.read(offset, MARKER_BYTES));
  const what = 'vmdk: length of the last compressed grain';
  return offset + MARKER_BYTES + int(marker.lenStream, what, 0, maxStreamBytes(extent));
}
