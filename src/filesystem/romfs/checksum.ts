// The checksum of a romfs, which a mount verifies: its first words of four bytes add up to 0.
// References: Linux fs/romfs/super.c: romfs_checksum, romfs_fill_super.
import { parseRomfs } from '../../../generated/filesystem/romfs.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { int } from '../../validation/guest.js';

const CHECKED_BYTES = 512;
const WORD_BYTES = 4;
const U32 = 2 ** 32;

/** @throws FormatError BAD_CHECKSUM; OUT_OF_BOUNDS if the image ends before what is summed does. */
export async function checkRomfs(source: ByteSource, window: Uint8Array): Promise<void> {
  const imageBytes = int(parseRomfs(window).lenImage, 'romfs: size', 0, U32 - 1);
  const summedBytes = Math.min(imageBytes, CHECKED_BYTES);
  const bytes = await source.read(0, summedBytes - (summedBytes % WORD_BYTES));
  let sum = 0;
  for (const [i, byte] of bytes.entries()) {
    sum = (sum + byte * 256 ** (WORD_BYTES - 1 - (i % WORD_BYTES))) % U32;
  }
  if (sum === 0) return;
  const message = `romfs: the words of the first ${summedBytes} bytes add up to 0x${sum.toString(16)}, not to 0`;
  throw new FormatError('BAD_CHECKSUM', message, { data: { sum } });
}
