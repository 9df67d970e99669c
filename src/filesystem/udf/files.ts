// The files of UDF, each known by the block of its entry, directory by directory: nothing lists all entries.
// References: Linux fs/udf/inode.c: udf_read_inode, __udf_iget; fs/udf/namei.c.
import { parseUdfFileSet } from '../../../generated/filesystem/udf.js';
import { orNull } from '../../bytes/sound.js';
import { FormatError } from '../../errors.js';
import { MAX_FILES_BY_NAME } from '../../limits.js';
import type { FileNode, FileReader, FileStat, FileWalk } from '../files.js';
import { volumeRange } from '../files.js';
import { orTold, UNHEARD } from '../told.js';
import { addressOf, type Disc, numberOf, openDisc } from './disc.js';
import { entryPages } from './entries.js';
import { extentPages } from './extents.js';
import { countFree } from './free.js';
import { type Inode, inodeAt, namedInode } from './inode.js';
import { metadataRanges } from './layout.js';
import { targetOf } from './link.js';
import { freeRanges } from './space.js';
import { type Address, addressIn, type Volume } from './volume.js';

const U32 = 2n ** 32n;

/** @throws FormatError */
export async function udfFiles(volume: Volume, walk: FileWalk): Promise<FileReader> {
  const disc = openDisc(volume, walk);
  const root = await rootOf(disc);
  const number = await numberOf(disc, root);
  const silent = () => openDisc(volume, UNHEARD);
  const missing = missingBytes(disc);
  return {
    volumes: disc.volumes,
    roots: number === null ? [] : [{ tree: 0, number }],
    ...(missing > 0 ? { roundedUpBytes: missing } : {}),
    isNeverTrimmed: true,
    files: () => nodePages(openDisc(volume, walk), root),
    async file({ tree, number: wanted }) {
      const address = tree === 0 ? await addressOf(disc, wanted) : null;
      const inode = address === null ? null : await inodeAt(disc, address);
      return inode === null ? null : nodeOf(disc, inode);
    },
    free: () => freeRanges(openDisc(volume, walk)),
    metadata() {
      const own = silent();
      return metadataRanges(own, nodePages(own, root), inodePages(own, root));
    },
    keptBackBytes: () => keptBackBytes(silent()),
  };
}

/** @throws FormatError INVALID without a file set. */
async function rootOf(disc: Disc): Promise<Address> {
  const { fileSet } = disc.volume;
  const descriptor = await disc.descriptor(fileSet);
  if (descriptor === null) {
    throw new FormatError('INVALID', `udf: no file set in block ${fileSet.block}`);
  }
  const { root } = parseUdfFileSet(descriptor.bytes);
  return addressIn(root);
}

/** What the partition has behind the end of the volume: a disc that is written once has its size before it is full. */
function missingBytes({ volume, partition, source, blockBytes }: Disc): number {
  const { firstBlock, blockCount } = volume.partitions[partition.physical] ?? partition;
  const endBytes = (firstBlock + blockCount) * blockBytes;
  return Math.min(endBytes - source.sizeBytes, blockCount * blockBytes);
}

/** By how much the counter that the kernel believes is less than what is free; less than 0 where it is more. */
async function keptBackBytes(disc: Disc): Promise<number> {
  const { volume, blockBytes } = disc;
  const { reference } = volume.fileSet;
  const counted = await countFree(volume, (block) => disc.locate({ reference, block }));
  let freeBytes = 0;
  for await (const page of freeRanges(disc)) {
    for (const { lengthBytes } of page) freeBytes += lengthBytes;
  }
  return freeBytes - counted.blockCount * blockBytes;
}

async function* nodePages(
  disc: Disc,
  root: Address,
): AsyncGenerator<readonly FileNode[], void, undefined> {
  for await (const page of inodePages(disc, root)) yield page.map((inode) => nodeOf(disc, inode));
}

/** Each once: directories, and what has several names, could come again. */
async function* inodePages(
  disc: Disc,
  root: Address,
): AsyncGenerator<readonly Inode[], void, undefined> {
  const top = await orTold(disc, null, () => namedInode(disc, root));
  if (top === null) return;
  yield [top];
  const seen = new Set([top.number]);
  // It grows meanwhile. Their entries are read again, since millions of them would not fit into memory.
  const queue = [root];
  for (const place of queue) {
    const directory = await orTold(disc, null, () => inodeAt(disc, place));
    if (directory === null) continue;
    for await (const entries of entryPages(disc, directory)) {
      const page: Inode[] = [];
      for (const { id, address } of entries) {
        if (seen.has(id.number)) continue;
        const inode = await orTold(disc, id.number, () => namedInode(disc, address));
        if (inode === null) continue;
        if (seen.size >= MAX_FILES_BY_NAME) throw tooMany();
        seen.add(inode.number);
        if (inode.kind === 'directory') queue.push(address);
        page.push(inode);
      }
      if (page.length > 0) yield page;
    }
  }
}

function tooMany(): FormatError {
  const message = `udf: there are more than ${MAX_FILES_BY_NAME} files`;
  return new FormatError('LIMIT', message, { data: { limit: MAX_FILES_BY_NAME } });
}

function nodeOf(disc: Disc, inode: Inode): FileNode {
  const { number, kind, sizeBytes, allocatedBytes, linkCount, entryBlock } = inode;
  return {
    id: { tree: 0, number },
    kind,
    system: null,
    sizeBytes,
    allocatedBytes,
    linkCount,
    record: volumeRange(disc.volumes, entryBlock * disc.blockBytes, disc.blockBytes),
    stat: () => statOf(inode),
    extents: () => extentPages(disc, inode),
    ...(kind === 'symlink' ? { target: () => orNull(() => targetOf(disc, inode.icb)) } : {}),
    entries: () => entryPages(disc, inode),
  };
}

function statOf({ mode, owner, group, uniqueId, ...times }: Inode): FileStat {
  const { accessedNs, modifiedNs, changedNs, createdNs } = times;
  return {
    mode,
    userId: owner,
    groupId: group,
    generation: Number(uniqueId % U32),
    accessedNs,
    modifiedNs,
    changedNs,
    createdNs,
  };
}
