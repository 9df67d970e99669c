// A directory of exFAT, set by set, as the kernel lists it.
// References: Linux 6.18 fs/exfat/dir.c: exfat_readdir, exfat_get_dentry_set, exfat_count_dir_entries.
import {
  exfatEntryRecords,
  exfatFileEntryRecords,
  type GuestExfatEntry,
} from '../../../generated/filesystem/exfat.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { KIB } from '../../limits.js';
import { equals, hasFlag } from '../../validation/guest.js';
import { SLOT_BYTES, type Stretch } from '../fat/tree.js';
import type { Boot } from './boot.js';
import { type ExfatSlot, FILE, hasChecksum, readSet, setBytes } from './entry-set.js';

const CHUNK_BYTES = 16 * KIB;
const END = 0;
const IN_USE = 0x80n;
const SECONDARY = 0x40n;
const DIRECTORY = 0x10n;

type EntryType = GuestExfatEntry['type'];
type Stretches = AsyncIterable<Stretch>;

/** What is damaged is told with the place of its set, and left out; a set whose checksum alone is wrong is not. */
type Tell = (offsetBytes: number, error: unknown) => void;

/** A chunk of a directory, and where it lies. */
interface Chunk {
  readonly bytes: Uint8Array;
  readonly offsetBytes: number;
}

export async function* slotPages(
  source: ByteSource,
  boot: Boot,
  stretches: Stretches,
  tell: Tell,
): AsyncGenerator<readonly ExfatSlot[], void, undefined> {
  const sets = setCollector(boot, tell);
  for await (const { bytes, offsetBytes } of chunks(source, stretches)) {
    const entries = exfatEntryRecords(bytes);
    const page: ExfatSlot[] = [];
    let isOver = false;
    for (let i = 0; i < entries.length && !isOver; i++) {
      const { type } = entries.at(i);
      isOver = equals(type, END);
      const at = i * SLOT_BYTES;
      const slot = sets.add(type, bytes.subarray(at, at + SLOT_BYTES), offsetBytes + at);
      if (slot !== null) page.push(slot);
    }
    if (page.length > 0) yield page;
    if (isOver) return;
  }
  sets.end();
}

/** How many directories a directory has. */
export async function countDirectories(source: ByteSource, stretches: Stretches): Promise<number> {
  let count = 0;
  for await (const { bytes } of chunks(source, stretches)) {
    const entries = exfatFileEntryRecords(bytes);
    for (let i = 0; i < entries.length; i++) {
      const { type, attributes } = entries.at(i);
      if (equals(type, END)) return count;
      if (equals(type, FILE) && hasFlag(attributes, DIRECTORY)) count++;
    }
  }
  return count;
}

async function* chunks(
  source: ByteSource,
  stretches: Stretches,
): AsyncGenerator<Chunk, void, undefined> {
  for await (const { offsetBytes, lengthBytes } of stretches) {
    for (let done = 0; done < lengthBytes; done += CHUNK_BYTES) {
      const length = Math.min(CHUNK_BYTES, lengthBytes - done);
      yield {
        bytes: await source.read(offsetBytes + done, length),
        offsetBytes: offsetBytes + done,
      };
    }
  }
}

/** A set that has begun. */
interface Begun {
  readonly entries: Uint8Array[];
  readonly offsetBytes: number;
  readonly count: number;
  /** How many of them follow each other on the volume. */
  sideBySide: number;
}

/** Puts sets together, which may reach over clusters that do not follow each other. */
function setCollector(boot: Boot, tell: Tell) {
  let begun: Begun | null = null;
  const end = (): void => {
    if (begun === null) return;
    const { offsetBytes, entries, count } = begun;
    const words = `the set at ${offsetBytes} has ${entries.length} of its ${count} entries`;
    tell(offsetBytes, new FormatError('INVALID', `exfat: ${words}`));
    begun = null;
  };
  const whole = ({ entries, offsetBytes, sideBySide }: Begun): ExfatSlot | null => {
    const bytes = entries.length === 1 ? (entries[0] ?? new Uint8Array(0)) : Buffer.concat(entries);
    try {
      const set = { bytes, offsetBytes, recordBytes: sideBySide * SLOT_BYTES };
      const slot = readSet(set, boot, (error) => tell(offsetBytes, error));
      if (!hasChecksum(bytes)) {
        const words = `the set of entries at ${offsetBytes} does not have its checksum`;
        tell(offsetBytes, new FormatError('BAD_CHECKSUM', `exfat: ${words}`));
      }
      return slot;
    } catch (error) {
      tell(offsetBytes, error);
      return null;
    }
  };
  const add = (type: EntryType, entry: Uint8Array, offsetBytes: number): ExfatSlot | null => {
    const isSecondary = hasFlag(type, IN_USE) && hasFlag(type, SECONDARY);
    if (!isSecondary) end();
    if (equals(type, FILE)) {
      const count = setBytes(entry) / SLOT_BYTES;
      begun = { entries: [entry], offsetBytes, count, sideBySide: 1 };
    } else if (begun !== null && isSecondary) {
      const { entries, sideBySide } = begun;
      const isNext = begun.offsetBytes + sideBySide * SLOT_BYTES === offsetBytes;
      if (isNext && sideBySide === entries.length) begun.sideBySide++;
      entries.push(entry);
    }
    if (begun === null || begun.entries.length < begun.count) return null;
    const set = begun;
    begun = null;
    return whole(set);
  };
  return { add, end };
}
