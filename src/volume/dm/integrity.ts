// Data with tags that prove them: of a device of its own with runs of tags between them, or the tags on a device beside. What was
// written last may lie in a journal alone, as the kernel finds it when it starts the volume.
// References: Linux drivers/md/dm-integrity.c (calculate_journal_section_size, calculate_device_limits, get_data_sector,
// replay_journal, do_journal_write, restore_last_bytes); Documentation/admin-guide/device-mapper/dm-integrity.rst.
import { parseDmIntegrity } from '../../../generated/volume/dm_integrity.js';
import { type MappedPiece, mapped } from '../../bytes/mapped.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import { slice } from '../../bytes/slice.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError, UnsupportedError } from '../../errors.js';
import { equals, hasFlag, int, textOrDigits } from '../../validation/guest.js';
import { type Journal, type JournalBudget, replayed } from './integrity-journal.js';

const WHAT = 'dm-integrity: ';
const SUPERBLOCK_BYTES = 512;
const SUPERBLOCK_SECTORS = 8;
const VERSIONS = [1, 2, 3, 4, 5, 6];
const HAS_AUTHENTICATION = 1n;
const HAS_BITMAP = 4n;
const FEW_PADDING = 8n;
const IS_INLINE = 32n;
const PADDING_SECTORS = 8;
/** Older versions padded runs of tags to 2 to the power of what was meant, in sectors. */
const OLD_PADDING_SECTORS = 2 ** PADDING_SECTORS;
const MIN_INTERLEAVE_SHIFT = 3;
const MAX_INTERLEAVE_SHIFT = 31;
const MAX_BLOCK_SHIFT = 3;
const MAX_SECTORS = Math.floor(Number.MAX_SAFE_INTEGER / SECTOR_BYTES);
const JOURNAL_BLOCK_SECTORS = 8;
const SECTOR_DATA_BYTES = 504;
/** More than fit into the largest journal that is read. */
const MAX_SECTIONS = 2 ** 20;
const AUTHENTICATION_BYTES = 8;
const ENTRY_ALIGN = 8;
const SECTOR_WORD_BYTES = 8;
const LAST_BYTES = 8;

interface Geometry {
  readonly version: string;
  readonly sizeBytes: number;
  readonly interleaveSectors: number;
  /** Between two stretches of data. */
  readonly tagSectors: number;
  /** Where the first run of tags begins. */
  readonly firstSector: number;
  readonly isInline: boolean;
  /** null: what was written is in its place. */
  readonly journal: Journal | null;
}

/** @throws FormatError for what no kernel takes; UnsupportedError UNSUPPORTED_FEATURE. */
export async function readIntegrity(device: ByteSource): Promise<Geometry> {
  const head = parseDmIntegrity(await device.read(0, SUPERBLOCK_BYTES));
  const version = VERSIONS.find((one) => equals(head.version, one));
  if (version === undefined) {
    const message = `${WHAT}the superblock is of version ${textOrDigits(head.version)}, and virt-df knows ${VERSIONS.join(', ')}`;
    throw new UnsupportedError('UNSUPPORTED_FEATURE', message);
  }
  const has = (flag: bigint) => hasFlag(head.flags, flag);
  const blockShift = int(head.blockShift, `${WHAT}log2_sectors_per_block`, 0, MAX_BLOCK_SHIFT);
  const tagBytes = int(head.numTagBytes, `${WHAT}integrity_tag_size`, 0, SECTOR_DATA_BYTES);
  const sectorsPerBlock = 2 ** blockShift;
  const journal = journalOf(
    int(head.numJournalSections, `${WHAT}journal_sections`, 0, MAX_SECTIONS),
    {
      tagBytes,
      sectorsPerBlock,
      isSealed: has(HAS_AUTHENTICATION),
    },
  );
  const sectors = int(head.numSectors, `${WHAT}provided_data_sectors`, 1, MAX_SECTORS);
  const journalEnd = SUPERBLOCK_SECTORS + journal.sectionSectors * journal.sectionCount;
  const common = {
    version: String(version),
    sizeBytes: sectors * SECTOR_BYTES,
    isInline: has(IS_INLINE),
    firstSector: journalEnd,
    journal: has(HAS_BITMAP) || has(IS_INLINE) ? null : { ...journal, sizeSectors: sectors },
  };
  // Beside the data the tags lie behind the journal, one behind the other.
  if (equals(head.interleaveShift, 0)) return { ...common, interleaveSectors: 0, tagSectors: 0 };
  const shift = int(
    head.interleaveShift,
    `${WHAT}log2_interleave_sectors`,
    MIN_INTERLEAVE_SHIFT,
    MAX_INTERLEAVE_SHIFT,
  );
  const padding = (has(FEW_PADDING) ? PADDING_SECTORS : OLD_PADDING_SECTORS) * SECTOR_BYTES;
  const runBytes = Math.ceil((tagBytes * 2 ** (shift - blockShift)) / padding) * padding;
  return { ...common, interleaveSectors: 2 ** shift, tagSectors: runBytes / SECTOR_BYTES };
}

function journalOf(
  sectionCount: number,
  known: {
    readonly tagBytes: number;
    readonly sectorsPerBlock: number;
    readonly isSealed: boolean;
  },
): Omit<Journal, 'sizeSectors'> {
  const { tagBytes, sectorsPerBlock, isSealed } = known;
  const plain = SECTOR_WORD_BYTES + sectorsPerBlock * LAST_BYTES + tagBytes;
  const entryBytes = Math.ceil(plain / ENTRY_ALIGN) * ENTRY_ALIGN;
  const room = SECTOR_DATA_BYTES - (isSealed ? AUTHENTICATION_BYTES : 0);
  const entriesPerSector = Math.floor(room / entryBytes);
  if (entriesPerSector === 0) {
    throw new FormatError('INVALID', `${WHAT}a tag has ${tagBytes} bytes`);
  }
  const entryCount = entriesPerSector * JOURNAL_BLOCK_SECTORS;
  const sectionSectors = entryCount * sectorsPerBlock + JOURNAL_BLOCK_SECTORS;
  const offsetBytes = SUPERBLOCK_SECTORS * SECTOR_BYTES;
  return {
    ...{ offsetBytes, sectionCount, sectionSectors },
    ...{ entryCount, entryBytes, entriesPerSector, sectorsPerBlock, isSealed },
  };
}

/** The content of a device with tags between its data. */
export async function integritySource(
  device: ByteSource,
  budget: JournalBudget,
): Promise<ByteSource> {
  const geometry = await readIntegrity(device);
  const { sizeBytes, interleaveSectors, tagSectors, firstSector, isInline } = geometry;
  if (isInline) return slice(device, SUPERBLOCK_SECTORS * SECTOR_BYTES, sizeBytes);
  if (interleaveSectors === 0) throw dataElsewhere();
  const stretchBytes = interleaveSectors * SECTOR_BYTES;
  const runBytes = tagSectors * SECTOR_BYTES;
  const placeOf = (at: number) => {
    const area = Math.floor(at / stretchBytes);
    return firstSector * SECTOR_BYTES + at + (area + 1) * runBytes;
  };
  const end = placeOf(sizeBytes - 1) + 1;
  if (end > device.sizeBytes) {
    const message = `${WHAT}the data end at byte ${end} of a device of ${device.sizeBytes}`;
    throw new FormatError('OUT_OF_BOUNDS', message);
  }
  const placed = mapped(sizeBytes, [device], async (at): Promise<MappedPiece> => {
    const lengthBytes = stretchBytes - (at % stretchBytes);
    return { lengthBytes, from: { source: device, offsetBytes: placeOf(at) } };
  });
  return replay(placed, device, geometry, budget);
}

/** The content of data whose tags lie on a device of their own, as LVM2 has it. */
export async function integrityBeside(
  data: ByteSource,
  tags: ByteSource,
  budget: JournalBudget,
): Promise<ByteSource> {
  const geometry = await readIntegrity(tags);
  const { sizeBytes } = geometry;
  if (sizeBytes > data.sizeBytes) {
    const message = `${WHAT}the data end at byte ${sizeBytes} of a device of ${data.sizeBytes}`;
    throw new FormatError('OUT_OF_BOUNDS', message);
  }
  return replay(slice(data, 0, sizeBytes), tags, geometry, budget);
}

async function replay(
  data: ByteSource,
  device: ByteSource,
  { journal }: Geometry,
  budget: JournalBudget,
): Promise<ByteSource> {
  return journal === null ? data : replayed(data, device, journal, budget);
}

function dataElsewhere(): UnsupportedError {
  const message = `${WHAT}this device has tags alone, and the data that they are of lie on another`;
  return new UnsupportedError('UNSUPPORTED_FEATURE', message);
}
