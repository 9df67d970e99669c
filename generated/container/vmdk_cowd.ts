// Generated from formats/container/vmdk_cowd.ksy by `npm run generate`. Do not edit: change the specification.
import {
  compareBytes,
  guest,
  type Guest,
  SafeStream,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestVmdkCowd = Guest<VmdkCowd>;

/** `vmdk_cowd` from its bytes. @throws FormatError when they are none. */
export function parseVmdkCowd(bytes: Uint8Array): GuestVmdkCowd {
  return guest(new VmdkCowd(new SafeStream(bytes)));
}

export type GuestVmdkCowdState = Guest<VmdkCowdState>;

/** `state` from its bytes. @throws FormatError when they are none. */
export function parseVmdkCowdState(bytes: Uint8Array): GuestVmdkCowdState {
  return guest(new VmdkCowdState(new SafeStream(bytes)));
}

/**
 * The extent of ESX's snapshots on VMFS before seSparse, and of VMware's first
 * programs: as the hosted sparse extent, with 4096 entries in each grain table
 * and 32-bit fields. A descriptor names it with the type VMFSSPARSE.
 *
 * ### Making a test image
 *
 * Only VMware writes it: `vmkfstools -c 1g disk.vmdk` on ESXi, and a snapshot of
 * the virtual machine. What the tests write is read by QEMU.
 * @see VMware, Virtual Disk Format 5.0 (technical note, 2011), "ESX Server Sparse Extents"
 * @see QEMU block/vmdk.c vmdk_open_vmfs_sparse()
 */
class VmdkCowd {
  readonly _io: SafeStream;
  /** Called `magicNumber` in the original. */
  readonly magic: Uint8Array;
  readonly version: number;
  readonly flags: number;
  /** Called `numSectors` in the original. */
  readonly numSectors: number;
  /** Called `grainSize` in the original. */
  readonly grainSectors: number;
  /** Called `gdOffset` in the original. */
  readonly directorySector: number;
  /** Called `numGDEntries` in the original. */
  readonly numDirectoryEntries: number;
  /**
   * The next grain will be written here.
   * Called `freeSector` in the original.
   */
  readonly freeSector: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'VmdkCowd.magic');
    if (compareBytes(this.magic, Uint8Array.of(67, 79, 87, 68)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(67, 79, 87, 68), this.magic, io, 'VmdkCowd.magic', 'BAD_MAGIC');
    }
    this.version = io.readU4le('VmdkCowd.version');
    this.flags = io.readU4le('VmdkCowd.flags');
    this.numSectors = io.readU4le('VmdkCowd.numSectors');
    this.grainSectors = io.readU4le('VmdkCowd.grainSectors');
    this.directorySector = io.readU4le('VmdkCowd.directorySector');
    this.numDirectoryEntries = io.readU4le('VmdkCowd.numDirectoryEntries');
    this.freeSector = io.readU4le('VmdkCowd.freeSector');
  }
}

/** From byte 1648 of the header. */
class VmdkCowdState {
  readonly _io: SafeStream;
  /** Called `uncleanShutdown` in the original. */
  readonly isUnclean: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.isUnclean = io.readU4le('VmdkCowdState.isUnclean');
  }
}
