// A file as its entry tells of it.
// References: Linux fs/udf/inode.c: udf_read_inode, udf_convert_permissions.
import {
  type GuestUdfFileEntry,
  parseUdfExtendedFileEntry,
  parseUdfFileEntry,
} from '../../../generated/filesystem/udf.js';
import { FormatError } from '../../errors.js';
import { equals, int, u16, u32, u64 } from '../../validation/guest.js';
import type { FileKind } from '../files.js';
import { type Disc, numberOf } from './disc.js';
import { type Icb, readIcb } from './icb.js';
import { targetOf } from './link.js';
import { timeOf } from './times.js';
import { type Address, addressIn } from './volume.js';

/** File types, and the bits of st_mode that they are; those that are left out are UDF's own. */
const TYPES: Readonly<Record<number, readonly [FileKind, number]>> = {
  0: ['file', 0o100000],
  4: ['directory', 0o040000],
  5: ['file', 0o100000],
  6: ['device', 0o060000],
  7: ['device', 0o020000],
  9: ['device', 0o010000],
  10: ['device', 0o140000],
  12: ['symlink', 0o120000],
  248: ['file', 0o100000],
  249: ['file', 0o100000],
};
const LINK_MODE = 0o777;
const PERMISSION_BITS = 5;
const GROUPS = [0, 1, 2];
const SPECIAL = { setUser: [0x40, 0o4000], setGroup: [0x80, 0o2000], sticky: [0x100, 0o1000] };
const NOBODY = 0xffff_ffff;
/** The kernel's overflowuid, for an owner that nobody is. */
const OVERFLOW_ID = 65_534;

export interface Inode {
  /** The block of its first entry, of the volume. */
  readonly number: number;
  readonly icb: Icb;
  /** Where its newest entry is. */
  readonly entryBlock: number;
  /** Of a link that of its target, which is stored in another form. */
  readonly sizeBytes: number;
  readonly kind: FileKind;
  readonly mode: number;
  readonly owner: number;
  readonly group: number;
  readonly linkCount: number;
  readonly allocatedBytes: number;
  readonly uniqueId: bigint;
  readonly accessedNs: bigint;
  readonly modifiedNs: bigint;
  readonly changedNs: bigint;
  readonly createdNs: bigint | null;
  /** Entries of what lies beside its content: extended attributes, and a directory of streams. */
  readonly beside: readonly Address[];
}

/** null: there is no entry, or none that a kernel shows. @throws FormatError */
export async function inodeAt(disc: Disc, address: Address): Promise<Inode | null> {
  const number = await numberOf(disc, address);
  const icb = number === null ? null : await readIcb(disc, address);
  if (number === null || icb === null || icb.isSpaceEntry) return null;
  const entryBlock = (await numberOf(disc, icb)) ?? number;
  const type = TYPES[icb.fileType];
  if (type === undefined) return null;
  const [kind, typeBits] = type;
  const guest = icb.isExtended ? null : parseUdfFileEntry(icb.bytes);
  const extended = icb.isExtended ? parseUdfExtendedFileEntry(icb.bytes) : null;
  const entry = guest ?? extended;
  if (entry === null) return null;
  const { identity, numBlocks } = entry;
  const links = u16(identity.numLinks);
  const most = Math.floor(Number.MAX_SAFE_INTEGER / disc.blockBytes);
  return {
    number,
    icb,
    entryBlock,
    sizeBytes: kind === 'symlink' ? (await targetOf(disc, icb)).length : icb.sizeBytes,
    kind,
    mode: typeBits + (kind === 'symlink' ? LINK_MODE : modeOf(icb, u32(identity.permissions))),
    owner: ownerOf(identity.owner),
    group: ownerOf(identity.group),
    // Its own name in itself is not counted.
    linkCount: kind === 'directory' && links > 0 ? links + 1 : links,
    allocatedBytes: int(numBlocks, 'udf: blocks of a file', 0, most) * disc.blockBytes,
    uniqueId: u64(entry.uniqueId),
    accessedNs: timeOf(entry.accessed),
    modifiedNs: timeOf(entry.modified),
    changedNs: timeOf(entry.changed),
    createdNs: extended === null ? null : timeOf(extended.created),
    beside: [entry.attributes, ...(extended === null ? [] : [extended.streams])].flatMap(
      (extent) => (equals(extent.lenExtent, 0) ? [] : [addressIn(extent)]),
    ),
  };
}

/** The same for a name that leads there. @throws FormatError where there is none. */
export async function namedInode(disc: Disc, address: Address): Promise<Inode> {
  const inode = await inodeAt(disc, address);
  if (inode !== null && inode.linkCount > 0) return inode;
  const { block, reference } = address;
  const what = inode === null ? 'no file' : 'a file that was deleted';
  const words = `a name leads to block ${block} of partition ${reference}, where there is ${what}`;
  throw new FormatError('INVALID', `udf: ${words}`, { data: { block, reference } });
}

function modeOf({ flags }: Icb, permissions: number): number {
  const special = Object.values(SPECIAL).map(([flag = 1, mode = 0]) =>
    Math.floor(flags / flag) % 2 === 1 ? mode : 0,
  );
  // Read, write and execute stand in the lowest three of each five bits.
  const shares = GROUPS.map(
    (group) => (Math.floor(permissions / 2 ** (group * PERMISSION_BITS)) % 8) * 8 ** group,
  );
  return [...special, ...shares].reduce((mode, bits) => mode + bits, 0);
}

function ownerOf(guest: GuestUdfFileEntry['identity']['owner']): number {
  const id = u32(guest);
  return id === NOBODY ? OVERFLOW_ID : id;
}
