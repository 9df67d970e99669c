// The metadata of a volume that BitLocker encrypts: how far it is encrypted and with what, where its first sectors lie, and
// what protects its key.
// References: formats/volume/bitlocker.ksy; cryptsetup lib/bitlk/bitlk.c (BITLK_read_sb); dissect.fve
// dissect/fve/bde/information.py, bde.py (reserved_regions).
import {
  BitlockerRole,
  BitlockerState,
  type GuestBitlockerMetadata,
  parseBitlockerMetadata,
  parseBitlockerValidation,
  parseBitlockerVolumeHeader,
} from '../../../generated/volume/bitlocker.js';
import { crc32 } from '../../bytes/crc32.js';
import { firstSound } from '../../bytes/sound.js';
import type { ByteRange, ByteSource } from '../../bytes/source.js';
import { FormatError, UnsupportedError } from '../../errors.js';
import { KIB } from '../../limits.js';
import { big, equals, int, uuidText } from '../../validation/guest.js';
import { type Boot, placeOf, WHAT } from './boot.js';
import { type Entry, entriesOf, longEnough, type Sealed, sealedOf } from './entries.js';
import { type Protector, protectorsOf } from './protectors.js';

const HEADER_BYTES = 112;
/** From where the offsets of entries count. */
const ENTRIES_BASE = 64;
const ENTRIES_HEADER_BYTES = 48;
const VALIDATION_BYTES = 8;
/** What a copy has at most, and what is kept for one: of version 1 a quarter. */
const COPY_BYTES = 64 * KIB;
const VISTA_COPY_BYTES = 16 * KIB;
/** Version 2 counts its size in units of so many bytes. */
const UNIT_BYTES = 16;
const VOLUME_HEADER_BYTES = 16;

export interface Metadata {
  readonly version: 1 | 2;
  readonly guid: string | null;
  readonly isDecrypted: boolean;
  /** Whether all of it was encrypted, as far as the state says. */
  readonly isEncrypted: boolean;
  /** What lies from here on is not encrypted; null: nothing is left out. */
  readonly clearFromBytes: number | null;
  /** The first sectors of the volume, and where they lie; null: where they belong. */
  readonly header: ByteRange | null;
  /** Of version 1, the cluster of NTFS's second MFT, which the boot sector lost. */
  readonly mirrorCluster: bigint;
  /** What belongs to BitLocker and reads as zeros. */
  readonly hidden: readonly ByteRange[];
  readonly protectors: readonly Protector[];
  /** The key of the volume, sealed with the master key. */
  readonly volumeKey: Sealed | null;
}

/** Whether there is a copy of metadata where the boot sector says. */
export async function hasMetadata(source: ByteSource, { copies }: Boot): Promise<boolean> {
  for (const at of copies) {
    if (source.sizeBytes - at < HEADER_BYTES) continue;
    const bytes = Buffer.from(await source.read(at, HEADER_BYTES));
    if (bytes.toString('latin1', 0, 8) === '-FVE-FS-') return true;
  }
  return false;
}

/** The first copy that is sound. @throws the fault of the first copy, if none is. */
export async function readMetadata(source: ByteSource, boot: Boot): Promise<Metadata> {
  const metadata = await firstSound(boot.copies, (at) => readCopy(source, boot, at));
  if (metadata !== null) return metadata;
  throw new FormatError('INVALID', `${WHAT}: the boot sector names no metadata`);
}

async function readCopy(source: ByteSource, boot: Boot, at: number): Promise<Metadata> {
  const bytes = await source.read(at, Math.min(COPY_BYTES, source.sizeBytes - at));
  const header = parseBitlockerMetadata(longEnough(bytes, HEADER_BYTES));
  const version = versionOf(header);
  checkSum(bytes, header, version);
  const from = int(
    header.ofsEntries,
    `${WHAT}: offset of the entries`,
    ENTRIES_HEADER_BYTES,
    bytes.length,
  );
  const end = int(
    header.lenEntries,
    `${WHAT}: size of the entries`,
    from,
    bytes.length - ENTRIES_BASE,
  );
  const entries = entriesOf(bytes.subarray(ENTRIES_BASE + from, ENTRIES_BASE + end));
  const key = entries.find(({ header: own }) => equals(own.role, BitlockerRole.VOLUME_KEY));
  const relocated = version === 1 ? null : headerOf(header, entries, source, boot);
  return {
    version,
    guid: uuidText(header.guid, true),
    isDecrypted: equals(header.state, BitlockerState.DECRYPTED),
    isEncrypted: equals(header.state, BitlockerState.ENCRYPTED),
    clearFromBytes: placeOf(header.ofsState, 1, source.sizeBytes),
    header: relocated,
    mirrorCluster: version === 1 ? big(header.ofsHeader, `${WHAT}: cluster`, 0n, MAX_CLUSTER) : 0n,
    hidden: [
      ...copiesOf(header, version, source, boot),
      ...(relocated === null ? [] : [relocated]),
      ...logOf(header, source),
    ],
    protectors: protectorsOf(entries),
    volumeKey: key === undefined ? null : sealedOf(key),
  };
}

const MAX_CLUSTER = 2n ** 63n;

/** @throws UnsupportedError UNSUPPORTED_FEATURE. */
function versionOf({ version }: GuestBitlockerMetadata): 1 | 2 {
  if (equals(version, 1)) return 1;
  if (equals(version, 2)) return 2;
  const message = `${WHAT}: the metadata are of another version than 1 and 2, which virt-df does not know`;
  throw new UnsupportedError('UNSUPPORTED_FEATURE', message);
}

function checkSum(bytes: Uint8Array, header: GuestBitlockerMetadata, version: 1 | 2): void {
  const unit = version === 1 ? 1 : UNIT_BYTES;
  const max = Math.floor((bytes.length - VALIDATION_BYTES) / unit);
  const least = Math.ceil(HEADER_BYTES / unit);
  const length = unit * int(header.lenMetadata, `${WHAT}: size of the metadata`, least, max);
  const behind = parseBitlockerValidation(bytes.subarray(length, length + VALIDATION_BYTES));
  if (equals(behind.checksum, crc32(bytes.subarray(0, length)))) return;
  throw new FormatError('BAD_CHECKSUM', `${WHAT}: the checksum of the metadata does not match`);
}

/** Where the first sectors lie: an entry tells it, of volumes that have none the header. */
function headerOf(
  header: GuestBitlockerMetadata,
  entries: readonly Entry[],
  { sizeBytes }: ByteSource,
  { sectorBytes }: Boot,
): ByteRange | null {
  const entry = entries.find(({ header: own }) => equals(own.role, BitlockerRole.VOLUME_HEADER));
  const what = `${WHAT}: the volume's first sectors`;
  if (entry === undefined) {
    const count = int(header.numHeaderSectors, what, 0, Math.floor(sizeBytes / sectorBytes));
    const lengthBytes = count * sectorBytes;
    if (lengthBytes === 0) return null;
    return { offsetBytes: int(header.ofsHeader, what, 0, sizeBytes - lengthBytes), lengthBytes };
  }
  const place = parseBitlockerVolumeHeader(longEnough(entry.body, VOLUME_HEADER_BYTES));
  const lengthBytes = int(place.lenHeader, what, 0, sizeBytes);
  const offsetBytes = int(place.ofsHeader, what, 0, sizeBytes - lengthBytes);
  if (lengthBytes % sectorBytes === 0 && offsetBytes % sectorBytes === 0) {
    return lengthBytes === 0 ? null : { offsetBytes, lengthBytes };
  }
  const message = `${what}: ${lengthBytes} bytes at ${offsetBytes} are not whole sectors of ${sectorBytes}`;
  throw new FormatError('INVALID', message, { data: { offsetBytes, lengthBytes } });
}

/** The room that is kept for each copy, whole clusters of version 1. */
function copiesOf(
  header: GuestBitlockerMetadata,
  version: 1 | 2,
  { sizeBytes }: ByteSource,
  { sectorBytes, clusterBytes }: Boot,
): readonly ByteRange[] {
  const unit = version === 1 ? Math.max(clusterBytes, sectorBytes) : sectorBytes;
  const length = Math.ceil((version === 1 ? VISTA_COPY_BYTES : COPY_BYTES) / unit) * unit;
  return header.ofsCopies.flatMap((offset) => {
    const at = placeOf(offset, 1, sizeBytes);
    return at === null ? [] : [{ offsetBytes: at, lengthBytes: Math.min(length, sizeBytes - at) }];
  });
}

/** The log of an encryption or decryption that was interrupted. */
function logOf(header: GuestBitlockerMetadata, { sizeBytes }: ByteSource): readonly ByteRange[] {
  if (!equals(header.state, BitlockerState.SWITCHING_DIRTY)) return [];
  const at = placeOf(header.ofsState, 1, sizeBytes);
  if (at === null) return [];
  const lengthBytes = int(header.lenState, `${WHAT}: size of a log`, 0, sizeBytes - at);
  return lengthBytes === 0 ? [] : [{ offsetBytes: at, lengthBytes }];
}
