// The root directory of an exFAT volume, which has the label and the places of the allocation bitmap and of the
// table of the letters' large forms.
// References: exFAT specification, 7.1 Allocation Bitmap, 7.3 Volume Label; Linux 6.1 fs/exfat/balloc.c:
// exfat_load_bitmap; util-linux libblkid/src/superblocks/exfat.c.
import {
  exfatEntryRecords,
  type GuestExfatUpCase,
  parseExfatBitmap,
  parseExfatLabel,
  parseExfatUpCase,
} from '../../../generated/filesystem/exfat.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { KIB, MIB } from '../../limits.js';
import { equals, int, type Label, labelOf, NO_LABEL, rawText, u8 } from '../../validation/guest.js';
import { chainRuns, FIRST_CLUSTER } from '../fat/chain.js';
import type { Boot } from './boot.js';
import { runOffset, tableOf, unlimited } from './table.js';

const ENTRY_BYTES = 32;
const END = 0;
const BITMAP = 0x81;
const UP_CASE = 0x82;
const LABEL = 0x83;
const MAX_LABEL_CHARACTERS = 11;
const CHUNK_BYTES = 16 * KIB;
/** The specification's limit for a directory. */
const MAX_DIRECTORY_BYTES = 256 * MIB;

export interface Root {
  readonly label: Label;
  readonly bitmap: Bitmap;
  /** Of the table of the letters' large forms; undefined where there is none. */
  readonly upCase: GuestExfatUpCase | undefined;
}

interface Bitmap {
  readonly firstCluster: number;
  readonly sizeBytes: number;
}

interface Found {
  label: Label | undefined;
  bitmap: Bitmap | undefined;
  upCase: GuestExfatUpCase | undefined;
  isOver: boolean;
}

/** @throws FormatError OUT_OF_BOUNDS, LOOP; INVALID when there is no bitmap. */
export async function readRoot(source: ByteSource, boot: Boot): Promise<Root> {
  const found: Found = { label: undefined, bitmap: undefined, upCase: undefined, isOver: false };
  for await (const bytes of directoryChunks(source, boot)) {
    search(bytes, boot, found);
    if (found.isOver) break;
  }
  const { label = NO_LABEL, bitmap, upCase } = found;
  if (bitmap !== undefined) return { label, bitmap, upCase };
  throw new FormatError('INVALID', 'exfat: the root directory names no allocation bitmap');
}

async function* directoryChunks(source: ByteSource, boot: Boot): AsyncGenerator<Uint8Array> {
  const most = Math.ceil(MAX_DIRECTORY_BYTES / boot.clusterBytes);
  const table = tableOf(source, boot);
  for await (const run of chainRuns(table, boot.rootCluster, unlimited, most)) {
    const sizeBytes = run.clusterCount * boot.clusterBytes;
    for (let done = 0; done < sizeBytes; done += CHUNK_BYTES) {
      const length = Math.min(CHUNK_BYTES, sizeBytes - done);
      yield source.read(runOffset(boot, run) + done, length);
    }
  }
}

/** Of several, the first counts, as in the kernel. */
function search(bytes: Uint8Array, boot: Boot, found: Found): void {
  const entries = exfatEntryRecords(bytes);
  for (let i = 0; i < entries.length && !found.isOver; i++) {
    const { type } = entries.at(i);
    const entry = bytes.subarray(i * ENTRY_BYTES, (i + 1) * ENTRY_BYTES);
    if (equals(type, LABEL)) found.label ??= readLabel(entry);
    if (equals(type, BITMAP)) found.bitmap ??= readBitmap(entry, boot);
    if (equals(type, UP_CASE)) found.upCase ??= parseExfatUpCase(entry);
    const { label, bitmap, upCase } = found;
    found.isOver = equals(type, END) || ![label, bitmap, upCase].includes(undefined);
  }
}

function readLabel(bytes: Uint8Array): Label {
  const guest = parseExfatLabel(bytes);
  const length = u8(guest.numCharacters);
  const most = Math.min(length, MAX_LABEL_CHARACTERS);
  return labelOf(rawText(guest.text, MAX_LABEL_CHARACTERS).slice(0, most));
}

/** The bitmap of the first FAT; that of the second one, which TexFAT has, is not the kernel's. */
function readBitmap(bytes: Uint8Array, { clusterBytes, clusterCount }: Boot): Bitmap | undefined {
  const guest = parseExfatBitmap(bytes);
  if (!equals(guest.flags, 0)) return undefined;
  const lastCluster = clusterCount + FIRST_CLUSTER - 1;
  const needed = Math.ceil(clusterCount / 8);
  return {
    firstCluster: int(
      guest.firstCluster,
      'exfat: first cluster of the bitmap',
      FIRST_CLUSTER,
      lastCluster,
    ),
    sizeBytes: int(
      guest.lenBitmap,
      'exfat: bytes of the bitmap',
      needed,
      clusterCount * clusterBytes,
    ),
  };
}
