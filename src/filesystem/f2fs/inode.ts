// An inode of f2fs in the memory of a mount that is rolling forward, which changes its addresses, nodes and links in place.
// References: Linux 6.1 fs/f2fs/inode.c: do_read_inode, sanity_check_inode;
// fs/f2fs/f2fs.h: addrs_per_inode, addrs_per_block, MAX_INLINE_DATA, F2FS_FITS_IN_INODE.
import {
  type GuestF2fsExtraAttributes,
  type GuestF2fsInode,
  parseF2fsExtraAttributes,
  parseF2fsInode,
} from '../../../generated/filesystem/f2fs.js';
import { FormatError } from '../../errors.js';
import { equals, hasFlag, int, u8, u16, u32, u64 } from '../../validation/guest.js';
import { checkInodeChecksum } from './inode-checksum.js';
import { type InodeTimes, inodeTimes } from './inode-times.js';
import { type Footer, readPointers } from './node.js';
import type { Superblock } from './superblock.js';

const ADDRESSES_PER_INODE = 923;
export const POINTERS_PER_NODE = 1018;
const HEAD_BYTES = 360;
const ADDRESSES_END = HEAD_BYTES + 4 * ADDRESSES_PER_INODE;
const NODES_END = ADDRESSES_END + 4 * 5;
const MAX_EXTRA_BYTES = 36;
/** Extra bytes up to the end of the checksum, of the sizes of clusters. */
const WITH_CHECKSUM = 12;
const WITH_CLUSTERS = 34;
const DEFAULT_INLINE_ATTRIBUTES = 50;
const MAX_INLINE_ATTRIBUTES = ADDRESSES_PER_INODE - MAX_EXTRA_BYTES / 4 - 1 - 10;
const MAX_COMPRESSION = 4;
const MIN_LOG_CLUSTER = 2;
const MAX_LOG_CLUSTER = 8;

/** i_inline */
const INLINE_ATTRIBUTES = 0x01n;
const INLINE_DATA = 0x02n;
const INLINE_ENTRIES = 0x04n;
const EXTRA = 0x20n;
/** i_flags */
const COMPRESSES = 0x4n;
const CASEFOLDED = 0x40000000n;
const DEVICE_ALIAS = 0x80000000n;
/** i_advise */
const KEEPS_SIZE = 0x10n;
const ENCRYPTED = 0x04n;

const DIRECTORY = 0x4000;
const REGULAR = 0x8000;
const LINK = 0xa000;

export interface Inode {
  readonly number: number;
  /** The block that says last what the inode is: of one that was fsynced, the one behind the checkpoint. */
  recordBlock: number;
  times: () => InodeTimes;
  readonly generation: number;
  mode: number;
  sizeBytes: number;
  /** The size stays where blocks behind it are written: they were promised beyond the end (fallocate, FALLOC_FL_KEEP_SIZE). */
  keepsSize: boolean;
  linkCount: number;
  /** Blocks and nodes that it has besides its own. */
  blockCount: number;
  /** The node of its extended attributes; 0 is none. */
  attributeNode: number;
  hasInlineAttributes: boolean;
  hasInlineData: boolean;
  hasInlineEntries: boolean;
  /** Addresses that are something else: at their beginning, and at their end. */
  readonly extraAddresses: number;
  inlineAttributeAddresses: number;
  /** Of a file that is compressed; 0 for others. */
  readonly clusterBlocks: number;
  /** The blocks that compression saves were given back to the filesystem (F2FS_COMPRESS_RELEASED). */
  readonly isReleased: boolean;
  readonly isEncrypted: boolean;
  readonly isCasefolded: boolean;
  readonly isDeviceAlias: boolean;
  readonly directoryLevel: number;
  depth: number;
  readonly parent: number;
  readonly name: Uint8Array;
  /** Behind the name of a file in a folded and encrypted directory: its hash. */
  readonly nameAndMore: Uint8Array;
  owner: number;
  group: number;
  /** All of them, also those that are something else. */
  readonly addresses: Uint32Array;
  readonly nodes: Uint32Array;
  /** The addresses as bytes, where entries of a directory lie in their place. */
  readonly inline: Uint8Array;
}

export function isDirectory({ mode }: Inode): boolean {
  return mode - (mode % 0x1000) === DIRECTORY;
}

export function isRegular({ mode }: Inode): boolean {
  return mode - (mode % 0x1000) === REGULAR;
}

/** Of devices, pipes and sockets the addresses are no addresses. */
export function hasAddresses({ mode }: Inode): boolean {
  return [DIRECTORY, REGULAR, LINK].includes(mode - (mode % 0x1000));
}

/** How many addresses of blocks there are in the inode, and in each other node of it. */
export function addressesOfInode(inode: Inode): number {
  const { extraAddresses, inlineAttributeAddresses, clusterBlocks } = inode;
  const count = ADDRESSES_PER_INODE - extraAddresses - inlineAttributeAddresses;
  return clusterBlocks === 0 ? count : count - (count % clusterBlocks);
}

export function addressesOfNode({ clusterBlocks }: Inode): number {
  return clusterBlocks === 0
    ? POINTERS_PER_NODE
    : POINTERS_PER_NODE - (POINTERS_PER_NODE % clusterBlocks);
}

/** Where among the addresses the content or the entries begin that an inode holds itself. */
export function inlineStart({ extraAddresses }: Inode): number {
  return extraAddresses + 1;
}

/** The same in bytes of its block. */
export function inlineOffset(inode: Inode): number {
  return HEAD_BYTES + 4 * inlineStart(inode);
}

/** Where in its block the attributes lie that an inode holds itself; no bytes where there are none. */
export function inlineAttributesRange({ hasInlineAttributes, inlineAttributeAddresses }: Inode) {
  const lengthBytes = hasInlineAttributes ? 4 * inlineAttributeAddresses : 0;
  return { offsetBytes: ADDRESSES_END - lengthBytes, lengthBytes };
}

/** How many bytes of content or entries an inode has room for. */
export function inlineBytes({ extraAddresses, inlineAttributeAddresses }: Inode): number {
  return 4 * (ADDRESSES_PER_INODE - extraAddresses - inlineAttributeAddresses - 1);
}

/** The node of an inode, and where it lies. */
interface InodeNode {
  readonly block: number;
  readonly bytes: Uint8Array;
  readonly footer: Footer;
}

/**
 * Its addresses are read when they are asked for: of most files nobody does.
 * @throws FormatError where a kernel refuses the inode.
 */
export function readInode(superblock: Superblock, { block, bytes, footer }: InodeNode): Inode {
  if (!footer.isInode) throw invalidInode(footer.inode, `is that of node ${footer.node}`);
  const guest = parseF2fsInode(bytes.subarray(0, HEAD_BYTES));
  const hasExtra = hasFlag(guest.inline, EXTRA);
  const { features } = superblock;
  if (hasExtra && !features.hasExtraAttributes) {
    throw invalidInode(footer.inode, 'has extra attributes, without the feature');
  }
  if (features.hasFlexibleAttributes && !hasExtra) {
    throw invalidInode(footer.inode, 'does not say how long its attributes are');
  }
  const extra = parseF2fsExtraAttributes(bytes.subarray(HEAD_BYTES, HEAD_BYTES + MAX_EXTRA_BYTES));
  const extraBytes = hasExtra ? int(extra.lenExtra, 'f2fs: i_extra_isize', 0, MAX_EXTRA_BYTES) : 0;
  if (extraBytes % 4 !== 0) throw invalidInode(footer.inode, `has ${extraBytes} extra bytes`);
  if (features.hasInodeChecksum && extraBytes >= WITH_CHECKSUM) {
    checkInodeChecksum(superblock, bytes, extra.checksum, footer.inode);
  }
  return inodeOf(superblock, { guest, extra, extraBytes, bytes, number: footer.inode, block });
}

interface Parts {
  readonly guest: GuestF2fsInode;
  readonly extra: GuestF2fsExtraAttributes;
  readonly extraBytes: number;
  readonly bytes: Uint8Array;
  readonly number: number;
  readonly block: number;
}

function inodeOf(superblock: Superblock, parts: Parts): Inode {
  const { guest, extra, extraBytes, bytes, number, block } = parts;
  const mode = u16(guest.mode);
  const hasInlineEntries = hasFlag(guest.inline, INLINE_ENTRIES);
  const hasInlineAttributes = hasFlag(guest.inline, INLINE_ATTRIBUTES);
  if (hasInlineEntries && mode - (mode % 0x1000) !== DIRECTORY) {
    throw invalidInode(number, 'has the entries of a directory, and is none');
  }
  const nameBytes = u32(guest.lenName);
  const attributeNode = u32(guest.attributeNode);
  if (attributeNode === number) throw invalidInode(number, 'is the node of its own attributes');
  const pointers = pointersOf(bytes, hasInlineEntries);
  return {
    number,
    recordBlock: block,
    times: () => inodeTimes(superblock, guest, extra, extraBytes),
    generation: u32(guest.generation),
    mode,
    sizeBytes: Number(u64(guest.lenFile)),
    keepsSize: hasFlag(guest.advice, KEEPS_SIZE),
    linkCount: u32(guest.numLinks),
    blockCount: int(guest.numBlocks, 'f2fs: i_blocks', 1, Number.MAX_SAFE_INTEGER) - 1,
    attributeNode,
    hasInlineAttributes,
    hasInlineData: hasFlag(guest.inline, INLINE_DATA),
    hasInlineEntries,
    extraAddresses: extraBytes / 4,
    inlineAttributeAddresses: inlineAttributeAddresses(
      superblock,
      extra,
      hasInlineAttributes || hasInlineEntries,
    ),
    ...compressionOf(superblock, guest, extra, extraBytes),
    isEncrypted: hasFlag(guest.advice, ENCRYPTED),
    isCasefolded: hasFlag(guest.flags, CASEFOLDED),
    isDeviceAlias: superblock.features.hasDeviceAlias && hasFlag(guest.flags, DEVICE_ALIAS),
    directoryLevel: u8(guest.directoryLevel),
    depth: u32(guest.depth),
    parent: u32(guest.parent),
    name: new Uint8Array(guest.name.subarray(0, Math.min(nameBytes, guest.name.length))),
    nameAndMore: new Uint8Array(guest.name),
    owner: u32(guest.owner),
    group: u32(guest.group),
    get addresses() {
      return pointers().addresses;
    },
    get nodes() {
      return pointers().nodes;
    },
    get inline() {
      return pointers().inline;
    },
  };
}

function pointersOf(bytes: Uint8Array, hasInlineEntries: boolean) {
  let read: Pick<Inode, 'addresses' | 'nodes' | 'inline'> | null = null;
  return () => {
    read ??= {
      addresses: readPointers(bytes.subarray(HEAD_BYTES, ADDRESSES_END)),
      nodes: readPointers(bytes.subarray(ADDRESSES_END, NODES_END)),
      inline: hasInlineEntries
        ? new Uint8Array(bytes.subarray(HEAD_BYTES, ADDRESSES_END))
        : new Uint8Array(0),
    };
    return read;
  };
}

function inlineAttributeAddresses(
  { features }: Superblock,
  extra: GuestF2fsExtraAttributes,
  isPresent: boolean,
): number {
  if (!features.hasFlexibleAttributes) return isPresent ? DEFAULT_INLINE_ATTRIBUTES : 0;
  const stored = extra.numInlineAttributeAddresses;
  return int(stored, 'f2fs: i_inline_xattr_size', 0, MAX_INLINE_ATTRIBUTES);
}

function compressionOf(
  { features }: Superblock,
  guest: GuestF2fsInode,
  extra: GuestF2fsExtraAttributes,
  extraBytes: number,
): { clusterBlocks: number; isReleased: boolean } {
  const isCompressed = features.hasCompression && hasFlag(guest.flags, COMPRESSES);
  if (!isCompressed || extraBytes < WITH_CLUSTERS) return { clusterBlocks: 0, isReleased: false };
  int(extra.compression, 'f2fs: i_compress_algorithm', 0, MAX_COMPRESSION - 1);
  const logCluster = int(
    extra.log2ClusterBlocks,
    'f2fs: i_log_cluster_size',
    MIN_LOG_CLUSTER,
    MAX_LOG_CLUSTER,
  );
  return { clusterBlocks: 2 ** logCluster, isReleased: equals(extra.numCompressedBlocks, 0) };
}

function invalidInode(number: number, message: string): FormatError {
  return new FormatError('INVALID', `f2fs: inode ${number} ${message}`, {
    data: { inode: number },
  });
}
