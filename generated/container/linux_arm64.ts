// Generated from formats/container/linux_arm64.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
} from '../../src/kaitai/index.js';

export type GuestLinuxArm64 = Guest<LinuxArm64>;

/** `linux_arm64` from its bytes. @throws FormatError when they are none. */
export function parseLinuxArm64(bytes: Uint8Array): GuestLinuxArm64 {
  return guest(new LinuxArm64(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new LinuxArm64(new SafeStream(bytes));
  return guestClaims({
    type: 'linux_arm64',
  });
}

/**
 * A kernel that a boot loader loads.
 * @see Linux Documentation/arch/arm64/booting.rst
 * @see Linux Documentation/arch/riscv/boot-image-header.rst
 */
class LinuxArm64 {
  readonly _io: SafeStream;
  readonly code: Uint8Array;
  readonly reserved: Uint8Array;
  readonly magic: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.code = io.take(48, 'LinuxArm64.code');
    this.reserved = io.take(8, 'LinuxArm64.reserved');
    this.magic = io.take(4, 'LinuxArm64.magic');
  }
}
