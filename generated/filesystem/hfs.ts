// Generated from formats/filesystem/hfs.ksy by `npm run generate`. Do not edit: change the specification.
import {
  big,
  type ByteOrder,
  decode,
  div,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  mod,
  SafeStream,
  ValidationGreaterThanError,
  ValidationLessThanError,
} from '../../src/kaitai/index.js';

export type GuestHfs = Guest<Hfs>;

/** `hfs` from its bytes. @throws FormatError when they are none. */
export function parseHfs(bytes: Uint8Array): GuestHfs {
  return guest(new Hfs(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new Hfs(new SafeStream(bytes));
  return guestClaims({
    type: it.hasHfsplus ? 'hfsplus' : 'hfs',
    isStale: (big(it.attributes) & 256n) === 0n || (big(it.attributes) & 2048n) !== 0n,
    isCounted: it.hasHfsplus === false,
    blockSize: it.lenUnit,
    blocks: big(it.numBlocks) * div(big(it.lenBlock), it.lenUnit, 'Hfs blocks'),
    end: big(it.firstBlockSector) * 512n + big(it.numBlocks) * big(it.lenBlock),
    free: big(it.numFreeBlocks) * div(big(it.lenBlock), it.lenUnit, 'Hfs free'),
    inodes: it.numBlocks,
    inodesFree: it.numFreeBlocks,
    label: it.label,
  });
}

/**
 * The master directory block; it may be the wrapper of an HFS+ volume.
 * @see Linux fs/hfs/super.c: hfs_statfs; fs/hfs/mdb.c: hfs_mdb_get
 * @see Inside Macintosh: Files, Volume information
 * @see util-linux libblkid/src/superblocks/hfs.c
 */
class Hfs {
  readonly _io: SafeStream;
  /** Called `drSigWord` in the original. */
  readonly magic: number;
  /** Called `drCrDate` in the original. */
  readonly created: number;
  /** Called `drLsMod` in the original. */
  readonly modified: number;
  /** Called `drAtrb` in the original. */
  readonly attributes: number;
  /** Called `drNmFls` in the original. */
  readonly numRootFiles: number;
  /** Called `drVBMSt` in the original. */
  readonly firstBitmapSector: number;
  /** Called `drAllocPtr` in the original. */
  readonly nextAllocation: number;
  /** Called `drNmAlBlks` in the original. */
  readonly numBlocks: number;
  /** Called `drAlBlkSiz` in the original. */
  readonly lenBlock: number;
  /** Called `drClpSiz` in the original. */
  readonly lenClump: number;
  /** Called `drAlBlSt` in the original. */
  readonly firstBlockSector: number;
  /** Called `drNxtCNID` in the original. */
  readonly nextFileId: number;
  /** Called `drFreeBks` in the original. */
  readonly numFreeBlocks: number;
  readonly lenLabel: number;
  /** Called `drVN` in the original. */
  readonly label: string;
  readonly labelRest: Uint8Array;
  readonly times: Uint8Array;
  readonly counts: Uint8Array;
  /** Called `drFndrInfo[0..5]` in the original. */
  readonly otherFinderInfo: Uint8Array;
  /** Called `drFndrInfo[6..7]` in the original. */
  readonly volumeId: Uint8Array;
  /** Called `drEmbedSigWord` in the original. */
  readonly embeddedMagic: number;
  /** Called `drEmbedExtent.startBlock` in the original. */
  readonly embeddedFirstBlock: number;
  /** Called `drEmbedExtent.blockCount` in the original. */
  readonly numEmbeddedBlocks: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.readU2be('Hfs.magic');
    this.created = io.readU4be('Hfs.created');
    this.modified = io.readU4be('Hfs.modified');
    this.attributes = io.readU2be('Hfs.attributes');
    this.numRootFiles = io.readU2be('Hfs.numRootFiles');
    this.firstBitmapSector = io.readU2be('Hfs.firstBitmapSector');
    if (this.firstBitmapSector < 3) {
      throw new ValidationLessThanError(3, this.firstBitmapSector, io, 'Hfs.firstBitmapSector');
    }
    if (this.firstBitmapSector > 65535) {
      throw new ValidationGreaterThanError(65535, this.firstBitmapSector, io, 'Hfs.firstBitmapSector');
    }
    this.nextAllocation = io.readU2be('Hfs.nextAllocation');
    this.numBlocks = io.readU2be('Hfs.numBlocks');
    if (this.numBlocks < 1) {
      throw new ValidationLessThanError(1, this.numBlocks, io, 'Hfs.numBlocks');
    }
    if (this.numBlocks > 65535) {
      throw new ValidationGreaterThanError(65535, this.numBlocks, io, 'Hfs.numBlocks');
    }
    this.lenBlock = io.readU4be('Hfs.lenBlock');
    if (this.lenBlock < 512) {
      throw new ValidationLessThanError(512, this.lenBlock, io, 'Hfs.lenBlock');
    }
    if (this.lenBlock > 2147483647) {
      throw new ValidationGreaterThanError(2147483647, this.lenBlock, io, 'Hfs.lenBlock');
    }
    this.lenClump = io.readU4be('Hfs.lenClump');
    this.firstBlockSector = io.readU2be('Hfs.firstBlockSector');
    this.nextFileId = io.readU4be('Hfs.nextFileId');
    this.numFreeBlocks = io.readU2be('Hfs.numFreeBlocks');
    this.lenLabel = io.readU1('Hfs.lenLabel');
    if (this.lenLabel < 0) {
      throw new ValidationLessThanError(0, this.lenLabel, io, 'Hfs.lenLabel');
    }
    if (this.lenLabel > 27) {
      throw new ValidationGreaterThanError(27, this.lenLabel, io, 'Hfs.lenLabel');
    }
    this.label = decode(io.readBytes(this.lenLabel, 'Hfs.label'), 'ISO-8859-1');
    this.labelRest = io.readBytes(27n - big(this.lenLabel), 'Hfs.labelRest');
    this.times = io.take(12, 'Hfs.times');
    this.counts = io.take(16, 'Hfs.counts');
    this.otherFinderInfo = io.take(24, 'Hfs.otherFinderInfo');
    this.volumeId = io.take(8, 'Hfs.volumeId');
    this.embeddedMagic = io.readU2be('Hfs.embeddedMagic');
    this.embeddedFirstBlock = io.readU2be('Hfs.embeddedFirstBlock');
    this.numEmbeddedBlocks = io.readU2be('Hfs.numEmbeddedBlocks');
  }

  /** Linux counts in blocks that fit into a page and begin with one. */
  get numUnitSectors(): number {
    return mod(big(this.lenBlock), 4096n, 'Hfs.numUnitSectors') === 0n && mod(big(this.firstBlockSector), 8n, 'Hfs.numUnitSectors') === 0n ? 8 : mod(big(this.lenBlock), 2048n, 'Hfs.numUnitSectors') === 0n && mod(big(this.firstBlockSector), 4n, 'Hfs.numUnitSectors') === 0n ? 4 : mod(big(this.lenBlock), 1024n, 'Hfs.numUnitSectors') === 0n && mod(big(this.firstBlockSector), 2n, 'Hfs.numUnitSectors') === 0n ? 2 : 1;
  }

  #lenUnit: bigint | undefined;
  get lenUnit(): bigint {
    return (this.#lenUnit ??= big(this.numUnitSectors) * 512n);
  }

  get hasHfsplus(): boolean {
    return this.embeddedMagic === 18475 || this.embeddedMagic === 18520;
  }
}
