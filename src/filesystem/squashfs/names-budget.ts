// Bounds what all directories of a SquashFS have together: each has names of its own in the table of directories, and where many have
// the same ones, they are read again and again.
// References: Linux fs/squashfs/dir.c: squashfs_readdir.
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { MIB } from '../../limits.js';
import { mostBytesOf } from './metadata.js';
import type { Table } from './tables.js';

/** So many are read before anybody asks how many there can be. */
const FREE_BYTES = MIB;
const BITS = 8;

export interface NamesBudget {
  /** Begins to read a directory. What was read of it before costs nothing. */
  begin(inodeNumber: number): Reading;
}

/** @throws FormatError LIMIT */
type Reading = (lengthBytes: number) => Promise<void>;

const FREE: Reading = async () => {};

/** @param inodeCount no number of an inode is higher. */
export function namesBudget(
  source: ByteSource,
  { startBytes, endBytes }: Table,
  inodeCount: number,
): NamesBudget {
  let seen: Uint8Array | null = null;
  let limit: number | null = null;
  let spent = 0;
  const spend: Reading = async (lengthBytes) => {
    spent += lengthBytes;
    if (spent <= FREE_BYTES) return;
    limit ??= Math.max(FREE_BYTES, await mostBytesOf(source, startBytes, endBytes));
    if (spent <= limit) return;
    const words = `the directories have more than the ${limit} bytes of names that their table may hold`;
    throw new FormatError('LIMIT', `squashfs: ${words}`, { data: { limit } });
  };
  return {
    begin(number) {
      seen ??= new Uint8Array(Math.floor(inodeCount / BITS) + 1);
      const [at, bit] = [Math.floor(number / BITS), 2 ** (number % BITS)];
      const bits = seen[at] ?? 0;
      if (Math.floor(bits / bit) % 2 === 1) return FREE;
      seen[at] = bits + bit;
      return spend;
    },
  };
}
