// One guest's disks -> their chains of images, layer by layer. As scan.ts does, it turns every expected error into a
// problem with a place, and the rest goes on.
import { stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { type Layer, layersOf } from '../container/container.js';
import { VirtDfError } from '../errors.js';
import type { GuestDefinition, GuestDisk } from '../guests/guest.js';
import type { Scope } from '../host/scope.js';
import { diskDevice } from '../stack/device-name.js';
import { printable } from '../validation/guest.js';
import { type Inspected, inspect, layerRecord, UNREAD_NUMBERS } from './chain/layer.js';
import {
  type ChainDisk,
  type ChainReport,
  type LayerFile,
  type LayerRecord,
  layerRecordsOf,
} from './chain/record.js';
import { type Swept, sweep } from './chain/sweep.js';
import { type DiskOptions, notOpened, openGuestDisk, shownPath } from './guest-disk.js';
import { problemOf } from './problem.js';
import { readSettled } from './read-settled.js';
import type { Problem, ProblemRecord } from './report.js';
import { halfOfRest, withTimeout } from './with-timeout.js';

export interface ChainOptions {
  readonly disks?: Omit<DiskOptions, 'keepsBroken'>;
  /** The time that one guest may take, in seconds; null is without limit. */
  readonly timeoutSeconds: number | null;
}

/** What is filled while a guest is read, so that one that runs out of time keeps the disks it had. */
interface Collected {
  readonly disks: ChainDisk[];
  /** The disks of the definition that were read, or could not be. */
  doneCount: number;
  /** Whether a file has another length than when it was opened. */
  isResized: boolean;
}

/**
 * Reads the chains of a guest's disks. It never throws for what the guest or its files are: that is a problem in the
 * report. What it throws is a bug.
 */
export async function scanChains(
  guest: GuestDefinition,
  options: ChainOptions,
): Promise<ChainReport> {
  const name = printable(guest.name);
  const { timeoutSeconds } = options;
  const { value, isSettled, statistics } = await readSettled(
    timeoutSeconds,
    (scope, secondsLeft) =>
      collect({ ...guest, name }, scope, { ...options, timeoutSeconds: secondsLeft }),
    (found) =>
      found.problems.length === 0 &&
      found.disks.every((disk) => problemsOf(name, disk).length === 0),
  );
  const isFresh = isSettled && !value.isResized;
  const disks = value.disks.map((disk) => ({ ...disk, chain: settled(disk.chain, isFresh) }));
  const { uuid, state, uri } = guest;
  const problems = [...disks.flatMap((disk) => problemsOf(name, disk)), ...value.problems];
  return { guest: name, uuid, state, uri, disks, problems, statistics };
}

interface Reading {
  readonly disks: readonly ChainDisk[];
  readonly problems: readonly ProblemRecord[];
  readonly isResized: boolean;
}

async function collect(
  guest: GuestDefinition,
  scope: Scope,
  options: ChainOptions,
): Promise<Reading> {
  const found: Collected = { disks: [], doneCount: 0, isResized: false };
  let failure: Problem | null = null;
  try {
    if (guest.problem !== null) throw guest.problem;
    await withTimeout(scanDisks(found, guest, scope, options), options.timeoutSeconds);
  } catch (error) {
    failure = problemOf(error);
  }
  // Copies: work that was given up at its timeout may still add to `found`.
  const disks = [...found.disks];
  const rest = guest.disks.slice(found.doneCount);
  for (const disk of rest) disks.push(unreadDisk(diskDevice(disks.length), disk, failure));
  const isSaid = failure === null || rest.length > 0;
  const place = { guest: guest.name, disk: null, device: null };
  const problems = isSaid || failure === null ? [] : [{ ...place, ...failure }];
  return { disks, problems, isResized: found.isResized };
}

/** Whether the numbers of a chain fit each other is known of all of its files together. */
function settled(layer: LayerRecord, isSettled: boolean): LayerRecord {
  const { problem, backing } = layer;
  return {
    ...layer,
    stale: layer.files.length === 0 ? null : !isSettled,
    problem:
      problem === null || isSettled
        ? problem
        : { ...problem, message: `${problem.message}${WRITTEN_MEANWHILE}` },
    backing: backing === null ? null : settled(backing, isSettled),
  };
}

const WRITTEN_MEANWHILE = ' (the disk was written to while it was read)';

async function scanDisks(
  found: Collected,
  guest: GuestDefinition,
  scope: Scope,
  options: ChainOptions,
): Promise<void> {
  const how = { ...options.disks, keepsBroken: true };
  const secondsForOne = halfOfRest(guest.disks.length > 1 ? options.timeoutSeconds : null);
  for (const disk of guest.disks) {
    const read: ChainDisk[] = [];
    const deviceOf = () => diskDevice(found.disks.length + read.length);
    try {
      const opening = openGuestDisk(disk, scope, how, deviceOf());
      for (const { layer } of await withTimeout(opening, secondsForOne(), notOpened(disk))) {
        read.push({ disk: deviceOf(), target: disk.target, chain: await chainOf(layer, scope) });
      }
    } catch (error) {
      read.push(unreadDisk(deviceOf(), disk, problemOf(error)));
    }
    found.disks.push(...read);
    found.doneCount += 1;
  }
  const layers = found.disks.flatMap(({ chain }) => layerRecordsOf(chain));
  found.isResized = await hasResized(layers.flatMap(({ files }) => files));
}

/** What lies behind the end that a file had is not seen, although the tables that name it may have been read. */
async function hasResized(files: readonly LayerFile[]): Promise<boolean> {
  for (const { path, allocationBytes, physicalBytes } of files) {
    if (allocationBytes === null || !isAbsolute(path)) continue;
    const stats = await stat(path).catch(() => null);
    // A file in an archive has no path of its own.
    if (stats?.isFile() && physicalBytes !== null && stats.size > physicalBytes) return true;
  }
  return false;
}

/** What several layers have in common (the time is up) is said once. */
function problemsOf(guest: string, { disk, chain }: ChainDisk): ProblemRecord[] {
  const problems = layerRecordsOf(chain).flatMap(({ problem }) => problem ?? []);
  const distinct = new Map(problems.map((problem) => [problem.message, problem]));
  return [...distinct.values()].map((problem) => ({ guest, disk, device: disk, ...problem }));
}

async function chainOf(active: Layer, scope: Scope): Promise<LayerRecord> {
  const layers = layersOf(active);
  // Side by side: while one waits for the host, the other counts.
  const [swept, inspected] = await Promise.all([sweepOrFail(layers, scope), inspectAll(layers)]);
  let record: LayerRecord | null = null;
  for (const [index, layer] of [...layers.entries()].reverse()) {
    const [numbers, inspection] = [swept[index], inspected[index]];
    if (numbers === undefined || inspection === undefined) throw new Error('a layer is missing');
    record = layerRecord(layer, numbers, inspection, record);
  }
  if (record === null) throw new Error('a chain has no layer');
  return record;
}

/** One after the other: a format may count every cluster of a layer in memory. */
async function inspectAll(layers: readonly Layer[]): Promise<readonly Inspected[]> {
  const inspected: Inspected[] = [];
  for (const layer of layers) inspected.push(await inspect(layer));
  return inspected;
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
