// Ranges of a member's data that could not be written or rebuilt: the array has them elsewhere, or nowhere.
// References: Linux drivers/md/md.c: super_1_load (bblog); block/badblocks.c; md(4), BAD BLOCK LIST.
import { mdBadBlocksRecords } from '../../../generated/volume/md.js';
import type { ByteRange, ByteSource } from '../../bytes/source.js';
import { big, equals } from '../../validation/guest.js';
import type { MdSuperblock } from './superblock.js';

const COUNTS = 1024n;
const U64_MAX = 2n ** 64n - 1n;

/** Of the member's data, in ascending order; none over another, and none without bytes. */
export async function unsoundRanges(
  source: ByteSource,
  superblock: MdSuperblock,
): Promise<readonly ByteRange[]> {
  const { soundBytes, dataBytes, usedBytes } = superblock;
  const endBytes = Math.max(dataBytes, usedBytes);
  const listed = await badBlocks(source, superblock);
  const bad = listed.filter(({ offsetBytes }) => offsetBytes < soundBytes);
  const ranges: ByteRange[] = [];
  let end = 0;
  for (const { offsetBytes, lengthBytes } of bad.sort((a, b) => a.offsetBytes - b.offsetBytes)) {
    const start = Math.max(end, offsetBytes);
    end = Math.max(end, Math.min(soundBytes, offsetBytes + lengthBytes));
    if (end > start) ranges.push({ offsetBytes: start, lengthBytes: end - start });
  }
  if (soundBytes < endBytes) {
    ranges.push({ offsetBytes: soundBytes, lengthBytes: endBytes - soundBytes });
  }
  return ranges;
}

/** As the list has them: its places are the device's. */
async function badBlocks(
  source: ByteSource,
  { badBlocks: place, dataOffsetBytes }: MdSuperblock,
): Promise<ByteRange[]> {
  if (place === null) return [];
  const { offsetBytes, lengthBytes, unitBytes } = place;
  const records = mdBadBlocksRecords(await source.read(offsetBytes, lengthBytes));
  const max = (BigInt(Math.floor(source.sizeBytes / unitBytes)) + 1n) * COUNTS - 1n;
  const ranges: ByteRange[] = [];
  for (let i = 0; i < records.length; i++) {
    const { sectorAndCount } = records.at(i);
    if (equals(sectorAndCount, U64_MAX)) break;
    const entry = big(sectorAndCount, 'md: an entry of the bad blocks', 0n, max);
    const start = Number(entry / COUNTS) * unitBytes - dataOffsetBytes;
    const length = Number(entry % COUNTS) * unitBytes;
    if (start + length <= 0) continue;
    ranges.push({ offsetBytes: Math.max(0, start), lengthBytes: Math.min(length, start + length) });
  }
  return ranges;
}
