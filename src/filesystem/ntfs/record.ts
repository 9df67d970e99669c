// A record of the master file table: its bytes as they were before they were protected, and its attributes.
// References: ntfs-3g libntfs-3g/mst.c (ntfs_mst_post_read_fixup), attrib.c (ntfs_attr_find).
import {
  type GuestNtfsAttribute,
  type GuestNtfsFileRecord,
  parseNtfsAttribute,
  parseNtfsFileRecord,
} from '../../../generated/filesystem/ntfs.js';
import { FormatError } from '../../errors.js';
import { big, equals, hasFlag, int, u8, u16, u32, u64 } from '../../validation/guest.js';

/** Whatever the sectors of the disk: a stretch whose last two bytes show whether it was written with the others. */
const STRIDE_BYTES = 512;
const IN_USE = 1n;
const IS_DIRECTORY = 2n;
const ATTRIBUTE_BYTES = 24;
const NUMBER_MODULUS = 2n ** 48n;

export interface Attribute {
  readonly type: number;
  /** UTF-16 as it is on the disk. */
  readonly name: Uint8Array;
  readonly instance: number;
  /** First cluster of the value that this attribute is about; 0 where the value is in the record. */
  readonly firstCluster: bigint;
  /** In the record. */
  readonly offsetBytes: number;
  readonly head: GuestNtfsAttribute;
  /** All of it, head included. */
  readonly bytes: Uint8Array;
}

/** A record, and which of those that had its number in turn. */
export interface RecordId {
  readonly number: number;
  readonly sequence: number;
}

export interface FileRecord extends RecordId {
  readonly isDirectory: boolean;
  readonly attributes: readonly Attribute[];
  /** The record that this one is a part of; null if it is a file's first. */
  readonly base: RecordId | null;
}

/** A reference to a record; null: 0, which refers to nothing. */
export function recordId(reference: GuestNtfsFileRecord['base']): RecordId | null {
  const value = u64(reference);
  if (value === 0n) return null;
  return { number: Number(value % NUMBER_MODULUS), sequence: Number(value / NUMBER_MODULUS) };
}

/** The number of a record in a reference to it, without the count of its uses. */
export function recordNumber(reference: GuestNtfsFileRecord['base']): number | null {
  return recordId(reference)?.number ?? null;
}

/**
 * @param bytes the record as it is on the disk; it is not changed.
 * @throws FormatError when it is no record in use, was written in part, or its attributes do not lie within it.
 */
export function readRecord(bytes: Uint8Array, number: number): FileRecord {
  const record = readRecordInUse(bytes, number);
  if (record !== null) return record;
  throw new FormatError('INVALID', `ntfs: record ${number} is not in use`, { data: { number } });
}

/** The same; null for one that is not in use. */
export function readRecordInUse(bytes: Uint8Array, number: number): FileRecord | null {
  const what = `record ${number}`;
  const guest = parseNtfsFileRecord(bytes);
  if (!hasFlag(guest.flags, IN_USE)) return null;
  const plain = withoutProtection(bytes, guest, what);
  const used = int(guest.lenUsed, `ntfs: bytes used of ${what}`, ATTRIBUTE_BYTES, plain.length);
  const start = int(guest.ofsAttributes, `ntfs: attributes of ${what}`, ATTRIBUTE_BYTES, used);
  return {
    number,
    sequence: u16(guest.sequenceNumber),
    isDirectory: hasFlag(guest.flags, IS_DIRECTORY),
    attributes: readAttributes(plain.subarray(0, used), start, what),
    base: recordId(guest.base),
  };
}

/** The head of a record or an index block, which says where its update sequence lies. */
interface Protected {
  readonly numSequence: GuestNtfsFileRecord['numSequence'];
  readonly ofsSequence: GuestNtfsFileRecord['ofsSequence'];
}

/**
 * A copy with the bytes that the update sequence keeps put back.
 * @throws FormatError BAD_CHECKSUM when not all of it was written.
 */
export function withoutProtection(bytes: Uint8Array, head: Protected, what: string): Uint8Array {
  const strides = bytes.length / STRIDE_BYTES;
  if (!equals(head.numSequence, strides + 1)) {
    throw new FormatError(
      'INVALID',
      `ntfs: the update sequence of ${what} is not one of ${strides} sectors`,
    );
  }
  const last = STRIDE_BYTES - 2 * (strides + 2);
  const offset = int(head.ofsSequence, `ntfs: update sequence of ${what}`, ATTRIBUTE_BYTES, last);
  const plain = new Uint8Array(bytes);
  for (let i = 1; i <= strides; i++) {
    const at = i * STRIDE_BYTES - 2;
    if (bytes[at] !== bytes[offset] || bytes[at + 1] !== bytes[offset + 1]) {
      const message = `ntfs: sector ${i} of ${what} was not written with the others`;
      throw new FormatError('BAD_CHECKSUM', message, { data: { sector: i } });
    }
    plain[at] = bytes[offset + 2 * i] ?? 0;
    plain[at + 1] = bytes[offset + 2 * i + 1] ?? 0;
  }
  return plain;
}

function readAttributes(bytes: Uint8Array, start: number, what: string): readonly Attribute[] {
  const attributes: Attribute[] = [];
  for (let at = start; at + 4 <= bytes.length; ) {
    // The last one is nothing but this type.
    if (Buffer.compare(bytes.subarray(at, at + 4), END_TYPE) === 0) return attributes;
    const head = parseNtfsAttribute(bytes.subarray(at));
    const length = int(
      head.lenAttribute,
      `ntfs: length of an attribute of ${what}`,
      ATTRIBUTE_BYTES,
      bytes.length - at,
    );
    attributes.push(readAttribute(bytes.subarray(at, at + length), at, head, what));
    at += length;
  }
  return attributes;
}

const END_TYPE = Uint8Array.from([0xff, 0xff, 0xff, 0xff]);

function readAttribute(
  bytes: Uint8Array,
  offsetBytes: number,
  head: GuestNtfsAttribute,
  what: string,
): Attribute {
  const nameBytes = 2 * u8(head.numName);
  const nameAt =
    nameBytes === 0
      ? 0
      : int(head.ofsName, `ntfs: name of an attribute of ${what}`, 0, bytes.length - nameBytes);
  const first = head.clusters?.firstCluster;
  return {
    type: u32(head.type),
    name: bytes.subarray(nameAt, nameAt + nameBytes),
    instance: u16(head.instance),
    firstCluster:
      first === undefined ? 0n : big(first, `ntfs: first cluster of ${what}`, 0n, 2n ** 63n - 1n),
    offsetBytes,
    head,
    bytes,
  };
}
