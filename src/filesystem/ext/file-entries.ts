// The names in a directory of ext, in the order of its blocks: those of an index look like blocks without names.
// References: Linux 6.18 fs/ext4/dir.c: ext4_readdir; fs/ext4/inline.c: ext4_read_inline_dir; fs/ext4/ext4.h:
// EXT4_FT_REG_FILE and its neighbours.
import { FormatError } from '../../errors.js';
import { MIB } from '../../limits.js';
import { isDots, kindOfEntry } from '../file-kinds.js';
import { type DirectoryEntry, guestName } from '../files.js';
import { tell } from '../told.js';
import { inlineValue } from './attributes.js';
import { blockRuns } from './block-map.js';
import { type BlockEntry, blockEntries } from './directory-entries.js';
import { type ExtFile, type ExtVolume, isReserved } from './volume-files.js';

const CHUNK_BYTES = MIB / 16;
/** Of an inline directory: the parent's number, then entries, in the inode's map of blocks. */
const INLINE_START = 44;
const INLINE_END = 100;
const SLASH = 0x2f;

export async function* entryPages(
  volume: ExtVolume,
  file: ExtFile,
): AsyncGenerator<readonly DirectoryEntry[], void, undefined> {
  if (!file.inode.isDirectory) return;
  if (file.inode.isInline) {
    for (const part of inlineParts(file)) yield entriesOf(volume, file, part);
    return;
  }
  try {
    for await (const { block, count } of directoryBlocks(volume, file)) {
      yield* blocksOf(volume, file, block, count);
    }
  } catch (error) {
    tell(volume, file.number, error);
  }
}

function inlineParts({ bytes }: ExtFile): readonly Uint8Array[] {
  const value = inlineValue(bytes);
  const parts = [bytes.subarray(INLINE_START, INLINE_END)];
  if (value !== null && value.lengthBytes > 0) {
    parts.push(bytes.subarray(value.offsetBytes, value.offsetBytes + value.lengthBytes));
  }
  return parts;
}

/** The runs of blocks within the directory's size. */
async function* directoryBlocks(volume: ExtVolume, { inode }: ExtFile) {
  const { blockSizeBytes } = volume.context.geometry;
  const end = Math.floor(inode.sizeBytes / blockSizeBytes);
  for await (const runs of blockRuns(volume.maps, inode, 0)) {
    for (const { fileBlock, block, count } of runs) {
      if (fileBlock === null) continue;
      const within = Math.min(count, end - fileBlock);
      if (within > 0) yield { block, count: within };
    }
  }
}

async function* blocksOf(volume: ExtVolume, file: ExtFile, first: number, count: number) {
  const { source, geometry } = volume.context;
  const { blockSizeBytes } = geometry;
  const perChunk = Math.max(1, CHUNK_BYTES / blockSizeBytes);
  for (let done = 0; done < count; done += perChunk) {
    const length = Math.min(perChunk, count - done);
    volume.spend(length);
    const bytes = await source.read((first + done) * blockSizeBytes, length * blockSizeBytes);
    const page: DirectoryEntry[] = [];
    for (let at = 0; at < bytes.length; at += blockSizeBytes) {
      for (const entry of entriesOf(volume, file, bytes.subarray(at, at + blockSizeBytes))) {
        page.push(entry);
      }
    }
    yield page;
  }
}

/** The entries of one block, up to a damaged one. */
function entriesOf(volume: ExtVolume, file: ExtFile, bytes: Uint8Array): readonly DirectoryEntry[] {
  const entries: DirectoryEntry[] = [];
  try {
    for (const entry of blockEntries(bytes)) {
      const found = toEntry(volume, file, entry);
      if (found !== null) entries.push(found);
    }
  } catch (error) {
    tell(volume, file.number, error);
  }
  return entries;
}

function toEntry(
  volume: ExtVolume,
  file: ExtFile,
  { inode, name, fileType }: BlockEntry,
): DirectoryEntry | null {
  if (inode === 0 || isDots(name)) return null;
  const problem = inodeProblem(volume, inode) ?? nameProblem(file, name);
  if (problem === null) {
    const id = { tree: 0, number: inode };
    return { name: guestName(name, file.isEncrypted), id, kind: kindOfEntry(fileType) };
  }
  tell(volume, file.number, new FormatError('INVALID', `ext: a directory's entry ${problem}`));
  return null;
}

/** The kernel opens such a file for nobody. */
function inodeProblem({ context }: ExtVolume, inode: number): string | null {
  const { inodeCount } = context.geometry;
  if (inode > inodeCount) return `leads to inode ${inode} of ${inodeCount}`;
  return isReserved(context, inode) ? `leads to inode ${inode}, which no file may have` : null;
}

/** A kernel gives such a name to no program. */
function nameProblem({ isEncrypted }: ExtFile, name: Uint8Array): string | null {
  if (name.length === 0) return 'has no name';
  if (isEncrypted || (!name.includes(0) && !name.includes(SLASH))) return null;
  return 'has a slash or a zero in its name';
}
