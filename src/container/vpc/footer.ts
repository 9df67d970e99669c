// The footer of a VHD: which kind of image it is, and how large its disk.
// References: Microsoft, Virtual Hard Disk Image Format Specification 1.0, "Hard Disk Footer Format";
// QEMU block/vpc.c vpc_open() for which field is the size. An image that lost its footer still has the copy at its
// beginning.
import { type GuestVpc, parseVpc, VpcDiskType } from '../../../generated/container/vpc.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError, UnsupportedError } from '../../errors.js';
import { GIB } from '../../limits.js';
import { equals, int, rawText, u8, u16, uuidText } from '../../validation/guest.js';

export interface Footer {
  readonly type: 'fixed' | 'dynamic' | 'differencing';
  /** Size of the disk that the guest sees. */
  readonly sizeBytes: number;
  /** Where the footer that is used begins: a fixed disk is the bytes before it. */
  readonly offsetBytes: number;
  /** The footer at the end is missing or damaged; this is the copy at the beginning. */
  readonly isCopy: boolean;
  /** Where a dynamic image's header is. @throws FormatError. */
  headerOffsetBytes(fileBytes: number): number;
  readonly uuid: string | null;
  readonly hasSavedState: boolean;
}

/** The length of the magic number and all fields; the rest of the footer is reserved. */
const FIELD_BYTES = 85;
const FOOTER_BYTES = 512;
/** The length of a footer by Virtual PC before 2004. */
const OLD_FOOTER_BYTES = 511;
const CHECKSUM_OFFSET = 64;
export const DYNAMIC_HEADER_BYTES = 1024;
const MAX_DISK_BYTES = 2040 * GIB;
/** The largest geometry there is: a larger disk has the same, so then it does not tell the size. */
const MAX_GEOMETRY_SECTORS = 65535 * 16 * 255;

/**
 * Programs in whose images the field `current_size` is the size of the disk. In all others, Virtual PC's above all, the
 * geometry gives it, as in QEMU: a field of 10.01 GB beside a geometry of 10 GB makes a disk of 10 GB. VirtualBox and Azure
 * are not in QEMU's list of Debian 12, but read their own images by the field.
 */
const SIZED_BY_FIELD: ReadonlySet<string> = new Set([
  'win ', // Hyper-V
  'qem2', // QEMU with force_size
  'd2v ', // Disk2vhd
  'tap\0', // XenServer
  'CTXS', // XenConverter
  'wa\0\0', // Azure
  'vbox', // VirtualBox
]);

/** A footer whose checksum is right. */
interface Sound {
  readonly guest: GuestVpc;
  readonly offsetBytes: number;
}

/** @throws FormatError BAD_MAGIC, BAD_CHECKSUM; UnsupportedError UNSUPPORTED_FEATURE for a kind that is not known. */
export async function readFooter(file: ByteSource): Promise<Footer> {
  const tail = await soundTail(file);
  const sound = tail ?? (await soundHead(file));
  if (sound === null) throw await flawOf(file);
  const isCopy = tail === null;
  const type = typeOf(sound.guest);
  if (type === 'fixed' && isCopy) {
    throw new FormatError('BAD_MAGIC', 'vpc: the fixed image does not end with a footer');
  }
  return { ...fieldsOf(sound), type, isCopy };
}

/** Whether a file of undeclared format is a VHD. The magic number at the end is not enough: a guest may write it there. */
export async function isVpc(file: ByteSource): Promise<boolean> {
  const begins = await hasCookie(file, 0);
  const tail = await soundTail(file);
  if (tail === null || begins) return begins;
  if (!equals(tail.guest.diskType, VpcDiskType.FIXED)) return false;
  try {
    return fieldsOf(tail).sizeBytes <= tail.offsetBytes;
  } catch {
    return false; // The size is out of bounds, so this is no footer.
  }
}

function typeOf({ diskType }: GuestVpc): Footer['type'] {
  if (equals(diskType, VpcDiskType.FIXED)) return 'fixed';
  if (equals(diskType, VpcDiskType.DYNAMIC)) return 'dynamic';
  if (equals(diskType, VpcDiskType.DIFFERENCING)) return 'differencing';
  const type = int(diskType, 'vpc: disk type', 0, 2 ** 32);
  throw new UnsupportedError('UNSUPPORTED_FEATURE', `vpc: disks of type ${type} are not known`, {
    data: { type },
  });
}

function fieldsOf({ guest, offsetBytes }: Sound): Omit<Footer, 'type' | 'isCopy'> {
  return {
    offsetBytes,
    sizeBytes: sizeOf(guest),
    uuid: uuidText(guest.uniqueId),
    hasSavedState: !equals(guest.savedState, 0),
    headerOffsetBytes: (fileBytes) =>
      int(guest.ofsHeader, 'vpc: offset of the header', 0, fileBytes - DYNAMIC_HEADER_BYTES),
  };
}

function sizeOf(guest: GuestVpc): number {
  const cylinders = u16(guest.numCylinders);
  const heads = u8(guest.numHeads);
  const sectors = u8(guest.sectorsPerTrack);
  const geometry = cylinders * heads * sectors;
  const isByField = SIZED_BY_FIELD.has(rawText(guest.creatorApplication, 4));
  if (!isByField && geometry !== MAX_GEOMETRY_SECTORS) return geometry * SECTOR_BYTES;
  const bytes = int(guest.currentSize, 'vpc: current size', 0, MAX_DISK_BYTES);
  return bytes - (bytes % SECTOR_BYTES);
}

/** The footer at the end of the file, of either length. */
async function soundTail(file: ByteSource): Promise<Sound | null> {
  for (const length of [FOOTER_BYTES, OLD_FOOTER_BYTES]) {
    const offset = file.sizeBytes - length;
    if (offset < 0 || !(await hasCookie(file, offset))) continue;
    const sound = soundFooter(await file.read(offset, length), offset);
    if (sound !== null) return sound;
  }
  return null;
}

async function soundHead(file: ByteSource): Promise<Sound | null> {
  if (file.sizeBytes < FOOTER_BYTES || !(await hasCookie(file, 0))) return null;
  return soundFooter(await file.read(0, FOOTER_BYTES), 0);
}

function soundFooter(bytes: Uint8Array, offsetBytes: number): Sound | null {
  const guest = parseVpc(bytes.subarray(0, FIELD_BYTES));
  return equals(guest.checksum, checksum(bytes, CHECKSUM_OFFSET)) ? { guest, offsetBytes } : null;
}

const COOKIE = Buffer.from('conectix');

async function hasCookie(file: ByteSource, offset: number): Promise<boolean> {
  if (offset + COOKIE.length > file.sizeBytes) return false;
  return COOKIE.equals(await file.read(offset, COOKIE.length));
}

/** Ones' complement of the sum of all bytes but those of the checksum itself. */
export function checksum(bytes: Uint8Array, fieldOffset: number): number {
  let sum = 0;
  for (const [i, byte] of bytes.entries()) {
    if (i < fieldOffset || i >= fieldOffset + 4) sum += byte;
  }
  return 2 ** 32 - 1 - sum;
}

/** Why no footer could be taken. */
async function flawOf(file: ByteSource): Promise<FormatError> {
  for (const offset of [file.sizeBytes - FOOTER_BYTES, file.sizeBytes - OLD_FOOTER_BYTES, 0]) {
    if (offset >= 0 && (await hasCookie(file, offset))) {
      const message = `vpc: the footer at ${offset} does not match its checksum`;
      return new FormatError('BAD_CHECKSUM', message, { data: { offset } });
    }
  }
  return new FormatError(
    'BAD_MAGIC',
    'vpc: neither the end nor the beginning of the file is a footer',
  );
}
