// What of the devices belongs to no file and is not free: superblocks, trees, parity, what chunks never begin in.
// References: Linux 6.18 fs/btrfs/fs.h: BTRFS_DEVICE_RANGE_RESERVED; block-group.c: exclude_super_stripes;
// include/uapi/linux/btrfs_tree.h: BTRFS_ROOT_TREE_OBJECTID and its neighbours.
import type { FormatError } from '../../errors.js';
import {
  type DfCount,
  type IsWanted,
  type MetadataRange,
  type VolumeRange,
  volumeRange,
} from '../files.js';
import { tell, toldOf } from '../told.js';
import { allocations } from './allocation.js';
import { type Chunk, STRIPE_BYTES } from './chunks.js';
import { devicePartsOf, gapsOf, RESERVED_BYTES } from './free-ranges.js';
import { placed } from './placed.js';
import { columnCount, type Interval, parityOf } from './stripe-ranges.js';
import { excluded, superblocksOf, without } from './superblock-places.js';
import type { BtrfsVolume } from './volume-files.js';

const NAMES: ReadonlyMap<bigint, string> = new Map([
  [1n, 'root tree'],
  [2n, 'extent tree'],
  [3n, 'chunk tree'],
  [4n, 'device tree'],
  [7n, 'checksum tree'],
  [8n, 'quota tree'],
  [9n, 'UUID tree'],
  [10n, 'free space tree'],
  [11n, 'block group tree'],
  [2n ** 64n - 9n, 'tree of data being moved'],
]);
const SUBVOLUMES = 'trees of subvolumes';
const PAGE_RANGES = 1024;

/** df's size is that of the devices, and only what chunks' extents have is used of it. */
type Part = Pick<MetadataRange, 'name' | 'kind'> & { readonly countedAs: DfCount };
const SUPERBLOCK: Part = { name: 'superblock', kind: 'metadata', countedAs: 'free' };
const RESERVED: Part = { name: 'first megabyte', kind: 'reserved', countedAs: 'free' };
const BESIDE: Part = { name: 'beside superblocks', kind: 'unused', countedAs: 'free' };
const PARITY: Part = { name: 'parity', kind: 'metadata', countedAs: 'free' };
const BEHIND: Part = { name: 'behind the filesystem', kind: 'unused', countedAs: 'overhead' };

type Page = readonly MetadataRange[];

export async function* metadataRanges(
  volume: BtrfsVolume,
  isWanted?: IsWanted,
): AsyncGenerator<Page> {
  const { pool } = volume.recovered;
  for (const index of pool.devices.keys()) yield ofDevice(volume, index);
  const chunks = isWanted === undefined ? null : wantedChunks(volume, isWanted);
  for (const chunk of chunks ?? pool.chunks) {
    const unused = besideSuperblocks(volume, chunk);
    if (unused.length > 0) yield unused;
    if (chunk.profile.parityStripes > 0) yield* toldOf(volume, null, parityOfChunk(volume, chunk));
  }
  if (chunks === null) yield* toldOf(volume, null, nodes(volume));
  for (const { address, sizeBytes } of chunks ?? []) {
    const range = { start: address, end: address + sizeBytes };
    yield* toldOf(volume, null, nodes(volume, range));
  }
}

/** Those that have something wanted on any device. */
function wantedChunks(volume: BtrfsVolume, isWanted: IsWanted): readonly Chunk[] {
  const { pool } = volume.recovered;
  const found = new Set<Chunk>();
  for (const index of pool.devices.keys()) {
    for (const { chunk, start, end } of devicePartsOf(pool, index)) {
      if (isWanted(volumeRange(pool.sources, start, end - start, index))) found.add(chunk);
    }
  }
  return [...found].sort((a, b) => a.address - b.address);
}

function ofDevice(volume: BtrfsVolume, index: number): Page {
  const { pool } = volume.recovered;
  const superblocks = superblocksOf(pool, index);
  const { sizeBytes } = pool.sources[index] ?? { sizeBytes: 0 };
  const { totalBytes } = pool.devices[index] ?? { totalBytes: 0 };
  const ofChunks = devicePartsOf(pool, index).filter(({ start }) => start < RESERVED_BYTES);
  const firsts = without({ start: 0, end: Math.min(RESERVED_BYTES, totalBytes) }, ofChunks);
  const parts = [
    ...superblocks.map((range) => ({ ...SUPERBLOCK, range })),
    ...firsts
      .flatMap((part) => without(part, superblocks))
      .map((range) => ({ ...RESERVED, range })),
    ...(sizeBytes > totalBytes
      ? [{ ...BEHIND, range: { start: totalBytes, end: sizeBytes } }]
      : []),
  ];
  return parts.map(({ range: { start, end }, ...part }) => ({
    ...part,
    at: volumeRange(pool.sources, start, end - start, index),
  }));
}

function besideSuperblocks(volume: BtrfsVolume, chunk: Chunk): Page {
  const { pool } = volume.recovered;
  const ranges: MetadataRange[] = [];
  for (const { start, end } of excluded(chunk)) {
    for (const { at, copies } of placed(pool, chunk.address + start, end - start)) {
      for (const one of [at, ...copies]) ranges.push(...besideThem(volume, one, BESIDE));
    }
  }
  return ranges;
}

/** A range without the superblocks that lie in it. */
function besideThem(volume: BtrfsVolume, at: VolumeRange, part: Part): Page {
  const { pool } = volume.recovered;
  const { volumeIndex, offsetBytes, lengthBytes } = at;
  const range = { start: offsetBytes, end: offsetBytes + lengthBytes };
  return without(range, superblocksOf(pool, volumeIndex)).map(({ start, end }) => ({
    ...part,
    at: volumeRange(pool.sources, start, end - start, volumeIndex),
  }));
}

/** Of the rows that are not all free. */
async function* parityOfChunk(
  volume: BtrfsVolume,
  chunk: Chunk,
): AsyncGenerator<Page, void, undefined> {
  const rowBytes = columnCount(chunk) * STRIPE_BYTES;
  let [row, page]: [number, MetadataRange[]] = [0, []];
  for await (const gaps of withEnd(volume, chunk)) {
    for (const { start, end } of gaps) {
      const firstFree = Math.ceil(start / rowBytes);
      for (; row < firstFree; row++) {
        page.push(...parityOfRow(volume, chunk, row));
        if (page.length < PAGE_RANGES) continue;
        yield page;
        page = [];
      }
      row = Math.max(row, Math.floor(end / rowBytes));
    }
  }
  if (page.length > 0) yield page;
}

async function* withEnd(volume: BtrfsVolume, chunk: Chunk): AsyncGenerator<readonly Interval[]> {
  yield* gapsOf(volume, chunk);
  yield [{ start: chunk.sizeBytes, end: chunk.sizeBytes }];
}

function parityOfRow(volume: BtrfsVolume, chunk: Chunk, row: number): Page {
  const { pool } = volume.recovered;
  return parityOf(chunk, row).flatMap((index) => {
    const stripe = chunk.stripes[index];
    const volumeIndex = pool.devices.findIndex(({ id }) => id === stripe?.deviceId);
    const offsetBytes = (stripe?.offsetBytes ?? 0) + row * STRIPE_BYTES;
    const at = volumeRange(pool.sources, offsetBytes, STRIPE_BYTES, volumeIndex);
    return besideThem(volume, at, PARITY);
  });
}

async function* nodes(
  volume: BtrfsVolume,
  range?: Interval,
): AsyncGenerator<Page, void, undefined> {
  const { pool } = volume.recovered;
  const onDamage = (error: FormatError) => tell(volume, null, error);
  for await (const page of allocations(volume.recovered, onDamage, range)) {
    const ranges: MetadataRange[] = [];
    for (const { address, sizeBytes, isData, tree } of page) {
      if (isData) continue;
      const name = NAMES.get(tree ?? 0n) ?? SUBVOLUMES;
      for (const { at, copies } of placed(pool, address, sizeBytes)) {
        for (const one of [at, ...copies]) {
          ranges.push({ at: one, name, kind: 'metadata', countedAs: 'used' });
        }
      }
    }
    if (ranges.length > 0) yield ranges;
  }
}
