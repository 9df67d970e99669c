// A file of exFAT by where its set of entries begins. A set may reach into the next cluster of its directory; which one that
// is depends on whether the directory's clusters lie side by side, which only the set's checksum tells here.
// References: exFAT specification, 6.3.3 SetChecksum Field.
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { FIRST_CLUSTER, type Table } from '../fat/chain.js';
import { SLOT_BYTES, stretchOf } from '../fat/tree.js';
import type { Boot } from './boot.js';
import {
  type EntrySet,
  type ExfatSlot,
  FILE,
  hasChecksum,
  readSet,
  setBytes,
} from './entry-set.js';

/** The cluster of a directory behind another one; null where there is none. */
type Next = (cluster: number) => Promise<number | null>;

/** null where no set begins. @throws FormatError for one that makes no sense. */
export async function slotAt(
  source: ByteSource,
  boot: Boot,
  table: Table,
  offsetBytes: number,
): Promise<ExfatSlot | null> {
  const { dataOffsetBytes, clusterBytes, clusterCount } = boot;
  const endBytes = dataOffsetBytes + clusterCount * clusterBytes;
  const isWithin = offsetBytes >= dataOffsetBytes && offsetBytes + SLOT_BYTES <= endBytes;
  if (!Number.isSafeInteger(offsetBytes) || !isWithin) return null;
  const first = await source.read(offsetBytes, SLOT_BYTES);
  if (first[0] !== FILE) return null;
  const lengthBytes = setBytes(first);
  const isThere = (cluster: number) => cluster >= FIRST_CLUSTER && cluster < table.endCluster;
  const sideBySide: Next = async (cluster) => (isThere(cluster + 1) ? cluster + 1 : null);
  const chained: Next = async (cluster) => {
    const next = (await table.pageOf(cluster)).at(cluster);
    return isThere(next) ? next : null;
  };
  let set: EntrySet | null = null;
  for (const next of [sideBySide, chained]) {
    set = (await gather({ source, boot, offsetBytes, lengthBytes }, next)) ?? set;
    if (set !== null && hasChecksum(set.bytes)) break;
  }
  // Whoever walks the directory is told of its doubts.
  if (set !== null) return readSet(set, boot, () => {});
  throw new FormatError('INVALID', `exfat: the set at ${offsetBytes} ends behind its directory`);
}

interface Wanted {
  readonly source: ByteSource;
  readonly boot: Boot;
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

/** The set's bytes; null where its directory ends before they do. */
async function gather(
  { source, boot, offsetBytes, lengthBytes }: Wanted,
  next: Next,
): Promise<EntrySet | null> {
  const { dataOffsetBytes, clusterBytes } = boot;
  let cluster = FIRST_CLUSTER + Math.floor((offsetBytes - dataOffsetBytes) / clusterBytes);
  const own = stretchOf(boot, { firstCluster: cluster, clusterCount: 1 });
  const inFirst = Math.min(lengthBytes, own.offsetBytes + clusterBytes - offsetBytes);
  const parts = [await source.read(offsetBytes, inFirst)];
  let recordBytes = inFirst;
  for (let done = inFirst; done < lengthBytes; ) {
    const following = await next(cluster);
    if (following === null) return null;
    const length = Math.min(lengthBytes - done, clusterBytes);
    const { offsetBytes: at } = stretchOf(boot, { firstCluster: following, clusterCount: 1 });
    parts.push(await source.read(at, length));
    if (following === cluster + 1 && recordBytes === done) recordBytes += length;
    cluster = following;
    done += length;
  }
  return { bytes: Buffer.concat(parts), offsetBytes, recordBytes };
}
