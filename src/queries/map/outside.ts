// What lies on a device where no filesystem's files say so: tables, gaps, swap, members of groups.
import type { ByteRange } from '../../bytes/source.js';
import { KIB } from '../../limits.js';
import type { DeviceNode, StackNode, TableNode } from '../../stack/node.js';
import { problemOf } from '../problem.js';
import { within, without } from './ranges.js';
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
  const what = whatIs(device, known);
  return ranges.map(({ offsetBytes, lengthBytes }) => ({ offsetBytes, lengthBytes, ...what }));
}

type What = Pick<OutsideRange, 'kind' | 'name'>;

function whatIs(device: DeviceNode, { content, isOpened, reason: ofAbove }: Known): What {
  if (isExtended(device)) return { kind: 'gap', name: 'extended partition, with its tables' };
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
  return ranges.flatMap((range) => {
    const own = places.flatMap((place) =>
      [...within([place], range)].map(({ offsetBytes, lengthBytes }) => ({
        offsetBytes,
        lengthBytes,
      })),
    );
    const gaps = without([range], own);
    return [
      ...own.map((part) => ({ ...part, kind: 'table' as const, name })),
      ...gaps.map((part) => ({ ...part, kind: 'gap' as const, name: null })),
    ];
  });
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
