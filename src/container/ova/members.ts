// The members of a tar archive: a walk from header to header. Contents are not read, but for long names and for the maps
// of sparse files.
// References: POSIX pax, "ustar Interchange Format" and "pax Extended Header"; GNU tar manual, "Extensions".
import { parseTarText } from '../../../generated/container/tar.js';
import type { ByteSource } from '../../bytes/source.js';
import { isZeros } from '../../bytes/zero.js';
import { FormatError, type VirtDfError } from '../../errors.js';
import type { Scope } from '../../host/scope.js';
import { MIB } from '../../limits.js';
import { printable, rawText } from '../../validation/guest.js';
import { HEADER_BYTES, type Header, isFile, KIND, readHeader } from './header.js';
import { NO_RECORDS, type PaxRecords, readPax } from './pax.js';
import {
  checkedMap,
  MAX_PARTS,
  readOldMap,
  readTextMap,
  type SparseMap,
  type WrittenMap,
} from './sparse.js';

export interface Member {
  /** Made printable, without `./` before it. */
  readonly name: string;
  /** Where its header begins in the archive. */
  readonly headerAtBytes: number;
  /** Where its content begins in the archive. */
  readonly offsetBytes: number;
  /** The size of its content, with the holes of a sparse file. */
  readonly sizeBytes: number;
  /** How much of the archive its content takes. */
  readonly storedBytes: number;
  /** Where the parts of a sparse file lie; null: all of it lies together. */
  readonly sparse: SparseMap | null;
  /** Why it cannot be read. */
  readonly problem: VirtDfError | null;
}

/**
 * Sees each file first. `null`: the walk has it among its files; a number: it is the visitor's, and the next header is there.
 */
type Visitor = (member: Member) => Promise<number | null>;

/** The limit counts members of all kinds, since each costs a read. */
const MAX_MEMBERS = 100_000;
const MAX_NAME_BYTES = 4096;
const MAX_PAX_BYTES = 8 * MIB;

/** Facts about the next file, from members that precede it: a long name, pax records. */
interface Announced {
  readonly longName: string | null;
  readonly records: PaxRecords;
}

const NOTHING: Announced = { longName: null, records: NO_RECORDS };

/**
 * Files by name; of several with one name the last, as tar extracts them. A member that is cut off ends the walk: what
 * comes before it can be read.
 * @throws FormatError.
 */
export async function readMembers(
  file: ByteSource,
  scope: Scope,
  visit: Visitor,
): Promise<ReadonlyMap<string, Member>> {
  const members = new Map<string, Member>();
  let announced = NOTHING;
  let [at, count, partCount] = [0, 0, 0];
  while (at + HEADER_BYTES <= file.sizeBytes) {
    scope.check();
    const bytes = await file.read(at, HEADER_BYTES);
    if (isZeros(bytes)) break;
    const header = readHeader(bytes, at);
    if (isFile(header.kind)) {
      const member = await fileMember(file, at, header, announced);
      announced = NOTHING;
      partCount += member.sparse?.starts.length ?? 0;
      if (partCount > MAX_PARTS) {
        const message = `ova: the sparse files of the archive have more than ${MAX_PARTS} parts`;
        throw new FormatError('LIMIT', message);
      }
      const next = await visit(member);
      at = next ?? endOf(member);
      if (next !== null) continue;
      members.delete(member.name); // The last one's place is where it stands.
      members.set(member.name, member);
    } else {
      const [offsetBytes, sizeBytes] = [at + HEADER_BYTES, contentBytes(header, announced)];
      checkEnd(file, offsetBytes, sizeBytes);
      announced = await announce(file, header.kind, offsetBytes, sizeBytes, announced);
      at = offsetBytes + padded(sizeBytes);
    }
    if (++count > MAX_MEMBERS) {
      throw new FormatError('LIMIT', `ova: the archive has more than ${MAX_MEMBERS} members`);
    }
  }
  return members;
}

/** The file whose header, of a chunk of 512 bytes that is known to lie in the archive, is at `at`; null if none is there. */
export async function fileAt(file: ByteSource, at: number): Promise<Member | null> {
  try {
    const header = readHeader(await file.read(at, HEADER_BYTES), at);
    return isFile(header.kind) ? await fileMember(file, at, header, NOTHING) : null;
  } catch (error) {
    if (error instanceof FormatError) return null;
    throw error;
  }
}

/** Where the next header is. */
export function endOf({ offsetBytes, storedBytes }: Member): number {
  return offsetBytes + padded(storedBytes);
}

function padded(sizeBytes: number): number {
  return Math.ceil(sizeBytes / HEADER_BYTES) * HEADER_BYTES;
}

async function fileMember(
  file: ByteSource,
  headerAtBytes: number,
  header: Header,
  announced: Announced,
): Promise<Member> {
  const { records, longName } = announced;
  const name = cleanName(records.path ?? longName ?? header.name);
  const storedBytes = contentBytes(header, announced);
  const offsetBytes = headerAtBytes + HEADER_BYTES;
  const plain = { name, headerAtBytes, offsetBytes, storedBytes, sizeBytes: storedBytes };
  let placed: Omit<Member, 'problem'> = { ...plain, sparse: null };
  // Only the map of an old GNU file tells where the next header is; without it the walk ends.
  if (header.kind === KIND.sparse) placed = { ...placed, offsetBytes: file.sizeBytes };
  try {
    checkEnd(file, offsetBytes, storedBytes);
    const written = await writtenMap(file, headerAtBytes, header.kind, storedBytes, records);
    if (written === null) return { ...placed, problem: null };
    const { sizeBytes, storedAtBytes } = written;
    if (header.kind === KIND.sparse) placed = { ...placed, offsetBytes: storedAtBytes };
    checkEnd(file, storedAtBytes, written.storedBytes);
    return { ...placed, sizeBytes, sparse: checkedMap(written), problem: null };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return { ...placed, problem: error };
  }
}

async function writtenMap(
  file: ByteSource,
  headerAtBytes: number,
  kind: number,
  storedBytes: number,
  { sparse }: PaxRecords,
): Promise<WrittenMap | null> {
  if (kind === KIND.sparse) return readOldMap(file, headerAtBytes, storedBytes);
  if (sparse === null) return null;
  const { sizeBytes, major, numbers } = sparse;
  if (sizeBytes === null || major > 1) {
    const message = 'ova: the records of a sparse file have no size, or are of a version after 1.0';
    throw new FormatError('INVALID', message);
  }
  const storedAtBytes = headerAtBytes + HEADER_BYTES;
  if (major === 1) return readTextMap(file, storedAtBytes, storedBytes, sizeBytes);
  return { numbers, sizeBytes, storedAtBytes, storedBytes };
}

/** Links, devices, directories and FIFOs have no content, whatever their size is. */
function contentBytes({ kind, sizeBytes }: Header, { records }: Announced): number {
  const isSpecial = kind >= KIND.firstSpecial && kind <= KIND.lastSpecial;
  return isSpecial ? 0 : (records.sizeBytes ?? sizeBytes);
}

/** What is known of the next file after a member that is no file. */
async function announce(
  file: ByteSource,
  kind: number,
  offsetBytes: number,
  sizeBytes: number,
  announced: Announced,
): Promise<Announced> {
  if (kind === KIND.longName) {
    return { ...announced, longName: await readName(file, offsetBytes, sizeBytes) };
  }
  if (kind === KIND.pax) {
    const text = await readText(file, offsetBytes, sizeBytes, MAX_PAX_BYTES);
    return { ...announced, records: readPax(text) };
  }
  return kind === KIND.longLink ? announced : NOTHING;
}

function cleanName(name: string): string {
  return printable(name.replace(/^(?:\.?\/+)+/u, ''), MAX_NAME_BYTES);
}

function checkEnd(file: ByteSource, offset: number, size: number): void {
  if (size <= file.sizeBytes - offset) return;
  throw new FormatError(
    'TRUNCATED',
    `ova: a member at ${offset} has ${size} bytes; the archive ends at ${file.sizeBytes}`,
    { data: { offset, size, sizeBytes: file.sizeBytes } },
  );
}

async function readText(
  file: ByteSource,
  offset: number,
  size: number,
  maxBytes: number,
): Promise<string> {
  if (size <= maxBytes) {
    return rawText(parseTarText(await file.read(offset, size)).value, maxBytes);
  }
  const message = `ova: a name or the records of a member have ${size} bytes; the limit is ${maxBytes}`;
  throw new FormatError('LIMIT', message, { data: { size } });
}

async function readName(file: ByteSource, offset: number, size: number): Promise<string> {
  const text = await readText(file, offset, size, MAX_NAME_BYTES);
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}
