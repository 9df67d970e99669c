// Files that are parts of other disks: a shell's `vm/*.vmdk` gives the descriptor, its extents, and the disks that a snapshot
// lies over. Each disk counts once, as the newest of its chain.
import { promises } from 'node:fs';
import { type Layer, layersOf } from '../container/container.js';
import type { GuestDefinition } from '../guests/guest.js';
import { isUrl } from '../host/location.js';
import { diskDevice } from '../stack/device-name.js';
import type { DiskNode } from '../stack/node.js';
import type { GuestHeader } from './report.js';

/** The files of a disk that are not the one by which it was opened. */
function partsOf(layer: Layer): readonly string[] {
  return layersOf(layer)
    .flatMap(({ files }) => files.flatMap(({ path, joinedPaths = [] }) => [path, ...joinedPaths]))
    .filter((path) => path !== layer.path);
}

/** Notes the files that were read as parts of a guest's disks. */
export async function* noting(
  nodes: AsyncIterable<DiskNode>,
  partFiles: Set<string>,
): AsyncGenerator<DiskNode, void, undefined> {
  for await (const node of nodes) {
    if (node.layer !== null) for (const path of partsOf(node.layer)) partFiles.add(path);
    yield node;
  }
}

/**
 * The disks of a guest of several images, without those that are parts of others of them (`--same-guest vm/*.vmdk`). All are
 * opened before the first is told, since it may be a part of the last.
 * @param partFiles gets the files that were read as parts.
 */
export async function* eachOnce(
  nodes: AsyncIterable<DiskNode>,
  partFiles: Set<string>,
): AsyncGenerator<DiskNode, void, undefined> {
  const opened: DiskNode[] = [];
  for await (const node of noting(nodes, partFiles)) opened.push(node);
  let count = 0;
  for (const node of opened) {
    if (await isPart(node.definition.path, partFiles)) continue;
    yield renamed(node, diskDevice(count));
    count += 1;
  }
}

function renamed(node: DiskNode, device: string): DiskNode {
  if (device === node.device) return node;
  const doubts = node.doubts.map((doubt) => ({ ...doubt, device }));
  return { ...node, device, disk: device, doubts };
}

/** Whether the file of that name was read as a part of another disk. */
async function isPart(path: string | null, partFiles: ReadonlySet<string>): Promise<boolean> {
  if (path === null || partFiles.size === 0 || isUrl(path)) return false;
  const real = await promises.realpath(path).catch(() => null);
  return real !== null && partFiles.has(real);
}

/** The answers about guests of which each disk counts once. */
interface WithoutParts<R> {
  readonly reports: readonly R[];
  /** Images that were given, and are parts of others that were given. */
  readonly partCount: number;
}

/** @param reports one for each guest, in their order. */
export async function withoutParts<R extends GuestHeader>(
  guests: readonly GuestDefinition[],
  reports: readonly R[],
): Promise<WithoutParts<R>> {
  const partFiles = new Set(
    reports.flatMap((report) => (report.uri === null ? report.partFiles : [])),
  );
  const kept: R[] = [];
  let partCount = 0;
  for (const [index, report] of reports.entries()) {
    const given = guests[index]?.disks ?? [];
    const images = report.uri === null ? given.map(({ path }) => path) : [];
    const areParts = await Promise.all(images.map((path) => isPart(path, partFiles)));
    partCount += areParts.filter((one) => one).length;
    if (images.length === 0 || areParts.includes(false)) kept.push(report);
  }
  return { reports: kept, partCount };
}
