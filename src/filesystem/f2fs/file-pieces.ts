// The pieces of a file of f2fs: its blocks, its nodes, holes, and content that lies in its inode.
// References: Linux 6.1 fs/f2fs/data.c: f2fs_map_blocks, f2fs_xattr_fiemap; fs/f2fs/inline.c: f2fs_inline_data_fiemap;
// fs/f2fs/compress.c: f2fs_cluster_blocks_are_contiguous, f2fs_write_compressed_pages.
import { type FileExtent, type StoredExtent, volumeRange } from '../files.js';
import { toldOf } from '../told.js';
import { type AddressPage, addressPages } from './file-addresses.js';
import { hasAddresses, inlineBytes, inlineOffset, isRegular } from './inode.js';
import { invalid } from './recovery-state.js';
import { BLOCK_BYTES } from './superblock.js';
import { COMPRESSED, isWritten } from './volume.js';
import { blocksAt, type F2fsFile, type F2fsVolume } from './volume-files.js';

type Page = readonly FileExtent[];

/** Blocks that follow each other, and how many blocks of the file they stand for: more, where they are compressed. */
interface Run {
  readonly kind: 'data' | 'compressed';
  readonly fileBlock: number;
  readonly block: number;
  count: number;
  fileCount: number;
}

export async function* extentPages(
  volume: F2fsVolume,
  file: F2fsFile,
): AsyncGenerator<Page, void, undefined> {
  const { number } = file.inode;
  yield* toldOf(volume, number, attributePages(volume, file));
  yield* toldOf(volume, number, contentPages(volume, file));
}

/** Attributes that have no room in the inode have a node of their own. */
async function* attributePages(
  volume: F2fsVolume,
  file: F2fsFile,
): AsyncGenerator<Page, void, undefined> {
  const { inode, state } = file;
  if (inode.attributeNode === 0) return;
  const block = await state.nodeTable.blockOf(inode.attributeNode);
  if (isWritten(block)) yield [placed(volume, file, 'attributes', block)];
}

/** A block that holds no content. */
function placed(
  volume: F2fsVolume,
  { countedAs }: F2fsFile,
  kind: 'map' | 'attributes',
  block: number,
): StoredExtent {
  const at = blocksAt(volume, block, 1);
  return { kind, offsetBytes: null, lengthBytes: 0, at, isShared: false, countedAs };
}

async function* contentPages(
  volume: F2fsVolume,
  file: F2fsFile,
): AsyncGenerator<Page, void, undefined> {
  const { inode, sizeBytes } = file;
  const inline = inlineExtents(volume, file);
  let nextBytes = inline.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0);
  if (inline.length > 0) yield inline;
  if (!hasAddresses(inode)) return;
  for await (const page of addressPages(volume, file)) {
    const extents: FileExtent[] =
      page.mapBlock === null ? [] : [placed(volume, file, 'map', page.mapBlock)];
    for (const run of runsOf(file, page)) {
      const offsetBytes = run.fileBlock * BLOCK_BYTES;
      extents.push(...holeOf(nextBytes, offsetBytes), stored(volume, file, run));
      nextBytes = offsetBytes + run.fileCount * BLOCK_BYTES;
    }
    if (extents.length > 0) yield extents;
  }
  const end = holeOf(nextBytes, sizeBytes);
  if (end.length > 0) yield end;
}

function holeOf(from: number, to: number): Page {
  return to > from ? [{ kind: 'hole', offsetBytes: from, lengthBytes: to - from }] : [];
}

/** Content, or the entries of a directory; what is behind the room for them reads as zeros. */
function inlineExtents({ volumes }: F2fsVolume, { inode, sizeBytes }: F2fsFile): Page {
  if (!inode.hasInlineData && !inode.hasInlineEntries) return [];
  const lengthBytes = Math.min(sizeBytes, inlineBytes(inode));
  if (lengthBytes <= 0) return [];
  const start = inode.recordBlock * BLOCK_BYTES + inlineOffset(inode);
  const at = volumeRange(volumes, start, lengthBytes);
  return [{ kind: 'inline', offsetBytes: 0, lengthBytes, at }];
}

function stored(volume: F2fsVolume, file: F2fsFile, run: Run): StoredExtent {
  const { inode, countedAs } = file;
  const { kind, fileBlock, block, count, fileCount } = run;
  const isEncrypted = kind === 'data' && inode.isEncrypted && file.kind !== 'directory';
  return {
    kind: isEncrypted ? 'encrypted' : kind,
    offsetBytes: fileBlock * BLOCK_BYTES,
    lengthBytes: fileCount * BLOCK_BYTES,
    at: blocksAt(volume, block, count),
    isShared: false,
    countedAs,
  };
}

/** Blocks that are only promised have no place: there the file reads as zeros. */
function* runsOf(file: F2fsFile, { first, addresses }: AddressPage): Generator<Run> {
  const { clusterBlocks } = file.inode;
  let run: Run | null = null;
  for (let i = 0; i < addresses.length; i++) {
    const address = addresses[i] ?? 0;
    if (address === COMPRESSED) {
      if (run !== null) yield run;
      run = null;
      yield* clusterRuns(file, first, addresses, i);
      i += clusterBlocks - 1;
    } else if (isWritten(address)) {
      const isNext = run !== null && run.block + run.count === address;
      if (run !== null && isNext && run.fileBlock + run.count === first + i) {
        run.count++;
        run.fileCount++;
        continue;
      }
      if (run !== null) yield run;
      run = { kind: 'data', fileBlock: first + i, block: address, count: 1, fileCount: 1 };
    }
  }
  if (run !== null) yield run;
}

/**
 * The blocks of a cluster follow its mark, and are fewer than those of the file that they stand for: the last ones stand for
 * the rest.
 */
function* clusterRuns(
  { inode }: F2fsFile,
  first: number,
  addresses: Uint32Array,
  at: number,
): Generator<Run> {
  const { clusterBlocks, number } = inode;
  if (!isRegular(inode) || clusterBlocks === 0 || (first + at) % clusterBlocks !== 0) {
    throw invalid(`inode ${number} has a compressed cluster at block ${first + at}`);
  }
  const end = first + at + clusterBlocks;
  let fileBlock = first + at;
  let run: Run | null = null;
  for (const address of addresses.subarray(at + 1, at + clusterBlocks)) {
    if (!isWritten(address)) continue;
    if (run !== null && run.block + run.count === address) {
      run.count++;
    } else {
      if (run !== null) yield run;
      run = { kind: 'compressed', fileBlock, block: address, count: 1, fileCount: 0 };
    }
    run.fileCount = run.count;
    fileBlock++;
  }
  if (run === null) return;
  yield { ...run, fileCount: end - run.fileBlock };
}
