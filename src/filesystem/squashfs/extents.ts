// The pieces of a file of SquashFS: its blocks one behind the other, each compressed by itself or as it is, holes, and its end, which
// shares a block with the ends of others.
// References: Linux fs/squashfs/file.c: read_blocklist, squashfs_readpage_fragment.
import { squashfsWordRecords } from '../../../generated/filesystem/squashfs.js';
import { FormatError } from '../../errors.js';
import { type FileExtent, type StoredExtent, volumeRange } from '../files.js';
import { addExtent } from '../join-extents.js';
import { toldOf } from '../told.js';
import { countedAt } from '../written-once.js';
import { namesCursor } from './entries.js';
import type { FileContent, Inode } from './inode.js';
import { type StoredBlock, storedBlock } from './tables.js';
import { inodeCursor, type Volume } from './volume.js';

type Page = readonly FileExtent[];

const PAGE = 256;
const WORD_BYTES = 4;

export async function* extentPages(
  volume: Volume,
  inode: Inode,
): AsyncGenerator<Page, void, undefined> {
  if (inode.content !== null) yield* toldOf(volume, inode.number, contentPages(volume, inode));
  else if (inode.names !== null) yield* toldOf(volume, inode.number, namePages(volume, inode));
  else if (inode.kind === 'symlink' && inode.sizeBytes > 0) yield [inlineOf(volume, inode, 0)];
}

/** In the block of metadata with the inode, or behind it. */
function inlineOf({ volumes }: Volume, { at, sizeBytes }: Inode, from: number): FileExtent {
  const place = volumeRange(volumes, at.offsetBytes, at.lengthBytes);
  return { kind: 'inline', offsetBytes: from, lengthBytes: sizeBytes - from, at: place };
}

/** Names are in blocks of the table of directories. What is left for the directory itself and the one above is nowhere. */
async function* namePages(volume: Volume, inode: Inode): AsyncGenerator<Page, void, undefined> {
  const cursor = namesCursor(volume, inode);
  let offsetBytes = 0;
  const total = inode.sizeBytes;
  while (offsetBytes < total) {
    const found = await cursor.next();
    if (found === null) break;
    volume.spendPlaces(1);
    const { position, block } = found;
    const lengthBytes = Math.min(block.bytes.length - position.within, total - offsetBytes);
    const at = volumeRange(volume.volumes, block.at.offsetBytes, block.at.lengthBytes);
    yield [{ kind: 'inline', offsetBytes, lengthBytes, at }];
    offsetBytes += lengthBytes;
    await cursor.skip(lengthBytes);
  }
  if (offsetBytes < total) yield [inlineOf(volume, inode, offsetBytes)];
}

async function* contentPages(volume: Volume, inode: Inode): AsyncGenerator<Page, void, undefined> {
  const { content, sizeBytes } = inode;
  if (content === null) return;
  yield* blockPages(volume, content, sizeBytes);
  const offsetBytes = content.blockCount * volume.blockBytes;
  if (content.fragment === null || offsetBytes >= sizeBytes) return;
  const block = await volume.fragment(content.fragment);
  yield [tailOf(volume, content, block, { offsetBytes, lengthBytes: sizeBytes - offsetBytes })];
}

interface Stretch {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

async function* blockPages(
  volume: Volume,
  { startBytes, blockCount, sizesAt }: FileContent,
  sizeBytes: number,
): AsyncGenerator<Page, void, undefined> {
  if (sizesAt === null) return;
  const { blockBytes } = volume;
  const cursor = inodeCursor(volume, sizesAt);
  let at = startBytes;
  for (let first = 0; first < blockCount; first += PAGE) {
    const count = Math.min(PAGE, blockCount - first);
    const sizes = squashfsWordRecords(await cursor.take(count * WORD_BYTES));
    const page: FileExtent[] = [];
    for (let i = 0; i < count; i++) {
      const offsetBytes = (first + i) * blockBytes;
      const lengthBytes = Math.min(blockBytes, sizeBytes - offsetBytes);
      const block = storedBlock(at, sizes.at(i).value);
      at += block.at.lengthBytes;
      addExtent(page, pieceOf(volume, block, { offsetBytes, lengthBytes }));
    }
    yield page;
  }
}

/** @throws FormatError for a block that is not as long as what it holds. */
function pieceOf(volume: Volume, { at, isCompressed }: StoredBlock, file: Stretch): FileExtent {
  if (at.lengthBytes === 0) return { kind: 'hole', ...file };
  if (!isCompressed && at.lengthBytes !== file.lengthBytes) {
    const words = `a block of ${at.lengthBytes} bytes is to hold ${file.lengthBytes}`;
    throw new FormatError('INVALID', `squashfs: ${words}`, { data: { ...at } });
  }
  return stored(volume, isCompressed ? 'compressed' : 'data', at, file);
}

function stored(
  volume: Volume,
  kind: 'compressed' | 'data',
  { offsetBytes, lengthBytes }: Stretch,
  file: Stretch,
): StoredExtent {
  const at = volumeRange(volume.volumes, offsetBytes, lengthBytes);
  const countedAs = countedAt(volume, offsetBytes);
  // Files with the same content have the same blocks, and nothing says so.
  return { kind, ...file, at, isShared: null, countedAs };
}

/** Of a fragment that is not compressed the part that is this file's. */
function tailOf(
  volume: Volume,
  { fragmentOffsetBytes }: FileContent,
  { at, isCompressed }: StoredBlock,
  file: Stretch,
): FileExtent {
  if (isCompressed) return stored(volume, 'compressed', at, file);
  const { lengthBytes } = file;
  if (fragmentOffsetBytes + lengthBytes > at.lengthBytes) {
    const words = `the end of a file ends at byte ${fragmentOffsetBytes + lengthBytes} of a fragment of ${at.lengthBytes}`;
    throw new FormatError('OUT_OF_BOUNDS', `squashfs: ${words}`);
  }
  const own = { offsetBytes: at.offsetBytes + fragmentOffsetBytes, lengthBytes };
  return stored(volume, 'data', own, file);
}
