// Compressed files and archives that people keep disks in and that cannot be read at random: each is refused with the
// command that makes it readable.
// References: bunzip2(1), unzip(1), 7z(1), lz4(1).
import { parseBzip2 } from '../../generated/container/bzip2.js';
import { parseLz4 } from '../../generated/container/lz4.js';
import { parseSevenZip } from '../../generated/container/seven_zip.js';
import { parseZip } from '../../generated/container/zip.js';
import { FormatError, UnsupportedError } from '../errors.js';
import { printable } from '../validation/guest.js';
import type { WrapperFormat } from './container.js';

export const bzip2 = refused('bzip2', 'bunzip2 -k', (head) => parseBzip2(head));
export const lz4 = refused('lz4', 'unlz4 -k', (head) => parseLz4(head));
export const sevenZip = refused('7z', '7z x', (head) => parseSevenZip(head));
export const zip = refused('zip', 'unzip', (head) => parseZip(head));

/** More bytes than the header of any of these formats has. */
const HEAD_BYTES = 32;

function refused(
  name: string,
  command: string,
  parse: (head: Uint8Array) => unknown,
): WrapperFormat {
  return {
    name,
    async probe(file) {
      if (file.sizeBytes < HEAD_BYTES) return false;
      try {
        parse(await file.read(0, HEAD_BYTES));
        return true;
      } catch (error) {
        if (error instanceof FormatError) return false;
        throw error;
      }
    },
    async unwrap({ path, sizeBytes }) {
      const shown = printable(path);
      throw new UnsupportedError(
        'UNSUPPORTED_FORMAT',
        `${name}: ${shown} (${sizeBytes} bytes) cannot be read at random; run \`${command} ${shown}\` and read what it gives`,
        { data: { sizeBytes } },
      );
    },
  };
}
