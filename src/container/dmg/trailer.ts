// The trailer of a dmg: how big the disk is, and where its chunks are described.
// References: QEMU block/dmg.c dmg_open(); http://newosxbook.com/DMG.html.
import {
  type GuestDmg,
  parseDmg,
  parseDmgEncryptedHead,
} from '../../../generated/container/dmg.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import type { ByteSource } from '../../bytes/source.js';
import { UnsupportedError } from '../../errors.js';
import { equals, int } from '../../validation/guest.js';

export interface Trailer {
  readonly version: string;
  /** Size of the disk that the guest sees. */
  readonly sizeBytes: number;
  /** The offset in the file from which the offsets of the block tables count. */
  readonly dataForkOffsetBytes: number;
  /** Where the trailer begins: everything else lies before it. */
  readonly endBytes: number;
  readonly resourceFork: FileRange;
  readonly propertyList: FileRange;
}

/** A part of the image file. */
export interface FileRange {
  readonly offsetBytes: number;
  /** 0 if the image has no such part. */
  readonly lengthBytes: number;
}

export const TRAILER_BYTES = 512;
export const MAX_DISK_SECTORS = Math.floor(Number.MAX_SAFE_INTEGER / SECTOR_BYTES);

const ENCRYPTED_MAGIC = 'encrcdsa';

/** @throws FormatError; UnsupportedError ENCRYPTED, UNSUPPORTED_FEATURE. */
export async function readTrailer(file: ByteSource): Promise<Trailer> {
  await refuseEncryption(file);
  const endBytes = Math.max(0, file.sizeBytes - TRAILER_BYTES);
  const trailer = parseDmg(await file.read(endBytes, file.sizeBytes - endBytes));
  refuseSegments(trailer);
  const sectorCount = int(trailer.lenDiskSectors, 'dmg: sectors of the disk', 0, MAX_DISK_SECTORS);
  const { ofsResourceFork, lenResourceFork, ofsPropertyList, lenPropertyList } = trailer;
  return {
    version: String(int(trailer.version, 'dmg: version', 0, 2 ** 32)),
    sizeBytes: sectorCount * SECTOR_BYTES,
    dataForkOffsetBytes: int(trailer.ofsDataFork, 'dmg: offset of the data fork', 0, endBytes),
    endBytes,
    resourceFork: readRange('resource fork', ofsResourceFork, lenResourceFork, endBytes),
    propertyList: readRange('property list', ofsPropertyList, lenPropertyList, endBytes),
  };
}

function readRange(
  what: string,
  offset: GuestDmg['ofsPropertyList'],
  length: GuestDmg['lenPropertyList'],
  endBytes: number,
): FileRange {
  const offsetBytes = int(offset, `dmg: offset of the ${what}`, 0, endBytes);
  const lengthBytes = int(length, `dmg: size of the ${what}`, 0, endBytes - offsetBytes);
  return { offsetBytes, lengthBytes };
}

function refuseSegments({ numSegments }: GuestDmg): void {
  const count = int(numSegments, 'dmg: number of segments', 0, 2 ** 32);
  if (count <= 1) return;
  throw new UnsupportedError(
    'UNSUPPORTED_FEATURE',
    `dmg: the image is split over ${count} files; hdiutil convert -format UDZO joins them`,
    { data: { count } },
  );
}

async function refuseEncryption(file: ByteSource): Promise<void> {
  if (file.sizeBytes < ENCRYPTED_MAGIC.length) return;
  const { magic } = parseDmgEncryptedHead(await file.read(0, ENCRYPTED_MAGIC.length));
  if (!equals(magic, ENCRYPTED_MAGIC)) return;
  const message =
    'dmg: the image is encrypted; vfdecrypt, or hdiutil on a Mac, makes a plain one of it';
  throw new UnsupportedError('ENCRYPTED', message);
}
