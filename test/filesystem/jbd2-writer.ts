// Journals made block by block, for what no kernel writes. Without checksums, in blocks of 1 KiB.
// References: Linux include/linux/jbd2.h.
import { checkedRange } from '../../src/bytes/range.js';
import { type ByteSource, memoryRuns } from '../../src/bytes/source.js';

export const BLOCK_BYTES = 1024;
const MAGIC = 0xc03b3998;
const TAG_BYTES = 8;
const UUID_BYTES = 16;
const FLAG_SAME_UUID = 2;
const FLAG_LAST = 8;

export interface JournalOptions {
  readonly blockCount: number;
  readonly first?: number;
  readonly start?: number;
  readonly sequence?: number;
  readonly claimedCount?: number;
}

export function journalBytes(options: JournalOptions): Buffer {
  const { blockCount, first = 1, start = first, sequence = 1 } = options;
  const bytes = Buffer.alloc(blockCount * BLOCK_BYTES);
  const words = [MAGIC, 4, 0, BLOCK_BYTES, options.claimedCount ?? blockCount, first, sequence];
  for (const [i, word] of [...words, start].entries()) bytes.writeUInt32BE(word, i * 4);
  bytes.writeUInt32BE(1, 0x28); // revoke
  return bytes;
}

export function writeHeader(journal: Buffer, block: number, type: number, sequence: number): void {
  const at = block * BLOCK_BYTES;
  for (const [i, word] of [MAGIC, type, sequence].entries())
    journal.writeUInt32BE(word, at + i * 4);
}

/** A descriptor block of tags, the first of which has a UUID behind it. */
export function writeDescriptor(
  journal: Buffer,
  block: number,
  sequence: number,
  blocks: readonly number[],
  hasLast = true,
): void {
  writeHeader(journal, block, 1, sequence);
  let at = block * BLOCK_BYTES + 12;
  for (const [i, target] of blocks.entries()) {
    const isLast = hasLast && i === blocks.length - 1;
    journal.writeUInt32BE(target, at);
    journal.writeUInt16BE((i === 0 ? 0 : FLAG_SAME_UUID) + (isLast ? FLAG_LAST : 0), at + 6);
    at += TAG_BYTES + (i === 0 ? UUID_BYTES : 0);
  }
}

export function writeCommit(journal: Buffer, block: number, sequence: number): void {
  writeHeader(journal, block, 2, sequence);
}

export function writeRevoke(
  journal: Buffer,
  block: number,
  sequence: number,
  blocks: readonly number[],
  claimedBytes = 16 + 4 * blocks.length,
): void {
  writeHeader(journal, block, 5, sequence);
  journal.writeUInt32BE(claimedBytes, block * BLOCK_BYTES + 12);
  for (const [i, target] of blocks.entries()) {
    journal.writeUInt32BE(target, block * BLOCK_BYTES + 16 + 4 * i);
  }
}

/** Counts how often each block is read. */
export function countingSource(bytes: Uint8Array): ByteSource & { readonly counts: number[] } {
  const counts: number[] = Array.from({ length: bytes.length / BLOCK_BYTES }, () => 0);
  return {
    sizeBytes: bytes.length,
    counts,
    runs: memoryRuns,
    async read(offset, length) {
      checkedRange(offset, length, bytes.length);
      for (let at = offset; at < offset + length; at += BLOCK_BYTES) {
        const block = Math.floor(at / BLOCK_BYTES);
        counts[block] = (counts[block] ?? 0) + 1;
      }
      return bytes.subarray(offset, offset + length);
    },
  };
}
