// The overlays among a guest's disks: which files they are, how much they hold, and what of it lies in no filesystem.
import type { Layer } from '../../container/container.js';
import type { DiskNode, StackNode } from '../../stack/node.js';
import { openCursor } from '../chain/cursor.js';
import type { DiffFilesystem, Overlay, OverlayPart } from './record.js';
import { storedIn } from './stored.js';

/** Extents between two looks at the clock. */
const STEPS_PER_CHECK = 4096;

/** Images that are based on those of the old state. */
export interface Overlays extends Pick<Overlay, 'disks' | 'dataBytes'> {
  /** Of all their files. */
  readonly paths: ReadonlySet<string>;
}

/** null: no disk has one. @throws what a layer's map throws. */
export async function overlaysOf(
  olds: readonly DiskNode[],
  others: readonly DiskNode[],
  check: () => void,
): Promise<Overlays | null> {
  const disks: Overlay['disks'][number][] = [];
  const paths: string[] = [];
  for (const [index, { device, layer }] of others.entries()) {
    if (layer === null || layer.backing === null) continue;
    if (layer.backing.path !== olds[index]?.layer?.path) continue;
    disks.push({ device, path: layer.path, dataBytes: await dataBytesOf(layer, check) });
    for (const { path, joinedPaths = [] } of layer.files) paths.push(path, ...joinedPaths);
  }
  if (disks.length === 0) return null;
  const dataBytes = disks.reduce((bytes, disk) => bytes + disk.dataBytes, 0);
  return { disks, dataBytes, paths: new Set(paths) };
}

async function dataBytesOf(layer: Layer, check: () => void): Promise<number> {
  const cursor = openCursor(layer);
  for (let steps = 0; cursor.kind !== 'end' || steps === 0; steps++) {
    if (steps % STEPS_PER_CHECK === 0) check();
    if (!cursor.step()) {
      await cursor.fetch();
      cursor.step();
    }
    if (cursor.problem !== null) throw cursor.problem;
  }
  return cursor.counts.dataBytes + cursor.counts.compressedBytes;
}

/** What the overlays hold of swap. */
export async function swapParts(
  nodes: Iterable<StackNode>,
  { paths }: Overlays,
  check: () => void,
): Promise<readonly OverlayPart[]> {
  const parts: OverlayPart[] = [];
  for (const { kind, source, device } of nodes) {
    if (kind !== 'swap' || source === null) continue;
    const { byteCount } = await storedIn(source, paths, check);
    if (byteCount > 0) parts.push(plainPart(device, 'swap', 'swap', byteCount));
  }
  return parts;
}

/** All parts together, and what is left: it lies in no filesystem that was compared. */
export function overlayOf(
  { disks, dataBytes }: Overlays,
  filesystems: readonly DiffFilesystem[],
  swap: readonly OverlayPart[],
): Overlay {
  const parts = [...filesystems.flatMap((one) => one.parts), ...swap];
  const known = parts.reduce((bytes, { storedBytes }) => bytes + storedBytes, 0);
  const isUnread = filesystems.some(({ problem }) => problem !== null);
  const rest = isUnread
    ? plainPart(null, 'unaccounted', 'not known', dataBytes - known)
    : plainPart(null, 'outside', 'outside of filesystems', dataBytes - known);
  return { disks, dataBytes, parts: dataBytes === known ? parts : [...parts, rest] };
}

function plainPart(
  device: string | null,
  kind: OverlayPart['kind'],
  name: string,
  storedBytes: number,
): OverlayPart {
  return { device, kind, name, path: null, storedBytes, differingBytes: null, fileCount: null };
}
