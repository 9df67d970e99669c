// Which bytes of which disks are asked for: as they are counted on a disk or a device, or in a file of the host.
import { hostIndex } from '../../bytes/host-index.js';
import { hostRuns } from '../../bytes/runs.js';
import type { ByteRange, ByteSource } from '../../bytes/source.js';
import { layersOf } from '../../container/container.js';
import { FormatError, SourceError } from '../../errors.js';
import type { DeviceNode, DiskNode } from '../../stack/node.js';
import type { MapOptions } from './options.js';
import { without } from './ranges.js';
import type { MapRow } from './record.js';
import type { AskedPiece } from './survey.js';

/** @throws FormatError OUT_OF_BOUNDS for a range that the device does not have. */
export function askedOfDevice(
  { device, sizeBytes }: DeviceNode,
  ranges: MapOptions['ranges'],
): readonly AskedPiece[] {
  const all = ranges ?? [{ offsetBytes: 0, lengthBytes: sizeBytes }];
  return all.map(({ offsetBytes, lengthBytes }) => {
    if (offsetBytes + lengthBytes > sizeBytes) {
      const words = `${device} has ${sizeBytes} bytes, and byte ${offsetBytes + lengthBytes - 1} is asked for`;
      throw new FormatError('OUT_OF_BOUNDS', words);
    }
    return { offsetBytes, lengthBytes, rootOffsetBytes: offsetBytes };
  });
}

/** What of a file of the host is in a disk, and what is not. */
interface AskedOfHost {
  readonly asked: readonly AskedPiece[];
  readonly rest: readonly MapRow[];
}

/** null: the disk does not lie in that file. */
export async function askedOfHost(
  disk: DiskNode,
  { ranges, hostFile }: MapOptions,
  check: () => void,
): Promise<AskedOfHost | null> {
  const { source, layer } = disk;
  if (source === null || layer === null) return null;
  const files = layersOf(layer).flatMap((one) => [one.path, ...one.files.map(({ path }) => path)]);
  const path = hostFile ?? layer.path;
  if (!files.includes(path)) return null;
  const index = await hostIndex(source, check);
  const asked: AskedPiece[] = [];
  for (const { offsetBytes, lengthBytes } of ranges ?? []) {
    for (const range of index.rangesAt(path, offsetBytes, lengthBytes)) {
      asked.push(...(await placedOnHost(source, path, range, { offsetBytes, lengthBytes })));
    }
  }
  const rest = without(ranges ?? [], asked).map((range) => ({ ...range, ...OF_IMAGE }));
  return { asked: asked.sort((a, b) => a.offsetBytes - b.offsetBytes), rest };
}

const OF_IMAGE = {
  device: null,
  deviceOffsetBytes: null,
  kind: 'image',
  name: 'no byte of the disk lies there: its tables, snapshots, or free',
  owner: null,
  fileOffsetBytes: null,
  isShared: null,
} as const;

/** Where each part of a range of the disk lies in the file: of a compressed block where it begins. */
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
    if (run.kind === 'compressed') found.push({ ...own, offsetBytes: asked.offsetBytes });
  }
  return found;
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
