// What a source is in which no format was found: empty, or a reason with all that could be seen. A disk that lost its table
// of partitions may still have its filesystems where partitions usually begin, and the reason says where.
import type { ByteSource } from '../bytes/source.js';
import { isZeros } from '../bytes/zero.js';
import { UnsupportedError } from '../errors.js';
import { KIB, MIB } from '../limits.js';
import { looksRandom } from './random.js';
import { type Zeros, type ZerosBudget, zerosOf } from './zeros.js';

/** How much of a source must be zeros before all of it is looked at: what the probes look at lies mostly within it. */
const HEAD_BYTES = 128 * KIB;
const MBR_BYTES = 512;
/** Where the first partition lies: since 2006 at 1 MiB, before that behind 63 sectors. */
const FIRST_PARTITIONS = [MIB, 63 * 512];

/** Says what begins at a byte of the source, `ext4 'root'` for example; null: nothing that is known. */
type Hint = (offsetBytes: number) => Promise<string | null>;

/** @throws UnsupportedError UNKNOWN_FILESYSTEM unless all of it is zeros, but for a table that names no partition. */
export async function checkEmpty(
  source: ByteSource,
  hint: Hint | null,
  budget: ZerosBudget,
): Promise<void> {
  const { sizeBytes } = source;
  const head = await source.read(0, Math.min(HEAD_BYTES, sizeBytes));
  const bareBytes = await bareTableBytes(head);
  const hasZeros = isZeros(head.subarray(bareBytes));
  const zeros = hasZeros ? await zerosOf(source, bareBytes, budget) : null;
  if (zeros?.isEmpty) return;
  const reason =
    zeros === null
      ? unknown(head)
      : `begin with ${bareBytes === 0 ? 'zeros' : 'a table without partitions'}; ${behind(zeros)}`;
  throw new UnsupportedError(
    'UNKNOWN_FILESYSTEM',
    `these ${sizeBytes} bytes ${reason}${await hints(source, hint)}`,
    { data: { sizeBytes, ...(zeros === null ? {} : { storedBytes: zeros.storedBytes }) } },
  );
}

function unknown(head: Uint8Array): string {
  return looksRandom(head)
    ? 'begin with random data: encrypted or erased (well compressed data look so too)'
    : 'begin with nothing that virt-df knows (virt-df formats list)';
}

/** How many bytes a table of partitions has that names none; 0: there is none. */
async function bareTableBytes(head: Uint8Array): Promise<number> {
  const sector = head.subarray(0, MBR_BYTES);
  if (isZeros(sector)) return 0;
  const { isUnusedMbr } = await import('../volume/mbr.js');
  return isUnusedMbr(sector) ? MBR_BYTES : 0;
}

function behind({ firstDataBytes, storedBytes, unseenBytes }: Zeros): string {
  if (firstDataBytes === null)
    return `of the ${storedBytes} bytes that are stored, ${unseenBytes} were not looked at`;
  return `${storedBytes} bytes of data are stored, the first of them at byte ${firstDataBytes}`;
}

/** @param hint null: the source is no whole disk. */
async function hints(source: ByteSource, hint: Hint | null): Promise<string> {
  if (hint === null) return '';
  const { imageWord } = await import('../container/choose-format.js');
  const word = await imageWord(source);
  if (word !== null) {
    return `; a ${word} image begins so, but the disk is declared raw: since a guest can write that itself, nothing in it is followed`;
  }
  for (const at of FIRST_PARTITIONS) {
    const found = at < source.sizeBytes ? await hint(at) : null;
    if (found !== null) {
      return `; ${found} begins at byte ${at}, where a partition may have been before its table was lost`;
    }
  }
  return '';
}
