// A volume in clear: its first sectors lie elsewhere, what belongs to BitLocker is zeros, and of a volume that is being encrypted
// or decrypted a part is not encrypted.
// References: cryptsetup lib/bitlk/bitlk.c (_activate); dissect.fve dissect/fve/bde/bde.py (BitlockerStream); Linux
// drivers/md/dm-crypt.c (crypt_iv_eboiv_gen, iv_large_sectors).
import { writtenChanges } from '../../bytes/changes.js';
import { type MappedPiece, mapped } from '../../bytes/mapped.js';
import { overlay } from '../../bytes/overlay.js';
import { type Cover, coverFrom } from '../../bytes/range-list.js';
import { lastAtMost } from '../../bytes/search.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import { slice } from '../../bytes/slice.js';
import type { ByteRange, ByteSource } from '../../bytes/source.js';
import { decryptedSource } from '../../container/cipher/decrypted.js';
import { sectorCipher } from '../../container/cipher/sector.js';
import { FormatError, UnsupportedError } from '../../errors.js';
import { type Boot, WHAT } from './boot.js';
import type { Conversion } from './conversion.js';
import type { Metadata } from './metadata.js';
import type { VolumeKey } from './unlock.js';

/** How sectors are encrypted, and which bytes of the volume's key are for it: halves, of which the first bytes count. */
interface Encryption {
  readonly number: number;
  readonly mode: string;
  readonly keyBytes: number;
  /** Where the second key begins; left out where the key is taken as it is. */
  readonly secondAt?: number;
}

const ENCRYPTIONS: readonly Encryption[] = [
  { number: 0x8000, mode: 'cbc-elephant', keyBytes: 32, secondAt: 32 },
  { number: 0x8001, mode: 'cbc-elephant', keyBytes: 64 },
  { number: 0x8002, mode: 'cbc-eboiv', keyBytes: 16 },
  { number: 0x8003, mode: 'cbc-eboiv', keyBytes: 32 },
  { number: 0x8004, mode: 'xts-plain64', keyBytes: 32 },
  { number: 0x8005, mode: 'xts-plain64', keyBytes: 64 },
];

interface Volume {
  readonly source: ByteSource;
  readonly boot: Boot;
  readonly metadata: Metadata;
  /** Which parts are encrypted, where that is told apart from the metadata. */
  readonly conversion: Conversion | null;
}

/** Version 1 leaves these as they are, but for the boot sector. */
const VISTA_CLEAR_BYTES = 16 * SECTOR_BYTES;
const [NAME_AT, MIRROR_AT] = [3, 0x38];

/** @param key null: the volume is not encrypted any more. */
export function clearContent(volume: Volume, key: VolumeKey | null): ByteSource {
  const { boot, metadata, conversion } = volume;
  const { header } = metadata;
  const sizeBytes = volume.source.sizeBytes - (volume.source.sizeBytes % boot.sectorBytes);
  const source = slice(volume.source, 0, sizeBytes);
  const decrypted = key === null ? source : decryptedBy(key, source, boot);
  const hidden = coverFrom([...metadata.hidden, ...(conversion?.hidden ?? [])]);
  const clear = coverFrom(clearRanges(metadata, conversion, sizeBytes));
  const stored = (offsetBytes: number, length: number): MappedPiece => {
    const { isCovered, lengthBytes } = coverage(clear, offsetBytes, length);
    return { lengthBytes, from: { source: isCovered ? source : decrypted, offsetBytes } };
  };
  const boots = metadata.version === 1 ? vistaBoot(source, metadata.mirrorCluster) : null;
  return mapped(sizeBytes, [source], async (offset, length) => {
    if (header !== null && offset < header.lengthBytes) {
      return stored(header.offsetBytes + offset, Math.min(length, header.lengthBytes - offset));
    }
    if (boots !== null && offset < boots.sizeBytes) {
      return {
        lengthBytes: boots.sizeBytes - offset,
        from: { source: boots, offsetBytes: offset },
      };
    }
    const { isCovered, lengthBytes } = coverage(hidden, offset, length);
    return isCovered ? { lengthBytes, from: null } : stored(offset, lengthBytes);
  });
}

function clearRanges(
  { clearFromBytes }: Metadata,
  conversion: Conversion | null,
  sizeBytes: number,
): readonly ByteRange[] {
  if (conversion !== null) return conversion.clear;
  if (clearFromBytes === null || clearFromBytes >= sizeBytes) return [];
  return [{ offsetBytes: clearFromBytes, lengthBytes: sizeBytes - clearFromBytes }];
}

/** Whether a byte is covered, and for how many bytes of the range that stays so. */
function coverage(
  { count, starts, ends }: Cover,
  offset: number,
  length: number,
): { readonly isCovered: boolean; readonly lengthBytes: number } {
  const index = lastAtMost(offset, count, (i) => starts[i]);
  const end = index < 0 ? 0 : (ends[index] ?? 0);
  const isCovered = offset < end;
  const next = index + 1 < count ? (starts[index + 1] ?? 0) : Number.POSITIVE_INFINITY;
  return { isCovered, lengthBytes: Math.min(length, (isCovered ? end : next) - offset) };
}

/** The first sectors as NTFS has them. */
function vistaBoot(source: ByteSource, mirrorCluster: bigint): ByteSource {
  const name = new TextEncoder().encode('NTFS    ');
  const mirror = new Uint8Array(8);
  new DataView(mirror.buffer).setBigUint64(0, mirrorCluster, true);
  const changes = writtenChanges([
    { offsetBytes: NAME_AT, lengthBytes: name.length, content: name },
    { offsetBytes: MIRROR_AT, lengthBytes: mirror.length, content: mirror },
  ]);
  return overlay(slice(source, 0, Math.min(VISTA_CLEAR_BYTES, source.sizeBytes)), changes);
}

/** @throws UnsupportedError UNSUPPORTED_FEATURE; FormatError INVALID for a key that is too short. */
function decryptedBy(key: VolumeKey, source: ByteSource, { sectorBytes }: Boot): ByteSource {
  const encryption = ENCRYPTIONS.find(({ number }) => key.isFor(number));
  if (encryption === undefined) {
    const message = `${WHAT}: the volume is encrypted in a way that is not known`;
    throw new UnsupportedError('UNSUPPORTED_FEATURE', message);
  }
  const { mode } = encryption;
  const isXts = mode.startsWith('xts');
  const vectorUnitBytes = isXts ? sectorBytes : SECTOR_BYTES;
  const cipher = sectorCipher({
    cipher: 'aes',
    mode,
    key: keyFor(encryption, key.bytes),
    sectorBytes,
    vectorUnitBytes,
    format: WHAT,
  });
  return decryptedSource(
    { source, startBytes: 0, sizeBytes: source.sizeBytes, sectorBytes },
    () => (bytes, offset) => cipher.decrypt(bytes, offset / vectorUnitBytes),
  );
}

function keyFor({ keyBytes, secondAt }: Encryption, bytes: Uint8Array): Uint8Array {
  const half = keyBytes / 2;
  const least = secondAt === undefined ? keyBytes : secondAt + half;
  if (bytes.length < least) {
    const message = `${WHAT}: the volume's key has ${bytes.length} bytes where ${least} are needed`;
    throw new FormatError('INVALID', message);
  }
  if (secondAt === undefined) return bytes.subarray(0, keyBytes);
  return Buffer.concat([bytes.subarray(0, half), bytes.subarray(secondAt, secondAt + half)]);
}
