// The header of a VDI image: the sizes of the disk and its blocks, and the ids of the image and of its parent.
// References: VirtualBox src/VBox/Storage/VDICore.h, VDI.cpp vdiValidateHeader(); QEMU block/vdi.c vdi_open().
import { type GuestVdi, parseVdi, VdiKind } from '../../../generated/container/vdi.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError, UnsupportedError } from '../../errors.js';
import { GIB } from '../../limits.js';
import { int, powerOfTwo, u16, u32, uuidText } from '../../validation/guest.js';

/** The ids by which images that are based on this one know it. */
interface Identity {
  readonly uuid: string | null;
  /** A new one whenever the image was written to. */
  readonly modificationUuid: string | null;
}

export interface Header extends Identity {
  /** `1.1`. */
  readonly version: string;
  readonly kind: 'dynamic' | 'fixed' | 'undo' | 'differencing';
  /** Size of the disk that the guest sees. */
  readonly sizeBytes: number;
  readonly blockBytes: number;
  /** Bytes in front of each block of the file that belong to no disk. */
  readonly extraBytes: number;
  /** How many blocks the file has. */
  readonly allocatedCount: number;
  readonly mapOffsetBytes: number;
  readonly dataOffsetBytes: number;
  /** The id of the parent; null if the image stands alone. */
  readonly parentUuid: string | null;
  /** The parent's `modificationUuid` at the time when this image was made on it; null if it is not known. */
  readonly parentModificationUuid: string | null;
}

export const HEADER_BYTES = 456;
export const ENTRY_BYTES = 4;

/** The least length of the header's own fields, which counts from `len_header` on. */
const MIN_LENGTH_BYTES = 384;
const MAX_LENGTH_BYTES = 4096;
const KINDS: Readonly<Record<number, Header['kind']>> = {
  [VdiKind.DYNAMIC]: 'dynamic',
  [VdiKind.FIXED]: 'fixed',
  [VdiKind.UNDO]: 'undo',
  [VdiKind.DIFFERENCING]: 'differencing',
};
/** VirtualBox writes 1 MiB, and others from 4 KiB on. */
const MAX_BLOCK_BYTES = GIB;
const MAX_EXTRA_BYTES = GIB;
/** The last two numbers of 32 bits mean holes and zeros. */
const MAX_BLOCKS = 2 ** 32 - 2;

/** @throws FormatError; UnsupportedError UNSUPPORTED_FORMAT. */
export async function readHeader(file: ByteSource): Promise<Header> {
  const header = parseVdi(await file.read(0, Math.min(HEADER_BYTES, file.sizeBytes)));
  const version = readVersion(header);
  int(header.lenHeader, 'vdi: header size', MIN_LENGTH_BYTES, MAX_LENGTH_BYTES);
  const { DYNAMIC, DIFFERENCING } = VdiKind;
  const kind = KINDS[int(header.kind, 'vdi: image type', DYNAMIC, DIFFERENCING)] ?? 'dynamic';
  const blockBytes = powerOfTwo(header.lenBlock, 'vdi: block size', SECTOR_BYTES, MAX_BLOCK_BYTES);
  const sizeBytes = int(header.lenDisk, 'vdi: disk size', 0, Number.MAX_SAFE_INTEGER);
  const blockCount = int(header.numBlocks, 'vdi: number of blocks', 0, MAX_BLOCKS);
  if (blockCount * blockBytes < sizeBytes) {
    throw new FormatError(
      'INVALID',
      `vdi: the disk has ${sizeBytes} bytes, but its ${blockCount} blocks of ${blockBytes} bytes hold less`,
      { data: { sizeBytes, blockCount, blockBytes } },
    );
  }
  return {
    version,
    kind,
    sizeBytes,
    blockBytes,
    extraBytes: int(header.lenBlockExtra, 'vdi: block extra size', 0, MAX_EXTRA_BYTES),
    allocatedCount: allocatedCount(header, blockCount, blockBytes),
    ...readPlaces(header, file, Math.ceil(sizeBytes / blockBytes)),
    ...readIdentity(header),
    parentUuid: uuidText(header.parentUuid, true),
    parentModificationUuid: uuidText(header.parentModificationUuid, true),
  };
}

/** A number that no disk of these blocks can have says nothing, and refuses no image. */
function allocatedCount(
  { numBlocksAllocated }: GuestVdi,
  blockCount: number,
  blockBytes: number,
): number {
  const count = u32(numBlocksAllocated);
  const isPlausible = count <= blockCount && Number.isSafeInteger(count * 2 * blockBytes);
  return isPlausible ? count : 0;
}

function readVersion({ majorVersion, minorVersion }: GuestVdi): string {
  const major = u16(majorVersion);
  const version = `${major}.${u16(minorVersion)}`;
  if (major === 1) return version;
  throw new UnsupportedError(
    'UNSUPPORTED_FORMAT',
    `vdi: the image is of version ${version}; versions 1.x can be read`,
    { data: { version } },
  );
}

/** The map must lie within the file; where the blocks are is asked only when one is read. */
function readPlaces(
  header: GuestVdi,
  file: ByteSource,
  blockCount: number,
): Pick<Header, 'mapOffsetBytes' | 'dataOffsetBytes'> {
  const mapBytes = blockCount * ENTRY_BYTES;
  if (HEADER_BYTES + mapBytes > file.sizeBytes) {
    throw new FormatError(
      'TRUNCATED',
      `vdi: the block map has ${mapBytes} bytes, the file ${file.sizeBytes}`,
      { data: { mapBytes, sizeBytes: file.sizeBytes } },
    );
  }
  const lastMapOffset = file.sizeBytes - mapBytes;
  const mapOffsetBytes = int(
    header.ofsBlocks,
    'vdi: offset of the block map',
    HEADER_BYTES,
    lastMapOffset,
  );
  const dataOffsetBytes = int(header.ofsData, 'vdi: offset of the blocks', HEADER_BYTES, 2 ** 32);
  return { mapOffsetBytes, dataOffsetBytes };
}

/** The ids of an image that may be a parent; null if the file is too short. @throws FormatError if it is no VDI. */
export async function peekIdentity(file: ByteSource): Promise<Identity | null> {
  if (file.sizeBytes < HEADER_BYTES) return null;
  return readIdentity(parseVdi(await file.read(0, HEADER_BYTES)));
}

function readIdentity({ uuid, modificationUuid }: GuestVdi): Identity {
  return {
    uuid: uuidText(uuid, true),
    modificationUuid: uuidText(modificationUuid, true),
  };
}
