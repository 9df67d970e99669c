// Holds the tables of an image against the end of its file: a copy that was not finished has all tables and not all blocks.
// What lies behind the end is never taken for zeros (QEMU takes it so in some formats): a read of it throws, and the layer
// says how much of the file is missing, as far as its tables were read.
// References: QEMU block/io.c bdrv_aligned_preadv() (zeros behind the end of a file), block/vpc.c vpc_open() and block/vhdx.c
// vhdx_check_bat_entries() (which refuse such images).
import { FormatError, type VirtDfError } from '../../errors.js';

export interface FileEnd {
  /** Size of the file. */
  readonly sizeBytes: number;
  /**
   * The unit that may be cut at the end of a sound file: a writer leaves out the rest of its last block, which is zeros. 1
   * where no format's writer does that.
   */
  readonly unitBytes: number;
  /** Notes that a table leads to bytes of the file up to `endBytes`. */
  needs(endBytes: number): void;
  /** Why the image is not all there; null where all that its tables led to until now is. */
  cut(): FormatError | null;
}

/** @param label the word that messages begin with: `vdi`, `vmdk: disk-s001.vmdk`. */
export function fileEnd(label: string, sizeBytes: number, unitBytes: number): FileEnd {
  let neededBytes = sizeBytes;
  return {
    sizeBytes,
    unitBytes,
    needs(endBytes) {
      if (endBytes > neededBytes) neededBytes = endBytes;
    },
    cut() {
      if (neededBytes === sizeBytes) return null;
      const message = `${label}: the file has ${sizeBytes} bytes, but its tables need at least ${neededBytes}: it is cut, and what is missing is not read`;
      return new FormatError('TRUNCATED', message, { data: { sizeBytes, neededBytes } });
    },
  };
}

/** Of several files: why the first one that is cut is not all there. */
export function firstCut(cuts: Iterable<(() => VirtDfError | null) | null>): VirtDfError | null {
  for (const cut of cuts) {
    const found = cut?.() ?? null;
    if (found !== null) return found;
  }
  return null;
}

/** The error of a read of bytes of the disk that lie behind the end of the file. */
export function behindEnd(
  format: string,
  at: { readonly offsetBytes: number; readonly hostOffsetBytes: number },
  fileBytes: number,
): FormatError {
  const { offsetBytes, hostOffsetBytes } = at;
  return new FormatError(
    'TRUNCATED',
    `${format}: the bytes at ${offsetBytes} of the disk are at ${hostOffsetBytes} of a file of ` +
      `${fileBytes} bytes: the file is cut, or its tables are damaged`,
    { data: { offsetBytes, hostOffsetBytes, sizeBytes: fileBytes } },
  );
}
