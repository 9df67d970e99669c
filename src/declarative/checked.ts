// Formats whose specification says all but one thing that a mount checks: a checksum, an inode that must be there. Where that
// is wrong Linux does not mount the volume; its numbers are shown all the same, with what is wrong as a doubt.
import type { ByteSource } from '../bytes/source.js';
import type { ByteOrder } from '../kaitai/index.js';

/** Throws what is wrong, a FormatError; `bytes` are those of the specification's window. */
export type Check = (source: ByteSource, bytes: Uint8Array, order: ByteOrder) => Promise<void>;

/** By the format's word. */
export const checks: Readonly<Record<string, () => Promise<Check>>> = {
  erofs: async () => (await import('../filesystem/erofs/checksum.js')).checkErofs,
  iso9660: async () => (await import('../filesystem/iso9660/root.js')).checkIso9660,
  minix: async () => (await import('../filesystem/minix/root.js')).checkMinix,
  minix3: async () => (await import('../filesystem/minix/root.js')).checkMinix3,
  squashfs: async () => (await import('../filesystem/squashfs/root.js')).checkSquashfs,
  romfs: async () => (await import('../filesystem/romfs/checksum.js')).checkRomfs,
};
