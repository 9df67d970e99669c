// The filesystem as it is after the recovery: its blocks, and over them the newest copies of the log. Nothing is
// written.
// References: Linux 6.18 fs/jbd2/recovery.c: do_one_pass (PASS_REPLAY), jbd2_block_tag_csum_verify.

import { crc32c } from '../../../bytes/crc32c.js';
import { checkedRead } from '../../../bytes/range.js';
import type { ByteSource } from '../../../bytes/source.js';
import { FormatError } from '../../../errors.js';
import type { JournalPlace } from './blocks.js';
import type { FoundCopy, JournalLog } from './log.js';
import type { JournalHead } from './superblock.js';

/** What every block of the journal itself begins with, and what was taken out of an escaped copy. */
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
  const { blockSizeBytes } = head;
  return {
    sizeBytes: source.sizeBytes,
    async read(offset, length) {
      checkedRead(offset, length, source.sizeBytes);
      const found = copiesOf(log, blockSizeBytes, offset, length);
      const bytes = await source.read(offset, length);
      if (found.length === 0) return bytes;
      const patched = Uint8Array.from(bytes);
      for (const copy of found) {
        const content = await readCopy(place, head, copy);
        const start = copy.block * blockSizeBytes - offset;
        const from = Math.max(0, -start);
        const to = Math.min(blockSizeBytes, length - start);
        patched.set(content.subarray(from, to), start + from);
      }
      return patched;
    },
  };
}

function copiesOf(
  log: JournalLog,
  blockSizeBytes: number,
  offset: number,
  length: number,
): readonly FoundCopy[] {
  const found: FoundCopy[] = [];
  const end = Math.ceil((offset + length) / blockSizeBytes);
  for (let block = Math.floor(offset / blockSizeBytes); block < end; block++) {
    const copy = log.find(block);
    if (copy !== null) found.push(copy);
  }
  return found;
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
