// The header of a member of a tar archive. Its numbers are octal text or GNU's binary: a number is exact, or the header is
// refused.
// References: POSIX pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format" and "Extensions".
import { type GuestTar, parseTar } from '../../../generated/container/tar.js';
import { FormatError } from '../../errors.js';
import { rawText, u8 } from '../../validation/guest.js';

export const HEADER_BYTES = 512;
const CHECKSUM_AT = 148;
const CHECKSUM_BYTES = 8;
const BLANK = 0x20;
const BINARY_MARK = 0x80;

/** What a member is, by its type. */
export const KIND = {
  oldFile: 0,
  file: '0'.charCodeAt(0),
  /** Kinds from this to `lastSpecial` are links, devices, directories, FIFOs: no content follows, whatever their size is. */
  firstSpecial: '1'.charCodeAt(0),
  lastSpecial: '6'.charCodeAt(0),
  contiguous: '7'.charCodeAt(0),
  /** The name of a link, which stands between a long name and its member. */
  longLink: 'K'.charCodeAt(0),
  longName: 'L'.charCodeAt(0),
  pax: 'x'.charCodeAt(0),
  sparse: 'S'.charCodeAt(0),
};

export interface Header {
  readonly kind: number;
  readonly name: string;
  /** Of links and devices too, which have no content. */
  readonly sizeBytes: number;
}

/** @throws FormatError. */
export function readHeader(bytes: Uint8Array, at: number): Header {
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

export function isFile(kind: number): boolean {
  return [KIND.oldFile, KIND.file, KIND.contiguous, KIND.sparse].includes(kind);
}

/** Whether the sum of the header's bytes is the one that it says; some old writers summed them as signed ones. */
export function hasValidChecksum(bytes: Uint8Array, header: GuestTar): boolean {
  let [sum, signedSum] = [0, 0];
  for (let i = 0; i < HEADER_BYTES; i++) {
    const isSum = i >= CHECKSUM_AT && i < CHECKSUM_AT + CHECKSUM_BYTES;
    const byte = isSum ? BLANK : (bytes[i] ?? 0);
    sum += byte;
    signedSum += byte < 128 ? byte : byte - 256;
  }
  const stored = octal(header.checksum);
  return stored === sum || stored === signedSum;
}

/** @throws FormatError INVALID; OUT_OF_BOUNDS for a number that is negative or above 2^53. */
export function tarNumber(field: Uint8Array, what: string): number {
  const value = ((field[0] ?? 0) & BINARY_MARK) === 0 ? octal(field) : binary(field);
  if (value === null) throw new FormatError('INVALID', `ova: ${what} is not a number`);
  if (value >= 0 && value <= Number.MAX_SAFE_INTEGER) return value;
  const message = `ova: ${what} is negative or more than 2^53`;
  throw new FormatError('OUT_OF_BOUNDS', message);
}

/** Blanks before and a blank or a zero behind; null for anything else. 11 digits are less than 2^53. */
function octal(field: Uint8Array): number | null {
  const text = Buffer.from(field).toString('latin1');
  const digits = /^ *([0-7]*)[\0 ]*$/u.exec(text)?.[1];
  return digits === undefined ? null : Number.parseInt(digits === '' ? '0' : digits, 8);
}

/** Two's complement, big-endian, behind the mark: -1 stands for everything negative. */
function binary(field: Uint8Array): number {
  const [first = 0, ...rest] = field;
  if ((first & 0x40) !== 0) return -1;
  return rest.reduce((value, byte) => value * 256 + byte, first % 64);
}
