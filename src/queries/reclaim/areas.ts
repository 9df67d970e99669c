// What else of a guest's disks nothing uses, and a filesystem's fstrim does not reach: swap, room between partitions, extents of
// a volume group that no volume has. Whoever wants it back discards it by hand (swapon --discard, blkdiscard, lvremove with
// issue_discards), or makes a copy in which it is zeros.
import type { ByteRange } from '../../bytes/changes.js';
import type { ByteSource } from '../../bytes/source.js';
import { KIB, MIB } from '../../limits.js';
import type { ContentNode, StackNode, TableNode } from '../../stack/node.js';
import { isFrame } from '../../volume/volume.js';
import { discardsOf, halfCountOf, spaceOf } from './discards.js';
import type { ReclaimDisk } from './disks.js';
import { unusedExtents } from './extents.js';
import { type ReclaimArea, sumOf } from './record.js';

/** Where swap's header lies. */
const SWAP_HEADER_BYTES = 4 * KIB;
/** Less is alignment. */
const MIN_GAP_BYTES = MIB;
/** A logical partition has its own table before it, within so many bytes. */
const LOGICAL_TABLE_BYTES = MIB;
/** A table's copy at the end of the disk, generously. */
const TABLE_BYTES = 64 * KIB;

/** A stretch of a device. */
interface Unused {
  readonly kind: ReclaimArea['kind'];
  readonly device: string;
  readonly disk: string | null;
  readonly source: ByteSource;
  readonly ranges: readonly ByteRange[];
}

/** @throws as the maps of the images do. */
export async function reclaimAreas(
  nodes: readonly StackNode[],
  disks: ReadonlyMap<ByteSource, ReclaimDisk>,
  check: () => void,
): Promise<readonly ReclaimArea[]> {
  const areas: ReclaimArea[] = [];
  const halfCount = halfCountOf(nodes);
  for (const one of await unusedOf(nodes, check)) {
    const { kind, device, disk, source } = one;
    const ranges = one.ranges.map((range) => ({ ...range, volumeIndex: 0 }));
    const free = async function* () {
      yield ranges;
    };
    const found = await discardsOf({ free }, { devices: [source], disks, halfCount, check });
    const space = sumOf([...found.tallies.keys()].map((on) => spaceOf(found, on)));
    areas.push({ kind, device, disk, sizeBytes: found.freeBytes, space });
  }
  return areas;
}

async function unusedOf(
  nodes: readonly StackNode[],
  check: () => void,
): Promise<readonly Unused[]> {
  const found: Unused[] = [];
  for (const node of nodes) {
    check();
    if (node.kind === 'swap') found.push(...swapOf(node));
    else if (node.kind === 'table') found.push(...gapsOf(node));
    else if (node.kind === 'group') {
      const { device } = node;
      for (const { member, ranges } of await unusedExtents(node, nodes, check)) {
        const { disk, source } = member;
        found.push({ kind: 'unused-extents', device, disk, source, ranges });
      }
    }
  }
  return found;
}

function swapOf({ device, disk, source }: ContentNode): readonly Unused[] {
  if (source === null || source.sizeBytes <= SWAP_HEADER_BYTES) return [];
  const lengthBytes = source.sizeBytes - SWAP_HEADER_BYTES;
  const ranges = [{ offsetBytes: SWAP_HEADER_BYTES, lengthBytes }];
  return [{ kind: 'swap', device, disk, source, ranges }];
}

/** What other systems keep between partitions (spare sectors, a table's further blocks) is not known as well. */
const GAP_TABLES: ReadonlySet<string> = new Set(['mbr', 'gpt']);

/** Between partitions and behind the last one: before the first one a boot loader may lie. */
function gapsOf({ device, disk, source, table }: TableNode): readonly Unused[] {
  if (source === null || source.isOpenEnded === true) return [];
  if (!GAP_TABLES.has(table.type)) return [];
  const placed = table.partitions
    .filter((one) => !isFrame(one) && one.endBytes > 0)
    .map(({ number, endBytes, sizeBytes }) => {
      const isLogical = table.type === 'mbr' && number > 4;
      return { start: endBytes - sizeBytes - (isLogical ? LOGICAL_TABLE_BYTES : 0), endBytes };
    })
    .sort((a, b) => a.start - b.start);
  const ranges: ByteRange[] = [];
  const end = { start: source.sizeBytes - TABLE_BYTES, endBytes: 0 };
  let at: number | null = null;
  for (const { start, endBytes } of [...placed, end]) {
    if (at !== null && start - at >= MIN_GAP_BYTES) {
      ranges.push({ offsetBytes: at, lengthBytes: start - at });
    }
    at = Math.max(at ?? 0, endBytes);
  }
  return ranges.length === 0 ? [] : [{ kind: 'gap', device, disk, source, ranges }];
}
