// One layer -> its record, from three sources: the host's sizes of its files, the counts of the pass over the maps, and
// the format's own tables (watermark, leaked clusters, snapshots).
import { hostNumbers, type Inspection, type Layer } from '../../container/container.js';
import { type ErrorCode, reasonOf, type VirtDfError } from '../../errors.js';
import { printable } from '../../validation/guest.js';
import { shownPath } from '../disks.js';
import { problemOf } from '../problem.js';
import type { Problem } from '../report.js';
import type { BoundName, LayerRecord } from './record.js';
import { hasHoles, type Swept } from './sweep.js';

/** The format of an archive's member that could not be opened. */
const UNKNOWN_FORMAT = 'unknown';

/** @param backing the record of the layer behind it. */
export function layerRecord(
  layer: Layer,
  swept: Swept,
  inspection: Inspected,
  backing: LayerRecord | null,
): LayerRecord {
  const { watermarkBytes, leakedClusterCount, snapshots } = inspection;
  const cut = layer.cut?.() ?? null;
  const problem = swept.problem ?? inspection.problem ?? cut ?? layer.doubts[0] ?? null;
  const [image] = layer.files;
  const deviceBytes = image?.isDevice === true ? image.physicalBytes : null;
  const base = layer.backing;
  return {
    ...UNREAD_NUMBERS,
    path: shownPath(layer.path),
    format: layer.format === UNKNOWN_FORMAT ? null : printable(layer.format),
    version: layer.version === null ? null : printable(layer.version),
    features: layer.features.map((feature) => printable(feature)),
    clusterBytes: layer.clusterBytes,
    capacityBytes: layer.capacityBytes,
    ...hostNumbers(layer),
    watermarkBytes,
    deviceFreeBytes:
      deviceBytes === null || watermarkBytes === null
        ? null
        : Math.max(0, deviceBytes - watermarkBytes),
    ...swept.counts,
    hiddenBytes: swept.hiddenBytes,
    commitBytes: swept.commitBytes,
    commitGrowthBytes: growthBytes(layer, base),
    ...bounded(layer, swept),
    leakedClusterCount,
    snapshots: snapshots.map((one) => ({
      ...one,
      id: printable(one.id),
      name: printable(one.name),
    })),
    files: layer.files.map(({ path, role, allocationBytes, physicalBytes, isDevice = false }) => ({
      path: shownPath(path),
      role,
      allocationBytes,
      physicalBytes,
      isDevice,
    })),
    problem: problem === null ? null : inLayer(layer, problem),
    backing,
  };
}

/**
 * A raw file with holes has no map that tells data from holes: its numbers count at most the bytes that the host stores of
 * it, and are named in `bounds`.
 */
function bounded(layer: Layer, { counts, hiddenBytes, commitBytes }: Swept) {
  const isOpen = layer.map === null && layer.problem === null && hasHoles(layer);
  const storedBytes = hostNumbers(layer).allocationBytes ?? Number.MAX_SAFE_INTEGER;
  const base = layer.backing;
  const isBaseOpen = base !== null && base.map === null && hasHoles(base);
  const bounds: BoundName[] = [
    ...(isOpen && counts !== null ? ['dataBytes' as const] : []),
    ...(isOpen && hiddenBytes !== null && hiddenBytes > 0 ? ['hiddenBytes' as const] : []),
    ...(isBaseOpen && commitBytes !== null && commitBytes > 0 ? ['commitBytes' as const] : []),
  ];
  const least = (bytes: number | null) => (bytes === null ? null : Math.min(bytes, storedBytes));
  return isOpen
    ? { bounds, dataBytes: least(counts?.dataBytes ?? null), hiddenBytes: least(hiddenBytes) }
    : { bounds };
}

function growthBytes(layer: Layer, base: Layer | null): number | null {
  if (base === null || layer.capacityBytes === null || base.capacityBytes === null) return null;
  return Math.max(0, layer.capacityBytes - base.capacityBytes);
}

/** The counts of a format's own tables, or the error that kept them from being read. */
export interface Inspected extends Inspection {
  readonly problem: VirtDfError | null;
}

const NOTHING_INSPECTED: Inspection = {
  watermarkBytes: null,
  leakedClusterCount: null,
  snapshots: [],
};

/** Reads the format's own tables; if that fails, the layer keeps its other numbers and has a problem. */
export async function inspect(layer: Layer): Promise<Inspected> {
  try {
    const inspection = (await layer.inspect?.()) ?? NOTHING_INSPECTED;
    return { ...inspection, problem: null };
  } catch (error) {
    return { ...NOTHING_INSPECTED, problem: reasonOf(error) };
  }
}

/** A message that does not name the layer's file yet gets its path in front, since a chain has several files. */
function inLayer({ path, problem }: Layer, error: VirtDfError): Problem {
  const { code, message } = problemOf(error);
  const isSaid =
    problem !== null || message.includes(shownPath(path)) || GUEST_CODES.includes(code);
  return { code, message: isSaid ? message : `${shownPath(path)}: ${message}` };
}

/** Codes of problems that concern the whole guest and no single file. */
const GUEST_CODES: readonly ErrorCode[] = ['TIMEOUT'];

/** The record of a layer that was not read. */
export const UNREAD_NUMBERS = {
  format: null,
  version: null,
  features: [],
  clusterBytes: null,
  capacityBytes: null,
  allocationBytes: null,
  physicalBytes: null,
  watermarkBytes: null,
  deviceFreeBytes: null,
  dataBytes: null,
  compressedBytes: null,
  compressedClusterCount: null,
  zeroBytes: null,
  zeroClusterCount: null,
  hiddenBytes: null,
  commitBytes: null,
  commitGrowthBytes: null,
  bounds: [],
  leakedClusterCount: null,
  snapshots: [],
  files: [],
  stale: null,
  backing: null,
} as const;
