// Extended attributes of Linux's filesystems: the namespaces that they store as numbers, and access control lists, which have a form of
// their own on the disk.
// References: Linux 6.18 include/uapi/linux/xattr.h, posix_acl_xattr.h; fs/ext4/acl.h: ext4_acl_entry; fs/ext4/acl.c:
// ext4_acl_from_disk; fs/xattr.c: listxattr_max.
import { parseExtAccessEntry, parseExtAccessList } from '../../generated/filesystem/ext.js';
import { FormatError } from '../errors.js';
import { KIB, MIB } from '../limits.js';
import { equals, u16, u32 } from '../validation/guest.js';
import type { FileAttribute } from './files.js';
import { FileLimitError } from './told.js';

/** XATTR_SIZE_MAX */
export const MAX_VALUE_BYTES = 64 * KIB;
/** Kernels list at most 64 KiB of names; the values of so many are not more than this on any disk that was written by one. */
const MAX_FILE_BYTES = 4 * MIB;

const ACCESS = 'system.posix_acl_access';
const DEFAULT = 'system.posix_acl_default';
/** Namespaces of ext and F2FS, by their numbers. Of others (encryption, verity) no program sees anything. */
const PREFIXES: Readonly<Record<number, string>> = {
  1: 'user.',
  2: ACCESS,
  3: DEFAULT,
  4: 'trusted.',
  6: 'security.',
};
const LISTS: ReadonlySet<number> = new Set([2, 3]);

const DISK_VERSION = 1;
const VERSION = 2;
const HEAD_BYTES = 4;
const SHORT_ENTRY_BYTES = 4;
const ENTRY_BYTES = 8;
const USER = 0x02;
const GROUP = 0x08;
const NOBODY = 0xffff_ffff;

/** One entry of an access control list, in trusted numbers. */
export interface AccessEntry {
  readonly tag: number;
  readonly permissions: number;
  readonly id: number;
}

/** An attribute of ext or F2FS; null: no program sees it. @throws FormatError INVALID for a damaged list. */
export function numberedAttribute(
  space: number,
  name: Uint8Array,
  value: Uint8Array,
): FileAttribute | null {
  const prefix = PREFIXES[space];
  if (prefix === undefined) return null;
  if (!LISTS.has(space)) return attribute(prefix, name, value);
  return { name: Buffer.from(prefix), value: accessList(diskEntries(value)) };
}

export function attribute(prefix: string, name: Uint8Array, value: Uint8Array): FileAttribute {
  return { name: Buffer.concat([Buffer.from(prefix), name]), value: new Uint8Array(value) };
}

/** The names under which an access control list is shown. */
export function accessAttribute(entries: Iterable<AccessEntry>, isDefault: boolean): FileAttribute {
  return { name: Buffer.from(isDefault ? DEFAULT : ACCESS), value: accessList(entries) };
}

/** Keeps what a file's attributes take within limits. */
export function attributeBudget(format: string): (attribute: FileAttribute) => void {
  let bytes = 0;
  return ({ name, value }) => {
    bytes += name.length + value.length;
    if (bytes <= MAX_FILE_BYTES) return;
    const message = `${format}: a file has more than ${MAX_FILE_BYTES} bytes of extended attributes`;
    throw new FileLimitError(message, MAX_FILE_BYTES);
  };
}

/** As ext stores them: an entry without an owner is shorter. */
function* diskEntries(bytes: Uint8Array): Generator<AccessEntry> {
  if (bytes.length < HEAD_BYTES || !equals(parseExtAccessList(bytes).version, DISK_VERSION)) {
    throw damaged();
  }
  for (let at = HEAD_BYTES; at < bytes.length; ) {
    if (at + SHORT_ENTRY_BYTES > bytes.length) throw damaged();
    const { tag, permissions, owner } = parseExtAccessEntry(bytes.subarray(at));
    yield {
      tag: u16(tag),
      permissions: u16(permissions),
      id: owner === undefined ? NOBODY : u32(owner),
    };
    at += owner === undefined ? SHORT_ENTRY_BYTES : ENTRY_BYTES;
  }
}

function damaged(): FormatError {
  return new FormatError('INVALID', 'an access control list is damaged');
}

/** As getxattr(2) gives it. */
function accessList(entries: Iterable<AccessEntry>): Uint8Array {
  const parts = [Buffer.alloc(HEAD_BYTES)];
  parts[0]?.writeUInt32LE(VERSION);
  for (const { tag, permissions, id } of entries) {
    const part = Buffer.alloc(ENTRY_BYTES);
    part.writeUInt16LE(tag, 0);
    part.writeUInt16LE(permissions, 2);
    part.writeUInt32LE(tag === USER || tag === GROUP ? id : NOBODY, SHORT_ENTRY_BYTES);
    parts.push(part);
  }
  return Buffer.concat(parts);
}
