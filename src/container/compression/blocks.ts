// A file that is compressed in blocks, each by itself: a table tells which block holds an offset, and only that block is
// decompressed.
// References: docs/decisions/0003-dependencies.md for the decoders.

import { checkedRange, checkedRead } from '../../bytes/range.js';
import { lastAtMost } from '../../bytes/search.js';
import { type ByteSource, MAX_RUNS, type SourceRun } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import type { HostFile, Scope } from '../../host/scope.js';
import { MAX_READ_BYTES, MIB } from '../../limits.js';

/** One block: a range of the content, and the stream that decompresses to it. */
export interface Block {
  /** Offset in the content. */
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  /** Offset of its stream in the compressed file. */
  readonly hostOffsetBytes: number;
  readonly hostLengthBytes: number;
}

/** Blocks one behind the other. */
export interface BlockTable {
  readonly count: number;
  /** The size of the whole content. */
  readonly sizeBytes: number;
  at(index: number): Block;
  /** The block that holds the offset. */
  find(offsetBytes: number): number;
}

/** The most that one block may decompress to: all of it lies in memory. `xz -9` needs a dictionary as large. */
export const MAX_BLOCK_BYTES = 64 * MIB;
/** Three numbers each: 24 MiB. BGZF's blocks of 64 KiB reach 64 GiB with these. */
export const MAX_BLOCKS = 2 ** 20;

interface TableBuilder {
  readonly sizeBytes: number;
  /** @throws FormatError LIMIT for too many, or one that is too large. */
  add(lengthBytes: number, hostOffsetBytes: number, hostLengthBytes: number): void;
  build(): BlockTable;
}

/** @param word the format's name, with which messages begin. */
export function tableBuilder(word: string): TableBuilder {
  const starts: number[] = [];
  const hostStarts: number[] = [];
  const hostLengths: number[] = [];
  let sizeBytes = 0;
  return {
    get sizeBytes() {
      return sizeBytes;
    },
    add(lengthBytes, hostOffsetBytes, hostLengthBytes) {
      if (lengthBytes === 0) return; // Empty members end some files.
      checkBlock(word, lengthBytes, hostLengthBytes);
      if (starts.length === MAX_BLOCKS) {
        throw new FormatError('LIMIT', `${word}: the file has more than ${MAX_BLOCKS} blocks`);
      }
      starts.push(sizeBytes);
      hostStarts.push(hostOffsetBytes);
      hostLengths.push(hostLengthBytes);
      sizeBytes += lengthBytes;
    },
    build: () => table(starts, hostStarts, hostLengths, sizeBytes),
  };
}

function checkBlock(word: string, lengthBytes: number, hostLengthBytes: number): void {
  if (lengthBytes <= MAX_BLOCK_BYTES && hostLengthBytes <= MAX_READ_BYTES) return;
  throw new FormatError(
    'LIMIT',
    `${word}: a block has ${hostLengthBytes} bytes, ${lengthBytes} when decompressed; the limits are ` +
      `${MAX_READ_BYTES} and ${MAX_BLOCK_BYTES}`,
    { data: { lengthBytes, hostLengthBytes } },
  );
}

function table(
  starts: readonly number[],
  hostStarts: readonly number[],
  hostLengths: readonly number[],
  sizeBytes: number,
): BlockTable {
  return {
    count: starts.length,
    sizeBytes,
    at(index) {
      const offsetBytes = starts[index] ?? sizeBytes;
      return {
        offsetBytes,
        lengthBytes: (starts[index + 1] ?? sizeBytes) - offsetBytes,
        hostOffsetBytes: hostStarts[index] ?? 0,
        hostLengthBytes: hostLengths[index] ?? 0,
      };
    },
    find: (offsetBytes) => lastAtMost(offsetBytes, starts.length, (i) => starts[i]),
  };
}

interface BlockParts {
  /** The word that messages begin with. */
  readonly format: string;
  readonly file: HostFile;
  readonly scope: Scope;
  readonly blocks: BlockTable;
  /** Streams are padded to a multiple of this. */
  readonly unitBytes?: number;
  /** Exactly `block.lengthBytes` bytes. @throws FormatError when the stream holds fewer or more. */
  decode(stream: Uint8Array, block: Block): Promise<Uint8Array> | Uint8Array;
}

/** The decompressed content of the file, under the file's own path and with its numbers on the host. */
export function blockContent(parts: BlockParts): HostFile {
  const { file, blocks, scope } = parts;
  const blockAt = cachedBlocks(parts);
  const { sizeBytes } = blocks;
  return {
    ...hostNumbersOf(file),
    sizeBytes,
    async read(offset, length) {
      checkedRead(offset, length, sizeBytes);
      if (length === 0) return new Uint8Array(0);
      scope.spend(length); // Cached blocks count too: a hostile table can make content of any size of a few blocks.
      const first = blocks.find(offset);
      return readBlocks(scope, blockAt, first, offset - blocks.at(first).offsetBytes, length);
    },
    async runs(offset, length) {
      checkedRange(offset, length, sizeBytes);
      return blockRuns(parts, offset, length);
    },
  };
}

function blockRuns(
  { file, blocks, unitBytes = 1 }: BlockParts,
  offset: number,
  length: number,
): readonly SourceRun[] {
  const runs: SourceRun[] = [];
  const end = offset + length;
  let index = blocks.find(offset);
  for (let at = offset; at < end && runs.length < MAX_RUNS; index++) {
    const block = blocks.at(index);
    const lengthBytes = Math.min(end, block.offsetBytes + block.lengthBytes) - at;
    runs.push({
      kind: 'compressed',
      offsetBytes: at,
      lengthBytes,
      parent: file,
      parentOffsetBytes: block.hostOffsetBytes,
      parentLengthBytes: paddedBytes(block, unitBytes),
      blockBytes: block.lengthBytes,
      skippedBytes: at - block.offsetBytes,
    });
    at += lengthBytes;
  }
  return runs;
}

function paddedBytes({ hostLengthBytes }: Block, unitBytes: number): number {
  return Math.ceil(hostLengthBytes / unitBytes) * unitBytes;
}

/**
 * Reads `length` bytes out of blocks that lie one behind the other.
 * @param blockAt gives all of a block, which is never empty.
 * @param skippedBytes how many bytes of the first block come before the range.
 */
export async function readBlocks(
  scope: Scope,
  blockAt: (index: number) => Promise<Uint8Array>,
  first: number,
  skippedBytes: number,
  lengthBytes: number,
): Promise<Uint8Array> {
  // A block that is held is not waited for, and a reader of many lets the other guests have their turn.
  const turn = scope.turn();
  if (turn !== null) await turn;
  const head = (await blockAt(first)).subarray(skippedBytes, skippedBytes + lengthBytes);
  if (head.length === lengthBytes) return head;
  const bytes = new Uint8Array(lengthBytes);
  bytes.set(head);
  for (let [i, filled] = [first + 1, head.length]; filled < lengthBytes; i++) {
    scope.check();
    const part = (await blockAt(i)).subarray(0, lengthBytes - filled);
    bytes.set(part, filled);
    filled += part.length;
  }
  return bytes;
}

/** The path and the host's numbers of a file, for a content that is not the file's own bytes. */
export function hostNumbersOf(file: HostFile): Omit<HostFile, keyof ByteSource> {
  const { path, allocationBytes, physicalBytes } = file;
  return { path, allocationBytes, physicalBytes };
}

/** Blocks are kept in the guest's cache, one budget for all its files; several readers of one block wait for the same. */
function cachedBlocks(parts: BlockParts): (index: number) => Promise<Uint8Array> {
  const { file, scope, blocks, unitBytes = 1 } = parts;
  const underWay = new Map<number, Promise<Uint8Array>>();
  const make = async (block: Block, key: string): Promise<Uint8Array> => {
    scope.spend(block.lengthBytes);
    const stream = await file.read(block.hostOffsetBytes, paddedBytes(block, unitBytes));
    const bytes = await parts.decode(stream, block);
    scope.clusters.set(key, bytes);
    return bytes;
  };
  return async (index) => {
    const block = blocks.at(index);
    const key = keyOf(parts, block);
    const held = scope.clusters.get(key);
    if (held?.length === block.lengthBytes) return held;
    const waited = underWay.get(index);
    if (waited !== undefined) return waited;
    const making = make(block, key);
    underWay.set(index, making);
    try {
      return await making;
    } finally {
      underWay.delete(index);
    }
  };
}

/** The cache's key of a block. It has the size of the file too: a file within a compressed one has the same path. */
export function keyOf(
  { file, format }: Pick<BlockParts, 'file' | 'format'>,
  { hostOffsetBytes }: Pick<Block, 'hostOffsetBytes'>,
): string {
  return `${file.path}@${format}:${file.sizeBytes}:${hostOffsetBytes}`;
}
