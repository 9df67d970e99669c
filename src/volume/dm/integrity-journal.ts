// The journal of dm-integrity: sections of blocks that are copied to their places later. Each sector ends with a number that says
// in which round it was written, so that what was not written whole is told from what was.
// References: Linux drivers/md/dm-integrity.c (replay_journal, find_commit_seq, do_journal_write, journal_entry_is_unused).
import {
  dmIntegrityEntryRecords,
  dmIntegrityWordRecords,
} from '../../../generated/volume/dm_integrity.js';
import { changedBlocks } from '../../bytes/changes.js';
import { overlay } from '../../bytes/overlay.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError, UnsupportedError } from '../../errors.js';
import { MIB } from '../../limits.js';
import { equals, u64 } from '../../validation/guest.js';

const WHAT = 'dm-integrity: ';
/** What numbers are combined with, round by round. */
const ROUNDS = [
  0x1111_1111_1111_1111n,
  0x2222_2222_2222_2222n,
  0x3333_3333_3333_3333n,
  0x4444_4444_4444_4444n,
];
const ID_OFFSET = 504;
const ENTRIES_SECTORS = 8;
const SECTOR_WORD_BYTES = 8;
const UNUSED = 0xffff_ffff;
const IN_PROGRESS = 0xffff_fffe;
/** The kernel makes it of 64 MiB where nobody says otherwise. */
const MAX_JOURNAL_BYTES = 256 * MIB;
/** What lies in memory of it, and of all that are opened together. */
const MAX_REPLAYED_BYTES = 64 * MIB;
const MAX_ALL_REPLAYED_BYTES = 2 * MAX_REPLAYED_BYTES;

/** Of journals that are opened together: a guest may have thousands, or one thousands of times. */
export interface JournalBudget {
  leftBytes: number;
}

export function journalBudget(): JournalBudget {
  return { leftBytes: MAX_ALL_REPLAYED_BYTES };
}

export interface Journal {
  readonly offsetBytes: number;
  readonly sectionCount: number;
  readonly sectionSectors: number;
  /** Of a section. */
  readonly entryCount: number;
  readonly entryBytes: number;
  readonly entriesPerSector: number;
  readonly sectorsPerBlock: number;
  /** Of the volume's data. */
  readonly sizeSectors: number;
  /** Whether a key seals it. */
  readonly isSealed: boolean;
}

/** A section: the round of each of its sectors, and whether it has entries. */
interface Section {
  /** The round of all its sectors; null: they differ. */
  readonly round: number | null;
  readonly lastRounds: readonly number[];
  readonly isEmpty: boolean;
}

/** The data with what is in the journal alone. */
export async function replayed(
  data: ByteSource,
  device: ByteSource,
  journal: Journal,
  budget: JournalBudget,
): Promise<ByteSource> {
  const sectionBytes = journal.sectionSectors * SECTOR_BYTES;
  const { sectionCount } = journal;
  const end = journal.offsetBytes + sectionCount * sectionBytes;
  if (sectionCount === 0) return data;
  if (end > device.sizeBytes || end - journal.offsetBytes > MAX_JOURNAL_BYTES) {
    const message = `${WHAT}the journal ends at byte ${end} of a device of ${device.sizeBytes}, and virt-df reads ${MAX_JOURNAL_BYTES} of one`;
    throw new FormatError('OUT_OF_BOUNDS', message);
  }
  const sections: Section[] = [];
  for (let i = 0; i < sectionCount; i++) {
    const section = sectionOf(await sectionAt(device, journal, i), i, journal);
    if (section === null) return unreadableJournal(data, journal.isSealed);
    sections.push(section);
  }
  const wanted = toReplay(sections);
  if (wanted.length === 0) return data;
  const changes = blocksOf(journal, budget);
  for (const index of wanted) collect(await sectionAt(device, journal, index), journal, changes);
  return overlay(data, changes);
}

/** The kernel clears a journal whose numbers are not its own, so that the data are what is in their places. */
function unreadableJournal(data: ByteSource, isSealed: boolean): ByteSource {
  if (!isSealed) return data;
  const message = `${WHAT}the journal is encrypted or sealed with a key, and what was written last may lie in it alone`;
  throw new UnsupportedError('UNSUPPORTED_FEATURE', message);
}

function sectionAt(
  device: ByteSource,
  { offsetBytes, sectionSectors }: Journal,
  index: number,
): Promise<Uint8Array> {
  const sectionBytes = sectionSectors * SECTOR_BYTES;
  return device.read(offsetBytes + index * sectionBytes, sectionBytes);
}

/** null: a sector has none of the numbers that it may have. */
function sectionOf(bytes: Uint8Array, index: number, journal: Journal): Section | null {
  const rounds = new Set<number>();
  const words = dmIntegrityWordRecords(bytes);
  for (let sector = 0; sector < journal.sectionSectors; sector++) {
    const { value } = words.atByte(sector * SECTOR_BYTES + ID_OFFSET);
    const own = (BigInt(index) << 32n) ^ BigInt(sector);
    const round = ROUNDS.findIndex((one) => equals(value, one ^ own));
    if (round < 0) return null;
    rounds.add(round);
  }
  const [first = 0, ...others] = rounds;
  const isEmpty = usedEntries(bytes, journal).next().done === true;
  return { round: others.length === 0 ? first : null, lastRounds: [...rounds], isEmpty };
}

/** The numbers of a section's entries that hold a block, and its sector. */
function* usedEntries(
  bytes: Uint8Array,
  { entryCount, entryBytes, entriesPerSector, sizeSectors }: Journal,
): Generator<{ readonly number: number; readonly at: number; readonly sector: number }> {
  const entries = dmIntegrityEntryRecords(bytes);
  const words = dmIntegrityWordRecords(bytes);
  for (let number = 0; number < entryCount; number++) {
    // They go round the eight sectors: entry 1 is the first one of the second.
    const at =
      (number % ENTRIES_SECTORS) * SECTOR_BYTES + Math.floor(number / ENTRIES_SECTORS) * entryBytes;
    if (Math.floor(number / ENTRIES_SECTORS) >= entriesPerSector) return;
    const { sectorHigh } = entries.atByte(at);
    if (equals(sectorHigh, UNUSED) || equals(sectorHigh, IN_PROGRESS)) continue;
    const sector = u64(words.atByte(at).value);
    // The kernel passes over what lies behind the end: the volume was larger once.
    if (sector < BigInt(sizeSectors)) yield { number, at, sector: Number(sector) };
  }
}

/** The sections that the kernel replays, in its order: from the oldest one on, as far as rounds follow each other. */
function toReplay(sections: readonly Section[]): readonly number[] {
  const count = sections.length;
  const lastSection = new Map<number, number>();
  for (const [i, { lastRounds }] of sections.entries()) {
    for (const round of lastRounds) lastSection.set(round, i);
  }
  if (lastSection.size === ROUNDS.length) return [];
  const unused = firstUnused(lastSection);
  const lastUsed = before(unused);
  let wanted = before(lastUsed);
  const isEmpty =
    sections.every((section) => section.isEmpty) ||
    (!lastSection.has(wanted) && lastSection.has(before(wanted)));
  if (isEmpty) return [];
  let at = (lastSection.get(lastUsed) ?? 0) + 1;
  if (at >= count) wanted = after(wanted);
  at %= count;
  const found: number[] = [];
  while (found.length < count && sections[at]?.round === wanted) {
    found.push(at);
    at++;
    if (at >= count) wanted = after(wanted);
    at %= count;
  }
  return found;
}

function firstUnused(used: ReadonlyMap<number, number>): number {
  const last = ROUNDS.length - 1;
  if (used.has(last)) return ROUNDS.findIndex((_, round) => !used.has(round));
  let unused = last;
  while (unused > 0 && !used.has(unused - 1)) unused--;
  return unused;
}

function before(round: number): number {
  return (round + ROUNDS.length - 1) % ROUNDS.length;
}

function after(round: number): number {
  return (round + 1) % ROUNDS.length;
}

/** The blocks of a section; the end of each of their sectors is kept with the entry. */
function collect(bytes: Uint8Array, journal: Journal, changes: Blocks): void {
  const { sectorsPerBlock } = journal;
  const blockBytes = sectorsPerBlock * SECTOR_BYTES;
  for (const { number, at, sector } of usedEntries(bytes, journal)) {
    const start = ENTRIES_SECTORS * SECTOR_BYTES + number * blockBytes;
    const block = Uint8Array.from(bytes.subarray(start, start + blockBytes));
    for (let i = 0; i < sectorsPerBlock; i++) {
      const last = at + SECTOR_WORD_BYTES * (i + 1);
      block.set(bytes.subarray(last, last + SECTOR_WORD_BYTES), i * SECTOR_BYTES + ID_OFFSET);
    }
    changes.set(Math.floor(sector / sectorsPerBlock), block);
  }
}

type Blocks = ReturnType<typeof changedBlocks>;

function blocksOf({ sectorsPerBlock }: Journal, budget: JournalBudget): Blocks {
  let left = MAX_REPLAYED_BYTES;
  return changedBlocks(sectorsPerBlock * SECTOR_BYTES, (bytes) => {
    left -= bytes;
    budget.leftBytes -= bytes;
    if (left >= 0 && budget.leftBytes >= 0) return;
    const message = `${WHAT}the journal has more than ${MAX_REPLAYED_BYTES} bytes, or all of them together more than ${MAX_ALL_REPLAYED_BYTES}`;
    throw new FormatError('LIMIT', message);
  });
}
