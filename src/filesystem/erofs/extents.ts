// The pieces of a file of EROFS: blocks one behind the other, an end that lies behind the inode, chunks, or what is compressed.
// References: Linux fs/erofs/data.c: erofs_map_blocks, erofs_map_blocks_flatmode; fs/erofs/zmap.c: z_erofs_do_map_blocks.
import { erofsChunkRecords, erofsWordRecords } from '../../../generated/filesystem/erofs.js';
import type { ByteRange } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { u32 } from '../../validation/guest.js';
import { type FileExtent, type StoredExtent, volumeRange } from '../files.js';
import { addExtent } from '../join-extents.js';
import { toldOf } from '../told.js';
import { countedAt } from '../written-once.js';
import { checkBegins, compressedMap } from './compressed.js';
import type { Inode } from './inode.js';
import type { Volume } from './volume.js';

type Page = readonly FileExtent[];

const NO_BLOCK = 0xffff_ffff;
const CHUNK_ENTRY_BYTES = 8;
const WORD_BYTES = 4;
/** Of the form of chunks: by how many bits they are larger than blocks, and whether their entries name devices. */
const CHUNK_BITS = 32;
const PAGE = 256;

export function isCompressed({ layout }: Inode): boolean {
  return layout === 'indexed' || layout === 'packed';
}

function hasContent({ kind, sizeBytes }: Inode): boolean {
  return kind !== 'device' && sizeBytes > 0;
}

export async function* extentPages(
  volume: Volume,
  inode: Inode,
): AsyncGenerator<Page, void, undefined> {
  if (!hasContent(inode)) return;
  yield* toldOf(volume, inode.number, pages(volume, inode));
}

function pages(volume: Volume, inode: Inode): AsyncIterable<Page> {
  if (isCompressed(inode)) return compressedPages(volume, inode);
  return inode.layout === 'chunks' ? chunkPages(volume, inode) : flatPages(volume, inode);
}

/** Where what the layout needs ends, behind the inode: the end of a file, a table of chunks, an index. */
export async function endOfInode(volume: Volume, inode: Inode): Promise<number> {
  const end = inode.offsetBytes + inode.lengthBytes;
  if (!hasContent(inode) || inode.layout === 'plain') return end;
  if (inode.layout === 'inline') return end + tailOf(volume, inode).lengthBytes;
  if (inode.layout === 'chunks') {
    const { startBytes, count, entryBytes } = chunksOf(volume, inode);
    return startBytes + count * entryBytes;
  }
  return (await compressedMap(volume, inode)).endBytes;
}

/** What of the file lies in no block of its own, but for a whole one. */
function tailOf({ blockBytes }: Volume, { sizeBytes, layout }: Inode): ByteRange {
  if (layout !== 'inline') return { offsetBytes: sizeBytes, lengthBytes: 0 };
  const offsetBytes = (Math.ceil(sizeBytes / blockBytes) - 1) * blockBytes;
  return { offsetBytes, lengthBytes: sizeBytes - offsetBytes };
}

async function* flatPages(volume: Volume, inode: Inode): AsyncGenerator<Page, void, undefined> {
  const { blockBytes, volumes } = volume;
  const tail = tailOf(volume, inode);
  const storedBytes = Math.ceil(tail.offsetBytes / blockBytes) * blockBytes;
  if (storedBytes > 0)
    yield [pieceOf(volume, 'data', inode.content, { offsetBytes: 0, lengthBytes: storedBytes })];
  if (tail.lengthBytes === 0) return;
  const start = inode.offsetBytes + inode.lengthBytes;
  if ((start % blockBytes) + tail.lengthBytes > blockBytes) {
    const words = `the end of inode ${inode.number} does not lie in the block of the inode`;
    throw new FormatError('INVALID', `erofs: ${words}`, { data: { number: inode.number } });
  }
  yield [{ kind: 'inline', ...tail, at: volumeRange(volumes, start, tail.lengthBytes) }];
}

/** From a block on; a hole where no block is named. */
function pieceOf(
  volume: Volume,
  kind: 'data' | 'compressed',
  block: number,
  file: ByteRange,
  storedBytes = file.lengthBytes,
): StoredExtent | Extract<FileExtent, { kind: 'hole' }> {
  const { volumes, blockBytes } = volume;
  if (block === NO_BLOCK && kind === 'data') return { kind: 'hole', ...file };
  const at = volumeRange(volumes, block * blockBytes, storedBytes);
  const countedAs = countedAt(volume, at.offsetBytes);
  // Equal content may be there once for several files.
  return { kind, ...file, at, isShared: null, countedAs };
}

function chunksOf({ blockBytes }: Volume, inode: Inode) {
  const { content, offsetBytes, lengthBytes, sizeBytes } = inode;
  const chunkBytes = blockBytes * 2 ** (content % CHUNK_BITS);
  const hasDevices = Math.floor(content / CHUNK_BITS) % 2 === 1;
  const entryBytes = hasDevices ? CHUNK_ENTRY_BYTES : WORD_BYTES;
  const end = offsetBytes + lengthBytes;
  return {
    chunkBytes,
    entryBytes,
    hasDevices,
    startBytes: Math.ceil(end / entryBytes) * entryBytes,
    count: Math.ceil(sizeBytes / chunkBytes),
  };
}

async function* chunkPages(volume: Volume, inode: Inode): AsyncGenerator<Page, void, undefined> {
  const { source, spend, blockBytes } = volume;
  const { chunkBytes, entryBytes, hasDevices, startBytes, count } = chunksOf(volume, inode);
  for (let first = 0; first < count; first += PAGE) {
    const entries = Math.min(PAGE, count - first);
    spend(entries * entryBytes);
    const bytes = await source.read(startBytes + first * entryBytes, entries * entryBytes);
    const blockOf = hasDevices ? chunkBlocks(bytes) : wordBlocks(bytes);
    const page: FileExtent[] = [];
    for (let i = 0; i < entries; i++) {
      const offsetBytes = (first + i) * chunkBytes;
      const left = Math.ceil((inode.sizeBytes - offsetBytes) / blockBytes) * blockBytes;
      const lengthBytes = Math.min(chunkBytes, left);
      addExtent(page, pieceOf(volume, 'data', blockOf(i), { offsetBytes, lengthBytes }));
    }
    yield page;
  }
}

function chunkBlocks(bytes: Uint8Array): (index: number) => number {
  const records = erofsChunkRecords(bytes);
  return (index) => u32(records.at(index).block);
}

function wordBlocks(bytes: Uint8Array): (index: number) => number {
  const records = erofsWordRecords(bytes);
  return (index) => u32(records.at(index).value);
}

/** Something that is compressed, as far as it is known. */
interface Begun {
  readonly offsetBytes: number;
  readonly block: number;
  /** In clusters. */
  count: number;
}

async function* compressedPages(
  volume: Volume,
  inode: Inode,
): AsyncGenerator<Page, void, undefined> {
  const map = await compressedMap(volume, inode);
  const { clusterBytes } = map;
  let begun: Begun | null = null;
  let number = 0;
  const ended = (one: Begun, end: number): Page => {
    const lengthBytes = end - one.offsetBytes;
    if (lengthBytes <= 0) return [];
    const file = { offsetBytes: one.offsetBytes, lengthBytes };
    return [pieceOf(volume, 'compressed', one.block, file, one.count * clusterBytes)];
  };
  for await (const clusters of map.clusters()) {
    const page: FileExtent[] = [];
    for (const { isHead, value, block } of clusters) {
      const offsetBytes = number * clusterBytes + (isHead ? value : 0);
      number++;
      if (isHead) {
        if (begun === null) checkBegins(value === 0, inode.number);
        else page.push(...ended(begun, offsetBytes));
        begun = { offsetBytes, block, count: 1 };
      } else {
        checkBegins(begun !== null, inode.number);
        if (begun !== null && value > 0) begun.count = value;
      }
    }
    yield page;
  }
  if (begun !== null) yield ended(begun, inode.sizeBytes);
}
