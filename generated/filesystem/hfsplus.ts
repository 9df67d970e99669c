// Generated from formats/filesystem/hfsplus.ksy by `npm run generate`. Do not edit: change the specification.
import {
  big,
  type ByteOrder,
  decode,
  div,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
  terminate,
  ValidationGreaterThanError,
} from '../../src/kaitai/index.js';

export type GuestHfsplus = Guest<Hfsplus>;

/** `hfsplus` from its bytes. @throws FormatError when they are none. */
export function parseHfsplus(bytes: Uint8Array): GuestHfsplus {
  return guest(new Hfsplus(new SafeStream(bytes)));
}

export type GuestHfsplusTreeHead = Guest<HfsplusTreeHead>;

/** `tree_head` from its bytes. @throws FormatError when they are none. */
export function parseHfsplusTreeHead(bytes: Uint8Array): GuestHfsplusTreeHead {
  return guest(new HfsplusTreeHead(new SafeStream(bytes)));
}

export type GuestHfsplusFirstEntry = Guest<HfsplusFirstEntry>;

/** `first_entry` from its bytes. @throws FormatError when they are none. */
export function parseHfsplusFirstEntry(bytes: Uint8Array): GuestHfsplusFirstEntry {
  return guest(new HfsplusFirstEntry(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new Hfsplus(new SafeStream(bytes));
  return guestClaims({
    type: 'hfsplus',
    isStale: (big(it.attributes) & 256n) === 0n || (big(it.attributes) & 2048n) !== 0n,
    blockSize: it.isBlockSound ? it.lenUnit : it.lenBlock,
    blocks: big(it.numBlocks) * div(big(it.lenBlock), big(it.lenUnit), 'Hfsplus blocks'),
    free: big(it.numFreeBlocks) * div(big(it.lenBlock), big(it.lenUnit), 'Hfsplus free'),
    inodes: 4294967295,
    inodesFree: 4294967295n - big(it.nextId),
    version: it.versionText,
  });
}

/**
 * The volume header. The name of the volume is the one of its root folder: the
 * first entry of the first leaf of the catalog, a tree of nodes of equal size.
 * @see Linux fs/hfsplus/super.c: hfsplus_statfs
 * @see Apple Technical Note TN1150: HFS Plus Volume Format
 * @see Apple hfs, hfs_util: the UUID is a digest of what finder_info ends with
 * @see util-linux libblkid/src/superblocks/hfs.c
 */
class Hfsplus {
  readonly _io: SafeStream;
  /** Called `signature` in the original. */
  readonly magic: number;
  /** Called `version` in the original. */
  readonly version: number;
  /** Called `attributes` in the original. */
  readonly attributes: number;
  /** Called `lastMountedVersion` in the original. */
  readonly lastMounter: string;
  /** Called `journalInfoBlock` in the original. */
  readonly journalBlock: number;
  readonly times: Uint8Array;
  /** Called `fileCount` in the original. */
  readonly numFiles: number;
  /** Called `folderCount` in the original. */
  readonly numFolders: number;
  /** Called `blockSize` in the original. */
  readonly lenBlock: number;
  /** Called `totalBlocks` in the original. */
  readonly numBlocks: number;
  /** Called `freeBlocks` in the original. */
  readonly numFreeBlocks: number;
  /** Called `nextAllocation, rsrcClumpSize, dataClumpSize` in the original. */
  readonly allocation: Uint8Array;
  /** Called `nextCatalogID` in the original. */
  readonly nextId: number;
  /** Called `writeCount, encodingsBitmap` in the original. */
  readonly moreCounts: Uint8Array;
  /** Called `finderInfo[0..5]` in the original. */
  readonly otherFinderInfo: Uint8Array;
  /** Called `finderInfo[6..7]` in the original. */
  readonly volumeId: Uint8Array;
  /** Called `allocationFile` in the original. */
  readonly allocationFile: HfsplusFork;
  /** Called `extentsFile` in the original. */
  readonly extentsFile: HfsplusFork;
  /** Called `catalogFile` in the original. */
  readonly catalogFile: HfsplusFork;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.readU2be('Hfsplus.magic');
    this.version = io.readU2be('Hfsplus.version');
    this.attributes = io.readU4be('Hfsplus.attributes');
    this.lastMounter = decode(terminate(io.take(4, 'Hfsplus.lastMounter'), [0], false), 'UTF-8');
    this.journalBlock = io.readU4be('Hfsplus.journalBlock');
    this.times = io.take(16, 'Hfsplus.times');
    this.numFiles = io.readU4be('Hfsplus.numFiles');
    this.numFolders = io.readU4be('Hfsplus.numFolders');
    this.lenBlock = io.readU4be('Hfsplus.lenBlock');
    this.numBlocks = io.readU4be('Hfsplus.numBlocks');
    this.numFreeBlocks = io.readU4be('Hfsplus.numFreeBlocks');
    this.allocation = io.take(12, 'Hfsplus.allocation');
    this.nextId = io.readU4be('Hfsplus.nextId');
    this.moreCounts = io.take(12, 'Hfsplus.moreCounts');
    this.otherFinderInfo = io.take(24, 'Hfsplus.otherFinderInfo');
    this.volumeId = io.take(8, 'Hfsplus.volumeId');
    this.allocationFile = new HfsplusFork(io);
    this.extentsFile = new HfsplusFork(io);
    this.catalogFile = new HfsplusFork(io);
  }

  #versionText: string | undefined;
  get versionText(): string {
    return (this.#versionText ??= this.version.toString());
  }

  get isBlockSound(): boolean {
    return this.lenBlock >= 512 && (big(this.lenBlock) & (big(this.lenBlock) - 1n)) === 0n;
  }

  /** Linux counts in blocks that fit into a page. */
  get lenUnit(): number {
    return this.isBlockSound && this.lenBlock < 4096 ? this.lenBlock : 4096;
  }
}

/** A file of the filesystem's own, with its first extents. */
class HfsplusFork {
  readonly _io: SafeStream;
  /** Called `logicalSize` in the original. */
  readonly lenBytes: bigint;
  /** Called `clumpSize` in the original. */
  readonly lenClump: number;
  /** Called `totalBlocks` in the original. */
  readonly numBlocks: number;
  /** Called `extents` in the original. */
  readonly extents: HfsplusExtent[];

  constructor(io: SafeStream) {
    this._io = io;
    this.lenBytes = io.readU8be('HfsplusFork.lenBytes');
    this.lenClump = io.readU4be('HfsplusFork.lenClump');
    this.numBlocks = io.readU4be('HfsplusFork.numBlocks');
    this.extents = [];
    for (let i = 0, n = io.count(8, 8, 'HfsplusFork.extents'); i < n; i++) {
      this.extents.push(new HfsplusExtent(io));
    }
  }
}

class HfsplusExtent {
  readonly _io: SafeStream;
  /** Called `startBlock` in the original. */
  readonly firstBlock: number;
  /** Called `blockCount` in the original. */
  readonly numBlocks: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.firstBlock = io.readU4be('HfsplusExtent.firstBlock');
    this.numBlocks = io.readU4be('HfsplusExtent.numBlocks');
  }
}

/** Begins every node of a tree. */
class HfsplusNodeHead {
  readonly _io: SafeStream;
  /** Called `fLink, bLink` in the original. */
  readonly links: Uint8Array;
  /**
   * 1 in the tree's first node, -1 in a leaf.
   * Called `kind` in the original.
   */
  readonly kind: number;
  /** Called `height` in the original. */
  readonly height: number;
  /** Called `numRecords` in the original. */
  readonly numRecords: number;
  readonly reserved: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.links = io.take(8, 'HfsplusNodeHead.links');
    this.kind = io.readS1('HfsplusNodeHead.kind');
    this.height = io.readU1('HfsplusNodeHead.height');
    this.numRecords = io.readU2be('HfsplusNodeHead.numRecords');
    this.reserved = io.take(2, 'HfsplusNodeHead.reserved');
  }
}

/** The first node of a tree. */
class HfsplusTreeHead {
  readonly _io: SafeStream;
  readonly node: HfsplusNodeHead;
  /** Called `treeDepth` in the original. */
  readonly depth: number;
  /** Called `rootNode` in the original. */
  readonly rootNode: number;
  /** Called `leafRecords` in the original. */
  readonly numLeafRecords: number;
  /** Called `firstLeafNode` in the original. */
  readonly firstLeafNode: number;
  /** Called `lastLeafNode` in the original. */
  readonly lastLeafNode: number;
  /** Called `nodeSize` in the original. */
  readonly lenNode: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.node = new HfsplusNodeHead(io);
    this.depth = io.readU2be('HfsplusTreeHead.depth');
    this.rootNode = io.readU4be('HfsplusTreeHead.rootNode');
    this.numLeafRecords = io.readU4be('HfsplusTreeHead.numLeafRecords');
    this.firstLeafNode = io.readU4be('HfsplusTreeHead.firstLeafNode');
    this.lastLeafNode = io.readU4be('HfsplusTreeHead.lastLeafNode');
    this.lenNode = io.readU2be('HfsplusTreeHead.lenNode');
  }
}

/** A leaf of the catalog as far as the key of its first entry goes. */
class HfsplusFirstEntry {
  readonly _io: SafeStream;
  readonly node: HfsplusNodeHead;
  /** Called `keyLength` in the original. */
  readonly lenKey: number;
  /**
   * 1 of the root folder.
   * Called `parentID` in the original.
   */
  readonly parent: number;
  /** Called `nodeName.length` in the original. */
  readonly lenName: number;
  /** Called `nodeName.unicode` in the original. */
  readonly name: string;

  constructor(io: SafeStream) {
    this._io = io;
    this.node = new HfsplusNodeHead(io);
    this.lenKey = io.readU2be('HfsplusFirstEntry.lenKey');
    this.parent = io.readU4be('HfsplusFirstEntry.parent');
    this.lenName = io.readU2be('HfsplusFirstEntry.lenName');
    if (this.lenName > 255) {
      throw new ValidationGreaterThanError(255, this.lenName, io, 'HfsplusFirstEntry.lenName');
    }
    this.name = decode(io.readBytes(big(this.lenName) * 2n, 'HfsplusFirstEntry.name'), 'UTF-16BE');
  }
}
