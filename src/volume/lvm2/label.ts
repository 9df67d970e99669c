// The label of a physical volume: its UUID and where its metadata areas are.
// References: lvm2 lib/label/label.c (find_label), lib/format_text/text_label.c (_text_read).
import { type GuestLvm2, parseLvm2 } from '../../../generated/volume/lvm2.js';
import { lvm2Crc32 } from '../../bytes/crc32.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import { firstSound } from '../../bytes/sound.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { equals, hasFlag, text, u32, u64 } from '../../validation/guest.js';

export interface Label {
  /** 32 characters without dashes, printable. */
  readonly uuid: string;
  /** Where metadata areas begin, in bytes. */
  readonly areaOffsets: readonly bigint[];
  /** Whether it belongs to a group; null if it was written by a version that does not say so. */
  readonly isUsed: boolean | null;
}

/** A physical volume that was found on a device. */
export interface PhysicalVolume {
  readonly device: string;
  readonly source: ByteSource;
  readonly label: Label;
}

const LABEL_SECTORS = 4;
const LABEL_ID = 'LABELONE';
/** The type in the label of every physical volume; blkid prints it as the version. */
export const LABEL_TYPE = 'LVM2 001';
const TYPE_OFFSET = 24;
/** The checksum covers the bytes from here on: those behind the checksum itself. */
const SUMMED_OFFSET = 20;
/** lvm2 writes two at most. Each is read, and its text may have megabytes. */
const MAX_AREAS = 4;
const USED_FLAG = 1n;
/** The first version of the label's extension that has flags. */
const FLAGS_VERSION = 2;

/** Whether one of the first four sectors begins as a label does. */
export async function hasLabel(source: ByteSource): Promise<boolean> {
  return (await labelSectors(source)).length > 0;
}

/**
 * The first label whose checksum is right and that is in the sector that it names.
 * @throws FormatError the fault of the first one, if none is sound.
 */
export async function readLabel(source: ByteSource): Promise<Label> {
  const label = await firstSound(await labelSectors(source), async ([index, sector]) =>
    toLabel(checked(sector, index)),
  );
  if (label !== null) return label;
  throw new FormatError('BAD_MAGIC', 'lvm2: there is no label in the first four sectors');
}

/** The sectors with a label's signature, and their numbers. */
async function labelSectors(source: ByteSource): Promise<(readonly [number, Uint8Array])[]> {
  const count = Math.min(LABEL_SECTORS, Math.floor(source.sizeBytes / SECTOR_BYTES));
  const bytes = await source.read(0, count * SECTOR_BYTES);
  return Array.from(
    { length: count },
    (_, index) =>
      [index, bytes.subarray(index * SECTOR_BYTES, (index + 1) * SECTOR_BYTES)] as const,
  ).filter(([, sector]) => has(sector, 0, LABEL_ID) && has(sector, TYPE_OFFSET, LABEL_TYPE));
}

function has(bytes: Uint8Array, offset: number, expected: string): boolean {
  return (
    Buffer.from(bytes.subarray(offset, offset + expected.length)).toString('latin1') === expected
  );
}

function checked(sector: Uint8Array, index: number): GuestLvm2 {
  const label = parseLvm2(sector);
  if (!equals(label.crc, lvm2Crc32(sector.subarray(SUMMED_OFFSET)))) {
    const message = `lvm2: the label in sector ${index} has a wrong checksum`;
    throw new FormatError('BAD_CHECKSUM', message, { data: { sector: index } });
  }
  if (!equals(label.sector, index)) {
    const message = `lvm2: the label in sector ${index} says that it is in another one`;
    throw new FormatError('INVALID', message, { data: { sector: index } });
  }
  return label;
}

function toLabel({ pvHeader }: GuestLvm2): Label {
  const { extension } = pvHeader;
  const knowsUse = extension !== undefined && u32(extension.version) >= FLAGS_VERSION;
  const offsets = new Set(
    pvHeader.metadataAreas.map(({ offset }) => u64(offset)).filter((offset) => offset !== 0n),
  );
  if (offsets.size > MAX_AREAS) {
    const message = `lvm2: the label names ${offsets.size} metadata areas, more than ${MAX_AREAS}`;
    throw new FormatError('LIMIT', message);
  }
  return {
    uuid: text(pvHeader.uuid),
    areaOffsets: [...offsets],
    isUsed: knowsUse ? hasFlag(extension.flags, USED_FLAG) : null,
  };
}

/** A UUID as lvm2 prints it: in groups of 6, 4, 4, 4, 4, 4 and 6 characters. */
export function dashedUuid(uuid: string): string {
  return uuid.replace(/^(.{6})(.{4})(.{4})(.{4})(.{4})(.{4})(.{6})$/u, '$1-$2-$3-$4-$5-$6-$7');
}
