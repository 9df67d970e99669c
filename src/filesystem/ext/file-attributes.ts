// The extended attributes of a file of ext: those in its inode, then those in the block that it may share with others.
// References: Linux 6.18 fs/ext4/xattr.c: ext4_xattr_ibody_list, ext4_xattr_block_list, ext4_xattr_inode_get.
import { FormatError } from '../../errors.js';
import { equals, int } from '../../validation/guest.js';
import { attributeBudget, MAX_VALUE_BYTES, numberedAttribute } from '../attributes.js';
import type { FileAttribute } from '../files.js';
import { shortContent } from '../link-target.js';
import { orTold } from '../told.js';
import {
  attributeEntries,
  attributesStart,
  BLOCK_HEAD_BYTES,
  readAttributeBlock,
} from './attributes.js';
import { extentPages } from './file-extents.js';
import { openInode, readInodeBytes } from './inode.js';
import { INODE_HEAD_BYTES } from './inode-table.js';
import type { ExtFile, ExtVolume } from './volume-files.js';

/** Content that goes on in an attribute (`system.data`), which no program is told of. */
const SYSTEM_INDEX = 7;

/** Entries, and what their values' places are counted from. */
interface Entries {
  readonly bytes: Uint8Array;
  readonly entriesAt: number;
  readonly valuesAt: number;
}

export function fileAttributes(
  volume: ExtVolume,
  file: ExtFile,
): Promise<readonly FileAttribute[] | null> {
  return orTold(volume, file.number, async () => {
    const found: FileAttribute[] = [];
    const spend = attributeBudget('ext');
    for (const entries of await stretches(volume, file)) {
      for (const { entry, name } of attributeEntries(entries.bytes.subarray(entries.entriesAt))) {
        if (equals(entry.nameIndex, SYSTEM_INDEX)) continue;
        const value = await readValue(volume, entries, entry);
        const one = numberedAttribute(entry.nameIndex, Buffer.from(name, 'latin1'), value);
        if (one === null) continue;
        spend(one);
        found.push(one);
      }
    }
    return found;
  });
}

async function stretches(
  { context, spend }: ExtVolume,
  { bytes, inode }: ExtFile,
): Promise<readonly Entries[]> {
  const start = bytes.length > INODE_HEAD_BYTES ? attributesStart(bytes) : null;
  const own = start === null ? [] : [{ bytes, entriesAt: start, valuesAt: start }];
  if (inode.attributeBlock === 0) return own;
  spend(1);
  const { blockSizeBytes } = context.geometry;
  const offset = inode.attributeBlock * blockSizeBytes;
  const block = await context.source.read(offset, blockSizeBytes);
  readAttributeBlock(block);
  return [...own, { bytes: block, entriesAt: BLOCK_HEAD_BYTES, valuesAt: 0 }];
}

type Entry = ReturnType<typeof attributeEntries> extends Generator<infer One> ? One : never;

async function readValue(
  volume: ExtVolume,
  { bytes, valuesAt }: Entries,
  { lenValue, ofsValue, valueInode }: Entry['entry'],
): Promise<Uint8Array> {
  const length = int(lenValue, 'ext: length of an attribute', 0, MAX_VALUE_BYTES);
  if (!equals(valueInode, 0)) {
    const { inodeCount } = volume.context.geometry;
    return inodeValue(
      volume,
      int(valueInode, "ext: inode of an attribute's value", 1, inodeCount),
      length,
    );
  }
  const start = valuesAt + int(ofsValue, "ext: place of an attribute's value", 0, bytes.length);
  if (start + length <= bytes.length) return bytes.subarray(start, start + length);
  const message = `ext: an attribute of ${length} bytes ends behind what has it`;
  throw new FormatError('OUT_OF_BOUNDS', message);
}

/** A large value is the content of an inode of its own. */
async function inodeValue(
  volume: ExtVolume,
  number: number,
  lengthBytes: number,
): Promise<Uint8Array> {
  const { context } = volume;
  const bytes = await readInodeBytes(context, number);
  const inode = openInode(number, bytes.subarray(0, INODE_HEAD_BYTES), context.geometry);
  const file = { inode, number, bytes, offsetBytes: 0, isEncrypted: false, ahead: null };
  const value = await shortContent(volume, extentPages(volume, file), lengthBytes);
  if (value !== null) return value;
  throw new FormatError('INVALID', `ext: inode ${number} lacks an attribute's value`);
}
