// The rows of `virt-df map`: for each range that was asked for what lies there, counted as the caller counts.
import type { DeviceNode, StackNode } from '../../stack/node.js';
import type { MemberArea } from '../../volume/volume.js';
import type { Memory } from '../files/columns.js';
import { outsideRanges } from './outside.js';
import type { OwnedClaims } from './owned.js';
import { within } from './ranges.js';
import type { MapStretch } from './record.js';
import { addRow, noRows, type OnDevice, type RowTable, sortRows } from './row-table.js';
import { type DevicePiece, type Survey, uncovered } from './survey.js';

/** What of a filesystem's devices is whose, and which of them a device is. */
export interface DeviceClaims {
  readonly owned: OwnedClaims;
  readonly volumeIndex: number;
}

type Owned = ReadonlyMap<DeviceNode, DeviceClaims>;

const NOBODYS = { owner: null, fileOffsetBytes: null, isShared: null } as const;

interface Work {
  readonly memory: Memory;
  /** Throws when the time is over. */
  check(): void;
}

/** @throws SourceError OVER_BUDGET */
export function rowsOf(found: Survey, owned: Owned, { memory, check }: Work): RowTable {
  const table = noRows(found.asked);
  for (const [device, pieces] of uncovered(found)) {
    check();
    const claims = owned.get(device);
    const ranges = claims === undefined ? outsideOf(device, pieces, found) : [];
    const source = { device: device.device, owned: claims?.owned ?? null, ranges };
    const from = table.sources.push(source) - 1;
    for (const { place, ...range } of claims === undefined ? counted(ranges) : placesOf(claims)) {
      for (const { offsetBytes, lengthBytes, of } of within(pieces, range)) {
        const inRoot = of.rootOffsetBytes + (offsetBytes - of.offsetBytes);
        const part = { offsetBytes: inRoot, lengthBytes, deviceOffsetBytes: offsetBytes };
        addRow(table, { ...part, from, place }, memory);
      }
    }
  }
  sortRows(table, memory);
  return table;
}

function* counted(ranges: readonly OnDevice[]) {
  for (const [place, { offsetBytes, lengthBytes }] of ranges.entries()) {
    yield { place, offsetBytes, lengthBytes };
  }
}

function* placesOf({ owned: { claims, order }, volumeIndex }: DeviceClaims) {
  const { volumes, offsets, lengths } = claims;
  for (const place of order) {
    if (volumes[place] !== volumeIndex) continue;
    yield { place, offsetBytes: offsets[place] ?? 0, lengthBytes: lengths[place] ?? 0 };
  }
}

function outsideOf(
  device: DeviceNode,
  pieces: readonly DevicePiece[],
  { contents, opened, reasons }: Survey,
): readonly OnDevice[] {
  const content = contents.get(device);
  const known = {
    content,
    area: areaOf(content, contents),
    isOpened: opened.has(device),
    reason: reasons.get(device) ?? null,
  };
  return outsideRanges(device, known, pieces).map((range) => ({ ...range, ...NOBODYS }));
}

/** Of a member of a volume group. */
function areaOf(member: StackNode | undefined, contents: Survey['contents']): MemberArea | null {
  const group = member === undefined ? undefined : contents.get(member);
  const areas = group?.kind === 'group' ? (group.areas ?? []) : [];
  return areas.find(({ device }) => device === member?.device) ?? null;
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
