// The question of `virt-df chain`: for each disk of a guest its chain of images, and how much the host stores of each
// layer.
import { stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { type Layer, layersOf } from '../container/container.js';
import { reasonOf } from '../errors.js';
import type { GuestDisk } from '../guests/guest.js';
import type { Scope } from '../host/scope.js';
import { diskDevice } from '../stack/device-name.js';
import type { DiskNode } from '../stack/node.js';
import { printable } from '../validation/guest.js';
import type { RunQuery } from './ask.js';
import { type Inspected, inspect, layerRecord, UNREAD_NUMBERS } from './chain/layer.js';
import {
  type ChainAnswer,
  type ChainDisk,
  type LayerFile,
  type LayerRecord,
  layerRecordsOf,
} from './chain/record.js';
import { type Swept, sweep } from './chain/sweep.js';
import { shownPath } from './disks.js';
import { problemOf, writtenMeanwhile } from './problem.js';
import type { Problem, ProblemRecord } from './report.js';

interface Found {
  readonly disks: ChainDisk[];
  /** The disks of the definition that were read, or could not be. */
  doneCount: number;
  /** Whether a file has another length than when it was opened. */
  isResized: boolean;
  /** Why the rest is missing, where no disk says it. */
  readonly problems: readonly ProblemRecord[];
}

export const chain: RunQuery<Found, ChainAnswer> = {
  question: { kind: 'chain' },
  keepsBroken: true,
  begin: () => ({ disks: [], doneCount: 0, isResized: false, problems: [] }),
  async read(found, { disks, scope }) {
    for await (const disk of disks()) {
      found.disks.push(await chainDisk(disk, scope));
      found.doneCount = disk.index + 1;
    }
    const layers = found.disks.flatMap(({ chain }) => layerRecordsOf(chain));
    found.isResized = await hasResized(layers.flatMap(({ files }) => files));
  },
  end(found, failure, guest) {
    const disks = [...found.disks];
    const rest = guest.disks.slice(found.doneCount);
    for (const disk of rest) disks.push(unreadDisk(diskDevice(disks.length), disk, failure));
    const isSaid = failure === null || rest.length > 0;
    const place = { guest: guest.name, disk: null, device: null };
    return { ...found, disks, problems: isSaid ? [] : [{ ...place, ...failure }] };
  },
  isSound: ({ disks, problems }) =>
    problems.length === 0 && disks.every((disk) => problemsOf('', disk).length === 0),
  report(found, isSettled, { name }) {
    const isFresh = isSettled && !found.isResized;
    const disks = found.disks.map((disk) => ({ ...disk, chain: settled(disk.chain, isFresh) }));
    const problems = disks.flatMap((disk) => problemsOf(name, disk));
    return { disks, problems: [...problems, ...found.problems] };
  },
};

async function chainDisk(node: DiskNode, scope: Scope): Promise<ChainDisk> {
  const { device, definition, layer, problem } = node;
  try {
    if (layer === null) return unreadDisk(device, definition, problem && problemOf(problem));
    return { disk: device, target: definition.target, chain: await chainOf(layer, scope) };
  } catch (error) {
    return unreadDisk(device, definition, problemOf(error));
  }
}

/** `stale` is the same for all layers of a chain: their numbers fit each other only if none of the files changed. */
function settled(layer: LayerRecord, isSettled: boolean): LayerRecord {
  const { problem, backing } = layer;
  return {
    ...layer,
    stale: layer.files.length === 0 ? null : !isSettled,
    problem: problem === null || isSettled ? problem : writtenMeanwhile(problem),
    backing: backing === null ? null : settled(backing, isSettled),
  };
}

/** A file that has grown makes the answer stale: tables read late may name clusters behind the end that it had first. */
async function hasResized(files: readonly LayerFile[]): Promise<boolean> {
  for (const { path, allocationBytes, physicalBytes } of files) {
    if (allocationBytes === null || !isAbsolute(path)) continue;
    const stats = await stat(path).catch(() => null);
    // A file in an archive has no path of its own.
    if (stats?.isFile() && physicalBytes !== null && stats.size > physicalBytes) return true;
  }
  return false;
}

/** A problem that several layers share (the time is up) is listed once. */
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

/** If the pass fails (the time is up), the layers still have the sizes that the host gives of their files. */
async function sweepOrFail(layers: readonly Layer[], scope: Scope): Promise<readonly Swept[]> {
  try {
    return await sweep(layers, scope);
  } catch (error) {
    const reason = reasonOf(error);
    const nothing = { counts: null, hiddenBytes: null, commitBytes: null };
    return layers.map((layer) => ({ ...nothing, problem: layer.problem ?? reason }));
  }
}

/** A disk that was not read: its record has the path and format of the definition, and the problem. */
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
