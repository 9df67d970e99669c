// Generated from formats/container/parallels.ksy by `npm run generate`. Do not edit: change the specification.
import {
  decode,
  guest,
  type Guest,
  RecordCursor,
  records,
  type Records,
  SafeStream,
  ValidationNotAnyOfError,
} from '../../src/kaitai/index.js';

export type GuestParallels = Guest<Parallels>;

/** `parallels` from its bytes. @throws FormatError when they are none. */
export function parseParallels(bytes: Uint8Array): GuestParallels {
  return guest(new Parallels(new SafeStream(bytes)));
}

export type GuestParallelsEntry = Guest<ParallelsEntryRecord>;

/** A table of `entry`: 4 bytes each, `strideBytes` apart. */
export function parallelsEntryRecords(
  bytes: Uint8Array,
  strideBytes: number = 4,
): Records<GuestParallelsEntry> {
  return records(new ParallelsEntryRecord(bytes, 'le'), 4, strideBytes, 'ParallelsEntry');
}

export const ParallelsInUse = {
  CLOSED: 825111158,
  IN_USE: 1953459801,
} as const;

/**
 * A disk image of clusters. Behind the header stands the block allocation
 * table, whose entries say where in the file each cluster of the disk is. The
 * file alone knows of no backing file: chains are told by the file
 * DiskDescriptor.xml of the folder that it lies in.
 *
 * ### Making a test image
 *
 *     qemu-img create -f parallels -o cluster_size=1M disk.hds 1G
 *     qemu-io -c 'write -P 7 64k 4k' disk.hds
 * @see https://www.qemu.org/docs/master/interop/parallels.html
 * @see QEMU docs/interop/parallels.txt, block/parallels.c, block/parallels.h
 */
class Parallels {
  readonly _io: SafeStream;
  /**
   * WithoutFreeSpace, whose table counts in sectors of 512 bytes, or
   * WithouFreSpacExt, whose table counts in clusters.
   */
  readonly magic: string;
  readonly version: number;
  /** Called `heads` in the original. */
  readonly numHeads: number;
  /** Called `cylinders` in the original. */
  readonly numCylinders: number;
  /**
   * Size of a cluster, in sectors of 512 bytes.
   * Called `tracks` in the original.
   */
  readonly lenClusterSectors: number;
  /** Called `bat_entries` in the original. */
  readonly numEntries: number;
  /**
   * Only the lower 32 bits count with the first of the two magics.
   * Called `nb_sectors` in the original.
   */
  readonly lenDiskSectors: bigint;
  /** Called `inuse` in the original. */
  readonly inUse: number;
  /**
   * Where clusters begin; 0 if they begin right behind the table.
   * Called `data_off` in the original.
   */
  readonly ofsDataSectors: number;
  /** Bit 0 is set in an image that holds nothing. */
  readonly flags: number;
  /**
   * Where the format extension is; 0 if there is none.
   * Called `ext_off` in the original.
   */
  readonly ofsExtensionSectors: bigint;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = decode(io.take(16, 'Parallels.magic'), 'ASCII');
    if (!(this.magic === 'WithoutFreeSpace' || this.magic === 'WithouFreSpacExt')) {
      throw new ValidationNotAnyOfError(this.magic, io, 'Parallels.magic');
    }
    this.version = io.readU4le('Parallels.version');
    this.numHeads = io.readU4le('Parallels.numHeads');
    this.numCylinders = io.readU4le('Parallels.numCylinders');
    this.lenClusterSectors = io.readU4le('Parallels.lenClusterSectors');
    this.numEntries = io.readU4le('Parallels.numEntries');
    this.lenDiskSectors = io.readU8le('Parallels.lenDiskSectors');
    this.inUse = io.readU4le('Parallels.inUse');
    this.ofsDataSectors = io.readU4le('Parallels.ofsDataSectors');
    this.flags = io.readU4le('Parallels.flags');
    this.ofsExtensionSectors = io.readU8le('Parallels.ofsExtensionSectors');
  }
}

/** Where a cluster of the disk is; 0 if it is not allocated. */
class ParallelsEntryRecord extends RecordCursor {
  get position(): number {
    return this._view.getUint32(this._offset, true);
  }
}
