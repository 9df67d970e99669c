// CRC-32, reflected, polynomial 0xedb88320: GPT's with the usual initial value and final complement, LVM2's without.
// References: UEFI specification 2.10, 5.3.2; lvm2 lib/misc/crc.c, lib/label/label.h (INITIAL_CRC).

/** The CRC-32 of GPT, zlib and Ethernet; `value` is that of the bytes before these. */
export function crc32(bytes: Uint8Array, value = 0): number {
  // Loaded late: it brings all of Node's streams, and most guests have no such checksum.
  return process.getBuiltinModule('node:zlib').crc32(bytes, value);
}

const LVM2_INITIAL = 0xf597a6cf;
const COMPLEMENT = 0xffffffff;

/** LVM2's: zlib complements the value before and after, LVM2 does neither. */
export function lvm2Crc32(bytes: Uint8Array): number {
  return COMPLEMENT - crc32(bytes, COMPLEMENT - LVM2_INITIAL);
}
