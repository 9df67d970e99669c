// The extended attributes of a file of XFS: in its inode, or in leaves of its attributes' fork, where large values have blocks of
// their own.
// References: Linux 6.18 fs/xfs/libxfs/xfs_attr_leaf.c: xfs_attr_shortform_list, xfs_attr3_leaf_list_int; xfs_attr_remote.c:
// xfs_attr_rmtval_copyout; xfs_xattr.c: xfs_xattr_put_listent; xfs_acl.c: xfs_acl_from_disk.
import {
  XfsNamesBlockFields,
  XfsValueBlockFields,
  xfsAccessCountRecords,
  xfsAccessEntryRecords,
  xfsAttributeEntryRecords,
  xfsLocalAttributeRecords,
  xfsNamesBlockRecords,
  xfsNamesCountRecords,
  xfsNamesLinksRecords,
  xfsNamesPointerRecords,
  xfsRemoteAttributeRecords,
  xfsShortAttributeRecords,
  xfsShortAttributesRecords,
  xfsValueBlockRecords,
} from '../../../generated/filesystem/xfs.js';
import { FormatError } from '../../errors.js';
import type { GuestInteger } from '../../kaitai/index.js';
import { equals, hasFlag, int } from '../../validation/guest.js';
import {
  accessAttribute,
  accessOf,
  attribute,
  attributeBudget,
  MAX_VALUE_BYTES,
} from '../attributes.js';
import type { FileAttribute } from '../files.js';
import { orTold } from '../told.js';
import { checkSector } from './checksum.js';
import { type MappedRun, mapPages } from './file-extents.js';
import { blocksAt, type XfsFile, type XfsVolume } from './volume-files.js';

const LEAF_MAGICS: readonly number[] = [0xfbee, 0x3bee];
const NODE_MAGICS: readonly number[] = [0xfebe, 0x3ebe];
/** The heads of leaves and nodes, by the version of the format; behind the first part of both is the count. */
const LAYOUTS = {
  4: { count: 12, leaf: 32, node: 16, value: 0 },
  5: { count: 56, leaf: 80, node: 64, value: XfsValueBlockFields.owner.at + 24 },
};
const MAX_LEVELS = 9;
const LOCAL = 0x01;
const TRUSTED = 0x02;
const SECURITY = 0x04;
/** XFS_ATTR_PARENT, XFS_ATTR_INCOMPLETE */
const HIDDEN = 0x88;
const NAME_LENGTH = "xfs: length of an attribute's name";
const VALUE_LENGTH = 'xfs: length of an attribute';
const BLOCK_NUMBER = 'xfs: block of attributes';
const SHORT_HEAD_BYTES = 4;
const SHORT_ENTRY_BYTES = 3;
const LOCAL_BYTES = 3;
const REMOTE_BYTES = 9;
const ENTRY_BYTES = 8;
const LISTS: ReadonlyMap<string, boolean> = new Map([
  ['SGI_ACL_FILE', false],
  ['SGI_ACL_DEFAULT', true],
]);
const LIST_HEAD_BYTES = 4;
const LIST_ENTRY_BYTES = 12;

interface Flags {
  readonly isLocal: boolean;
  readonly isTrusted: boolean;
  readonly isSecurity: boolean;
  /** Of what a program is told: neither the name of a directory above, nor one that was being written. */
  readonly isShown: boolean;
}

export function fileAttributes(
  volume: XfsVolume,
  file: XfsFile,
): Promise<readonly FileAttribute[] | null> {
  return orTold(volume, file.number, async () => {
    const found: FileAttribute[] = [];
    const spend = attributeBudget('xfs');
    const { attributeFork, shortAttributes } = file.inode;
    if (attributeFork === null) {
      if (shortAttributes !== null) found.push(...shortForm(shortAttributes));
    } else {
      const fork = await forkOf(volume, file);
      for await (const leaf of leavesOf(fork)) {
        for await (const one of leafAttributes(fork, leaf)) {
          spend(one);
          found.push(one);
        }
      }
    }
    return found;
  });
}

function flagsOf(flags: GuestInteger): Flags {
  return {
    isLocal: hasFlag(flags, LOCAL),
    isTrusted: hasFlag(flags, TRUSTED),
    isSecurity: hasFlag(flags, SECURITY),
    isShown: !hasFlag(flags, HIDDEN),
  };
}

/** A list of access rights is shown under its own name, and as the attribute that it is. */
function* shown(
  { isTrusted, isSecurity, isShown }: Flags,
  name: Uint8Array,
  value: Uint8Array,
): Generator<FileAttribute> {
  if (!isShown) return;
  if (!isTrusted) {
    yield attribute(isSecurity ? 'security.' : 'user.', name, value);
    return;
  }
  const isDefault = LISTS.get(Buffer.from(name).toString('latin1'));
  if (isDefault !== undefined) yield accessAttribute(accessEntries(value), isDefault);
  yield attribute('trusted.', name, value);
}

function* accessEntries(value: Uint8Array) {
  if (value.length < LIST_HEAD_BYTES) return;
  const entries = xfsAccessEntryRecords(value.subarray(LIST_HEAD_BYTES));
  const room = Math.floor((value.length - LIST_HEAD_BYTES) / LIST_ENTRY_BYTES);
  const { numEntries } = xfsAccessCountRecords(value).at(0);
  const count = int(numEntries, 'xfs: entries of an access control list', 0, room);
  for (let i = 0; i < count; i++) {
    const { tag, permissions, owner } = entries.at(i);
    yield accessOf(tag, permissions, owner);
  }
}

function* shortForm(bytes: Uint8Array): Generator<FileAttribute> {
  if (bytes.length < SHORT_HEAD_BYTES) return;
  const { numEntries } = xfsShortAttributesRecords(bytes).at(0);
  const count = int(numEntries, 'xfs: attributes of an inode', 0, bytes.length);
  const entries = xfsShortAttributeRecords(bytes);
  let at = SHORT_HEAD_BYTES;
  for (let i = 0; i < count; i++) {
    if (at + SHORT_ENTRY_BYTES > bytes.length) throw beyond();
    const { lenName, lenValue, flags } = entries.atByte(at);
    const start = at + SHORT_ENTRY_BYTES;
    const behindName = start + int(lenName, NAME_LENGTH, 0, bytes.length - start);
    at = behindName + int(lenValue, VALUE_LENGTH, 0, bytes.length - behindName);
    const name = bytes.subarray(start, behindName);
    yield* shown(flagsOf(flags), name, bytes.subarray(behindName, at));
  }
}

function beyond(): FormatError {
  return new FormatError('OUT_OF_BOUNDS', 'xfs: an attribute ends behind what has it');
}

/** Blocks of a file's attributes, by their numbers in the fork. */
interface AttributeFork {
  readonly volume: XfsVolume;
  readonly file: XfsFile;
  readonly runs: readonly MappedRun[];
  readonly endBlock: number;
  readonly layout: (typeof LAYOUTS)[4 | 5];
}

async function forkOf(volume: XfsVolume, file: XfsFile): Promise<AttributeFork> {
  const { attributeFork, core } = file.inode;
  const layout = LAYOUTS[volume.context.features.version];
  const runs: MappedRun[] = [];
  const budget = { spendBlock: () => volume.spend(1), spendRuns: volume.spend };
  if (attributeFork !== null) {
    const pages = mapPages(volume.context, attributeFork, core.attributeExtentCount, budget);
    for await (const page of pages) for (const run of page.runs) runs.push(run);
  }
  const endBlock = runs.reduce((end, { fileBlock, count }) => Math.max(end, fileBlock + count), 0);
  return { volume, file, runs, endBlock, layout };
}

async function readBlock({ volume, file, runs }: AttributeFork, number: number) {
  const run = runs.find((one) => one.fileBlock <= number && number < one.fileBlock + one.count);
  if (run === undefined) {
    const message = `xfs: block ${number} of the attributes of inode ${file.number} is a hole`;
    throw new FormatError('OUT_OF_BOUNDS', message);
  }
  volume.spend(1);
  const { group, block, fileBlock } = run;
  const at = blocksAt(volume, { group, block: block + (number - fileBlock), count: 1 });
  return volume.context.source.read(at.offsetBytes, at.lengthBytes);
}

/** From the first leaf on, each says which is the next. */
async function* leavesOf(fork: AttributeFork): AsyncGenerator<Uint8Array> {
  const { file, layout } = fork;
  let number = 0;
  let block = await readNames(fork, number);
  for (let level = 0; isOne(block, NODE_MAGICS); level++) {
    if (level > MAX_LEVELS) throw loop(file);
    const { block: first } = xfsNamesPointerRecords(block.subarray(layout.node)).at(0);
    number = int(first, BLOCK_NUMBER, 0, fork.endBlock);
    block = await readNames(fork, number);
  }
  const seen = new Set<number>();
  for (;;) {
    if (seen.has(number)) throw loop(file);
    seen.add(number);
    if (!isOne(block, LEAF_MAGICS)) {
      const message = `xfs: block ${number} of the attributes of inode ${file.number} is no leaf`;
      throw new FormatError('BAD_MAGIC', message);
    }
    yield block;
    number = int(xfsNamesLinksRecords(block).at(0).forward, BLOCK_NUMBER, 0, fork.endBlock);
    if (number === 0) return;
    block = await readNames(fork, number);
  }
}

function isOne(block: Uint8Array, magics: readonly number[]): boolean {
  const { magic } = xfsNamesLinksRecords(block).at(0);
  return magics.some((one) => equals(magic, one));
}

function loop({ number }: XfsFile): FormatError {
  return new FormatError('LOOP', `xfs: the attributes of inode ${number} do not end`);
}

async function readNames(fork: AttributeFork, number: number): Promise<Uint8Array> {
  const block = await readBlock(fork, number);
  const { context } = fork.volume;
  if (context.features.version === 5) {
    const { checksum, uuid } = xfsNamesBlockRecords(block).at(0);
    const what = `block ${number} of the attributes of inode ${fork.file.number}`;
    const offset = XfsNamesBlockFields.checksum.at;
    checkSector(context, block, { what, offset, stored: checksum, uuid });
  }
  return block;
}

async function* leafAttributes(
  fork: AttributeFork,
  leaf: Uint8Array,
): AsyncGenerator<FileAttribute> {
  const { layout } = fork;
  const entries = xfsAttributeEntryRecords(leaf.subarray(layout.leaf));
  const room = Math.floor((leaf.length - layout.leaf) / ENTRY_BYTES);
  const { numEntries } = xfsNamesCountRecords(leaf.subarray(layout.count)).at(0);
  const count = int(numEntries, 'xfs: attributes of a leaf', 0, room);
  for (let i = 0; i < count; i++) {
    const { ofsAttribute, flags: raw } = entries.at(i);
    const flags = flagsOf(raw);
    if (!flags.isShown) continue;
    const most = leaf.length - (flags.isLocal ? LOCAL_BYTES : REMOTE_BYTES);
    const at = int(ofsAttribute, 'xfs: place of an attribute', 0, most);
    const { name, value } = flags.isLocal ? localOf(leaf, at) : await remoteOf(fork, leaf, at);
    yield* shown(flags, name, value);
  }
}

function localOf(leaf: Uint8Array, at: number) {
  const { lenValue, lenName } = xfsLocalAttributeRecords(leaf).atByte(at);
  const start = at + LOCAL_BYTES;
  const behindName = start + int(lenName, NAME_LENGTH, 0, leaf.length - start);
  const end = behindName + int(lenValue, VALUE_LENGTH, 0, leaf.length - behindName);
  return { name: leaf.subarray(start, behindName), value: leaf.subarray(behindName, end) };
}

async function remoteOf(fork: AttributeFork, leaf: Uint8Array, at: number) {
  const { valueBlock, lenValue, lenName } = xfsRemoteAttributeRecords(leaf).atByte(at);
  const start = at + REMOTE_BYTES;
  const end = start + int(lenName, NAME_LENGTH, 0, leaf.length - start);
  const length = int(lenValue, 'xfs: length of an attribute', 0, MAX_VALUE_BYTES);
  const value = await remoteValue(fork, int(valueBlock, BLOCK_NUMBER, 0, fork.endBlock), length);
  return { name: leaf.subarray(start, end), value };
}

async function remoteValue(
  fork: AttributeFork,
  first: number,
  lengthBytes: number,
): Promise<Uint8Array> {
  const { volume, file, layout } = fork;
  const parts: Uint8Array[] = [];
  let left = lengthBytes;
  for (let number = first; left > 0; number++) {
    const block = await readBlock(fork, number);
    if (layout.value > 0) checkValue(volume, file, block);
    const part = block.subarray(layout.value, layout.value + left);
    parts.push(part);
    left -= part.length;
  }
  return Buffer.concat(parts);
}

function checkValue({ context }: XfsVolume, { number }: XfsFile, block: Uint8Array): void {
  const { checksum, uuid, owner } = xfsValueBlockRecords(block).at(0);
  const what = `an attribute's value of inode ${number}`;
  const offset = XfsValueBlockFields.checksum.at;
  checkSector(context, block, { what, offset, stored: checksum, uuid });
  if (equals(owner, number)) return;
  throw new FormatError('INVALID', `xfs: ${what} says that it is of another one`);
}
