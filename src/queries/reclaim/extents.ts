// The extents of a volume group that no volume has, as ranges of its members: as the group itself tells them. Of one that does not
// (Android's super partition) all that its volumes leave: where that is not as much as the group says that it has free, nothing
// is told.
import type { ByteRange } from '../../bytes/changes.js';
import type { ByteSource } from '../../bytes/source.js';
import { MAX_INDEXED_RUNS, MIB } from '../../limits.js';
import type { ContentNode, StackNode } from '../../stack/node.js';
import type { MemberArea } from '../../volume/volume.js';
import { placesOf } from '../places.js';

/** What a member has before its first extent, at most: metadata of 1 MiB, and alignment. */
const MAX_HEAD_BYTES = 8 * MIB;

interface Member {
  readonly disk: string | null;
  readonly source: ByteSource;
}

interface UnusedExtents {
  readonly member: Member;
  readonly ranges: readonly ByteRange[];
}

export async function unusedExtents(
  group: ContentNode,
  nodes: readonly StackNode[],
  check: () => void,
): Promise<readonly UnusedExtents[]> {
  const { freeBytes = 0, parents, areas = [] } = group;
  if (areas.length > 0) return parents.flatMap((member) => freeOf(member, areas));
  const members = parents.flatMap(({ disk, source }) => (source === null ? [] : { disk, source }));
  if (freeBytes === 0 || members.length < parents.length) return [];
  const used = new Map<ByteSource, ByteRange[]>(members.map(({ source }) => [source, []]));
  const own = new Map(members.map(({ source }) => [source, source]));
  for (const node of nodes) {
    if (node.kind !== 'volume' || !node.parents.includes(group)) continue;
    if (node.source === null || !(await addUsed(used, own, node.source, check))) return [];
  }
  const unused = members.map((member) => ({
    member,
    ranges: gapsBetween(used.get(member.source) ?? [], member.source.sizeBytes),
  }));
  const total = unused
    .flatMap(({ ranges }) => ranges)
    .reduce((sum, { lengthBytes }) => sum + lengthBytes, 0);
  // The end of a member may be less than an extent.
  return Math.abs(total - freeBytes) <= members.length * MAX_HEAD_BYTES ? unused : [];
}

/** As far as the member goes: a disk may be cut. */
function freeOf(
  { device, disk, source }: StackNode,
  areas: readonly MemberArea[],
): readonly UnusedExtents[] {
  const free = areas.find((area) => area.device === device)?.free ?? [];
  if (source === null) return [];
  const ranges = free.filter((one) => one.offsetBytes + one.lengthBytes <= source.sizeBytes);
  return ranges.length === 0 ? [] : [{ member: { disk, source }, ranges }];
}

/** false: it lies on something else too, or in too many pieces. */
async function addUsed(
  used: Map<ByteSource, ByteRange[]>,
  own: ReadonlyMap<ByteSource, ByteSource>,
  volume: ByteSource,
  check: () => void,
): Promise<boolean> {
  const places = placesOf(volume, own);
  for (let at = 0, count = 0; at < volume.sizeBytes; count++) {
    if (places.placeAt(at) === null) {
      check();
      await places.fetch(at);
    }
    const place = places.placeAt(at);
    if (place === null || place.disk === null || count > MAX_INDEXED_RUNS) return false;
    const { diskOffsetBytes, lengthBytes, disk } = place;
    used.get(disk)?.push({ offsetBytes: diskOffsetBytes, lengthBytes });
    at = place.offsetBytes + lengthBytes;
  }
  return true;
}

/** Behind the first used extent only as far as the member goes; before it, behind its head. */
function gapsBetween(used: readonly ByteRange[], sizeBytes: number): readonly ByteRange[] {
  const gaps: ByteRange[] = [];
  let at = MIB;
  for (const { offsetBytes, lengthBytes } of [...used].sort(byOffset)) {
    if (offsetBytes > at) gaps.push({ offsetBytes: at, lengthBytes: offsetBytes - at });
    at = Math.max(at, offsetBytes + lengthBytes);
  }
  return at < sizeBytes ? [...gaps, { offsetBytes: at, lengthBytes: sizeBytes - at }] : gaps;
}

function byOffset(a: ByteRange, b: ByteRange): number {
  return a.offsetBytes - b.offsetBytes;
}
