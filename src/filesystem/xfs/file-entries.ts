// The names in a directory of XFS, in the order of its blocks.
// References: Linux 6.18 fs/xfs/xfs_dir2_readdir.c: xfs_dir2_leaf_getdents, xfs_dir2_sf_getdents; libxfs/xfs_dir2.c:
// xfs_dir2_namecheck; libxfs/xfs_dir2_data.c: xfs_dir3_data_header_check; libxfs/xfs_da_format.h: XFS_DIR3_FT_*.
import {
  XfsDirectoryBlockFields,
  xfsDirectoryBlockRecords,
} from '../../../generated/filesystem/xfs.js';
import { FormatError, VirtDfError } from '../../errors.js';
import { KIB } from '../../limits.js';
import { equals, int } from '../../validation/guest.js';
import { orDoubt } from '../doubts.js';
import { entryFault, isDots, isParent, kindOfEntry, nameProblem } from '../file-kinds.js';
import { type DirectoryEntry, type FileId, guestName } from '../files.js';
import { tell, toldOf } from '../told.js';
import { checkSector } from './checksum.js';
import { blockEntries, type NamedInode, shortEntries, shortParent } from './directory-blocks.js';
import { type MappedRun, mapPages } from './file-extents.js';
import { DIRECTORY_INDEX_BYTES } from './placed-runs.js';
import { blocksAt, inodePlace, type XfsFile, type XfsVolume } from './volume-files.js';

const CHUNK_BYTES = 64 * KIB;
const MAX_LOG2_BLOCK = 16;

export async function* entryPages(
  volume: XfsVolume,
  file: XfsFile,
): AsyncGenerator<readonly DirectoryEntry[], void, undefined> {
  if (file.kind !== 'directory') return;
  const { features } = volume.context;
  if (file.inode.fork !== null) {
    yield* toldOf(volume, file.number, pagesOfBlocks(volume, file));
    return;
  }
  yield entriesOf(volume, file, shortEntries(shortForm(file), features));
}

/** Of a directory that lies in its inode. */
function shortForm({ inode: { localOffset, localBytes }, bytes, sizeBytes }: XfsFile): Uint8Array {
  return bytes.subarray(localOffset, localOffset + Math.min(localBytes, sizeBytes));
}

/** By its entry `..`, in its first block, or by its head in the inode. */
export async function parentsOf(volume: XfsVolume, file: XfsFile): Promise<readonly FileId[]> {
  const said = await orDoubt(() => saidParent(volume, file));
  if (said instanceof VirtDfError || said === null) return [];
  return inodePlace(volume.context.geometry, said) === null ? [] : [{ tree: 0, number: said }];
}

async function saidParent(volume: XfsVolume, file: XfsFile): Promise<number | null> {
  if (file.inode.fork === null) return shortParent(shortForm(file));
  for await (const [block] of directoryBlocks(volume, file)) {
    if (block === undefined) return null;
    for (const { name, inode } of blockEntries(block, volume.context.features)) {
      if (isParent(name)) return inode;
    }
    return null;
  }
  return null;
}

async function* pagesOfBlocks(
  volume: XfsVolume,
  file: XfsFile,
): AsyncGenerator<readonly DirectoryEntry[], void, undefined> {
  const { features } = volume.context;
  for await (const blocks of directoryBlocks(volume, file)) {
    const page: DirectoryEntry[] = [];
    for (const block of blocks) {
      for (const entry of entriesOf(volume, file, checkedEntries(volume, file, block, features))) {
        page.push(entry);
      }
    }
    yield page;
  }
}

function* checkedEntries(
  { context }: XfsVolume,
  { number }: XfsFile,
  bytes: Uint8Array,
  features: XfsVolume['context']['features'],
) {
  if (features.version === 5) {
    const { checksum, uuid, owner } = xfsDirectoryBlockRecords(bytes).at(0);
    const what = `a block of directory ${number}`;
    const offset = XfsDirectoryBlockFields.checksum.at;
    checkSector(context, bytes, { what, offset, stored: checksum, uuid });
    if (!equals(owner, number)) {
      throw new FormatError('INVALID', `xfs: ${what} says that it is of another one`);
    }
  }
  yield* blockEntries(bytes, features);
}

/** The directory's own blocks, which may be several of the filesystem, a chunk of them at a time. */
async function* directoryBlocks(volume: XfsVolume, file: XfsFile) {
  const { context } = volume;
  const { blockSizeBytes } = context.geometry;
  const log2Block = Math.log2(blockSizeBytes);
  const { log2DirectoryBlocks } = context.superblock;
  const each = 2 ** int(log2DirectoryBlocks, 'xfs: sb_dirblklog', 0, MAX_LOG2_BLOCK - log2Block);
  const perChunk = Math.max(each, CHUNK_BYTES / blockSizeBytes);
  /** A block that is not complete. */
  let begun: Uint8Array[] = [];
  for await (const run of runsOfNames(volume, file)) {
    for (let done = 0; done < run.count; ) {
      const within = (run.fileBlock + done) % each;
      if (within !== begun.length) throw cut(file);
      const left = run.count - done;
      const isWhole = within === 0 && left >= each;
      const count = isWhole
        ? Math.min(perChunk, left - (left % each))
        : Math.min(each - within, left);
      const bytes = await readRun(volume, run, done, count);
      const pieces = Array.from({ length: isWhole ? count / each : count }, (_, i) => {
        const size = isWhole ? each * blockSizeBytes : blockSizeBytes;
        return bytes.subarray(i * size, (i + 1) * size);
      });
      done += count;
      if (isWhole) {
        yield pieces;
        continue;
      }
      begun.push(...pieces);
      if (begun.length < each) continue;
      yield [Buffer.concat(begun)];
      begun = [];
    }
  }
  if (begun.length > 0) throw cut(file);
}

function cut({ number }: XfsFile): FormatError {
  return new FormatError('INVALID', `xfs: a block of directory ${number} is not complete`);
}

async function readRun(
  volume: XfsVolume,
  { group, block }: MappedRun,
  done: number,
  count: number,
): Promise<Uint8Array> {
  volume.spend(count);
  const at = blocksAt(volume, { group, block: block + done, count });
  return volume.context.source.read(at.offsetBytes, at.lengthBytes);
}

/** The runs of a directory's map before its index. */
async function* runsOfNames(
  volume: XfsVolume,
  { inode: { fork, core } }: XfsFile,
): AsyncGenerator<MappedRun, void, undefined> {
  if (fork === null) return;
  const end = DIRECTORY_INDEX_BYTES / volume.context.geometry.blockSizeBytes;
  const budget = { spendBlock: () => volume.spend(1), spendRuns() {} };
  for await (const { runs } of mapPages(volume.context, fork, core.extentCount, budget)) {
    for (const run of runs) {
      if (run.fileBlock >= end) return;
      yield run;
    }
  }
}

/** The entries up to a damaged one. */
function entriesOf(
  volume: XfsVolume,
  file: XfsFile,
  entries: Iterable<NamedInode>,
): readonly DirectoryEntry[] {
  const found: DirectoryEntry[] = [];
  try {
    for (const entry of entries) {
      const one = toEntry(volume, file, entry);
      if (one !== null) found.push(one);
    }
  } catch (error) {
    tell(volume, file.number, error);
  }
  return found;
}

function toEntry(
  volume: XfsVolume,
  file: XfsFile,
  { inode, name, fileType }: NamedInode,
): DirectoryEntry | null {
  if (isDots(name)) return null;
  const isInode = inodePlace(volume.context.geometry, inode) !== null;
  const problem = isInode ? nameProblem(name) : `leads to inode ${inode}, which cannot be`;
  if (problem === null) {
    return { name: guestName(name), id: { tree: 0, number: inode }, kind: kindOfEntry(fileType) };
  }
  tell(volume, file.number, entryFault('xfs', problem));
  return null;
}
