// The names in a directory of ext, in the order of its blocks: those of an index look like blocks without names.
// References: Linux 6.18 fs/ext4/dir.c: ext4_readdir; fs/ext4/inline.c: ext4_read_inline_dir; fs/ext4/ext4.h:
// EXT4_FT_REG_FILE and its neighbours.
import { extBlockPointerRecords } from '../../../generated/filesystem/ext.js';
import { VirtDfError } from '../../errors.js';
import { MIB } from '../../limits.js';
import { u32 } from '../../validation/guest.js';
import { orDoubt } from '../doubts.js';
import { entryFault, isDots, isParent, kindOfEntry, nameProblem } from '../file-kinds.js';
import { type DirectoryEntry, type FileId, guestName } from '../files.js';
import { tell } from '../told.js';
import { inlineValue } from './attributes.js';
import { blockRuns, ownRuns } from './block-map.js';
import { visitEntries } from './directory-entries.js';
import { type ExtFile, type ExtVolume, isReserved, ROOT_INODE } from './volume-files.js';

const CHUNK_BYTES = MIB / 16;
/** Of an inline directory: the parent's number, then entries, in the inode's map of blocks. */
const INLINE_PARENT = 40;
const INLINE_START = 44;
const INLINE_END = 100;

export async function* entryPages(
  volume: ExtVolume,
  file: ExtFile,
): AsyncGenerator<readonly DirectoryEntry[], void, undefined> {
  if (!file.inode.isDirectory) return;
  if (file.inode.isInline) {
    for (const part of inlineParts(file)) {
      const entries: DirectoryEntry[] = [];
      addEntries(entries, volume, file, part);
      yield entries;
    }
    return;
  }
  const perChunk = Math.max(1, CHUNK_BYTES / volume.context.geometry.blockSizeBytes);
  try {
    for await (const { block, count } of directoryRuns(volume, file)) {
      for (let done = 0; done < count; done += perChunk) {
        const length = Math.min(perChunk, count - done);
        yield await namesIn(volume, file, block + done, length);
      }
    }
  } catch (error) {
    tell(volume, file.number, error);
  }
}

/** By its entry `..`, in its first block or before its entries in the inode. */
export async function parentsOf(volume: ExtVolume, file: ExtFile): Promise<readonly FileId[]> {
  const said = await orDoubt(() => saidParent(volume, file));
  if (said instanceof VirtDfError || said < ROOT_INODE) return [];
  return said <= volume.context.geometry.inodeCount ? [{ tree: 0, number: said }] : [];
}

/** 0: it says none. */
async function saidParent(volume: ExtVolume, file: ExtFile): Promise<number> {
  if (file.inode.isInline) {
    return u32(extBlockPointerRecords(file.bytes.subarray(INLINE_PARENT)).at(0).block);
  }
  const { source, geometry } = volume.context;
  const { blockSizeBytes } = geometry;
  let parent = 0;
  for await (const { block } of directoryRuns(volume, file)) {
    volume.spend(1);
    const bytes = await source.read(block * blockSizeBytes, blockSizeBytes);
    visitEntries(bytes, (inode, name) => {
      if (isParent(name)) parent = inode;
    });
    break;
  }
  return parent;
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
async function* directoryRuns(volume: ExtVolume, { inode }: ExtFile) {
  const { geometry } = volume.context;
  const end = Math.floor(inode.sizeBytes / geometry.blockSizeBytes);
  const own = ownRuns(inode, geometry);
  for await (const runs of own === null ? blockRuns(volume.maps, inode, 0) : [own]) {
    for (const { fileBlock, block, count } of runs) {
      if (fileBlock === null) continue;
      const within = Math.min(count, end - fileBlock);
      if (within > 0) yield { block, count: within };
    }
  }
}

/** The names in some blocks. */
async function namesIn(
  volume: ExtVolume,
  file: ExtFile,
  first: number,
  count: number,
): Promise<readonly DirectoryEntry[]> {
  const { blockSizeBytes } = volume.context.geometry;
  volume.spend(count);
  const entries: DirectoryEntry[] = [];
  const held = await file.ahead?.();
  let rest: Uint8Array | null = null;
  for (let i = 0; i < count; i++) {
    const block = held?.get(first + i);
    if (block !== undefined) {
      addEntries(entries, volume, file, block);
      continue;
    }
    rest ??= await volume.context.source.read(first * blockSizeBytes, count * blockSizeBytes);
    addEntries(entries, volume, file, rest.subarray(i * blockSizeBytes, (i + 1) * blockSizeBytes));
  }
  return entries;
}

/** The entries of one block, up to a damaged one. */
function addEntries(
  entries: DirectoryEntry[],
  volume: ExtVolume,
  file: ExtFile,
  bytes: Uint8Array,
): void {
  try {
    visitEntries(bytes, (inode, name, fileType) => {
      if (inode === 0 || isDots(name)) return;
      const problem = inodeProblem(volume, inode) ?? problemOfName(file, name);
      if (problem !== null) {
        return tell(volume, file.number, entryFault('ext', problem));
      }
      const id = { tree: 0, number: inode };
      const kind = kindOfEntry(fileType);
      entries.push({ name: guestName(name, file.isEncrypted), id, kind });
    });
  } catch (error) {
    tell(volume, file.number, error);
  }
}

/** The kernel opens such a file for nobody. */
function inodeProblem({ context }: ExtVolume, inode: number): string | null {
  const { inodeCount } = context.geometry;
  if (inode > inodeCount) return `leads to inode ${inode} of ${inodeCount}`;
  return isReserved(context, inode) ? `leads to inode ${inode}, which no file may have` : null;
}

/** An encrypted name may have any bytes. */
function problemOfName({ isEncrypted }: ExtFile, name: Uint8Array): string | null {
  return isEncrypted && name.length > 0 ? null : nameProblem(name);
}
