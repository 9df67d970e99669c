// Generated from formats/container/linux_x86.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  compareBytes,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
  ValidationGreaterThanError,
  ValidationLessThanError,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestLinuxX86 = Guest<LinuxX86>;

/** `linux_x86` from its bytes. @throws FormatError when they are none. */
export function parseLinuxX86(bytes: Uint8Array): GuestLinuxX86 {
  return guest(new LinuxX86(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new LinuxX86(new SafeStream(bytes));
  return guestClaims({
    type: 'linux_x86',
  });
}

/**
 * A kernel for x86 that a boot loader loads. Its first sector ends as an MBR does.
 * @see Linux Documentation/arch/x86/boot.rst, "The real-mode kernel header"
 */
class LinuxX86 {
  readonly _io: SafeStream;
  readonly bootSector: Uint8Array;
  /** Called `setup_sects` in the original. */
  readonly numSetupSectors: number;
  readonly fields: Uint8Array;
  readonly bootFlag: Uint8Array;
  readonly jump: Uint8Array;
  readonly jumpTo: number;
  /** Called `header` in the original. */
  readonly magic: Uint8Array;
  readonly version: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.bootSector = io.take(497, 'LinuxX86.bootSector');
    this.numSetupSectors = io.readU1('LinuxX86.numSetupSectors');
    if (this.numSetupSectors > 64) {
      throw new ValidationGreaterThanError(64, this.numSetupSectors, io, 'LinuxX86.numSetupSectors');
    }
    this.fields = io.take(12, 'LinuxX86.fields');
    this.bootFlag = io.take(2, 'LinuxX86.bootFlag');
    if (compareBytes(this.bootFlag, Uint8Array.of(85, 170)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(85, 170), this.bootFlag, io, 'LinuxX86.bootFlag', 'BAD_MAGIC');
    }
    this.jump = io.take(1, 'LinuxX86.jump');
    if (compareBytes(this.jump, Uint8Array.of(235)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(235), this.jump, io, 'LinuxX86.jump', 'BAD_MAGIC');
    }
    this.jumpTo = io.readU1('LinuxX86.jumpTo');
    if (this.jumpTo < 34) {
      throw new ValidationLessThanError(34, this.jumpTo, io, 'LinuxX86.jumpTo');
    }
    this.magic = io.take(4, 'LinuxX86.magic');
    if (compareBytes(this.magic, Uint8Array.of(72, 100, 114, 83)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(72, 100, 114, 83), this.magic, io, 'LinuxX86.magic', 'BAD_MAGIC');
    }
    this.version = io.readU2le('LinuxX86.version');
    if (this.version < 512) {
      throw new ValidationLessThanError(512, this.version, io, 'LinuxX86.version');
    }
    if (this.version > 767) {
      throw new ValidationGreaterThanError(767, this.version, io, 'LinuxX86.version');
    }
  }
}
