// A physical volume of LVM2, of which Clonezilla saved the group's metadata and an image of each logical volume: it is put
// together as vgcfgrestore and a restore of each volume would.
// References: Clonezilla ocs-functions save_logv(); lvm2 lib/format_text/layout.h, text_label.c, format-text.c.
import { slice } from '../../bytes/slice.js';
import { FormatError, invalidIn, SourceError } from '../../errors.js';
import { printable } from '../../validation/guest.js';
import {
  type LogicalVolume,
  type PhysicalVolumeEntry,
  readGroup,
  type VolumeGroup,
} from '../../validation/lvm2/group.js';
import type { Segment, Stripes } from '../../validation/lvm2/segment.js';
import { MAX_VALUES, parseText } from '../../validation/lvm2/text.js';
import type { ContainerContext, LayerFile } from '../container.js';
import { textOfFile } from '../text-file.js';
import { labelAndText } from './lvm-label.js';
import { assemble, type Found, made, type Piece, type Place } from './pieces.js';
import { striped } from './stripes.js';

const LIST = 'lvm_vg_dev.list';
/** The kernel's DISK_MAX_PARTS, for some disks. */
const MAX_LINES = 4096;
const invalid = invalidIn('clonezilla: ');

/** A line of lvm_vg_dev.list. */
export interface SavedPhysicalVolume {
  readonly group: string;
  /** As the files of images are called: `sda5`. */
  readonly device: string;
  /** Without dashes. */
  readonly uuid: string;
}

/** Gives a logical volume's content as a piece that begins at 0. */
type OpenLogical = (name: string, sizeBytes: number) => Promise<Found>;

/** `vg /dev/sda5 qdlt6U-M4bo-xExy-XG9Q-U7pg-bOXN-n54i5Y`, a line for each. @throws FormatError LIMIT. */
export async function savedPhysicalVolumes(
  context: ContainerContext,
): Promise<readonly SavedPhysicalVolume[]> {
  const file = await context.piece(LIST);
  if (file === null) return [];
  const lines = (await textOfFile(file, file.path)).split('\n');
  if (lines.length > MAX_LINES) throw new FormatError('LIMIT', `clonezilla: ${LIST} is too long`);
  return lines.flatMap((line) => {
    const [, group, device, uuid] =
      /^(\S{1,255}) \/dev\/(\S{1,255}) ([\w-]{32,64})\s*$/u.exec(line) ?? [];
    if (group === undefined || device === undefined || uuid === undefined) return [];
    const name = device.replaceAll('/', '-');
    return [{ group, device: name, uuid: uuid.replaceAll('-', '') }];
  });
}

/** @throws FormatError, SourceError when the group cannot be read. */
export async function physicalVolume(
  { offsetBytes, sizeBytes }: Place,
  saved: SavedPhysicalVolume,
  open: OpenLogical,
  context: ContainerContext,
): Promise<Found> {
  const name = `lvm_${saved.group}.conf`;
  const file = await context.piece(name);
  if (file === null) {
    throw new SourceError('NOT_FOUND', `clonezilla: ${printable(name)} is missing in the folder`);
  }
  const text = await textOfFile(file, file.path);
  const group = readGroup(parseText(text, { values: MAX_VALUES }));
  const own = [...group.physicalVolumes].find(([, { uuid }]) => uuid === saved.uuid);
  if (own === undefined)
    throw invalid(`${printable(name)} does not have ${printable(saved.device)}`);
  const [key, entry] = own;
  const head = labelAndText(text, group.name, { ...entry, sizeBytes });
  const pieces: Piece[] = [{ offsetBytes: 0, source: made(head), map: null }];
  const files: LayerFile[] = [];
  for (const volume of group.logicalVolumes.values()) {
    context.scope.check();
    if (!volume.isVisible || !liesOn(volume, key)) continue;
    const found = await open(
      `${group.name}-${volume.name}`,
      volume.extentCount * group.extentBytes,
    );
    pieces.push(...segmentPieces(volume, found.piece, { key, entry, group }));
    files.push(...found.files);
  }
  const { content, map } = assemble(pieces, sizeBytes, context.scope);
  return { piece: { offsetBytes, source: content, map }, files };
}

function liesOn({ segments }: LogicalVolume, key: string): boolean {
  return segments.some((segment) => stripesOf(segment)?.areas.some(({ volume }) => volume === key));
}

function stripesOf({ content }: Segment): Stripes | null {
  return content.kind === 'stripes' ? content : null;
}

interface Member {
  /** The name that segments have for it: `pv0`. */
  readonly key: string;
  readonly entry: PhysicalVolumeEntry;
  readonly group: VolumeGroup;
}

/** What of a logical volume lies on one physical volume. */
function segmentPieces(
  { segments }: LogicalVolume,
  logical: Piece,
  { key, entry, group: { extentBytes } }: Member,
): readonly Piece[] {
  return segments.flatMap((segment) =>
    (stripesOf(segment)?.areas ?? []).flatMap(
      ({ volume, firstExtent }, index): readonly Piece[] => {
        if (volume !== key) return [];
        const offsetBytes = entry.startBytes + firstExtent * extentBytes;
        return [{ offsetBytes, ...areaOf(segment, index, logical, extentBytes) }];
      },
    ),
  );
}

function areaOf(
  segment: Segment,
  index: number,
  { source, map }: Piece,
  extentBytes: number,
): Omit<Piece, 'offsetBytes'> {
  const { firstExtent, extentCount } = segment;
  const stripes = stripesOf(segment);
  const start = firstExtent * extentBytes;
  const lengthBytes = extentCount * extentBytes;
  const part = slice(source, start, lengthBytes);
  const count = stripes?.areas.length ?? 1;
  if (count > 1) {
    return { source: striped(part, count, index, stripes?.stripeBytes ?? extentBytes), map: null };
  }
  const partMap: Piece['map'] = async (offset, length) => {
    const extents = await map?.(start + offset, length);
    const all = { kind: 'data', offsetBytes: offset, lengthBytes: length } as const;
    return (
      extents?.map((extent) => ({ ...extent, offsetBytes: extent.offsetBytes - start })) ?? [
        { ...all, hostOffsetBytes: offset },
      ]
    );
  };
  return { source: part, map: partMap };
}
