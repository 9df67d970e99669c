// Generated from formats/filesystem/btrfs.ksy by `npm run generate`. Do not edit: change the specification.
import {
  big,
  compareBytes,
  decode,
  guest,
  type Guest,
  RecordCursor,
  records,
  type Records,
  SafeStream,
  terminate,
  ValidationGreaterThanError,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestBtrfs = Guest<Btrfs>;

/** `btrfs` from its bytes. @throws FormatError when they are none. */
export function parseBtrfs(bytes: Uint8Array): GuestBtrfs {
  return guest(new Btrfs(new SafeStream(bytes)));
}

export type GuestBtrfsDevice = Guest<BtrfsDevice>;

/** `device` from its bytes. @throws FormatError when they are none. */
export function parseBtrfsDevice(bytes: Uint8Array): GuestBtrfsDevice {
  return guest(new BtrfsDevice(new SafeStream(bytes)));
}

export type GuestBtrfsNode = Guest<BtrfsNode>;

/** `node` from its bytes. @throws FormatError when they are none. */
export function parseBtrfsNode(bytes: Uint8Array): GuestBtrfsNode {
  return guest(new BtrfsNode(new SafeStream(bytes)));
}

export type GuestBtrfsChunk = Guest<BtrfsChunk>;

/** `chunk` from its bytes. @throws FormatError when they are none. */
export function parseBtrfsChunk(bytes: Uint8Array): GuestBtrfsChunk {
  return guest(new BtrfsChunk(new SafeStream(bytes)));
}

export type GuestBtrfsSystemChunk = Guest<BtrfsSystemChunk>;

/** `system_chunk` from its bytes. @throws FormatError when they are none. */
export function parseBtrfsSystemChunk(bytes: Uint8Array): GuestBtrfsSystemChunk {
  return guest(new BtrfsSystemChunk(new SafeStream(bytes)));
}

export type GuestBtrfsBlockGroup = Guest<BtrfsBlockGroup>;

/** `block_group` from its bytes. @throws FormatError when they are none. */
export function parseBtrfsBlockGroup(bytes: Uint8Array): GuestBtrfsBlockGroup {
  return guest(new BtrfsBlockGroup(new SafeStream(bytes)));
}

export type GuestBtrfsDeviceExtent = Guest<BtrfsDeviceExtent>;

/** `device_extent` from its bytes. @throws FormatError when they are none. */
export function parseBtrfsDeviceExtent(bytes: Uint8Array): GuestBtrfsDeviceExtent {
  return guest(new BtrfsDeviceExtent(new SafeStream(bytes)));
}

export type GuestBtrfsRoot = Guest<BtrfsRoot>;

/** `root` from its bytes. @throws FormatError when they are none. */
export function parseBtrfsRoot(bytes: Uint8Array): GuestBtrfsRoot {
  return guest(new BtrfsRoot(new SafeStream(bytes)));
}

export type GuestBtrfsFileExtent = Guest<BtrfsFileExtent>;

/** `file_extent` from its bytes. @throws FormatError when they are none. */
export function parseBtrfsFileExtent(bytes: Uint8Array): GuestBtrfsFileExtent {
  return guest(new BtrfsFileExtent(new SafeStream(bytes)));
}

export type GuestBtrfsFileExtentHead = Guest<BtrfsFileExtentHead>;

/** `file_extent_head` from its bytes. @throws FormatError when they are none. */
export function parseBtrfsFileExtentHead(bytes: Uint8Array): GuestBtrfsFileExtentHead {
  return guest(new BtrfsFileExtentHead(new SafeStream(bytes)));
}

export type GuestBtrfsInode = Guest<BtrfsInode>;

/** `inode` from its bytes. @throws FormatError when they are none. */
export function parseBtrfsInode(bytes: Uint8Array): GuestBtrfsInode {
  return guest(new BtrfsInode(new SafeStream(bytes)));
}

export type GuestBtrfsDirectoryEntry = Guest<BtrfsDirectoryEntry>;

/** `directory_entry` from its bytes. @throws FormatError when they are none. */
export function parseBtrfsDirectoryEntry(bytes: Uint8Array): GuestBtrfsDirectoryEntry {
  return guest(new BtrfsDirectoryEntry(new SafeStream(bytes)));
}

export type GuestBtrfsReference = Guest<BtrfsReference>;

/** `reference` from its bytes. @throws FormatError when they are none. */
export function parseBtrfsReference(bytes: Uint8Array): GuestBtrfsReference {
  return guest(new BtrfsReference(new SafeStream(bytes)));
}

export type GuestBtrfsExtendedReference = Guest<BtrfsExtendedReference>;

/** `extended_reference` from its bytes. @throws FormatError when they are none. */
export function parseBtrfsExtendedReference(bytes: Uint8Array): GuestBtrfsExtendedReference {
  return guest(new BtrfsExtendedReference(new SafeStream(bytes)));
}

export type GuestBtrfsDirectoryRange = Guest<BtrfsDirectoryRange>;

/** `directory_range` from its bytes. @throws FormatError when they are none. */
export function parseBtrfsDirectoryRange(bytes: Uint8Array): GuestBtrfsDirectoryRange {
  return guest(new BtrfsDirectoryRange(new SafeStream(bytes)));
}

export type GuestBtrfsExtent = Guest<BtrfsExtent>;

/** `extent` from its bytes. @throws FormatError when they are none. */
export function parseBtrfsExtent(bytes: Uint8Array): GuestBtrfsExtent {
  return guest(new BtrfsExtent(new SafeStream(bytes)));
}

export type GuestBtrfsExtentReference = Guest<BtrfsExtentReference>;

/** `extent_reference` from its bytes. @throws FormatError when they are none. */
export function parseBtrfsExtentReference(bytes: Uint8Array): GuestBtrfsExtentReference {
  return guest(new BtrfsExtentReference(new SafeStream(bytes)));
}

export type GuestBtrfsSharedReference = Guest<BtrfsSharedReference>;

/** `shared_reference` from its bytes. @throws FormatError when they are none. */
export function parseBtrfsSharedReference(bytes: Uint8Array): GuestBtrfsSharedReference {
  return guest(new BtrfsSharedReference(new SafeStream(bytes)));
}

export type GuestBtrfsOldNode = Guest<BtrfsOldNode>;

/** `old_node` from its bytes. @throws FormatError when they are none. */
export function parseBtrfsOldNode(bytes: Uint8Array): GuestBtrfsOldNode {
  return guest(new BtrfsOldNode(new SafeStream(bytes)));
}

export type GuestBtrfsDataReference = Guest<BtrfsDataReference>;

/** `data_reference` from its bytes. @throws FormatError when they are none. */
export function parseBtrfsDataReference(bytes: Uint8Array): GuestBtrfsDataReference {
  return guest(new BtrfsDataReference(new SafeStream(bytes)));
}

export type GuestBtrfsBalance = Guest<BtrfsBalance>;

/** `balance` from its bytes. @throws FormatError when they are none. */
export function parseBtrfsBalance(bytes: Uint8Array): GuestBtrfsBalance {
  return guest(new BtrfsBalance(new SafeStream(bytes)));
}

export type GuestBtrfsRootReference = Guest<BtrfsRootReference>;

/** `root_reference` from its bytes. @throws FormatError when they are none. */
export function parseBtrfsRootReference(bytes: Uint8Array): GuestBtrfsRootReference {
  return guest(new BtrfsRootReference(new SafeStream(bytes)));
}

export type GuestBtrfsPointer = Guest<BtrfsPointerRecord>;

/** A table of `pointer`: 33 bytes each, `strideBytes` apart. */
export function btrfsPointerRecords(
  bytes: Uint8Array,
  strideBytes: number = 33,
): Records<GuestBtrfsPointer> {
  return records(new BtrfsPointerRecord(bytes, 'le'), 33, strideBytes, 'BtrfsPointer');
}

export type GuestBtrfsItem = Guest<BtrfsItemRecord>;

/** A table of `item`: 25 bytes each, `strideBytes` apart. */
export function btrfsItemRecords(
  bytes: Uint8Array,
  strideBytes: number = 25,
): Records<GuestBtrfsItem> {
  return records(new BtrfsItemRecord(bytes, 'le'), 25, strideBytes, 'BtrfsItem');
}

export type GuestBtrfsStripe = Guest<BtrfsStripeRecord>;

/** A table of `stripe`: 32 bytes each, `strideBytes` apart. */
export function btrfsStripeRecords(
  bytes: Uint8Array,
  strideBytes: number = 32,
): Records<GuestBtrfsStripe> {
  return records(new BtrfsStripeRecord(bytes, 'le'), 32, strideBytes, 'BtrfsStripe');
}

/** Where the fields of `node` lie in it. */
export const BtrfsNodeFields = {
  checksum: { at: 0, sizeBytes: 32 },
  fsid: { at: 32, sizeBytes: 16 },
  address: { at: 48, type: 'u8le' },
  flags: { at: 56, type: 'u8le' },
  chunkTreeUuid: { at: 64, sizeBytes: 16 },
  generation: { at: 80, type: 'u8le' },
  owner: { at: 88, type: 'u8le' },
  numItems: { at: 96, type: 'u4le' },
  level: { at: 100, type: 'u1' },
} as const;

/** Where the fields of `pointer` lie in it. */
export const BtrfsPointerFields = {
  object: { at: 0, type: 'u8le' },
  type: { at: 8, type: 'u1' },
  offset: { at: 9, type: 'u8le' },
  address: { at: 17, type: 'u8le' },
  generation: { at: 25, type: 'u8le' },
} as const;

/** Where the fields of `item` lie in it. */
export const BtrfsItemFields = {
  object: { at: 0, type: 'u8le' },
  type: { at: 8, type: 'u1' },
  offset: { at: 9, type: 'u8le' },
  ofsData: { at: 17, type: 'u4le' },
  lenData: { at: 21, type: 'u4le' },
} as const;

/** Where the fields of `file_extent` lie in it. */
export const BtrfsFileExtentFields = {
  generation: { at: 0, type: 'u8le' },
  lenContent: { at: 8, type: 'u8le' },
  compression: { at: 16, type: 'u1' },
  encryption: { at: 17, type: 'u1' },
  otherEncoding: { at: 18, type: 'u2le' },
  type: { at: 20, type: 'u1' },
  address: { at: 21, type: 'u8le' },
  lenExtent: { at: 29, type: 'u8le' },
  ofsInExtent: { at: 37, type: 'u8le' },
  lenStretch: { at: 45, type: 'u8le' },
} as const;

/** Where the fields of `inode` lie in it. */
export const BtrfsInodeFields = {
  generation: { at: 0, type: 'u8le' },
  transaction: { at: 8, type: 'u8le' },
  lenContent: { at: 16, type: 'u8le' },
  numBytes: { at: 24, type: 'u8le' },
  blockGroup: { at: 32, type: 'u8le' },
  numLinks: { at: 40, type: 'u4le' },
  owner: { at: 44, type: 'u4le' },
  group: { at: 48, type: 'u4le' },
  mode: { at: 52, type: 'u4le' },
  device: { at: 56, type: 'u8le' },
  flags: { at: 64, type: 'u8le' },
  sequence: { at: 72, type: 'u8le' },
  reserved: { at: 80, sizeBytes: 32 },
  accessed: { at: 112, sizeBytes: 12 },
  changed: { at: 124, sizeBytes: 12 },
  modified: { at: 136, sizeBytes: 12 },
  created: { at: 148, sizeBytes: 12 },
} as const;

/** Where the fields of `directory_entry` lie in it. */
export const BtrfsDirectoryEntryFields = {
  object: { at: 0, type: 'u8le' },
  objectType: { at: 8, type: 'u1' },
  objectOffset: { at: 9, type: 'u8le' },
  transaction: { at: 17, type: 'u8le' },
  lenValue: { at: 25, type: 'u2le' },
  lenName: { at: 27, type: 'u2le' },
  type: { at: 29, type: 'u1' },
  name: { at: 30 },
} as const;

/** Where the fields of `reference` lie in it. */
export const BtrfsReferenceFields = {
  index: { at: 0, type: 'u8le' },
  lenName: { at: 8, type: 'u2le' },
  name: { at: 10 },
} as const;

/** Where the fields of `extended_reference` lie in it. */
export const BtrfsExtendedReferenceFields = {
  directory: { at: 0, type: 'u8le' },
  index: { at: 8, type: 'u8le' },
  lenName: { at: 16, type: 'u2le' },
  name: { at: 18 },
} as const;

/** Where the fields of `extent` lie in it. */
export const BtrfsExtentFields = {
  numReferences: { at: 0, type: 'u8le' },
  generation: { at: 8, type: 'u8le' },
  flags: { at: 16, type: 'u8le' },
} as const;

/** Where the fields of `extent_reference` lie in it. */
export const BtrfsExtentReferenceFields = {
  type: { at: 0, type: 'u1' },
  offset: { at: 1, type: 'u8le' },
} as const;

/** Where the fields of `old_node` lie in it. */
export const BtrfsOldNodeFields = {
  firstKey: { at: 0, sizeBytes: 17 },
  level: { at: 17, type: 'u1' },
} as const;

/** Where the fields of `data_reference` lie in it. */
export const BtrfsDataReferenceFields = {
  root: { at: 0, type: 'u8le' },
  object: { at: 8, type: 'u8le' },
  offset: { at: 16, type: 'u8le' },
  count: { at: 24, type: 'u4le' },
} as const;

/**
 * The superblock of a btrfs device, the nodes of its trees, and the items that
 * tell where things lie and how much of them is used.
 * @see https://btrfs.readthedocs.io/en/latest/dev/On-disk-format.html
 * @see Linux include/uapi/linux/btrfs_tree.h
 * @see Linux fs/btrfs/fs.h: struct btrfs_super_block
 */
class Btrfs {
  readonly _io: SafeStream;
  /**
   * Of all that follows; what the checksum does not fill is zero.
   * Called `csum` in the original.
   */
  readonly checksum: Uint8Array;
  readonly fsid: Uint8Array;
  /**
   * Where on the device this copy lies.
   * Called `bytenr` in the original.
   */
  readonly offset: bigint;
  readonly flags: bigint;
  readonly magic: Uint8Array;
  readonly generation: bigint;
  /** Logical address of the root tree. */
  readonly root: bigint;
  /** Logical address of the chunk tree. */
  readonly chunkRoot: bigint;
  /** Logical address of the tree of log trees; 0 if nothing was logged. */
  readonly logRoot: bigint;
  /** Called `log_root_transid` in the original. */
  readonly reserved1: bigint;
  /**
   * Of all devices.
   * Called `total_bytes` in the original.
   */
  readonly numTotalBytes: bigint;
  /**
   * Of all block groups, every copy counted once.
   * Called `bytes_used` in the original.
   */
  readonly numUsedBytes: bigint;
  /** Called `root_dir_objectid` in the original. */
  readonly rootDirectory: bigint;
  readonly numDevices: bigint;
  /** Called `sectorsize` in the original. */
  readonly lenSector: number;
  /** Called `nodesize` in the original. */
  readonly lenNode: number;
  /** Called `leafsize` in the original. */
  readonly lenLeaf: number;
  /** Called `stripesize` in the original. */
  readonly lenStripe: number;
  /** Called `sys_chunk_array_size` in the original. */
  readonly lenSystemChunks: number;
  readonly chunkRootGeneration: bigint;
  readonly compatFlags: bigint;
  readonly compatRoFlags: bigint;
  readonly incompatFlags: bigint;
  /** Called `csum_type` in the original. */
  readonly checksumType: number;
  readonly rootLevel: number;
  readonly chunkRootLevel: number;
  readonly logRootLevel: number;
  /** Called `dev_item` in the original. */
  readonly device: BtrfsDevice;
  readonly label: string;
  readonly cacheGeneration: bigint;
  readonly uuidTreeGeneration: bigint;
  /** With the feature metadata_uuid, the UUID that all other metadata bears. */
  readonly metadataUuid: Uint8Array;
  /** Called `nr_global_roots` in the original. */
  readonly numGlobalRoots: bigint;
  readonly reserved2: Uint8Array;
  /**
   * Keys and chunks, one behind the other, of what the chunk tree lies on.
   * Called `sys_chunk_array` in the original.
   */
  readonly systemChunks: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.checksum = io.take(32, 'Btrfs.checksum');
    this.fsid = io.take(16, 'Btrfs.fsid');
    this.offset = io.readU8le('Btrfs.offset');
    this.flags = io.readU8le('Btrfs.flags');
    this.magic = io.take(8, 'Btrfs.magic');
    if (compareBytes(this.magic, Uint8Array.of(95, 66, 72, 82, 102, 83, 95, 77)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(95, 66, 72, 82, 102, 83, 95, 77), this.magic, io, 'Btrfs.magic', 'BAD_MAGIC');
    }
    this.generation = io.readU8le('Btrfs.generation');
    this.root = io.readU8le('Btrfs.root');
    this.chunkRoot = io.readU8le('Btrfs.chunkRoot');
    this.logRoot = io.readU8le('Btrfs.logRoot');
    this.reserved1 = io.readU8le('Btrfs.reserved1');
    this.numTotalBytes = io.readU8le('Btrfs.numTotalBytes');
    this.numUsedBytes = io.readU8le('Btrfs.numUsedBytes');
    this.rootDirectory = io.readU8le('Btrfs.rootDirectory');
    this.numDevices = io.readU8le('Btrfs.numDevices');
    this.lenSector = io.readU4le('Btrfs.lenSector');
    this.lenNode = io.readU4le('Btrfs.lenNode');
    this.lenLeaf = io.readU4le('Btrfs.lenLeaf');
    this.lenStripe = io.readU4le('Btrfs.lenStripe');
    this.lenSystemChunks = io.readU4le('Btrfs.lenSystemChunks');
    if (this.lenSystemChunks > 2048) {
      throw new ValidationGreaterThanError(2048, this.lenSystemChunks, io, 'Btrfs.lenSystemChunks');
    }
    this.chunkRootGeneration = io.readU8le('Btrfs.chunkRootGeneration');
    this.compatFlags = io.readU8le('Btrfs.compatFlags');
    this.compatRoFlags = io.readU8le('Btrfs.compatRoFlags');
    this.incompatFlags = io.readU8le('Btrfs.incompatFlags');
    this.checksumType = io.readU2le('Btrfs.checksumType');
    this.rootLevel = io.readU1('Btrfs.rootLevel');
    if (this.rootLevel > 7) {
      throw new ValidationGreaterThanError(7, this.rootLevel, io, 'Btrfs.rootLevel');
    }
    this.chunkRootLevel = io.readU1('Btrfs.chunkRootLevel');
    if (this.chunkRootLevel > 7) {
      throw new ValidationGreaterThanError(7, this.chunkRootLevel, io, 'Btrfs.chunkRootLevel');
    }
    this.logRootLevel = io.readU1('Btrfs.logRootLevel');
    if (this.logRootLevel > 7) {
      throw new ValidationGreaterThanError(7, this.logRootLevel, io, 'Btrfs.logRootLevel');
    }
    this.device = new BtrfsDevice(io);
    this.label = decode(terminate(io.take(256, 'Btrfs.label'), [0], false), 'UTF-8');
    this.cacheGeneration = io.readU8le('Btrfs.cacheGeneration');
    this.uuidTreeGeneration = io.readU8le('Btrfs.uuidTreeGeneration');
    this.metadataUuid = io.take(16, 'Btrfs.metadataUuid');
    this.numGlobalRoots = io.readU8le('Btrfs.numGlobalRoots');
    this.reserved2 = io.take(216, 'Btrfs.reserved2');
    this.systemChunks = io.take(2048, 'Btrfs.systemChunks');
  }
}

/** Called `btrfs_dev_item` in the original. */
class BtrfsDevice {
  readonly _io: SafeStream;
  /** Called `devid` in the original. */
  readonly id: bigint;
  /** Called `total_bytes` in the original. */
  readonly numTotalBytes: bigint;
  /**
   * What chunks take of it.
   * Called `bytes_used` in the original.
   */
  readonly numUsedBytes: bigint;
  readonly ioAlign: number;
  readonly ioWidth: number;
  /** Called `sector_size` in the original. */
  readonly lenSector: number;
  readonly type: bigint;
  readonly generation: bigint;
  readonly startOffset: bigint;
  /** Called `dev_group` in the original. */
  readonly group: number;
  readonly seekSpeed: number;
  readonly bandwidth: number;
  readonly uuid: Uint8Array;
  /** That of a seed device is another filesystem's. */
  readonly fsid: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.id = io.readU8le('BtrfsDevice.id');
    this.numTotalBytes = io.readU8le('BtrfsDevice.numTotalBytes');
    this.numUsedBytes = io.readU8le('BtrfsDevice.numUsedBytes');
    this.ioAlign = io.readU4le('BtrfsDevice.ioAlign');
    this.ioWidth = io.readU4le('BtrfsDevice.ioWidth');
    this.lenSector = io.readU4le('BtrfsDevice.lenSector');
    this.type = io.readU8le('BtrfsDevice.type');
    this.generation = io.readU8le('BtrfsDevice.generation');
    this.startOffset = io.readU8le('BtrfsDevice.startOffset');
    this.group = io.readU4le('BtrfsDevice.group');
    this.seekSpeed = io.readU1('BtrfsDevice.seekSpeed');
    this.bandwidth = io.readU1('BtrfsDevice.bandwidth');
    this.uuid = io.take(16, 'BtrfsDevice.uuid');
    this.fsid = io.take(16, 'BtrfsDevice.fsid');
  }
}

/**
 * The head of a node or leaf of a tree.
 * Called `btrfs_header` in the original.
 */
class BtrfsNode {
  readonly _io: SafeStream;
  /** Called `csum` in the original. */
  readonly checksum: Uint8Array;
  readonly fsid: Uint8Array;
  /**
   * The logical address of this node.
   * Called `bytenr` in the original.
   */
  readonly address: bigint;
  readonly flags: bigint;
  readonly chunkTreeUuid: Uint8Array;
  readonly generation: bigint;
  /** The number of the tree. */
  readonly owner: bigint;
  /** Called `nritems` in the original. */
  readonly numItems: number;
  /** 0 in a leaf. */
  readonly level: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.checksum = io.take(32, 'BtrfsNode.checksum');
    this.fsid = io.take(16, 'BtrfsNode.fsid');
    this.address = io.readU8le('BtrfsNode.address');
    this.flags = io.readU8le('BtrfsNode.flags');
    this.chunkTreeUuid = io.take(16, 'BtrfsNode.chunkTreeUuid');
    this.generation = io.readU8le('BtrfsNode.generation');
    this.owner = io.readU8le('BtrfsNode.owner');
    this.numItems = io.readU4le('BtrfsNode.numItems');
    this.level = io.readU1('BtrfsNode.level');
  }
}

/**
 * What follows the head in a node that is not a leaf.
 * Called `btrfs_key_ptr` in the original.
 */
class BtrfsPointerRecord extends RecordCursor {
  /** Called `objectid` in the original. */
  get object(): bigint {
    return this._view.getBigUint64(this._offset, true);
  }

  get type(): number {
    return this._view.getUint8(this._offset + 8);
  }

  get offset(): bigint {
    return this._view.getBigUint64(this._offset + 9, true);
  }

  /** Called `blockptr` in the original. */
  get address(): bigint {
    return this._view.getBigUint64(this._offset + 17, true);
  }

  get generation(): bigint {
    return this._view.getBigUint64(this._offset + 25, true);
  }
}

/**
 * What follows the head in a leaf.
 * Called `btrfs_item` in the original.
 */
class BtrfsItemRecord extends RecordCursor {
  /** Called `objectid` in the original. */
  get object(): bigint {
    return this._view.getBigUint64(this._offset, true);
  }

  get type(): number {
    return this._view.getUint8(this._offset + 8);
  }

  get offset(): bigint {
    return this._view.getBigUint64(this._offset + 9, true);
  }

  /**
   * From the end of the node's head.
   * Called `offset` in the original.
   */
  get ofsData(): number {
    return this._view.getUint32(this._offset + 17, true);
  }

  /** Called `size` in the original. */
  get lenData(): number {
    return this._view.getUint32(this._offset + 21, true);
  }
}

/**
 * Where a stretch of logical addresses lies on the devices; the address of
 * its first byte is the offset of the item's key.
 * Called `btrfs_chunk` in the original.
 */
class BtrfsChunk {
  readonly _io: SafeStream;
  /** Called `length` in the original. */
  readonly lenChunk: bigint;
  readonly owner: bigint;
  /** Called `stripe_len` in the original. */
  readonly lenStripe: bigint;
  /** What it holds, and its profile. */
  readonly type: bigint;
  readonly ioAlign: number;
  readonly ioWidth: number;
  /** Called `sector_size` in the original. */
  readonly lenSector: number;
  readonly numStripes: number;
  /** Called `sub_stripes` in the original. */
  readonly numSubStripes: number;
  readonly stripes: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.lenChunk = io.readU8le('BtrfsChunk.lenChunk');
    this.owner = io.readU8le('BtrfsChunk.owner');
    this.lenStripe = io.readU8le('BtrfsChunk.lenStripe');
    this.type = io.readU8le('BtrfsChunk.type');
    this.ioAlign = io.readU4le('BtrfsChunk.ioAlign');
    this.ioWidth = io.readU4le('BtrfsChunk.ioWidth');
    this.lenSector = io.readU4le('BtrfsChunk.lenSector');
    this.numStripes = io.readU2le('BtrfsChunk.numStripes');
    this.numSubStripes = io.readU2le('BtrfsChunk.numSubStripes');
    this.stripes = io.readBytes(big(this.numStripes) * 32n, 'BtrfsChunk.stripes');
  }
}

/** Called `btrfs_stripe` in the original. */
class BtrfsStripeRecord extends RecordCursor {
  /** Called `devid` in the original. */
  get device(): bigint {
    return this._view.getBigUint64(this._offset, true);
  }

  get offset(): bigint {
    return this._view.getBigUint64(this._offset + 8, true);
  }

  /** Called `dev_uuid` in the original. */
  get deviceUuid(): Uint8Array {
    return this._take(16, 16);
  }
}

/** One of the superblock's chunks. */
class BtrfsSystemChunk {
  readonly _io: SafeStream;
  /** Called `objectid` in the original. */
  readonly object: bigint;
  readonly type: number;
  readonly offset: bigint;
  readonly chunk: BtrfsChunk;

  constructor(io: SafeStream) {
    this._io = io;
    this.object = io.readU8le('BtrfsSystemChunk.object');
    this.type = io.readU1('BtrfsSystemChunk.type');
    this.offset = io.readU8le('BtrfsSystemChunk.offset');
    this.chunk = new BtrfsChunk(io);
  }
}

/**
 * How much of a chunk is used; the key's object is its first address, the
 * key's offset its length.
 * Called `btrfs_block_group_item` in the original.
 */
class BtrfsBlockGroup {
  readonly _io: SafeStream;
  /** Called `used` in the original. */
  readonly numUsedBytes: bigint;
  /** Called `chunk_objectid` in the original. */
  readonly chunkObject: bigint;
  /** As a chunk's type. */
  readonly flags: bigint;

  constructor(io: SafeStream) {
    this._io = io;
    this.numUsedBytes = io.readU8le('BtrfsBlockGroup.numUsedBytes');
    this.chunkObject = io.readU8le('BtrfsBlockGroup.chunkObject');
    this.flags = io.readU8le('BtrfsBlockGroup.flags');
  }
}

/**
 * What a part of a device is used for; the key's object is the device's
 * number, the key's offset the place.
 * Called `btrfs_dev_extent` in the original.
 */
class BtrfsDeviceExtent {
  readonly _io: SafeStream;
  readonly chunkTree: bigint;
  /** Called `chunk_objectid` in the original. */
  readonly chunkObject: bigint;
  /** Called `chunk_offset` in the original. */
  readonly chunkAddress: bigint;
  /** Called `length` in the original. */
  readonly lenExtent: bigint;

  constructor(io: SafeStream) {
    this._io = io;
    this.chunkTree = io.readU8le('BtrfsDeviceExtent.chunkTree');
    this.chunkObject = io.readU8le('BtrfsDeviceExtent.chunkObject');
    this.chunkAddress = io.readU8le('BtrfsDeviceExtent.chunkAddress');
    this.lenExtent = io.readU8le('BtrfsDeviceExtent.lenExtent');
  }
}

/**
 * Where a tree's root lies.
 * Called `btrfs_root_item` in the original.
 */
class BtrfsRoot {
  readonly _io: SafeStream;
  readonly inode: Uint8Array;
  readonly generation: bigint;
  /** Called `root_dirid` in the original. */
  readonly rootDirectory: bigint;
  /** Called `bytenr` in the original. */
  readonly address: bigint;
  /** Called `byte_limit` in the original. */
  readonly maxBytes: bigint;
  /**
   * Of the tree's nodes.
   * Called `bytes_used` in the original.
   */
  readonly numUsedBytes: bigint;
  readonly lastSnapshot: bigint;
  readonly flags: bigint;
  /** Called `refs` in the original. */
  readonly numReferences: number;
  /**
   * Of a subvolume that is being deleted, the key up to which it is.
   * Called `drop_progress.objectid` in the original.
   */
  readonly dropObject: bigint;
  /** Called `drop_progress.type` in the original. */
  readonly dropType: number;
  /** Called `drop_progress.offset` in the original. */
  readonly dropOffset: bigint;
  readonly dropLevel: number;
  readonly level: number;
  /**
   * Roots of before Linux 3.6 end here.
   * Called `generation_v2` in the original.
   */
  readonly secondGeneration: bigint | undefined;
  readonly uuid: Uint8Array | undefined;
  /** The subvolume's that it is a snapshot of; 0 of what is none. */
  readonly parentUuid: Uint8Array | undefined;

  constructor(io: SafeStream) {
    this._io = io;
    this.inode = io.take(160, 'BtrfsRoot.inode');
    this.generation = io.readU8le('BtrfsRoot.generation');
    this.rootDirectory = io.readU8le('BtrfsRoot.rootDirectory');
    this.address = io.readU8le('BtrfsRoot.address');
    this.maxBytes = io.readU8le('BtrfsRoot.maxBytes');
    this.numUsedBytes = io.readU8le('BtrfsRoot.numUsedBytes');
    this.lastSnapshot = io.readU8le('BtrfsRoot.lastSnapshot');
    this.flags = io.readU8le('BtrfsRoot.flags');
    this.numReferences = io.readU4le('BtrfsRoot.numReferences');
    this.dropObject = io.readU8le('BtrfsRoot.dropObject');
    this.dropType = io.readU1('BtrfsRoot.dropType');
    this.dropOffset = io.readU8le('BtrfsRoot.dropOffset');
    this.dropLevel = io.readU1('BtrfsRoot.dropLevel');
    this.level = io.readU1('BtrfsRoot.level');
    if (big(io.sizeBytes) - big(io.pos) >= 8n) {
      this.secondGeneration = io.readU8le('BtrfsRoot.secondGeneration');
    }
    if (big(io.sizeBytes) - big(io.pos) >= 16n) {
      this.uuid = io.take(16, 'BtrfsRoot.uuid');
    }
    if (big(io.sizeBytes) - big(io.pos) >= 16n) {
      this.parentUuid = io.take(16, 'BtrfsRoot.parentUuid');
    }
  }
}

/**
 * Where a stretch of a file lies; of one in the item itself, the head.
 * Called `btrfs_file_extent_item` in the original.
 */
class BtrfsFileExtent {
  readonly _io: SafeStream;
  readonly generation: bigint;
  /** Called `ram_bytes` in the original. */
  readonly lenContent: bigint;
  readonly compression: number;
  readonly encryption: number;
  readonly otherEncoding: number;
  /** 0, the content follows; 1, written; 2, reserved. */
  readonly type: number;
  /**
   * Logical address of the whole extent; 0 for a hole.
   * Called `disk_bytenr` in the original.
   */
  readonly address: bigint;
  /** Called `disk_num_bytes` in the original. */
  readonly lenExtent: bigint;
  /**
   * Where in the uncompressed extent this stretch begins.
   * Called `offset` in the original.
   */
  readonly ofsInExtent: bigint;
  /**
   * Of the file.
   * Called `num_bytes` in the original.
   */
  readonly lenStretch: bigint;

  constructor(io: SafeStream) {
    this._io = io;
    this.generation = io.readU8le('BtrfsFileExtent.generation');
    this.lenContent = io.readU8le('BtrfsFileExtent.lenContent');
    this.compression = io.readU1('BtrfsFileExtent.compression');
    this.encryption = io.readU1('BtrfsFileExtent.encryption');
    this.otherEncoding = io.readU2le('BtrfsFileExtent.otherEncoding');
    this.type = io.readU1('BtrfsFileExtent.type');
    this.address = io.readU8le('BtrfsFileExtent.address');
    this.lenExtent = io.readU8le('BtrfsFileExtent.lenExtent');
    this.ofsInExtent = io.readU8le('BtrfsFileExtent.ofsInExtent');
    this.lenStretch = io.readU8le('BtrfsFileExtent.lenStretch');
  }
}

/** What also a file extent with its content in the item has. */
class BtrfsFileExtentHead {
  readonly _io: SafeStream;
  readonly generation: bigint;
  /** Called `ram_bytes` in the original. */
  readonly lenContent: bigint;
  readonly compression: number;
  readonly encryption: number;
  readonly otherEncoding: number;
  readonly type: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.generation = io.readU8le('BtrfsFileExtentHead.generation');
    this.lenContent = io.readU8le('BtrfsFileExtentHead.lenContent');
    this.compression = io.readU1('BtrfsFileExtentHead.compression');
    this.encryption = io.readU1('BtrfsFileExtentHead.encryption');
    this.otherEncoding = io.readU2le('BtrfsFileExtentHead.otherEncoding');
    this.type = io.readU1('BtrfsFileExtentHead.type');
  }
}

/** Called `btrfs_inode_item` in the original. */
class BtrfsInode {
  readonly _io: SafeStream;
  readonly generation: bigint;
  /** Called `transid` in the original. */
  readonly transaction: bigint;
  /** Called `size` in the original. */
  readonly lenContent: bigint;
  /** Called `nbytes` in the original. */
  readonly numBytes: bigint;
  readonly blockGroup: bigint;
  /** Called `nlink` in the original. */
  readonly numLinks: number;
  /** Called `uid` in the original. */
  readonly owner: number;
  /** Called `gid` in the original. */
  readonly group: number;
  readonly mode: number;
  /** Called `rdev` in the original. */
  readonly device: bigint;
  readonly flags: bigint;
  readonly sequence: bigint;
  readonly reserved: Uint8Array;
  /** Called `atime` in the original. */
  readonly accessed: BtrfsTime;
  /** Called `ctime` in the original. */
  readonly changed: BtrfsTime;
  /** Called `mtime` in the original. */
  readonly modified: BtrfsTime;
  /** Called `otime` in the original. */
  readonly created: BtrfsTime;

  constructor(io: SafeStream) {
    this._io = io;
    this.generation = io.readU8le('BtrfsInode.generation');
    this.transaction = io.readU8le('BtrfsInode.transaction');
    this.lenContent = io.readU8le('BtrfsInode.lenContent');
    this.numBytes = io.readU8le('BtrfsInode.numBytes');
    this.blockGroup = io.readU8le('BtrfsInode.blockGroup');
    this.numLinks = io.readU4le('BtrfsInode.numLinks');
    this.owner = io.readU4le('BtrfsInode.owner');
    this.group = io.readU4le('BtrfsInode.group');
    this.mode = io.readU4le('BtrfsInode.mode');
    this.device = io.readU8le('BtrfsInode.device');
    this.flags = io.readU8le('BtrfsInode.flags');
    this.sequence = io.readU8le('BtrfsInode.sequence');
    this.reserved = io.take(32, 'BtrfsInode.reserved');
    this.accessed = new BtrfsTime(io);
    this.changed = new BtrfsTime(io);
    this.modified = new BtrfsTime(io);
    this.created = new BtrfsTime(io);
  }
}

/** Called `btrfs_timespec` in the original. */
class BtrfsTime {
  readonly _io: SafeStream;
  /**
   * With a sign.
   * Called `sec` in the original.
   */
  readonly seconds: bigint;
  /** Called `nsec` in the original. */
  readonly nanoseconds: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.seconds = io.readU8le('BtrfsTime.seconds');
    this.nanoseconds = io.readU4le('BtrfsTime.nanoseconds');
  }
}

/**
 * A name in a directory, or an extended attribute.
 * Called `btrfs_dir_item` in the original.
 */
class BtrfsDirectoryEntry {
  readonly _io: SafeStream;
  /** Called `location.objectid` in the original. */
  readonly object: bigint;
  /** Called `location.type` in the original. */
  readonly objectType: number;
  /** Called `location.offset` in the original. */
  readonly objectOffset: bigint;
  /** Called `transid` in the original. */
  readonly transaction: bigint;
  /** Called `data_len` in the original. */
  readonly lenValue: number;
  readonly lenName: number;
  readonly type: number;
  readonly name: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.object = io.readU8le('BtrfsDirectoryEntry.object');
    this.objectType = io.readU1('BtrfsDirectoryEntry.objectType');
    this.objectOffset = io.readU8le('BtrfsDirectoryEntry.objectOffset');
    this.transaction = io.readU8le('BtrfsDirectoryEntry.transaction');
    this.lenValue = io.readU2le('BtrfsDirectoryEntry.lenValue');
    this.lenName = io.readU2le('BtrfsDirectoryEntry.lenName');
    this.type = io.readU1('BtrfsDirectoryEntry.type');
    this.name = io.readBytes(this.lenName, 'BtrfsDirectoryEntry.name');
  }
}

/**
 * A name of an inode in the directory that the key's offset tells.
 * Called `btrfs_inode_ref` in the original.
 */
class BtrfsReference {
  readonly _io: SafeStream;
  readonly index: bigint;
  readonly lenName: number;
  readonly name: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.index = io.readU8le('BtrfsReference.index');
    this.lenName = io.readU2le('BtrfsReference.lenName');
    this.name = io.readBytes(this.lenName, 'BtrfsReference.name');
  }
}

/**
 * A name of an inode in a directory.
 * Called `btrfs_inode_extref` in the original.
 */
class BtrfsExtendedReference {
  readonly _io: SafeStream;
  /** Called `parent_objectid` in the original. */
  readonly directory: bigint;
  readonly index: bigint;
  readonly lenName: number;
  readonly name: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.directory = io.readU8le('BtrfsExtendedReference.directory');
    this.index = io.readU8le('BtrfsExtendedReference.index');
    this.lenName = io.readU2le('BtrfsExtendedReference.lenName');
    this.name = io.readBytes(this.lenName, 'BtrfsExtendedReference.name');
  }
}

/**
 * Up to which index the log knows all names of a directory.
 * Called `btrfs_dir_log_item` in the original.
 */
class BtrfsDirectoryRange {
  readonly _io: SafeStream;
  readonly end: bigint;

  constructor(io: SafeStream) {
    this._io = io;
    this.end = io.readU8le('BtrfsDirectoryRange.end');
  }
}

/**
 * What is allocated at the address that is the key's object. Of a node
 * without skinny metadata its first key follows, then references.
 * Called `btrfs_extent_item` in the original.
 */
class BtrfsExtent {
  readonly _io: SafeStream;
  /** Called `refs` in the original. */
  readonly numReferences: bigint;
  readonly generation: bigint;
  /** 1, data; 2, a node. */
  readonly flags: bigint;

  constructor(io: SafeStream) {
    this._io = io;
    this.numReferences = io.readU8le('BtrfsExtent.numReferences');
    this.generation = io.readU8le('BtrfsExtent.generation');
    this.flags = io.readU8le('BtrfsExtent.flags');
  }
}

/**
 * Who refers to a node; 176, the tree whose number follows.
 * Called `btrfs_extent_inline_ref` in the original.
 */
class BtrfsExtentReference {
  readonly _io: SafeStream;
  readonly type: number;
  readonly offset: bigint;

  constructor(io: SafeStream) {
    this._io = io;
    this.type = io.readU1('BtrfsExtentReference.type');
    this.offset = io.readU8le('BtrfsExtentReference.offset');
  }
}

/**
 * What follows a reference of the type 184, to data that a shared node refers to.
 * Called `btrfs_shared_data_ref` in the original.
 */
class BtrfsSharedReference {
  readonly _io: SafeStream;
  readonly count: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.count = io.readU4le('BtrfsSharedReference.count');
  }
}

/**
 * What follows the extent of a node without skinny metadata.
 * Called `btrfs_tree_block_info` in the original.
 */
class BtrfsOldNode {
  readonly _io: SafeStream;
  /** Called `key` in the original. */
  readonly firstKey: Uint8Array;
  readonly level: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.firstKey = io.take(17, 'BtrfsOldNode.firstKey');
    this.level = io.readU1('BtrfsOldNode.level');
  }
}

/**
 * A file that refers to an extent of data.
 * Called `btrfs_extent_data_ref` in the original.
 */
class BtrfsDataReference {
  readonly _io: SafeStream;
  readonly root: bigint;
  /** Called `objectid` in the original. */
  readonly object: bigint;
  readonly offset: bigint;
  readonly count: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.root = io.readU8le('BtrfsDataReference.root');
    this.object = io.readU8le('BtrfsDataReference.object');
    this.offset = io.readU8le('BtrfsDataReference.offset');
    this.count = io.readU4le('BtrfsDataReference.count');
  }
}

/**
 * A balance that was begun and not ended.
 * Called `btrfs_balance_item` in the original.
 */
class BtrfsBalance {
  readonly _io: SafeStream;
  readonly flags: bigint;
  readonly data: BtrfsBalanceArguments;
  /** Called `meta` in the original. */
  readonly metadata: BtrfsBalanceArguments;
  /** Called `sys` in the original. */
  readonly system: BtrfsBalanceArguments;

  constructor(io: SafeStream) {
    this._io = io;
    this.flags = io.readU8le('BtrfsBalance.flags');
    this.data = new BtrfsBalanceArguments(io);
    this.metadata = new BtrfsBalanceArguments(io);
    this.system = new BtrfsBalanceArguments(io);
  }
}

/** Called `btrfs_disk_balance_args` in the original. */
class BtrfsBalanceArguments {
  readonly _io: SafeStream;
  readonly filters: Uint8Array;
  /** The profile to convert to; of single, a bit of its own. */
  readonly target: bigint;
  readonly flags: bigint;
  readonly limits: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.filters = io.take(56, 'BtrfsBalanceArguments.filters');
    this.target = io.readU8le('BtrfsBalanceArguments.target');
    this.flags = io.readU8le('BtrfsBalanceArguments.flags');
    this.limits = io.take(64, 'BtrfsBalanceArguments.limits');
  }
}

/**
 * Where a subvolume has its name: the key's object is its number, the
 * key's offset that of the subvolume above.
 * Called `btrfs_root_ref` in the original.
 */
class BtrfsRootReference {
  readonly _io: SafeStream;
  /** Called `dirid` in the original. */
  readonly directory: bigint;
  readonly sequence: bigint;
  readonly lenName: number;
  readonly name: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.directory = io.readU8le('BtrfsRootReference.directory');
    this.sequence = io.readU8le('BtrfsRootReference.sequence');
    this.lenName = io.readU2le('BtrfsRootReference.lenName');
    this.name = io.readBytes(this.lenName, 'BtrfsRootReference.name');
  }
}
