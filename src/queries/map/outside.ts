// What lies on a device where no filesystem's files say so: tables, gaps, swap, members of groups.
import type { ByteRange } from '../../bytes/source.js';
import { KIB } from '../../limits.js';
import type { DeviceNode, PartitionNode, StackNode, TableNode } from '../../stack/node.js';
import type { MemberArea } from '../../volume/volume.js';
import { problemOf } from '../problem.js';
import { merged, within, without } from './ranges.js';
import type { MapKind } from './record.js';
import { isExtended } from './survey.js';

/** A range of a device, and what it is. */
interface OutsideRange extends ByteRange {
  readonly kind: MapKind;
  readonly name: string | null;
}

/** GPT's entries, as all programs make them, behind a sector for the old table and one for its header. */
const GPT_ENTRY_BYTES = 16 * KIB;
const GPT_HEADER_SECTORS = 2;

/** What the stack tells of a device. */
interface Known {
  /** What fills it; undefined: nothing was told. */
  readonly content: StackNode | undefined;
  /** Of a member of a volume group: what of it volumes can have; null where that is not told. */
  readonly area: MemberArea | null;
  /** It has a device of its own in clear. */
  readonly isOpened: boolean;
  /** Why not all that lies on it can be told. */
  readonly reason: string | null;
}

export function outsideRanges(
  device: DeviceNode,
  known: Known,
  ranges: readonly ByteRange[],
): readonly OutsideRange[] {
  if (known.content?.kind === 'table') return tableRanges(known.content, ranges);
  if (isExtended(device)) return extendedRanges(device, ranges);
  const what = whatIs(device, known);
  if (what.kind === 'member' && known.area !== null) return memberRanges(known.area, what, ranges);
  return told(ranges, what);
}

function told(ranges: readonly ByteRange[], what: What): readonly OutsideRange[] {
  return ranges.map(({ offsetBytes, lengthBytes }) => ({ offsetBytes, lengthBytes, ...what }));
}

/** The parts of ranges that lie in some, and what is left of them. */
function split(ranges: readonly ByteRange[], places: readonly ByteRange[]) {
  const inside = ranges.flatMap((range) => [...within(places, range)]);
  return { inside, outside: without(ranges, inside) };
}

/** Extents that a hidden volume has (a thin pool's, a part of a mirror) stay what `other` says. */
function memberRanges(
  { extents, free }: MemberArea,
  other: What,
  ranges: readonly ByteRange[],
): readonly OutsideRange[] {
  const { inside, outside } = split(ranges, [extents]);
  const unused = split(inside, free);
  const before = split(outside, [{ offsetBytes: 0, lengthBytes: extents.offsetBytes }]);
  return [
    ...told(before.inside, { kind: 'member', name: 'volume metadata' }),
    // A second copy of the metadata, or less than an extent.
    ...told(before.outside, { kind: 'member', name: 'behind the extents' }),
    ...told(unused.inside, { kind: 'member', name: 'unused extents' }),
    ...told(unused.outside, other),
  ];
}

/** The frame of logical partitions has the sectors that describe them. */
function extendedRanges(
  { partition, sizeBytes, parents }: PartitionNode,
  ranges: readonly ByteRange[],
): readonly OutsideRange[] {
  const [table] = parents;
  if (table?.kind !== 'table') return told(ranges, IN_EXTENDED);
  const { recordSectors = [], sectorSizeBytes } = table.table;
  const start = partition.endBytes - sizeBytes;
  const records = recordSectors.map((sector) => {
    return { offsetBytes: sector * sectorSizeBytes - start, lengthBytes: sectorSizeBytes };
  });
  const { inside, outside } = split(ranges, merged(records));
  const name = 'table of a logical partition';
  return [...told(inside, { kind: 'table', name }), ...told(outside, IN_EXTENDED)];
}

const IN_EXTENDED = { kind: 'gap', name: 'extended partition' } as const;

type What = Pick<OutsideRange, 'kind' | 'name'>;

function whatIs(device: DeviceNode, { content, isOpened, reason: ofAbove }: Known): What {
  const { problem, identity } = content ?? device;
  const name = identity?.type ?? null;
  const reason = problem === null ? ofAbove : problemOf(problem).message;
  switch (content?.kind) {
    case 'member':
    case 'group':
      if (reason !== null) return { kind: 'unread', name: reason };
      return { kind: 'member', name: `${name ?? 'member'}: no volume has it` };
    case 'swap':
      return { kind: 'swap', name };
    case 'encrypted':
      if (isOpened) return { kind: 'metadata', name: `${name ?? 'encrypted'} header` };
      return { kind: 'unread', name: reason ?? `${name}: encrypted` };
    case 'empty':
      return { kind: 'empty', name: null };
    case 'filesystem':
      return { kind: 'unread', name: reason ?? `${name}: its files were not read` };
    case 'unknown':
      return { kind: 'unread', name: reason };
    default:
      return reason === null ? { kind: 'other', name } : { kind: 'unread', name: reason };
  }
}

function tableRanges(
  { table, sizeBytes }: TableNode,
  ranges: readonly ByteRange[],
): readonly OutsideRange[] {
  const places = tablePlaces(table.type, table.sectorSizeBytes, sizeBytes);
  const name = `${table.type} partition table`;
  const { inside, outside } = split(ranges, places);
  return [...told(inside, { kind: 'table', name }), ...told(outside, { kind: 'gap', name: null })];
}

/** Of other tables the first sector: their own partitions may begin behind it. */
function tablePlaces(type: string, sectorBytes: number, sizeBytes: number): readonly ByteRange[] {
  if (type !== 'gpt') return [{ offsetBytes: 0, lengthBytes: sectorBytes }];
  const first = GPT_HEADER_SECTORS * sectorBytes + GPT_ENTRY_BYTES;
  const last = sectorBytes + GPT_ENTRY_BYTES;
  return [
    { offsetBytes: 0, lengthBytes: first },
    { offsetBytes: sizeBytes - last, lengthBytes: last },
  ].filter(({ offsetBytes }) => offsetBytes >= 0);
}
