// Generated from formats/container/uimage.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  compareBytes,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
  ValidationGreaterThanError,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestUimage = Guest<Uimage>;

/** `uimage` from its bytes. @throws FormatError when they are none. */
export function parseUimage(bytes: Uint8Array): GuestUimage {
  return guest(new Uimage(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new Uimage(new SafeStream(bytes));
  return guestClaims({
    type: 'uimage',
  });
}

/**
 * A kernel, a ramdisk or the like behind a header.
 *
 * ### Making a test image
 *
 *     mkimage -T ramdisk -d disk.raw image
 * @see U-Boot include/image.h: struct legacy_img_hdr
 */
class Uimage {
  readonly _io: SafeStream;
  /** Called `ih_magic` in the original. */
  readonly magic: Uint8Array;
  readonly checksums: Uint8Array;
  /** Called `ih_os` in the original. */
  readonly os: number;
  /** Called `ih_arch` in the original. */
  readonly architecture: number;
  /** Called `ih_type` in the original. */
  readonly kind: number;
  /** Called `ih_comp` in the original. */
  readonly compression: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'Uimage.magic');
    if (compareBytes(this.magic, Uint8Array.of(39, 5, 25, 86)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(39, 5, 25, 86), this.magic, io, 'Uimage.magic', 'BAD_MAGIC');
    }
    this.checksums = io.take(24, 'Uimage.checksums');
    this.os = io.readU1('Uimage.os');
    if (this.os > 40) {
      throw new ValidationGreaterThanError(40, this.os, io, 'Uimage.os');
    }
    this.architecture = io.readU1('Uimage.architecture');
    if (this.architecture > 40) {
      throw new ValidationGreaterThanError(40, this.architecture, io, 'Uimage.architecture');
    }
    this.kind = io.readU1('Uimage.kind');
    if (this.kind > 60) {
      throw new ValidationGreaterThanError(60, this.kind, io, 'Uimage.kind');
    }
    this.compression = io.readU1('Uimage.compression');
    if (this.compression > 10) {
      throw new ValidationGreaterThanError(10, this.compression, io, 'Uimage.compression');
    }
  }
}
