// The filesystem as it is after the recovery: its blocks, and over them the newest copies of the log. Nothing is
// written.
// References: Linux 6.18 fs/jbd2/recovery.c: do_one_pass (PASS_REPLAY), jbd2_block_tag_csum_verify.

import { blockChanges, type Change } from '../../../bytes/changes.js';
import { crc32c } from '../../../bytes/crc32c.js';
import { overlay } from '../../../bytes/overlay.js';
import type { ByteSource } from '../../../bytes/source.js';
import { FormatError } from '../../../errors.js';
import { forwardReader, type JournalPlace } from './blocks.js';
import type { FoundCopy, JournalLog } from './log.js';
import type { JournalHead } from './superblock.js';

/** Every block of the journal itself begins with these bytes; a copy that began with them has zeros instead (escaped). */
const MAGIC_BYTES = [0xc0, 0x3b, 0x39, 0x98];
const SEQUENCE_BYTES = 4;
const U16_VALUES = 0x10000;

/** A read of it throws BAD_CHECKSUM for a copy that is damaged: the kernel does not mount such a filesystem. */
export function replayed(
  source: ByteSource,
  place: JournalPlace,
  head: JournalHead,
  log: JournalLog,
): ByteSource {
  if (log.size === 0) return source;
  const changes = blockChanges(head.blockSizeBytes, {
    blocks: log.blocks,
    find(block) {
      const copy = log.find(block);
      return copy === null ? null : changeOf(place, head, copy);
    },
  });
  return overlay(source, changes);
}

/**
 * @param blockCount blocks of the device that is written to.
 * @throws FormatError OUT_OF_BOUNDS for a copy of a block behind them, with which the kernel gives the replay up.
 */
export function checkTargets(log: JournalLog, blockCount: number): void {
  if (log.highestBlock < blockCount) return; // To sort a million takes longer than all else here.
  const blocks = log.blocks();
  for (let i = blocks.length - 1; i >= 0; i--) {
    const block = blocks[i] ?? 0;
    if (block < blockCount) return;
    if (log.find(block) === null) continue;
    const message = `ext: the journal has a copy of block ${block}, and the device only ${blockCount}; the kernel does not mount it`;
    throw new FormatError('OUT_OF_BOUNDS', message, { data: { block, blockCount } });
  }
}

/**
 * Reads all copies that the kernel would write, older ones of a block too.
 * @throws FormatError BAD_CHECKSUM for one that is damaged: the kernel does not mount such a filesystem.
 */
export async function checkCopies(
  place: JournalPlace,
  head: JournalHead,
  log: JournalLog,
  copies: readonly FoundCopy[],
): Promise<void> {
  if (head.checksum !== 'csum_v2' && head.checksum !== 'csum_v3') return;
  const read = forwardReader(place);
  for (const copy of copies) {
    const { bytes, offsetBytes } = await read(copy.journalBlock, head.endBlock - copy.journalBlock);
    const block = bytes.subarray(offsetBytes, offsetBytes + head.blockSizeBytes);
    if (!log.isRevoked(copy.block, copy.sequence)) checkCopy(head, copy, block);
  }
}

function changeOf(
  place: JournalPlace,
  head: JournalHead,
  copy: FoundCopy,
): Pick<Change, 'content' | 'place'> {
  const content = (): Promise<Uint8Array> => readCopy(place, head, copy);
  if (copy.isEscaped) return { content };
  const { offsetBytes } = place.locate(copy.journalBlock);
  return { content, place: { source: place.source, offsetBytes } };
}

async function readCopy(
  { source, locate }: JournalPlace,
  head: JournalHead,
  copy: FoundCopy,
): Promise<Uint8Array> {
  const { offsetBytes } = locate(copy.journalBlock);
  const bytes = await source.read(offsetBytes, head.blockSizeBytes);
  checkCopy(head, copy, bytes);
  if (!copy.isEscaped) return bytes;
  const whole = Uint8Array.from(bytes);
  whole.set(MAGIC_BYTES);
  return whole;
}

function checkCopy(head: JournalHead, copy: FoundCopy, bytes: Uint8Array): void {
  if (head.checksum !== 'csum_v2' && head.checksum !== 'csum_v3') return;
  const sequence = new DataView(new ArrayBuffer(SEQUENCE_BYTES));
  sequence.setUint32(0, copy.sequence);
  const whole = crc32c(crc32c(head.checksumSeed, new Uint8Array(sequence.buffer)), bytes);
  const computed = head.checksum === 'csum_v3' ? whole : whole % U16_VALUES;
  if (computed === copy.checksum) return;
  throw new FormatError(
    'BAD_CHECKSUM',
    `ext: the checksum of the copy of block ${copy.block} in transaction ${copy.sequence} of the journal is wrong`,
    { data: { block: copy.block, sequence: copy.sequence } },
  );
}
