// Generated from formats/filesystem/refs.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  compareBytes,
  concat,
  decode,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
  terminate,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestRefs = Guest<Refs>;

/** `refs` from its bytes. @throws FormatError when they are none. */
export function parseRefs(bytes: Uint8Array): GuestRefs {
  return guest(new Refs(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new Refs(new SafeStream(bytes));
  return guestClaims({
    type: 'ReFS',
    uuid: it.serial,
    version: concat('Refs version', it.major.toString(), '.', it.minor.toString()),
  });
}

/**
 * The boot sector of a volume.
 * @see libfsrefs documentation: Resilient File System (ReFS) format, volume header
 * @see util-linux libblkid/src/superblocks/refs.c
 */
class Refs {
  readonly _io: SafeStream;
  readonly jump: Uint8Array;
  readonly magic: string;
  readonly unknown1: Uint8Array;
  readonly signature: Uint8Array;
  readonly lenHeader: number;
  readonly checksum: number;
  readonly numSectors: bigint;
  readonly lenSector: number;
  readonly sectorsPerCluster: number;
  readonly major: number;
  readonly minor: number;
  readonly unknown2: Uint8Array;
  readonly serial: bigint;

  constructor(io: SafeStream) {
    this._io = io;
    this.jump = io.take(3, 'Refs.jump');
    this.magic = decode(terminate(io.take(8, 'Refs.magic'), [0], false), 'UTF-8');
    this.unknown1 = io.take(5, 'Refs.unknown1');
    this.signature = io.take(4, 'Refs.signature');
    if (compareBytes(this.signature, Uint8Array.of(70, 83, 82, 83)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(70, 83, 82, 83), this.signature, io, 'Refs.signature', 'BAD_MAGIC');
    }
    this.lenHeader = io.readU2le('Refs.lenHeader');
    this.checksum = io.readU2le('Refs.checksum');
    this.numSectors = io.readU8le('Refs.numSectors');
    this.lenSector = io.readU4le('Refs.lenSector');
    this.sectorsPerCluster = io.readU4le('Refs.sectorsPerCluster');
    this.major = io.readU1('Refs.major');
    this.minor = io.readU1('Refs.minor');
    this.unknown2 = io.take(14, 'Refs.unknown2');
    this.serial = io.readU8le('Refs.serial');
  }
}
