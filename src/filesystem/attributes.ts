// Extended attributes of Linux's filesystems: the namespaces that they store as numbers, and access control lists, which have a form of
// their own on the disk.
// References: Linux 6.18 include/uapi/linux/xattr.h, posix_acl_xattr.h; fs/ext4/acl.h: ext4_acl_entry; fs/ext4/acl.c:
// ext4_acl_from_disk; fs/xattr.c: listxattr_max.
import { parseExtAccessEntry, parseExtAccessList } from '../../generated/filesystem/ext.js';
import { FormatError } from '../errors.js';
import type { GuestInteger } from '../kaitai/index.js';
import { KIB, MIB } from '../limits.js';
import { equals, int } from '../validation/guest.js';
import type { FileAttribute } from './files.js';
import { FileLimitError } from './told.js';

/** XATTR_SIZE_MAX */
export const MAX_VALUE_BYTES = 64 * KIB;
/** Kernels list at most 64 KiB of names; the values of so many are not more than this on any disk that was written by one. */
const MAX_FILE_BYTES = 4 * MIB;

const ACCESS = 'system.posix_acl_access';
const DEFAULT = 'system.posix_acl_default';
/** Namespaces of ext and F2FS, by their numbers. Of others (encryption, verity) no program sees anything. */
const PREFIXES: readonly (readonly [number, string])[] = [
  [1, 'user.'],
  [2, ACCESS],
  [3, DEFAULT],
  [4, 'trusted.'],
  [6, 'security.'],
];

const DISK_VERSION = 1;
const VERSION = 2;
const HEAD_BYTES = 4;
const SHORT_ENTRY_BYTES = 4;
const ENTRY_BYTES = 8;
const USER = 0x02;
const GROUP = 0x08;
/** ACL_OTHER */
const MAX_TAG = 0x20;
const MAX_PERMISSIONS = 0o7;
const OWNER = 'owner in an access control list';
/** The user or group of an entry that names none, and the highest that one may name. */
const NOBODY = 0xffff_ffff;
const MAX_OWNER = NOBODY - 1;

/** One entry of an access control list, in trusted numbers. */
interface AccessEntry {
  readonly tag: number;
  readonly permissions: number;
  readonly id: number;
}

/** An attribute of ext or F2FS; null: no program sees it. @throws FormatError INVALID for a damaged list. */
export function numberedAttribute(
  space: GuestInteger,
  name: Uint8Array,
  value: Uint8Array,
): FileAttribute | null {
  const [, prefix = null] = PREFIXES.find(([number]) => equals(space, number)) ?? [];
  if (prefix === null) return null;
  if (prefix !== ACCESS && prefix !== DEFAULT) return attribute(prefix, name, value);
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
    yield accessOf(tag, permissions, owner);
    at += owner === undefined ? SHORT_ENTRY_BYTES : ENTRY_BYTES;
  }
}

/** An entry in numbers. @throws FormatError OUT_OF_BOUNDS for a kind, rights or an owner that cannot be. */
export function accessOf(
  kind: GuestInteger,
  rights: GuestInteger,
  owner: GuestInteger | undefined,
): AccessEntry {
  const tag = int(kind, 'kind of access', 1, MAX_TAG);
  const isNamed = tag === USER || tag === GROUP;
  return {
    tag,
    permissions: int(rights, 'rights of access', 0, MAX_PERMISSIONS),
    id: owner === undefined || !isNamed ? NOBODY : int(owner, OWNER, 0, MAX_OWNER),
  };
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
    part.writeUInt32LE(id, SHORT_ENTRY_BYTES);
    parts.push(part);
  }
  return Buffer.concat(parts);
}
