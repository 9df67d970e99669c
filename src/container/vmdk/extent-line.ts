// A line of the descriptor that names an extent: ACCESS SECTORS TYPE "FILE" OFFSET, with more behind it for some types.
// References: VMware, Virtual Disk Format 5.0, "The Extent Description"; QEMU block/vmdk.c vmdk_parse_extents().

import { SECTOR_BYTES } from '../../bytes/sector.js';
import { FormatError, invalidIn, UnsupportedError } from '../../errors.js';
import { printable } from '../../validation/guest.js';

const invalid = invalidIn('vmdk: ');

export type ExtentLine = ZeroLine | FileLine;

interface ZeroLine {
  readonly kind: 'zero';
  readonly sizeBytes: number;
}

export interface FileLine {
  /** `flat`: bytes as they are. `sparse`: a file with a header. `device`: a LUN, which has no file unless it was copied. */
  readonly kind: 'flat' | 'sparse' | 'device';
  readonly sizeBytes: number;
  /** The file's name in the descriptor, not cleaned. */
  readonly name: string;
  /** Where the extent begins in the file. */
  readonly offsetBytes: number;
}

const MAX_SECTORS = Math.floor(Number.MAX_SAFE_INTEGER / SECTOR_BYTES);
const MAX_SHOWN_LENGTH = 60;
const MAX_WORDS = 6;

const ACCESS = ['RW', 'RDONLY', 'NOACCESS'];
const KINDS: ReadonlyMap<string, FileLine['kind']> = new Map([
  ['FLAT', 'flat'],
  ['VMFS', 'flat'],
  ['SPARSE', 'sparse'],
  ['VMFSSPARSE', 'sparse'],
  ['SESPARSE', 'sparse'],
  ['VMFSRDM', 'device'],
  ['VMFSRAW', 'device'],
]);

export function isExtentLine(line: string): boolean {
  return ACCESS.some((word) => line.startsWith(word) && /^[ \t]/u.test(line.slice(word.length)));
}

/** @throws FormatError INVALID, OUT_OF_BOUNDS; UnsupportedError UNSUPPORTED_FEATURE. */
export function readExtentLine(line: string, number: number): ExtentLine {
  const where = `line ${number} of the descriptor`;
  const [access, size, type, name, offset, ...rest] = splitWords(line, where);
  const sizeBytes = readSectors(size?.text, `${where}: size of an extent`) * SECTOR_BYTES;
  if (sizeBytes === 0) throw invalid(`${where} names an extent of no sectors`);
  if (type?.text === 'ZERO') return { kind: 'zero', sizeBytes };
  const kind = KINDS.get(type?.text ?? '');
  if (kind === undefined) {
    const message = `vmdk: ${where} names an extent of the type "${shown(type?.text ?? '')}", which cannot be read`;
    throw new UnsupportedError('UNSUPPORTED_FEATURE', message);
  }
  if (access?.text === 'NOACCESS') {
    const message = `vmdk: ${where} names an extent that the guest may not read`;
    throw new UnsupportedError('UNSUPPORTED_FEATURE', message);
  }
  if (name?.isQuoted !== true) throw invalid(`${where} names no file: "${shown(line)}"`);
  const isFlat = kind === 'flat';
  if (!isFlat && (offset !== undefined || rest.length > 0)) {
    throw invalid(`${where} goes on behind the name of the file: "${shown(line)}"`);
  }
  if (type?.text === 'FLAT' && offset === undefined) {
    throw invalid(`${where} does not say where in its file the extent begins: "${shown(line)}"`);
  }
  const start = isFlat && offset !== undefined ? offset.text : '0';
  const offsetBytes = readSectors(start, `${where}: offset of an extent`) * SECTOR_BYTES;
  return { kind, sizeBytes, name: name.text, offsetBytes };
}

interface Word {
  readonly text: string;
  readonly isQuoted: boolean;
}

/** The words of a line, which are parted by blanks or are in quotes; words behind those that are used are left out. */
function splitWords(line: string, where: string): readonly Word[] {
  const words: Word[] = [];
  for (let at = 0; at < line.length && words.length < MAX_WORDS; ) {
    if (isBlank(line[at])) {
      at++;
    } else if (line[at] === '"') {
      const end = line.indexOf('"', at + 1);
      if (end === -1) throw invalid(`${where} has no closing quote: "${shown(line)}"`);
      words.push({ text: line.slice(at + 1, end), isQuoted: true });
      at = end + 1;
    } else {
      let end = at;
      while (end < line.length && !isBlank(line[end])) end++;
      words.push({ text: line.slice(at, end), isQuoted: false });
      at = end;
    }
  }
  return words;
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t';
}

/** The size in bytes, exact or refused: 16 digits are enough for 2^53 bytes. */
function readSectors(text: string | undefined, what: string): number {
  if (text === undefined || !/^[0-9]{1,16}$/u.test(text)) {
    throw invalid(`${what} is "${shown(text ?? '')}", which is no number of sectors`);
  }
  const count = Number(text);
  if (count <= MAX_SECTORS) return count;
  const message = `vmdk: ${what} is ${count}, which is not in 0..${MAX_SECTORS}`;
  throw new FormatError('OUT_OF_BOUNDS', message);
}

function shown(text: string): string {
  return printable(text, MAX_SHOWN_LENGTH);
}
