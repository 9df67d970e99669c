// Generated from formats/container/vma.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  compareBytes,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestVma = Guest<Vma>;

/** `vma` from its bytes. @throws FormatError when they are none. */
export function parseVma(bytes: Uint8Array): GuestVma {
  return guest(new Vma(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new Vma(new SafeStream(bytes));
  return guestClaims({
    type: 'vma',
  });
}

/**
 * A backup of a virtual machine: its settings and its disks in one stream of
 * clusters of 64 KiB.
 * @see pve-qemu vma.h: struct VmaHeader
 * @see pve-qemu docs/specs/vma_spec.txt
 */
class Vma {
  readonly _io: SafeStream;
  /** Called `magic` in the original. */
  readonly magic: Uint8Array;
  /** Called `version` in the original. */
  readonly version: number;
  /** The first bytes of the backup's UUID. */
  readonly uuidStart: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'Vma.magic');
    if (compareBytes(this.magic, Uint8Array.of(86, 77, 65, 0)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(86, 77, 65, 0), this.magic, io, 'Vma.magic', 'BAD_MAGIC');
    }
    this.version = io.readU4be('Vma.version');
    if (this.version !== 1) {
      throw new ValidationNotEqualError(1, this.version, io, 'Vma.version');
    }
    this.uuidStart = io.take(4, 'Vma.uuidStart');
  }
}
