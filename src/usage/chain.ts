// One guest's disks -> their chains of images, layer by layer. As scan.ts does, it turns every expected error into a
// problem with a place, and the rest goes on.
import { isAbsolute } from 'node:path';
import { hostNumbers, type Inspection, type Layer, layersOf } from '../container/container.js';
import { type ErrorCode, VirtDfError } from '../errors.js';
import type { GuestDefinition, GuestDisk } from '../guests/guest.js';
import { openScope } from '../source/local-scope.js';
import type { Scope } from '../source/scope.js';
import { printable } from '../validation/guest.js';
import {
  type BoundName,
  type ChainDisk,
  type ChainReport,
  type LayerRecord,
  layerRecordsOf,
} from './chain/record.js';
import { hasHoles, type Swept, sweep } from './chain/sweep.js';
import { diskDevice } from './device-name.js';
import { type DiskOptions, openGuestDisk, shownPath } from './guest-disk.js';
import { problemOf } from './problem.js';
import type { Problem, ProblemRecord } from './report.js';
import { withTimeout } from './with-timeout.js';

export interface ChainOptions {
  readonly disks?: Omit<DiskOptions, 'keepsBroken'>;
  /** The time that one guest may take, in seconds; null is without limit. */
  readonly timeoutSeconds: number | null;
}

/** What is filled while a guest is read, so that one that runs out of time keeps the disks it had. */
interface Collected {
  readonly disks: ChainDisk[];
  readonly problems: ProblemRecord[];
  /** The disks of the definition that were read, or could not be. */
  doneCount: number;
}

/**
 * Reads the chains of a guest's disks. It never throws for what the guest or its files are: that is a problem in the
 * report. What it throws is a bug.
 */
export async function scanChains(
  guest: GuestDefinition,
  options: ChainOptions,
): Promise<ChainReport> {
  const { timeoutSeconds } = options;
  const deadlineMs = timeoutSeconds === null ? null : Date.now() + timeoutSeconds * 1000;
  const scope = openScope({ deadlineMs });
  const found: Collected = { disks: [], problems: [], doneCount: 0 };
  const name = printable(guest.name);
  let failure: Problem | null = null;
  try {
    if (guest.problem !== null) throw guest.problem;
    await withTimeout(scanDisks(found, { ...guest, name }, scope, options), timeoutSeconds);
  } catch (error) {
    failure = problemOf(error);
    found.problems.push({ guest: name, disk: null, device: null, ...failure });
  } finally {
    await scope.close();
  }
  const disks = [...found.disks];
  for (const disk of guest.disks.slice(found.doneCount)) {
    disks.push(unreadDisk(diskDevice(disks.length), disk, failure));
  }
  const { uuid, state, uri } = guest;
  const problems = [...found.problems];
  return { guest: name, uuid, state, uri, disks, problems, statistics: { ...scope.statistics } };
}

async function scanDisks(
  found: Collected,
  guest: GuestDefinition,
  scope: Scope,
  options: ChainOptions,
): Promise<void> {
  const how = { ...options.disks, keepsBroken: true };
  for (const disk of guest.disks) {
    const read: ChainDisk[] = [];
    const deviceOf = () => diskDevice(found.disks.length + read.length);
    try {
      for (const { layer } of await openGuestDisk(disk, scope, how)) {
        read.push({ disk: deviceOf(), target: disk.target, chain: await chainOf(layer, scope) });
      }
    } catch (error) {
      read.push(unreadDisk(deviceOf(), disk, problemOf(error)));
    }
    found.disks.push(...read);
    found.problems.push(...read.flatMap((one) => problemsOf(guest.name, one)));
    found.doneCount += 1;
  }
}

/** What several layers have in common (the time is up) is said once. */
function problemsOf(guest: string, { disk, chain }: ChainDisk): ProblemRecord[] {
  const problems = layerRecordsOf(chain).flatMap(({ problem }) => problem ?? []);
  const distinct = new Map(problems.map((problem) => [problem.message, problem]));
  return [...distinct.values()].map((problem) => ({ guest, disk, device: disk, ...problem }));
}

async function chainOf(active: Layer, scope: Scope): Promise<LayerRecord> {
  const layers = layersOf(active);
  const swept = await sweepOrFail(layers, scope);
  let record: LayerRecord | null = null;
  for (const [index, layer] of [...layers.entries()].reverse()) {
    const numbers = swept[index];
    if (numbers === undefined) throw new Error('a layer was not swept');
    record = await layerRecord(layer, numbers, record);
  }
  if (record === null) throw new Error('a chain has no layer');
  return record;
}

/** Where the work ends before the pass does, what the host says of the files is told all the same. */
async function sweepOrFail(layers: readonly Layer[], scope: Scope): Promise<readonly Swept[]> {
  try {
    return await sweep(layers, scope);
  } catch (error) {
    if (!(error instanceof VirtDfError)) throw error;
    const nothing = { counts: null, hiddenBytes: null, commitBytes: null };
    return layers.map((layer) => ({ ...nothing, problem: layer.problem ?? error }));
  }
}

async function layerRecord(
  layer: Layer,
  swept: Swept,
  backing: LayerRecord | null,
): Promise<LayerRecord> {
  const inspection = await inspect(layer);
  const { watermarkBytes, leakedClusterCount, snapshots } = inspection;
  const problem = swept.problem ?? inspection.problem;
  const [image] = layer.files;
  const isDevice = image !== undefined && image.allocationBytes === null && isAbsolute(image.path);
  const deviceBytes = isDevice ? image.physicalBytes : null;
  const base = layer.backing;
  return {
    ...UNREAD_NUMBERS,
    path: shownPath(layer.path),
    format: printable(layer.format),
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

const NOTHING_INSPECTED: Inspection = {
  watermarkBytes: null,
  leakedClusterCount: null,
  snapshots: [],
};

async function inspect(layer: Layer): Promise<Inspection & { problem: VirtDfError | null }> {
  try {
    const inspection = (await layer.inspect?.()) ?? NOTHING_INSPECTED;
    return { ...inspection, problem: null };
  } catch (error) {
    if (!(error instanceof VirtDfError)) throw error;
    return { ...NOTHING_INSPECTED, problem: error };
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

const UNREAD_NUMBERS = {
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

/** A disk of which nothing is known but where it should be. */
function unreadDisk(
  device: string,
  { target, path, format }: GuestDisk,
  problem: Problem | null,
): ChainDisk {
  const chain = {
    ...UNREAD_NUMBERS,
    path: path === null ? null : shownPath(path),
    format: format === 'auto' ? null : printable(format),
    problem,
  };
  return { disk: device, target, chain };
}
