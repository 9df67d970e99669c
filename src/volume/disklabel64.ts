// The disklabel of DragonFly BSD with numbers of 64 bits. Linux does not know it.
// References: DragonFly sys/sys/disklabel64.h, sys/kern/subr_disklabel64.c (l64_readdisklabel: what the checksum covers).
import {
  disklabel64PartitionRecords,
  parseDisklabel64,
} from '../../generated/volume/disklabel64.js';
import { crc32 } from '../bytes/crc32.js';
import { orNull } from '../bytes/sound.js';
import type { ByteSource } from '../bytes/source.js';
import { equals, int, uuidText } from '../validation/guest.js';
import type { Slice } from './mbr/slice.js';
import { hexType, type RecordedTable, recordTable, type TableRecord, tableOf } from './records.js';
import type { PartitionTable } from './volume.js';

const MAGIC_AT = 512;
const CRC_AT = 516;
const CRC_END = 520;
const HEADER_BYTES = 712;
const RECORD_BYTES = 64;
const MAX_PARTITIONS = 16;
const SWAP = 1;

export const disklabel64 = recordTable('disklabel64', (disk) => readLabel(disk, ''));

/** The label in a slice of an MBR, or in a partition of a GPT. */
export async function disklabel64InSlice(
  source: ByteSource,
  { number }: Slice,
): Promise<PartitionTable | null> {
  const label = await orNull(() => readLabel(source, `s${number}`));
  return label === null ? null : tableOf(source, label);
}

async function readLabel(source: ByteSource, slice: string): Promise<RecordedTable | null> {
  if (source.sizeBytes < HEADER_BYTES) return null;
  const all = HEADER_BYTES + MAX_PARTITIONS * RECORD_BYTES;
  const bytes = await source.read(0, Math.min(source.sizeBytes, all));
  const label = parseDisklabel64(bytes);
  const count = int(label.numPartitions, 'disklabel64: number of partitions', 1, MAX_PARTITIONS);
  const end = HEADER_BYTES + count * RECORD_BYTES;
  const summed = Uint8Array.from(bytes.subarray(0, end)).fill(0, CRC_AT, CRC_END);
  if (bytes.length < end || !equals(label.crc, crc32(summed.subarray(MAGIC_AT)))) return null;
  const entries = disklabel64PartitionRecords(bytes.subarray(HEADER_BYTES, end));
  const records: TableRecord[] = [];
  for (let index = 0; index < entries.length; index++) {
    const { type, offset, numBytes, uuid, typeUuid } = entries.at(index);
    if (equals(numBytes, 0)) continue;
    const letter = String.fromCharCode(97 + index);
    records.push({
      number: index + 1,
      first: offset,
      count: numBytes,
      typeCode: uuidText(typeUuid, true) ?? hexType(type),
      role: equals(type, SWAP) ? 'reserved' : 'data',
      uuid: uuidText(uuid, true),
      nativeName: (disk) => `da${disk}${slice}${letter}`,
    });
  }
  const uuid = uuidText(label.uuid, true);
  return { type: 'disklabel64', unitBytes: 1, uuid, records };
}
