// Links and devices, which NTFS has in two ways: reparse points (Windows' links and junctions, and those of its Subsystem for
// Linux), and files of the attribute "system" with a mark (Interix, as ntfs-3g writes them).
// References: ntfs-3g libntfs-3g/reparse.c (ntfs_make_symlink), ea.c, include/ntfs-3g/layout.h (IO_REPARSE_TAG_*, INTX_FILE);
// src/ntfs-3g.c (ntfs_fuse_getstat); [MS-FSCC] 2.1.2.4 Symbolic Link Reparse Data Buffer, 2.1.2.5 Mount Point.
import {
  type GuestNtfsStandardInformation,
  ntfsLinkNamesRecords,
  ntfsReparsePointRecords,
} from '../../../generated/filesystem/ntfs.js';
import { KIB } from '../../limits.js';
import { equals, hasFlag, int } from '../../validation/guest.js';
import type { FileKind } from '../files.js';
import { tell } from '../told.js';
import { nameBytes } from '../utf16-names.js';
import { DATA, REPARSE_POINT } from './attribute-types.js';
import { partsOf } from './file-attributes.js';
import type { Attribute } from './record.js';
import { COMPRESSED, ENCRYPTED, joinedValue, readBytes, readSizes } from './value.js';
import type { NtfsFile, NtfsVolume } from './volume-files.js';

const HIDDEN = 0x2n;
const SYSTEM = 0x4n;
const IS_REPARSE_POINT = 0x400n;
const MOUNT_POINT = 0xa0000003;
const SYMBOLIC_LINK = 0xa000000c;
const LINUX_LINK = 0xa000001d;
/** Sockets, FIFOs, and devices of Linux. */
const LINUX_DEVICES = [0x80000023, 0x80000024, 0x80000025, 0x80000026];
const HEAD_BYTES = 8;
/** The version, before the target of a link of Linux. */
const LINUX_HEAD_BYTES = 4;
const NAMES_BYTES = 8;
const LINK_FLAGS_BYTES = 4;
/** What Windows lets a reparse point have. */
const MAX_REPARSE_BYTES = 16 * KIB + HEAD_BYTES;
const NT_PREFIX = '\\??\\';
const MARK_BYTES = 8;
const INTERIX_LINK = 'IntxLNK\x01';
const INTERIX_DEVICES = ['IntxBLK\0', 'IntxCHR\0'];
const INTERIX_DEVICE_BYTES = 24;
/** A path of 4096 units. */
const MAX_INTERIX_BYTES = MARK_BYTES + 2 * 4096;

export interface Special {
  readonly kind: Extract<FileKind, 'symlink' | 'device'>;
  /** Of a link its target's, as a mount shows it; null: that of the content. */
  readonly sizeBytes: number | null;
  /** The attribute that has the target. */
  readonly from: 'reparse point' | 'content';
}

/** null for an ordinary file or directory, and for reparse points that are none of these (deduplication, OneDrive). */
export async function specialOf(
  volume: NtfsVolume,
  file: NtfsFile,
  information: GuestNtfsStandardInformation | null,
): Promise<Special | null> {
  if (information === null) return null;
  try {
    if (hasFlag(information.attributes, IS_REPARSE_POINT)) return await reparsed(volume, file);
    if (file.record.isDirectory || !hasFlag(information.attributes, SYSTEM)) return null;
    return await interix(volume, file, hasFlag(information.attributes, HIDDEN));
  } catch (error) {
    tell(volume, file.record.number, error);
    return null;
  }
}

async function reparsed(volume: NtfsVolume, file: NtfsFile): Promise<Special | null> {
  const parts = partsOf(file, REPARSE_POINT, '').map(({ attribute }) => attribute);
  if (parts.length === 0) return null;
  const bytes = await bytesOf(volume, file, parts, MAX_REPARSE_BYTES);
  if (bytes.length < HEAD_BYTES) return null;
  const { tag } = ntfsReparsePointRecords(bytes).at(0);
  const isSymbolic = equals(tag, SYMBOLIC_LINK);
  const data = bytes.subarray(HEAD_BYTES);
  if (LINUX_DEVICES.some((one) => equals(tag, one)))
    return { kind: 'device', sizeBytes: null, from: 'content' };
  if (equals(tag, LINUX_LINK)) {
    const sizeBytes = Math.max(0, data.length - LINUX_HEAD_BYTES);
    return { kind: 'symlink', sizeBytes, from: 'reparse point' };
  }
  if (!isSymbolic && !equals(tag, MOUNT_POINT)) return null;
  const namesAt = NAMES_BYTES + (isSymbolic ? LINK_FLAGS_BYTES : 0);
  if (data.length < namesAt) return null;
  const { ofsTarget, lenTarget } = ntfsLinkNamesRecords(data).at(0);
  const names = data.subarray(namesAt);
  const offset = int(ofsTarget, 'ntfs: offset of a target', 0, names.length);
  const length = int(lenTarget, 'ntfs: bytes of a target', 0, names.length - offset);
  const target = utf16(names.subarray(offset, offset + length));
  const shown = target.startsWith(NT_PREFIX) ? target.slice(NT_PREFIX.length) : target;
  return { kind: 'symlink', sizeBytes: nameBytes(shown).length, from: 'reparse point' };
}

async function interix(
  volume: NtfsVolume,
  file: NtfsFile,
  isHidden: boolean,
): Promise<Special | null> {
  const parts = partsOf(file, DATA, '').map(({ attribute }) => attribute);
  const [first] = parts;
  if (first === undefined) return null;
  // What is compressed or encrypted has no mark that can be read.
  if (!hasPlainFlags(first)) return null;
  const { sizeBytes } = readSizes(first, what(file));
  if (!isHidden && sizeBytes < 2) return { kind: 'device', sizeBytes: null, from: 'content' };
  if (sizeBytes <= MARK_BYTES || sizeBytes > MAX_INTERIX_BYTES) return null;
  const bytes = await bytesOf(volume, file, parts, MAX_INTERIX_BYTES);
  const mark = Buffer.from(bytes.subarray(0, MARK_BYTES)).toString('latin1');
  if (INTERIX_DEVICES.includes(mark) && bytes.length === INTERIX_DEVICE_BYTES) {
    return { kind: 'device', sizeBytes: null, from: 'content' };
  }
  if (mark !== INTERIX_LINK) return null;
  const target = nameBytes(utf16(bytes.subarray(MARK_BYTES)));
  return { kind: 'symlink', sizeBytes: target.length, from: 'content' };
}

function hasPlainFlags({ head }: Attribute): boolean {
  return !hasFlag(head.flags, COMPRESSED) && !hasFlag(head.flags, ENCRYPTED);
}

function what({ record }: NtfsFile): string {
  return `the target of record ${record.number}`;
}

async function bytesOf(
  { table: { source, geometry } }: NtfsVolume,
  file: NtfsFile,
  parts: readonly Attribute[],
  most: number,
): Promise<Uint8Array> {
  const value = joinedValue(parts, geometry, what(file));
  return readBytes(source, geometry, value, 0, Math.min(value.sizeBytes, most));
}

function utf16(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.subarray(0, bytes.length - (bytes.length % 2))).toString(
    'utf16le',
  );
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}
