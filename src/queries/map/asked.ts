// Which bytes of which disks are asked for: as they are counted on a disk or a device, or in a file of the host.
import { hostIndex } from '../../bytes/host-index.js';
import { type HostRun, hostRuns } from '../../bytes/runs.js';
import type { ByteRange, ByteSource } from '../../bytes/source.js';
import { type LayerFile, layersOf } from '../../container/container.js';
import { FormatError, SourceError } from '../../errors.js';
import type { DeviceNode, DiskNode } from '../../stack/node.js';
import { printable } from '../../validation/guest.js';
import type { MapOptions } from './options.js';
import { merged, within, without } from './ranges.js';
import type { MapRow } from './record.js';
import type { AskedPiece } from './survey.js';

/** What of the bytes that are asked for is in a disk, and what is not. */
export interface AskedBytes {
  readonly asked: readonly AskedPiece[];
  readonly rest: readonly MapRow[];
  /** OUT_OF_BOUNDS where there are fewer bytes. */
  readonly error: FormatError | null;
}

export function askedOfDevice(
  { kind, device, sizeBytes }: DeviceNode,
  ranges: MapOptions['ranges'],
): AskedBytes {
  const all = ranges ?? [{ offsetBytes: 0, lengthBytes: sizeBytes }];
  const what = { name: device, kind: kind === 'disk' ? kind : 'device' };
  const { inside, ...outside } = clipped(all, sizeBytes, what);
  const asked = inside.map((range) => ({ ...range, rootOffsetBytes: range.offsetBytes }));
  return { asked, ...outside };
}

interface Clipped extends Omit<AskedBytes, 'asked'> {
  readonly inside: readonly ByteRange[];
}

function clipped(
  ranges: readonly ByteRange[],
  sizeBytes: number,
  { name, kind }: { readonly name: string; readonly kind: string },
): Clipped {
  const end = ranges.reduce((max, one) => Math.max(max, one.offsetBytes + one.lengthBytes), 0);
  if (end <= sizeBytes) return { inside: ranges, rest: [], error: null };
  const [inside, rest]: [ByteRange[], MapRow[]] = [[], []];
  for (const { offsetBytes, lengthBytes } of ranges) {
    const at = Math.max(offsetBytes, sizeBytes);
    const restBytes = offsetBytes + lengthBytes - at;
    const insideBytes = restBytes > 0 ? lengthBytes - restBytes : lengthBytes;
    if (insideBytes > 0) inside.push({ offsetBytes, lengthBytes: insideBytes });
    if (restBytes <= 0) continue;
    const told = { ...NOWHERE, kind: 'unread', name: `beyond the end of the ${kind}` } as const;
    rest.push({ offsetBytes: at, lengthBytes: restBytes, ...told });
  }
  const words = `${printable(name)} has ${sizeBytes} bytes, and byte ${end - 1} is asked for`;
  return { inside, rest, error: new FormatError('OUT_OF_BOUNDS', words) };
}

/** null: the disk does not lie in that file. */
export async function askedOfHost(
  disk: DiskNode,
  { ranges, hostFile }: MapOptions,
  check: () => void,
): Promise<AskedBytes | null> {
  const { source, layer } = disk;
  if (source === null || layer === null) return null;
  const layers = layersOf(layer);
  const files = layers.flatMap((one) => [one.path, ...one.files.map((file) => file.path)]);
  const path = hostFile ?? layer.path;
  if (!files.includes(path)) return null;
  const file = layers.flatMap((one) => one.files).find((one) => one.path === path);
  const { inside, rest, error } = clipped(ranges ?? [], fileBytes(file), {
    name: path,
    kind: 'file',
  });
  const index = await hostIndex(source, check);
  const asked: AskedPiece[] = [];
  for (const { offsetBytes, lengthBytes } of inside) {
    // A block whose stream lies in two stretches of the file is found by each.
    const placed = merged(index.rangesAt(path, offsetBytes, lengthBytes));
    for (const range of placed) {
      asked.push(...(await placedOnHost(source, path, range, { offsetBytes, lengthBytes })));
    }
  }
  const ofImage = without(inside, asked).map((range) => ({ ...range, ...OF_IMAGE }));
  asked.sort((a, b) => a.offsetBytes - b.offsetBytes);
  return { asked, rest: [...ofImage, ...rest], error };
}

/** A file that is joined of several, or whose size nobody tells, has no end here. */
function fileBytes(file: LayerFile | undefined): number {
  const isPart = file?.isDevice === true || file?.joinedPaths !== undefined;
  return (isPart ? null : file?.physicalBytes) ?? Number.MAX_SAFE_INTEGER;
}

const NOWHERE = {
  device: null,
  deviceOffsetBytes: null,
  owner: null,
  fileOffsetBytes: null,
  isShared: null,
} as const;

const OF_IMAGE = {
  ...NOWHERE,
  kind: 'image',
  name: 'no byte of the disk lies there: its tables, snapshots, or free',
} as const;

/** Where each part of a range of the disk lies in the file: of a compressed block what is asked for of its stream. */
async function placedOnHost(
  source: ByteSource,
  path: string,
  { offsetBytes, lengthBytes }: ByteRange,
  asked: ByteRange,
): Promise<readonly AskedPiece[]> {
  const found: AskedPiece[] = [];
  for await (const run of hostRuns(source, offsetBytes, lengthBytes)) {
    const own = { rootOffsetBytes: run.offsetBytes, lengthBytes: run.lengthBytes };
    if (run.kind === 'data' && run.path === path) {
      found.push({ ...own, offsetBytes: run.hostOffsetBytes });
    }
    if (run.kind !== 'compressed') continue;
    const { offsetBytes: rootOffsetBytes, lengthBytes: rootLengthBytes } = run;
    for (const part of streamParts(run.stream, path)) {
      for (const { offsetBytes: at, lengthBytes: length } of within([asked], part)) {
        found.push({ offsetBytes: at, lengthBytes: length, rootOffsetBytes, rootLengthBytes });
      }
    }
  }
  return found;
}

/** Recursive as deep as images lie in compressed files. */
function* streamParts(stream: readonly HostRun[], path: string): Generator<ByteRange> {
  for (const run of stream) {
    if (run.kind === 'compressed') yield* streamParts(run.stream, path);
    if (run.kind !== 'data' || run.path !== path) continue;
    yield { offsetBytes: run.hostOffsetBytes, lengthBytes: run.lengthBytes };
  }
}

/** @throws SourceError NOT_FOUND where it is not said which of several disks is meant. @param advice how it is said. */
export function onlyDisk(disks: readonly DiskNode[], advice: string): DiskNode {
  const [disk, ...others] = disks;
  if (disk !== undefined && others.length === 0) return disk;
  const names = disks.map(({ device }) => device).join(', ');
  throw new SourceError(
    'NOT_FOUND',
    `the guest has ${disks.length} disks (${names}): ${advice} the bytes are counted`,
  );
}
