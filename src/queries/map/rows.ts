// The rows of `virt-df map`: for each range that was asked for what lies there, counted as the caller counts.
import { lastAtMost } from '../../bytes/search.js';
import type { ByteRange } from '../../bytes/source.js';
import type { DeviceNode, StackNode } from '../../stack/node.js';
import type { MemberArea } from '../../volume/volume.js';
import type { Memory } from '../files/columns.js';
import { outsideRanges } from './outside.js';
import type { Claim } from './owners.js';
import { within } from './ranges.js';
import type { MapRow, MapStretch } from './record.js';
import {
  type AskedPiece,
  askedInRoot,
  type DevicePiece,
  type Survey,
  uncovered,
} from './survey.js';

type Owned = ReadonlyMap<DeviceNode, readonly Claim[]>;
/** A row of a device, before its place in what was asked about is known. */
type OnDevice = Omit<MapRow, 'offsetBytes' | 'device' | 'deviceOffsetBytes'> & ByteRange;

const ROW_BYTES = 160;
const NOBODYS = { owner: null, fileOffsetBytes: null, isShared: null } as const;

interface Work {
  readonly memory: Memory;
  /** Throws when the time is over. */
  check(): void;
}

/** Rows by where they begin; `ends` has the largest end so far, for they may overlap. */
interface SortedRows {
  readonly rows: readonly MapRow[];
  readonly ends: readonly number[];
}

function sortedRows(rows: MapRow[]): SortedRows {
  rows.sort((a, b) => a.offsetBytes - b.offsetBytes);
  let last = 0;
  const ends = rows.map(({ offsetBytes, lengthBytes }) => {
    last = Math.max(last, offsetBytes + lengthBytes);
    return last;
  });
  return { rows, ends };
}

/** Those that may have some of a range. */
function* rowsAt(
  { rows, ends }: SortedRows,
  { offsetBytes, lengthBytes }: ByteRange,
): Generator<MapRow> {
  const first = lastAtMost(offsetBytes, ends.length, (index) => ends[index]) + 1;
  for (let i = first; ; i++) {
    const row = rows[i];
    if (row === undefined || row.offsetBytes >= offsetBytes + lengthBytes) return;
    yield row;
  }
}

/** @throws SourceError OVER_BUDGET */
export function rowsOf(found: Survey, owned: Owned, { memory, check }: Work): readonly MapRow[] {
  // A row lies in one of the ranges that are wanted: it is found by that.
  const byRange = new Map<ByteRange, MapRow[]>(found.wanted.map((range) => [range, []]));
  for (const [device, pieces] of uncovered(found)) {
    for (const row of deviceRows(device, pieces, found, owned)) {
      for (const part of placedIn(pieces, row)) {
        for (const { of, ...own } of within(found.wanted, part)) {
          memory.take(ROW_BYTES);
          byRange.get(of)?.push({ ...part, ...own, device: device.device });
        }
      }
    }
  }
  const sorted = new Map([...byRange].map(([range, rows]) => [range, sortedRows(rows)]));
  return found.asked.flatMap((asked) => {
    check();
    return [...askedRows(asked, found, sorted)];
  });
}

function* deviceRows(
  device: DeviceNode,
  pieces: readonly DevicePiece[],
  { contents, opened, reasons }: Survey,
  owned: Owned,
): Generator<OnDevice> {
  const claims = owned.get(device);
  if (claims !== undefined) yield* claims;
  else {
    const content = contents.get(device);
    const known = {
      content,
      area: areaOf(content, contents),
      isOpened: opened.has(device),
      reason: reasons.get(device) ?? null,
    };
    const ranges = outsideRanges(device, known, pieces);
    for (const range of ranges) yield { ...range, ...NOBODYS };
  }
}

/** Of a member of a volume group. */
function areaOf(member: StackNode | undefined, contents: Survey['contents']): MemberArea | null {
  const group = member === undefined ? undefined : contents.get(member);
  const areas = group?.kind === 'group' ? (group.areas ?? []) : [];
  return areas.find(({ device }) => device === member?.device) ?? null;
}

/** The parts of a device's row in what was asked about. */
function* placedIn(
  pieces: readonly DevicePiece[],
  row: OnDevice,
): Generator<Omit<MapRow, 'device'>> {
  const { kind, name, owner, fileOffsetBytes, isShared } = row;
  for (const { offsetBytes, lengthBytes, of } of within(pieces, row)) {
    yield {
      offsetBytes: of.rootOffsetBytes + (offsetBytes - of.offsetBytes),
      lengthBytes,
      deviceOffsetBytes: offsetBytes,
      kind,
      name,
      owner,
      fileOffsetBytes:
        fileOffsetBytes === null ? null : fileOffsetBytes + (offsetBytes - row.offsetBytes),
      isShared,
    };
  }
}

function* askedRows(
  piece: AskedPiece,
  { wanted }: Survey,
  byRange: ReadonlyMap<ByteRange, SortedRows>,
): Generator<MapRow> {
  const { offsetBytes, lengthBytes, rootOffsetBytes, rootLengthBytes } = piece;
  const asked = askedInRoot(piece);
  // A byte of a compressed stream is no one byte of the disk: each owner has all of it.
  const stream = rootLengthBytes === undefined ? {} : { offsetBytes, lengthBytes };
  for (const { of } of within(wanted, asked)) {
    const sorted = byRange.get(of);
    for (const row of sorted === undefined ? [] : rowsAt(sorted, asked)) {
      for (const part of within([asked], row))
        yield { ...shifted(row, part, offsetBytes - rootOffsetBytes), ...stream };
    }
  }
}

/** A part of a row, moved. */
function shifted(row: MapRow, { offsetBytes, lengthBytes }: ByteRange, byBytes: number): MapRow {
  const skipped = offsetBytes - row.offsetBytes;
  const moved = (value: number | null) => (value === null ? null : value + skipped);
  return {
    ...row,
    offsetBytes: offsetBytes + byBytes,
    lengthBytes,
    deviceOffsetBytes: moved(row.deviceOffsetBytes),
    fileOffsetBytes: row.kind === 'compressed' ? row.fileOffsetBytes : moved(row.fileOffsetBytes),
  };
}

/** The devices of what was asked about, outer ones first. */
export function stretchesOf({ pieces, root }: Survey): readonly MapStretch[] {
  return [...pieces].flatMap(([node, own]) => {
    const { device } = node;
    const isVolume = node.kind === 'volume' || node.kind === 'clear';
    const kind = node === root ? 'disk' : isVolume ? 'volume' : 'partition';
    return own.map(({ rootOffsetBytes, lengthBytes }) => {
      return { kind, device, offsetBytes: rootOffsetBytes, lengthBytes } as const;
    });
  });
}
