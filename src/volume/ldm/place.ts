// Where a dynamic disk has its private header.
// References: libldm src/ldm.c (_read_privhead_mbr, _read_privhead_gpt).
import { gptEntryRecords } from '../../../generated/volume/gpt.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import { orNull } from '../../bytes/sound.js';
import type { ByteSource } from '../../bytes/source.js';
import { big, uuidText } from '../../validation/guest.js';
import { findGpt } from '../gpt/header.js';
import { LDM_METADATA } from '../gpt/type.js';

export const MBR_HEADER_AT = 6 * SECTOR_BYTES;
const MAGIC = 'PRIVHEAD';

/** null: the disk has none. */
export async function headerPlace(disk: ByteSource): Promise<number | null> {
  if (await isHeader(disk, MBR_HEADER_AT)) return MBR_HEADER_AT;
  const place = await orNull(() => placeInGpt(disk));
  return place !== null && (await isHeader(disk, place)) ? place : null;
}

async function isHeader(disk: ByteSource, at: number): Promise<boolean> {
  if (at + SECTOR_BYTES > disk.sizeBytes) return false;
  const bytes = await disk.read(at, MAGIC.length);
  return Buffer.from(bytes).toString('latin1') === MAGIC;
}

/** The last sector of the partition for the metadata. */
async function placeInGpt(disk: ByteSource): Promise<number | null> {
  const { entries, entryBytes, sectorSizeBytes } = await findGpt(disk);
  const records = gptEntryRecords(entries, entryBytes);
  const last = BigInt(Math.floor(disk.sizeBytes / sectorSizeBytes)) - 1n;
  for (let index = 0; index < records.length; index++) {
    const { typeGuid, lastLba } = records.at(index);
    if (uuidText(typeGuid, true) !== LDM_METADATA) continue;
    return Number(big(lastLba, 'ldm: last sector of the metadata', 0n, last)) * sectorSizeBytes;
  }
  return null;
}
