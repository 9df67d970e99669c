// The table at the end of a file in zstd's seekable format: the sizes of every frame.
// References: zstd contrib/seekable_format/zstd_seekable_compression_format.md.
import {
  parseZstdSeekFooter,
  parseZstdSkippable,
  zstdSeekEntryRecords,
} from '../../../generated/container/zstd.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { equals, int } from '../../validation/guest.js';
import { type BlockTable, MAX_BLOCKS, tableBuilder } from '../compression/blocks.js';

const FOOTER_BYTES = 9;
const SKIPPABLE_HEAD_BYTES = 8;
const SKIPPABLE_MAGIC = 0x184d2a5e;
const FOOTER_MAGIC = [0xb1, 0xea, 0x92, 0x8f];
const ENTRY_BYTES = 8;
const CHECKSUM_BYTES = 4;

/** null: the file has none. @throws FormatError when it is damaged. */
export async function readSeekTable(file: ByteSource): Promise<BlockTable | null> {
  if (file.sizeBytes < FOOTER_BYTES + SKIPPABLE_HEAD_BYTES) return null;
  const footerBytes = await file.read(file.sizeBytes - FOOTER_BYTES, FOOTER_BYTES);
  const magic = footerBytes.subarray(FOOTER_BYTES - FOOTER_MAGIC.length);
  if (!FOOTER_MAGIC.every((byte, i) => magic[i] === byte)) return null;
  const footer = parseZstdSeekFooter(footerBytes);
  if (!equals(footer.reserved, 0)) {
    throw new FormatError('INVALID', 'zstd: reserved bits of the seek table are set');
  }
  const count = int(footer.numFrames, "zstd: number of the seek table's frames", 0, MAX_BLOCKS);
  const entryBytes = ENTRY_BYTES + (footer.hasChecksums ? CHECKSUM_BYTES : 0);
  const tableBytes = count * entryBytes;
  const start = file.sizeBytes - FOOTER_BYTES - tableBytes - SKIPPABLE_HEAD_BYTES;
  if (start < 0) {
    const message = `zstd: a seek table of ${count} frames does not fit ${file.sizeBytes} bytes`;
    throw new FormatError('OUT_OF_BOUNDS', message, { data: { count } });
  }
  const bytes = await file.read(start, SKIPPABLE_HEAD_BYTES + tableBytes);
  const head = parseZstdSkippable(bytes.subarray(0, SKIPPABLE_HEAD_BYTES));
  if (!equals(head.magic, SKIPPABLE_MAGIC) || !equals(head.lenData, tableBytes + FOOTER_BYTES)) {
    throw new FormatError('INVALID', 'zstd: the seek table and its frame have different lengths');
  }
  return readEntries(bytes.subarray(SKIPPABLE_HEAD_BYTES), entryBytes, start);
}

/** The frames must end before the table, wherever that is: others may stand between. */
function readEntries(bytes: Uint8Array, entryBytes: number, endBytes: number): BlockTable {
  const builder = tableBuilder('zstd');
  const entries = zstdSeekEntryRecords(bytes, entryBytes);
  let at = 0;
  for (let i = 0; i < entries.length; i++) {
    const entry = entries.at(i);
    const length = int(entry.lenFrame, "zstd: length of a seek table's frame", 0, endBytes - at);
    const content = int(entry.lenContent, "zstd: content of a seek table's frame", 0, 2 ** 32);
    builder.add(content, at, length);
    at += length;
  }
  return builder.build();
}
