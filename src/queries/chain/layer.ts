// One layer -> its record: what the host says, what the pass over the maps gave, what the format's own tables tell.
import { hostNumbers, type Inspection, type Layer } from '../../container/container.js';
import { type ErrorCode, reasonOf, type VirtDfError } from '../../errors.js';
import { printable } from '../../validation/guest.js';
import { shownPath } from '../disks.js';
import { problemOf } from '../problem.js';
import type { Problem } from '../report.js';
import type { BoundName, LayerRecord } from './record.js';
import { hasHoles, type Swept } from './sweep.js';

/** Of what an archive holds and could not be opened. */
const UNKNOWN_FORMAT = 'unknown';

/** @param backing the record of the layer behind it. */
export function layerRecord(
  layer: Layer,
  swept: Swept,
  inspection: Inspected,
  backing: LayerRecord | null,
): LayerRecord {
  const { watermarkBytes, leakedClusterCount, snapshots } = inspection;
  const problem = swept.problem ?? inspection.problem ?? layer.doubt;
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
    files: layer.files.map((file) => ({ ...file, path: shownPath(file.path) })),
    problem: problem === null ? null : inLayer(layer, problem),
    backing,
  };
}

/** What a map cannot tell of a file with holes is bounded by what the host stores of it. */
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

/** An inspection, or why there is none. */
export interface Inspected extends Inspection {
  readonly problem: VirtDfError | null;
}

const NOTHING_INSPECTED: Inspection = {
  watermarkBytes: null,
  leakedClusterCount: null,
  snapshots: [],
};

/** What the format's own tables tell, as far as they can be read. */
export async function inspect(layer: Layer): Promise<Inspected> {
  try {
    const inspection = (await layer.inspect?.()) ?? NOTHING_INSPECTED;
    return { ...inspection, problem: null };
  } catch (error) {
    return { ...NOTHING_INSPECTED, problem: reasonOf(error) };
  }
}

/** Of several layers, the message says in which it was; those of opening a file do already. */
function inLayer({ path, problem }: Layer, error: VirtDfError): Problem {
  const { code, message } = problemOf(error);
  const isSaid =
    problem !== null || message.includes(shownPath(path)) || GUEST_CODES.includes(code);
  return { code, message: isSaid ? message : `${shownPath(path)}: ${message}` };
}

/** What concerns all of the guest. */
const GUEST_CODES: readonly ErrorCode[] = ['TIMEOUT'];

/** The fields of a layer of which nothing is known. */
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
