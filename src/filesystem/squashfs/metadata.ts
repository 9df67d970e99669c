// Blocks of metadata, each of which has 8 KiB when it is decompressed, and what is read from one block into the next.
// References: Linux fs/squashfs/cache.c: squashfs_read_metadata; fs/squashfs/block.c: squashfs_read_data.
import { squashfsMetadataHeadRecords } from '../../../generated/filesystem/squashfs.js';
import { orNull } from '../../bytes/sound.js';
import type { ByteRange, ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { KIB } from '../../limits.js';
import { hasFlag, int } from '../../validation/guest.js';
import { breathing } from '../breath.js';
import type { Decompress } from './decompress.js';

export const METADATA_BYTES = 8 * KIB;
const HEAD_BYTES = 2;
const IS_PLAIN = 0x8000n;
const PLAIN = 0x8000;
/** Names and numbers that differ are not compressed to less than a part of so many. */
const MAX_RATIO = 256;
/** 2 MiB of them. */
const MAX_KEPT = 256;

interface MetadataBlock {
  /** With its head. */
  readonly at: ByteRange;
  readonly bytes: Uint8Array;
}

export interface Metadata {
  /** @throws FormatError, UnsupportedError */
  block(offsetBytes: number): Promise<MetadataBlock>;
}

export function metadataOf(source: ByteSource, decompress: Decompress): Metadata {
  const kept = new Map<number, MetadataBlock>();
  const breathe = breathing(source, 0);
  return {
    async block(offsetBytes) {
      await breathe();
      const known = kept.get(offsetBytes);
      if (known !== undefined) return known;
      const { isPlain, storedBytes } = await headAt(source, offsetBytes);
      const stored = await source.read(offsetBytes + HEAD_BYTES, storedBytes);
      const bytes = isPlain ? stored : await decompress(stored, METADATA_BYTES);
      const block = { at: { offsetBytes, lengthBytes: HEAD_BYTES + storedBytes }, bytes };
      const [oldest] = kept.keys();
      if (kept.size >= MAX_KEPT && oldest !== undefined) kept.delete(oldest);
      kept.set(offsetBytes, block);
      return block;
    },
  };
}

interface Head {
  readonly isPlain: boolean;
  readonly storedBytes: number;
}

async function headAt(source: ByteSource, offsetBytes: number): Promise<Head> {
  const head = squashfsMetadataHeadRecords(await source.read(offsetBytes, HEAD_BYTES)).at(0);
  const isPlain = hasFlag(head.lenBlock, IS_PLAIN);
  const least = isPlain ? PLAIN + 1 : 1;
  const what = 'squashfs: bytes of a block';
  const length = int(head.lenBlock, what, least, least - 1 + METADATA_BYTES);
  return { isPlain, storedBytes: isPlain ? length - PLAIN : length };
}

/** The most that a table may hold, by the heads of its blocks: no block is decompressed for it. */
export async function mostBytesOf(
  source: ByteSource,
  startBytes: number,
  endBytes: number,
): Promise<number> {
  const breathe = breathing(source, 0);
  let bytes = 0;
  for (let at = startBytes; at < endBytes; ) {
    await breathe();
    const head = await orNull(() => headAt(source, at));
    if (head === null) return bytes;
    const { isPlain, storedBytes } = head;
    bytes += isPlain ? storedBytes : Math.min(METADATA_BYTES, storedBytes * MAX_RATIO);
    at += HEAD_BYTES + storedBytes;
  }
  return bytes;
}

/** A place in a table: where a block begins, and so many bytes of its content on. */
export interface Position {
  readonly offsetBytes: number;
  readonly within: number;
}

/** Goes through a table, from one block to the next. */
export interface Cursor {
  /** The next bytes. @throws FormatError OUT_OF_BOUNDS behind the end of the table. */
  take(lengthBytes: number): Promise<Uint8Array>;
  skip(lengthBytes: number): Promise<void>;
  /** Where the next byte is, and the block that has it; null at the end of the table. */
  next(): Promise<{ readonly position: Position; readonly block: MetadataBlock } | null>;
}

/** @param endBytes where the blocks of the table end. */
export function cursorAt(metadata: Metadata, start: Position, endBytes: number): Cursor {
  let { offsetBytes, within } = start;
  const next: Cursor['next'] = async () => {
    while (offsetBytes < endBytes) {
      const block = await metadata.block(offsetBytes);
      if (within < block.bytes.length) return { position: { offsetBytes, within }, block };
      // The kernel has no block that is shorter and not the last one.
      within -= block.bytes.length;
      offsetBytes += block.at.lengthBytes;
    }
    return null;
  };
  const part = async (lengthBytes: number): Promise<Uint8Array> => {
    const found = await next();
    if (found === null) {
      const words = `a table ends at byte ${endBytes}, within what is read`;
      throw new FormatError('OUT_OF_BOUNDS', `squashfs: ${words}`, { data: { endBytes } });
    }
    const bytes = found.block.bytes.subarray(within, within + lengthBytes);
    within += bytes.length;
    return bytes;
  };
  return {
    next,
    async take(lengthBytes) {
      const first = await part(lengthBytes);
      if (first.length === lengthBytes) return first;
      const parts = [first];
      for (let left = lengthBytes - first.length; left > 0; left -= parts.at(-1)?.length ?? left) {
        parts.push(await part(left));
      }
      return Buffer.concat(parts);
    },
    async skip(lengthBytes) {
      for (let left = lengthBytes; left > 0; ) left -= (await part(left)).length;
    },
  };
}
