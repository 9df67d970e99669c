// Generated from formats/container/tar.ksy by `npm run generate`. Do not edit: change the specification.
import {
  compareBytes,
  decode,
  guest,
  type Guest,
  SafeStream,
  terminate,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestTar = Guest<Tar>;

/** `tar` from its bytes. @throws FormatError when they are none. */
export function parseTar(bytes: Uint8Array): GuestTar {
  return guest(new Tar(new SafeStream(bytes)));
}

export type GuestTarText = Guest<TarText>;

/** `text` from its bytes. @throws FormatError when they are none. */
export function parseTarText(bytes: Uint8Array): GuestTarText {
  return guest(new TarText(new SafeStream(bytes)));
}

/**
 * Files one behind the other, each with a header of 512 bytes, its content and
 * padding to a multiple of 512. Two blocks of zeros end the archive. Numbers
 * are octal text; GNU's tar writes those that do not fit as binary, big-endian,
 * with the first bit set.
 *
 * ### Making a test image
 *
 *     tar --format=ustar -cf appliance.ova appliance.ovf disk1.vmdk
 * @see https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html
 * @see https://www.gnu.org/software/tar/manual/html_node/Standard.html
 * @see DMTF DSP0243, Open Virtualization Format, section 5
 */
class Tar {
  readonly _io: SafeStream;
  readonly name: string;
  readonly mode: Uint8Array;
  /** Called `uid` in the original. */
  readonly owner: Uint8Array;
  /** Called `gid` in the original. */
  readonly group: Uint8Array;
  /**
   * Octal text, or binary.
   * Called `size` in the original.
   */
  readonly lenContent: Uint8Array;
  /** Called `mtime` in the original. */
  readonly modified: Uint8Array;
  /**
   * The sum of the header's bytes, with blanks in place of this field.
   * Called `chksum` in the original.
   */
  readonly checksum: Uint8Array;
  /** Called `typeflag` in the original. */
  readonly kind: number;
  /** Called `linkname` in the original. */
  readonly linkName: Uint8Array;
  readonly magic: Uint8Array;
  /** A zero and "00", or in GNU's archives a blank, another, and a zero. */
  readonly version: Uint8Array;
  /** Called `uname` in the original. */
  readonly ownerName: Uint8Array;
  /** Called `gname` in the original. */
  readonly groupName: Uint8Array;
  /** Called `devmajor` in the original. */
  readonly deviceMajor: Uint8Array;
  /** Called `devminor` in the original. */
  readonly deviceMinor: Uint8Array;
  /** What stands before the name; in GNU's archives other things are here. */
  readonly prefix: string;

  constructor(io: SafeStream) {
    this._io = io;
    this.name = decode(terminate(io.take(100, 'Tar.name'), [0], false), 'UTF-8');
    this.mode = io.take(8, 'Tar.mode');
    this.owner = io.take(8, 'Tar.owner');
    this.group = io.take(8, 'Tar.group');
    this.lenContent = io.take(12, 'Tar.lenContent');
    this.modified = io.take(12, 'Tar.modified');
    this.checksum = io.take(8, 'Tar.checksum');
    this.kind = io.readU1('Tar.kind');
    this.linkName = io.take(100, 'Tar.linkName');
    this.magic = io.take(5, 'Tar.magic');
    if (compareBytes(this.magic, Uint8Array.of(117, 115, 116, 97, 114)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(117, 115, 116, 97, 114), this.magic, io, 'Tar.magic', 'BAD_MAGIC');
    }
    this.version = io.take(3, 'Tar.version');
    this.ownerName = io.take(32, 'Tar.ownerName');
    this.groupName = io.take(32, 'Tar.groupName');
    this.deviceMajor = io.take(8, 'Tar.deviceMajor');
    this.deviceMinor = io.take(8, 'Tar.deviceMinor');
    this.prefix = decode(terminate(io.take(155, 'Tar.prefix'), [0], false), 'UTF-8');
  }
}

/** The content of members whose type is L (a name), or x and g (records). */
class TarText {
  readonly _io: SafeStream;
  readonly value: string;

  constructor(io: SafeStream) {
    this._io = io;
    this.value = decode(io.readBytesFull('TarText.value'), 'UTF-8');
  }
}
