// The index of a compressed file of EROFS: for each cluster of the file whether something compressed begins there, and in which
// block it lies. It is written in entries of eight bytes, or packed by two or sixteen clusters into eight or 32 bytes.
// References: Linux fs/erofs/erofs_fs.h: z_erofs_map_header; fs/erofs/zmap.c: z_erofs_load_full_lcluster, unpack_compacted_index,
// z_erofs_get_extent_compressedlen.
import {
  erofsMapEntryRecords,
  erofsMapHeadRecords,
  erofsWordRecords,
} from '../../../generated/filesystem/erofs.js';
import { FormatError, UnsupportedError } from '../../errors.js';
import { hasFlag, int, u32 } from '../../validation/guest.js';
import type { Inode } from './inode.js';
import type { Volume } from './volume.js';

const HEAD_BYTES = 8;
const ENTRY_BYTES = 8;
/** Entries that are not packed begin behind so much that is not used. */
const PADDING_BYTES = 8;
const ALIGNED = 8;
const PACKED_BY_2 = 1n;
const MANY_BLOCKS = 6n;
const ELSEWHERE = 0x28n;
const IN_FRAGMENT = 0x80n;
/** By how many a cluster has more than a block. */
const MAX_CLUSTER_BITS = 7;
/** Packs: clusters, and bytes. The last four bytes of each are a block's number. */
const SMALL = { clusters: 2, bytes: 8 };
const LARGE = { clusters: 16, bytes: 32 };
const WORD_BYTES = 4;
const MIN_LOG_CLUSTER = 12;
const TYPES = 4;
/** A cluster that goes on says how many blocks the one before it has. */
const HAS_COUNT = 2 ** 11;
const PLAIN = 0;
const GOES_ON = 2;
/** Packs that are read at once. */
const CHUNK = 128;

/** A cluster of the file. */
interface Cluster {
  /** false: it belongs to the one before. */
  readonly isHead: boolean;
  readonly isPlain: boolean;
  /** Of the head, where in the cluster it begins; of another one, how many blocks the head has, 0 where it does not say. */
  readonly value: number;
  readonly block: number;
}

interface Clusters {
  readonly clusterBytes: number;
  readonly clusterCount: number;
}

interface CompressedMap extends Clusters {
  /** Where the index begins, and ends. */
  readonly startBytes: number;
  readonly endBytes: number;
  clusters(): AsyncGenerator<readonly Cluster[], void, undefined>;
}

/** @throws FormatError; UnsupportedError for an end of the file that lies elsewhere. */
export async function compressedMap(volume: Volume, inode: Inode): Promise<CompressedMap> {
  const { source, blockBytes } = volume;
  const startBytes = aligned(inode.offsetBytes + inode.lengthBytes, ALIGNED);
  const guest = erofsMapHeadRecords(await source.read(startBytes, HEAD_BYTES)).at(0);
  const { advise } = guest;
  if (hasFlag(advise, ELSEWHERE) || hasFlag(guest.cluster, IN_FRAGMENT)) {
    const message = 'erofs: the end of a compressed file is within its inode or shared with others';
    throw new UnsupportedError('UNSUPPORTED_FEATURE', message);
  }
  const more = int(guest.cluster, 'erofs: bits of a cluster', 0, MAX_CLUSTER_BITS);
  const clusterBytes = blockBytes * 2 ** more;
  const clusterCount = Math.ceil(inode.sizeBytes / clusterBytes);
  const hasMany = hasFlag(advise, MANY_BLOCKS);
  const base = startBytes + HEAD_BYTES;
  if (inode.layout === 'indexed') {
    const first = base + PADDING_BYTES;
    return {
      clusterBytes,
      clusterCount,
      startBytes,
      endBytes: first + clusterCount * ENTRY_BYTES,
      clusters: () => entriesOf(volume, first, { clusterBytes, clusterCount }),
    };
  }
  const parts = partsOf(base, clusterCount, hasFlag(advise, PACKED_BY_2));
  return {
    clusterBytes,
    clusterCount,
    startBytes,
    endBytes: parts.reduce((end, { count, pack }) => end + packBytes(count, pack), base),
    clusters: () => packed(volume, base, parts, { clusterBytes, hasMany }),
  };
}

function aligned(offset: number, to: number): number {
  return Math.ceil(offset / to) * to;
}

interface Part {
  readonly count: number;
  readonly pack: typeof SMALL;
}

function packBytes(count: number, { clusters, bytes }: Part['pack']): number {
  return Math.ceil(count / clusters) * bytes;
}

/** Large packs are aligned, so that small ones come before and behind them. */
function partsOf(base: number, clusterCount: number, hasLarge: boolean): readonly Part[] {
  const each = SMALL.bytes / SMALL.clusters;
  const before = ((LARGE.bytes - (base % LARGE.bytes)) % LARGE.bytes) / each;
  if (!hasLarge || before >= clusterCount) return [{ count: clusterCount, pack: SMALL }];
  const large = Math.floor((clusterCount - before) / LARGE.clusters) * LARGE.clusters;
  return [
    { count: before, pack: SMALL },
    { count: large, pack: LARGE },
    { count: clusterCount - before - large, pack: SMALL },
  ];
}

interface Form {
  readonly clusterBytes: number;
  readonly hasMany: boolean;
}

async function* packed(
  { source, spend }: Volume,
  base: number,
  parts: readonly Part[],
  form: Form,
): AsyncGenerator<readonly Cluster[], void, undefined> {
  let at = base;
  for (const { count, pack } of parts) {
    for (let done = 0; done < count; ) {
      const packs = Math.min(CHUNK, Math.ceil((count - done) / pack.clusters));
      spend(packs * pack.bytes);
      const bytes = await source.read(at, packs * pack.bytes);
      const page: Cluster[] = [];
      for (let i = 0; i < packs; i++) {
        const own = bytes.subarray(i * pack.bytes, (i + 1) * pack.bytes);
        page.push(...unpacked(own, pack, form).slice(0, count - done));
        done += pack.clusters;
      }
      yield page;
      at += packs * pack.bytes;
    }
  }
}

/** The blocks of a pack lie one behind the other, from behind the one that it names. */
function unpacked(bytes: Uint8Array, pack: Part['pack'], form: Form): readonly Cluster[] {
  const words = erofsWordRecords(bytes);
  const base = u32(words.atByte(pack.bytes - WORD_BYTES).value);
  const bits = ((pack.bytes - WORD_BYTES) * 8) / pack.clusters;
  const valueBits = Math.max(Math.log2(form.clusterBytes), MIN_LOG_CLUSTER);
  const found: Cluster[] = [];
  let block = base + (form.hasMany ? 0 : 1);
  for (let i = 0; i < pack.clusters; i++) {
    const at = i * bits;
    const byte = Math.min(Math.floor(at / 8), pack.bytes - WORD_BYTES);
    const word = Math.floor(u32(words.atByte(byte).value) / 2 ** (at - byte * 8));
    const value = word % 2 ** valueBits;
    const type = Math.floor(word / 2 ** valueBits) % TYPES;
    const isHead = type !== GOES_ON;
    const count = isHead ? 0 : countOf(value, form);
    found.push({ isHead, isPlain: type === PLAIN, value: isHead ? value : count, block });
    if (isHead) block++;
    // Its head has been counted as one, if this pack has it.
    else if (count > 0) block += count - (i > 0 ? 1 : 0);
  }
  return found;
}

function countOf(value: number, { hasMany }: Form): number {
  return hasMany && Math.floor(value / HAS_COUNT) % 2 === 1 ? value % HAS_COUNT : 0;
}

async function* entriesOf(
  { source, spend }: Volume,
  first: number,
  { clusterBytes, clusterCount }: Clusters,
): AsyncGenerator<readonly Cluster[], void, undefined> {
  for (let done = 0; done < clusterCount; done += CHUNK) {
    const count = Math.min(CHUNK, clusterCount - done);
    spend(count * ENTRY_BYTES);
    const bytes = await source.read(first + done * ENTRY_BYTES, count * ENTRY_BYTES);
    const records = erofsMapEntryRecords(bytes);
    yield Array.from({ length: count }, (_, i): Cluster => {
      const { advise, offset, value } = records.at(i);
      const type = int(advise, 'erofs: what a cluster is', 0, HAS_COUNT) % TYPES;
      const number = u32(value);
      const isHead = type !== GOES_ON;
      const back = number % 2 ** 16;
      const blocks = back >= HAS_COUNT ? back % HAS_COUNT : 0;
      return {
        isHead,
        isPlain: type === PLAIN,
        value: isHead
          ? int(offset, 'erofs: where in a cluster something begins', 0, clusterBytes)
          : blocks,
        block: number,
      };
    });
  }
}

/** @throws FormatError INVALID for an index that does not begin with something. */
export function checkBegins(isHead: boolean, number: number): void {
  if (isHead) return;
  const words = `the index of inode ${number} begins within something`;
  throw new FormatError('INVALID', `erofs: ${words}`, { data: { number } });
}
