// The members of a tar archive: a walk from header to header. Contents are not read, but for long names.
// References: POSIX pax, "ustar Interchange Format" and "pax Extended Header"; GNU tar manual, "Extensions".
import { parseTar, parseTarText } from '../../../generated/container/tar.js';
import { FormatError, UnsupportedError, type VirtDfError } from '../../errors.js';
import type { HostFile, Scope } from '../../host/scope.js';
import { MIB } from '../../limits.js';
import { printable, rawText, u8 } from '../../validation/guest.js';
import { HEADER_BYTES, hasValidChecksum, tarNumber } from './header.js';
import { NO_RECORDS, type PaxRecords, readPax } from './pax.js';

export interface Member {
  /** Made printable, without `./` before it. */
  readonly name: string;
  /** Where its content begins in the archive. */
  readonly offsetBytes: number;
  readonly sizeBytes: number;
  /** Why it cannot be read in place. */
  readonly problem: VirtDfError | null;
}

/** The limit counts members of all kinds, since each costs a read. */
const MAX_MEMBERS = 100_000;
const MAX_NAME_BYTES = 4096;
const MAX_PAX_BYTES = MIB;

const KIND = {
  oldFile: 0,
  file: '0'.charCodeAt(0),
  /** Kinds from this to `lastSpecial` are links, devices, directories, FIFOs: no content follows, whatever their size is. */
  firstSpecial: '1'.charCodeAt(0),
  lastSpecial: '6'.charCodeAt(0),
  contiguous: '7'.charCodeAt(0),
  longName: 'L'.charCodeAt(0),
  pax: 'x'.charCodeAt(0),
  sparse: 'S'.charCodeAt(0),
};

/** Facts about the next file, from members that precede it: a long name, pax records. */
interface Announced {
  readonly longName: string | null;
  readonly records: PaxRecords;
}

const NOTHING: Announced = { longName: null, records: NO_RECORDS };

/** Files by name; of several with one name the last, as tar extracts them. @throws FormatError. */
export async function readMembers(
  file: HostFile,
  scope: Scope,
): Promise<ReadonlyMap<string, Member>> {
  const members = new Map<string, Member>();
  let announced = NOTHING;
  let at = 0;
  for (let count = 0; at + HEADER_BYTES <= file.sizeBytes; count++) {
    scope.check();
    if (count === MAX_MEMBERS) {
      throw new FormatError('LIMIT', `ova: the archive has more than ${MAX_MEMBERS} members`);
    }
    const bytes = await file.read(at, HEADER_BYTES);
    if (bytes.every((byte) => byte === 0)) break;
    const header = readHeader(bytes, at);
    const isSpecial = header.kind >= KIND.firstSpecial && header.kind <= KIND.lastSpecial;
    const stated = announced.records.sizeBytes ?? header.sizeBytes;
    const [offsetBytes, sizeBytes] = [at + HEADER_BYTES, isSpecial ? 0 : stated];
    checkEnd(file, offsetBytes, sizeBytes);
    if (header.kind === KIND.longName) {
      announced = { ...announced, longName: await readName(file, offsetBytes, sizeBytes) };
    } else if (header.kind === KIND.pax) {
      const text = await readText(file, offsetBytes, sizeBytes, MAX_PAX_BYTES);
      announced = { ...announced, records: readPax(text) };
    } else {
      if (isFile(header.kind)) {
        const name = cleanName(announced.records.path ?? announced.longName ?? header.name);
        const problem = sparseProblem(header.kind, announced, name);
        members.delete(name); // The last one's place is where it stands.
        members.set(name, { name, offsetBytes, sizeBytes, problem });
      }
      announced = isAbout(header.kind) ? announced : NOTHING;
    }
    at = offsetBytes + Math.ceil(sizeBytes / HEADER_BYTES) * HEADER_BYTES;
  }
  return members;
}

function readHeader(bytes: Uint8Array, at: number) {
  const header = parseTar(bytes);
  if (!hasValidChecksum(bytes, header)) {
    const message = `ova: the header at ${at} does not match its checksum`;
    throw new FormatError('BAD_CHECKSUM', message, { data: { at } });
  }
  const [name, prefix] = [rawText(header.name, 100), rawText(header.prefix, 155)];
  // GNU's archives have other things in the place of the prefix; their version begins with a blank.
  const isPosix = header.version[0] === 0;
  return {
    kind: u8(header.kind),
    name: isPosix && prefix !== '' ? `${prefix}/${name}` : name,
    sizeBytes: tarNumber(header.lenContent, 'size of a member'),
  };
}

function isFile(kind: number): boolean {
  return [KIND.oldFile, KIND.file, KIND.contiguous, KIND.sparse].includes(kind);
}

/** A long link's name stands between a long name and its member. */
function isAbout(kind: number): boolean {
  return kind === 'K'.charCodeAt(0);
}

function sparseProblem(
  kind: number,
  { records }: Announced,
  name: string,
): UnsupportedError | null {
  if (kind !== KIND.sparse && !records.isSparse) return null;
  return new UnsupportedError(
    'UNSUPPORTED_FEATURE',
    `ova: ${name} is stored as a GNU sparse file, without its holes, and cannot be read in place; extract it`,
    { data: { name } },
  );
}

function cleanName(name: string): string {
  return printable(name.replace(/^(?:\.?\/+)+/u, ''), MAX_NAME_BYTES);
}

function checkEnd(file: HostFile, offset: number, size: number): void {
  if (size <= file.sizeBytes - offset) return;
  throw new FormatError(
    'OUT_OF_BOUNDS',
    `ova: a member at ${offset} has ${size} bytes; the archive ends at ${file.sizeBytes}`,
    { data: { offset, size, sizeBytes: file.sizeBytes } },
  );
}

async function readText(
  file: HostFile,
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

async function readName(file: HostFile, offset: number, size: number): Promise<string> {
  const text = await readText(file, offset, size, MAX_NAME_BYTES);
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}
