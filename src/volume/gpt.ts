// GUID partition table, with logical sectors of 512 or 4096 bytes, from its first or its second header.
// References: UEFI specification 2.10, 5.3; Linux block/partitions/efi.c.
import { gptEntryRecords } from '../../generated/volume/gpt.js';
import { parseMbr } from '../../generated/volume/mbr.js';
import type { ByteSource } from '../bytes/source.js';
import { FormatError, type VirtDfError } from '../errors.js';
import { equals, labelOf, u64, uuidText } from '../validation/guest.js';
import { findGpt, type Gpt, hasHeader, isSound } from './gpt/header.js';
import { LDM_METADATA, nativeNameOf, roleOf } from './gpt/type.js';
import { innerOfUuid } from './mbr/inner.js';
import { partitionOf } from './records.js';
import type { Partition, PartitionTable, TableFormat } from './volume.js';

/** DISK_MAX_PARTS of the kernel, which counts the disk as one. */
const MAX_NUMBER = 255;
const MBR_BYTES = 512;
const GPT_PROTECTIVE = 0xee;

/**
 * The kernel asks for an entry of type 0xee in the MBR, which may be a hybrid with further partitions. Without one, an
 * MBR with partitions hides a stale GPT.
 */
export const gpt: TableFormat = {
  name: 'gpt',
  open,
  probe: async (source) => (await protection(source)) === 'protective' && hasHeader(source),
};

/**
 * Something wiped the MBR: a GPT whose checksums are right is none to the kernel, but whoever repairs the disk wants to
 * see it. A filesystem over the whole disk does the same, and leaves the GPT's copy at the end.
 */
export const unprotectedGpt: TableFormat = {
  name: 'gpt',
  open,
  probe: async (source) => (await protection(source)) === 'none' && isSound(source),
};

/**
 * Which protection the MBR gives to a GPT: an entry of type 0xee, other partitions, or none; null if the disk is too
 * small.
 */
async function protection(
  source: ByteSource,
): Promise<'protective' | 'partitions' | 'none' | null> {
  if (source.sizeBytes < 2 * MBR_BYTES) return null;
  const bytes = await source.read(0, MBR_BYTES);
  if (bytes[510] !== 0x55 || bytes[511] !== 0xaa) return 'none';
  const { partitions } = parseMbr(bytes);
  if (partitions.some(({ type }) => equals(type, GPT_PROTECTIVE))) return 'protective';
  return partitions.every(({ numSectors }) => equals(numSectors, 0)) ? 'none' : 'partitions';
}

async function open(source: ByteSource): Promise<PartitionTable> {
  const found = await findGpt(source);
  const problems: VirtDfError[] = [...found.problems];
  if ((await protection(source)) === 'none') {
    const message = 'gpt: the protective MBR is missing, so the guest may not see these partitions';
    problems.push(new FormatError('INVALID', message));
  }
  const partitions = readEntries(source, found, problems);
  const isDynamic = partitions.some(({ typeCode }) => typeCode === LDM_METADATA);
  return {
    type: 'gpt',
    sectorSizeBytes: found.sectorSizeBytes,
    uuid: found.uuid,
    ...(isDynamic ? { memberOf: async () => (await import('./ldm.js')).ldmGroup } : {}),
    partitions,
    problems,
  };
}

function readEntries(
  disk: ByteSource,
  { sectorSizeBytes, entries, entryBytes }: Gpt,
  problems: VirtDfError[],
): readonly Partition[] {
  const records = gptEntryRecords(entries, entryBytes);
  const partitions: Partition[] = [];
  for (let index = 0; index < records.length; index++) {
    const entry = records.at(index);
    const typeCode = uuidText(entry.typeGuid, true);
    if (typeCode === null) continue;
    const number = index + 1;
    if (number > MAX_NUMBER) {
      const message = `gpt: partition ${number} and those behind it are left out, as in the kernel`;
      problems.push(new FormatError('LIMIT', message, { data: { number } }));
      break;
    }
    const first = u64(entry.firstLba);
    const record = {
      number,
      first,
      count: u64(entry.lastLba) + 1n - first,
      typeCode,
      role: roleOf(typeCode),
      label: labelOf(entry.label),
      uuid: uuidText(entry.partitionGuid, true),
      ...nativeNameOf(typeCode, number),
      ...innerOfUuid(typeCode, { number, startBytes: Number(first) * sectorSizeBytes }),
    };
    partitions.push(
      partitionOf(disk, `gpt: partition ${number}`, sectorSizeBytes, record, problems),
    );
  }
  return partitions;
}
