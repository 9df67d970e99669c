// The sections of one segment file: a chain of heads from the file's start to its end.
// References: J. Metz, "Expert Witness Compression Format specification", section "Section descriptor".
import { parseEwfAdler, parseEwfSection, parseEwfTable } from '../../../generated/container/ewf.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError, UnsupportedError } from '../../errors.js';
import type { Scope } from '../../host/scope.js';
import { equals, int, rawText, text } from '../../validation/guest.js';
import { adler32 } from './adler32.js';
import { readVolume, SMART_VOLUME_BYTES, VOLUME_BYTES, type Volume } from './volume.js';

/** One section "table", which tells where some chunks are, with the copy that follows it. */
export interface Table {
  readonly entryCount: number;
  /** The offsets of the entries, in the table and in its copy. */
  readonly entriesAt: readonly number[];
  /** The offset in the file from which the offsets of its entries count. */
  readonly baseBytes: number;
  /** Where the last chunk ends. */
  readonly chunksEndBytes: number;
}

export interface Segment {
  /** null if the file has no section "volume": only the first one must have it. */
  readonly volume: Volume | null;
  readonly tables: readonly Table[];
  /** The section that it ends with; `cut`: the file ends before that, and with it the tables of the chunks that follow. */
  readonly ending: 'done' | 'next' | 'cut';
}

interface Section {
  readonly kind: string;
  readonly offsetBytes: number;
  /** Where the section ends and the next one begins. */
  readonly endBytes: number;
}

const FILE_HEADER_BYTES = 13;
const SECTION_BYTES = 76;
const SECTION_CHECKSUM_AT = 72;
const TABLE_HEAD_BYTES = 24;
const TABLE_CHECKSUM_AT = 20;
export const ENTRY_BYTES = 4;
/** A table describes at least 32 MiB of a disk, so this is for disks of terabytes. */
const MAX_SECTIONS = 200_000;
const MAX_ENTRIES = 2 ** 20;
const MAX_OFFSET = Number.MAX_SAFE_INTEGER;

/** @throws FormatError; LOOP for a section that names one before it; UnsupportedError for logical files. */
export async function readSegment(file: ByteSource, scope: Scope): Promise<Segment> {
  const tables: Table[] = [];
  let volume: Volume | null = null;
  let chunksEnd: number | null = null;
  for await (const section of sections(file, scope)) {
    const { kind, offsetBytes, endBytes } = section;
    if (kind === 'done' || kind === 'next') return { volume, tables, ending: kind };
    // The chunks are there before the table that leads to them.
    if (endBytes > file.sizeBytes) break;
    if (kind === 'volume' || kind === 'disk') volume ??= await volumeOf(file, section);
    else if (kind === 'sectors') chunksEnd = endBytes;
    else if (kind === 'table') {
      tables.push(await readTable(file, section, chunksEnd ?? endBytes));
      chunksEnd = null;
    } else if (kind === 'table2') {
      const last = tables.at(-1);
      const at = offsetBytes + SECTION_BYTES + TABLE_HEAD_BYTES;
      if (last?.entriesAt.length === 1 && at + last.entryCount * ENTRY_BYTES <= endBytes) {
        tables[tables.length - 1] = { ...last, entriesAt: [...last.entriesAt, at] };
      }
    } else if (kind === 'ltree' || kind === 'ltypes') {
      const message = `ewf: the file has a section "${kind}": it holds files, not a disk`;
      throw new UnsupportedError('UNSUPPORTED_FEATURE', message);
    }
  }
  return { volume, tables, ending: 'cut' };
}

/** Walks the sections. Each must begin behind the one before it, so the walk ends. */
async function* sections(file: ByteSource, scope: Scope): AsyncGenerator<Section> {
  let at = FILE_HEADER_BYTES;
  for (let count = 0; at + SECTION_BYTES <= file.sizeBytes; count++) {
    scope.check();
    if (count === MAX_SECTIONS) {
      throw new FormatError('LIMIT', `ewf: a file has more than ${MAX_SECTIONS} sections`);
    }
    const bytes = await file.read(at, SECTION_BYTES);
    const head = parseEwfSection(bytes);
    if (!equals(head.checksum, adler32(bytes.subarray(0, SECTION_CHECKSUM_AT)))) {
      const message = `ewf: the head of the section at ${at} does not match its checksum`;
      throw new FormatError('BAD_CHECKSUM', message, { data: { at } });
    }
    const kind = rawText(head.kind, 16);
    const next = int(head.ofsNext, `ewf: end of the section at ${at}`, 0, MAX_OFFSET);
    const isLast = kind === 'done' || kind === 'next';
    if (!isLast && next < at + SECTION_BYTES) {
      const message = `ewf: the section "${text(head.kind)}" at ${at} is followed by one at ${next}, which is before it`;
      throw new FormatError('LOOP', message, { data: { at, next } });
    }
    yield { kind, offsetBytes: at, endBytes: isLast ? file.sizeBytes : next };
    at = next;
  }
}

async function volumeOf(file: ByteSource, { offsetBytes, endBytes }: Section): Promise<Volume> {
  const start = offsetBytes + SECTION_BYTES;
  const held = endBytes - start;
  if (held < SMART_VOLUME_BYTES) {
    throw new FormatError('TRUNCATED', `ewf: the section "volume" has only ${held} bytes`);
  }
  const bytes = await file.read(start, held < VOLUME_BYTES ? SMART_VOLUME_BYTES : VOLUME_BYTES);
  const { length } = bytes;
  const { value } = parseEwfAdler(bytes.subarray(length - 4));
  if (equals(value, adler32(bytes.subarray(0, length - 4)))) return readVolume(bytes);
  throw new FormatError('BAD_CHECKSUM', 'ewf: the section "volume" does not match its checksum');
}

async function readTable(file: ByteSource, section: Section, chunksEnd: number): Promise<Table> {
  const start = section.offsetBytes + SECTION_BYTES;
  const held = section.endBytes - start - TABLE_HEAD_BYTES;
  if (held < 0) throw new FormatError('TRUNCATED', 'ewf: a section "table" has no head');
  const bytes = await file.read(start, TABLE_HEAD_BYTES);
  const head = parseEwfTable(bytes);
  if (!equals(head.checksum, adler32(bytes.subarray(0, TABLE_CHECKSUM_AT)))) {
    const message = `ewf: the head of the table at ${start} does not match its checksum`;
    throw new FormatError('BAD_CHECKSUM', message, { data: { start } });
  }
  const max = Math.min(MAX_ENTRIES, Math.floor(held / ENTRY_BYTES));
  return {
    entryCount: int(head.numEntries, 'ewf: number of entries of a table', 0, max),
    entriesAt: [start + TABLE_HEAD_BYTES],
    baseBytes: int(head.ofsBase, 'ewf: base of a table', 0, file.sizeBytes),
    chunksEndBytes: chunksEnd,
  };
}
