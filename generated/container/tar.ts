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

export type GuestTarOldSparse = Guest<TarOldSparse>;

/** `old_sparse` from its bytes. @throws FormatError when they are none. */
export function parseTarOldSparse(bytes: Uint8Array): GuestTarOldSparse {
  return guest(new TarOldSparse(new SafeStream(bytes)));
}

export type GuestTarSparseBlock = Guest<TarSparseBlock>;

/** `sparse_block` from its bytes. @throws FormatError when they are none. */
export function parseTarSparseBlock(bytes: Uint8Array): GuestTarSparseBlock {
  return guest(new TarSparseBlock(new SafeStream(bytes)));
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
 * @see https://www.gnu.org/software/tar/manual/html_node/Sparse-Formats.html
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

/**
 * What GNU's header (type S) has from byte 386 on, in the place of the
 * prefix: the parts of the file that are stored, one behind the other.
 */
class TarOldSparse {
  readonly _io: SafeStream;
  /** Called `sp` in the original. */
  readonly parts: TarSparsePart[];
  /**
   * Whether a block with more of them follows.
   * Called `isextended` in the original.
   */
  readonly isExtended: number;
  /**
   * The size of the file with its holes.
   * Called `realsize` in the original.
   */
  readonly lenFile: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.parts = [];
    for (let i = 0, n = io.count(4, 24, 'TarOldSparse.parts'); i < n; i++) {
      this.parts.push(new TarSparsePart(io));
    }
    this.isExtended = io.readU1('TarOldSparse.isExtended');
    this.lenFile = io.take(12, 'TarOldSparse.lenFile');
  }
}

/** More parts, a block of 512 bytes behind the header or another such block. */
class TarSparseBlock {
  readonly _io: SafeStream;
  /** Called `sp` in the original. */
  readonly parts: TarSparsePart[];
  /** Called `isextended` in the original. */
  readonly isExtended: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.parts = [];
    for (let i = 0, n = io.count(21, 24, 'TarSparseBlock.parts'); i < n; i++) {
      this.parts.push(new TarSparsePart(io));
    }
    this.isExtended = io.readU1('TarSparseBlock.isExtended');
  }
}

class TarSparsePart {
  readonly _io: SafeStream;
  /** In the file. Octal text, or binary. */
  readonly offset: Uint8Array;
  /** Called `numbytes` in the original. */
  readonly lenPart: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.offset = io.take(12, 'TarSparsePart.offset');
    this.lenPart = io.take(12, 'TarSparsePart.lenPart');
  }
}

/**
 * The content of members whose type is L (a name), or x and g (records);
 * the map of a sparse file; a manifest.
 */
class TarText {
  readonly _io: SafeStream;
  readonly value: string;

  constructor(io: SafeStream) {
    this._io = io;
    this.value = decode(io.readBytesFull('TarText.value'), 'UTF-8');
  }
}
