// The checksums of exFAT: of the boot region, and of a file's set of entries.
// References: exFAT specification, 3.4 Main and Backup Boot Checksum Sub-regions; Linux fs/exfat/misc.c:
// exfat_calc_chksum32; fs/exfat/misc.c: exfat_calc_chksum16.

/** VolumeFlags and PercentInUse, which change while the volume is mounted. */
const LEFT_OUT = [106, 107, 112];

const U32 = 2 ** 32;

/** Of all sectors but the one that holds it: turned right by one bit before each byte is added. */
export function bootChecksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i++) {
    if (LEFT_OUT.includes(i)) continue;
    sum = (Math.floor(sum / 2) + (sum % 2) * (U32 / 2) + (bytes[i] ?? 0)) % U32;
  }
  return sum;
}

const U16 = 2 ** 16;
/** SetChecksum itself. */
const [SUM_AT, SUM_BYTES] = [2, 2];

/** Of a file's set of entries: as the boot region's, in 16 bits. */
export function setChecksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i++) {
    if (i >= SUM_AT && i < SUM_AT + SUM_BYTES) continue;
    sum = (Math.floor(sum / 2) + (sum % 2) * (U16 / 2) + (bytes[i] ?? 0)) % U16;
  }
  return sum;
}
