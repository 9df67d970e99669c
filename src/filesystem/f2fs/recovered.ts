// The files of F2FS in the state that a mount has in memory once it freed orphans and took over the files that were fsynced behind
// the checkpoint, for whoever reads files. Example: a file that was made and fsynced before a crash has no entry in a directory on the
// disk; here it has one, and its blocks are where its node behind the checkpoint says.
// References: Linux 6.1 fs/f2fs/recovery.c: f2fs_recover_fsync_data; fs/f2fs/dir.c: f2fs_readdir; fs/f2fs/file.c: f2fs_getattr;
// fs/f2fs/node.c: f2fs_get_dnode_of_data.
import { SECTOR_BYTES } from '../../bytes/sector.js';
import type { VirtDfError } from '../../errors.js';
import {
  type Entry,
  type EntryTable,
  IN_INODE,
  readBlockTable,
  readInlineTable,
} from './directory-block.js';
import { LEVELS } from './free.js';
import {
  addressesOfInode,
  addressesOfNode,
  hasAddresses,
  type Inode,
  inlineBytes,
  inlineStart,
  isDirectory,
  isRegular,
  POINTERS_PER_NODE,
} from './inode.js';
import { mountWork } from './mount.js';
import { readNodePointers } from './node.js';
import { reasons, recoveredState } from './recovery.js';
import { invalid, peekInode, peekNode, type Recovery } from './recovery-state.js';
import { BLOCK_BYTES } from './superblock.js';
import { isInMain, isWritten, NO_BLOCK, readBlock, type Volume } from './volume.js';

const SECTORS_PER_BLOCK = BLOCK_BYTES / SECTOR_BYTES;

/** A block of a file that is no hole. */
interface FileBlock {
  readonly fileBlock: number;
  /**
   * The block of the filesystem; or PROMISED, which reads as zeros and counts; or COMPRESSED, which begins a cluster: the other
   * blocks of the cluster then hold the compressed bytes.
   */
  readonly address: number;
}

interface RecoveredFiles {
  /** All inodes in use, in the order of their numbers, also those without a name (quota files). @throws FormatError */
  eachInode(): AsyncGenerator<Readonly<Inode>>;
  /** @returns null if there is none with this number. @throws FormatError */
  inode(number: number): Promise<Readonly<Inode> | null>;
  /** The entries of a directory, `.` and `..` too. Encrypted names are as on the disk. @throws FormatError */
  eachEntry(directory: Readonly<Inode>): AsyncGenerator<Entry>;
  /** In the order of the file. Content that lies in the inode has no block. @throws FormatError */
  eachBlock(inode: Readonly<Inode>): AsyncGenerator<FileBlock>;
  /** Why it is not, or may not be, the state that a mount gives. */
  readonly doubts: readonly VirtDfError[];
}

/** @throws FormatError where the mount would fail. */
export async function recoveredFiles(volume: Volume): Promise<RecoveredFiles> {
  const work = await mountWork(volume);
  const state = await recoveredState(volume, work);
  const { recovery } = state;
  return {
    doubts: [...work.doubts, ...reasons(state)],
    inode: (number) => readableInode(recovery, number),
    eachInode: () => eachInode(recovery),
    eachEntry: (directory) => eachEntry(recovery, directory),
    eachBlock: (inode) => eachBlock(recovery, inode),
  };
}

/** The sectors that stat shows as st_blocks: the content that lies in an inode counts too. */
export function statSectors(inode: Readonly<Inode>): number {
  const { blockCount, sizeBytes, hasInlineData, hasInlineEntries } = inode;
  const isInline = (isRegular(inode) && hasInlineData) || hasInlineEntries;
  return blockCount * SECTORS_PER_BLOCK + (isInline ? Math.ceil(sizeBytes / SECTOR_BYTES) : 0);
}

/** The content that an inode holds itself, which zeros follow up to the size; null: it lies in blocks. */
export function inlineContent(inode: Readonly<Inode>): Uint8Array | null {
  if (!inode.hasInlineData) return null;
  const bytes = Buffer.alloc(Math.max(0, Math.min(inode.sizeBytes, inlineBytes(inode))));
  const start = inlineStart(inode);
  for (let at = 0; at < bytes.length; at++) {
    const word = inode.addresses[start + Math.floor(at / 4)] ?? 0;
    bytes[at] = Math.floor(word / 256 ** (at % 4)) % 256;
  }
  return bytes;
}

async function readableInode(recovery: Recovery, number: number): Promise<Inode | null> {
  const inode = await peekInode(recovery, number);
  if (inode !== null && !Number.isSafeInteger(inode.sizeBytes)) {
    throw invalid(`inode ${number} has a size that no file has`);
  }
  return inode;
}

async function* eachInode(recovery: Recovery): AsyncGenerator<Inode> {
  for await (const number of recovery.nodeTable.eachUsed()) {
    if (recovery.nodes.has(number)) continue;
    if (!recovery.inodes.has(number)) {
      const node = await peekNode(recovery, number);
      if (node === null || !node.footer.isInode) continue;
    }
    const inode = await readableInode(recovery, number);
    if (inode !== null) yield inode;
  }
}

async function* eachEntry(recovery: Recovery, directory: Readonly<Inode>): AsyncGenerator<Entry> {
  if (!isDirectory(directory)) throw invalid(`inode ${directory.number} is no directory`);
  const tables = recovery.tables.get(directory.number);
  if (directory.hasInlineEntries) {
    const table = tables?.get(IN_INODE) ?? readInlineTable(directory);
    yield* table.entries.values();
    return;
  }
  for await (const { fileBlock, address } of eachBlock(recovery, directory)) {
    if (fileBlock * BLOCK_BYTES >= directory.sizeBytes) return;
    const table = tables?.get(fileBlock) ?? (await tableAt(recovery.volume, address));
    if (table !== null) yield* table.entries.values();
  }
}

/** A block of entries that is only promised has none yet. */
async function tableAt(volume: Volume, address: number): Promise<EntryTable | null> {
  return isWritten(address) ? readBlockTable(await readBlock(volume, address)) : null;
}

async function* eachBlock(recovery: Recovery, inode: Readonly<Inode>): AsyncGenerator<FileBlock> {
  if (!hasAddresses(inode) || inode.hasInlineData || inode.hasInlineEntries) return;
  const { extraAddresses, addresses } = inode;
  const perInode = addressesOfInode(inode);
  const { volume } = recovery;
  yield* blocksOf(volume, addresses.subarray(extraAddresses, extraAddresses + perInode), 0);
  const seen = new Set([inode.number]);
  let first = perInode;
  for (const [i, level] of LEVELS.entries()) {
    yield* blocksBelow(recovery, { inode, seen, number: inode.nodes[i] ?? 0, level, first });
    first += blocksUnder(inode, level);
  }
}

interface Branch {
  readonly inode: Readonly<Inode>;
  /** The nodes of the file so far: one that is there twice would be walked again and again. */
  readonly seen: Set<number>;
  readonly number: number;
  readonly level: number;
  /** The first block of the file below it. */
  readonly first: number;
}

async function* blocksBelow(recovery: Recovery, branch: Branch): AsyncGenerator<FileBlock> {
  const { inode, seen, number, level, first } = branch;
  const pointers = number === 0 ? null : await pointersOf(recovery, inode, number);
  if (pointers === null) return;
  if (seen.has(number)) throw invalid(`node ${number} is twice in inode ${inode.number}`);
  seen.add(number);
  if (level === 0) {
    yield* blocksOf(recovery.volume, pointers.subarray(0, addressesOfNode(inode)), first);
    return;
  }
  const step = blocksUnder(inode, level - 1);
  for (const [i, child] of pointers.entries()) {
    if (child === 0) continue;
    const below = { inode, seen, number: child, level: level - 1, first: first + i * step };
    yield* blocksBelow(recovery, below);
  }
}

/** How many blocks of a file are below a node. */
function blocksUnder(inode: Readonly<Inode>, level: number): number {
  return addressesOfNode(inode) * POINTERS_PER_NODE ** level;
}

async function pointersOf(
  recovery: Recovery,
  { number: owner }: Readonly<Inode>,
  number: number,
): Promise<Uint32Array | null> {
  const known = recovery.nodes.get(number);
  if (known !== undefined) return known.pointers;
  const node = await peekNode(recovery, number);
  if (node === null) return null;
  if (node.footer.isInode || node.footer.inode !== owner) {
    throw invalid(`node ${number} of inode ${owner} is one of inode ${node.footer.inode}`);
  }
  return readNodePointers(node.bytes);
}

function* blocksOf(volume: Volume, addresses: Uint32Array, first: number): Generator<FileBlock> {
  for (const [i, address] of addresses.entries()) {
    if (address === NO_BLOCK) continue;
    if (isWritten(address) && !isInMain(volume, address)) {
      throw invalid(`block ${address} of a file is not in the main area`);
    }
    yield { fileBlock: first + i, address };
  }
}
