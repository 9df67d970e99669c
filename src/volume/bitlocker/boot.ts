// The boot sector of a volume that BitLocker encrypts: where the copies of its metadata lie.
// References: formats/volume/bitlocker.ksy; util-linux libblkid/src/superblocks/bitlocker.c (get_bitlocker_headers);
// dissect.fve dissect/fve/bde/bde.py (BootSector).
import { type GuestBitlocker, parseBitlocker } from '../../../generated/volume/bitlocker.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import type { ByteSource } from '../../bytes/source.js';
import type { GuestInteger } from '../../kaitai/untrusted.js';
import { equals, int, powerOfTwo, text, u64, uuidText } from '../../validation/guest.js';

export const WHAT = 'bitlocker';
const MAX_SECTOR_BYTES = 4096;
const MAX_CLUSTER_SECTORS = 128;
const TO_GO = 'MSWIN4.1';
/** What the places of the metadata begin with: of a volume that is encrypted from one end to the other, and while it is written to. */
const PLAIN_KIND = '4967d63b-2e29-4ad8-8399-f6a339e3d001';
const CONVERTED_KIND = '92a84d3b-dd80-4d0e-9e4e-b1e3284eaed8';

export interface Boot {
  readonly sectorBytes: number;
  readonly clusterBytes: number;
  /** Of the copies of the metadata; as the boot sector says, so that they may lie anywhere. */
  readonly copies: readonly number[];
  /** Where it may be told which parts are encrypted. */
  readonly conversions: readonly number[];
}

/** @throws FormatError. */
export async function readBoot(source: ByteSource): Promise<Boot> {
  const boot = parseBitlocker(await source.read(0, SECTOR_BYTES));
  const isPlain = equals(boot.lenSector, 0);
  const sectorBytes = isPlain
    ? SECTOR_BYTES
    : powerOfTwo(boot.lenSector, `${WHAT}: sector size`, SECTOR_BYTES, MAX_SECTOR_BYTES);
  const clusterSectors = int(
    boot.numClusterSectors,
    `${WHAT}: sectors of a cluster`,
    0,
    MAX_CLUSTER_SECTORS,
  );
  const clusterBytes = clusterSectors * sectorBytes;
  return { sectorBytes, clusterBytes, ...placesOf(boot, source.sizeBytes, clusterBytes) };
}

function placesOf(
  boot: GuestBitlocker,
  sizeBytes: number,
  clusterBytes: number,
): Pick<Boot, 'copies' | 'conversions'> {
  const { kind, ofsMetadata, ofsConversion } =
    text(boot.magic) === TO_GO ? boot.toGoPlaces : boot.places;
  const inside = (offsets: typeof ofsMetadata): readonly number[] =>
    offsets.flatMap((offset) => {
      const at = placeOf(offset, 1, sizeBytes);
      return at === null ? [] : [at];
    });
  switch (uuidText(kind, true)) {
    case PLAIN_KIND:
      return { copies: inside(ofsMetadata), conversions: [] };
    case CONVERTED_KIND:
      return { copies: inside(ofsMetadata), conversions: inside(ofsConversion) };
    default: {
      const at = clusterBytes === 0 ? null : placeOf(boot.metadataCluster, clusterBytes, sizeBytes);
      return { copies: at === null ? [] : [at], conversions: [] };
    }
  }
}

/** A place behind the boot sector and within the volume; null: it is neither. */
export function placeOf(value: GuestInteger, unitBytes: number, sizeBytes: number): number | null {
  const at = u64(value) * BigInt(unitBytes);
  return at > 0n && at < BigInt(sizeBytes) ? Number(at) : null;
}
