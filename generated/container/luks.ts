// Generated from formats/container/luks.ksy by `npm run generate`. Do not edit: change the specification.
import {
  compareBytes,
  decode,
  guest,
  type Guest,
  SafeStream,
  terminate,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestLuks = Guest<Luks>;

/** `luks` from its bytes. @throws FormatError when they are none. */
export function parseLuks(bytes: Uint8Array): GuestLuks {
  return guest(new Luks(new SafeStream(bytes)));
}

export const LuksSlotState = {
  DISABLED: 57005,
  ENABLED: 11301363,
} as const;

/**
 * The header of a volume whose payload is encrypted with one key. Each of eight
 * slots holds that key, split into stripes and encrypted with a key that a
 * passphrase gives. Whether the key that came out is the right one, a digest
 * tells.
 *
 * ### Making a test image
 *
 *     truncate -s 16M volume
 *     echo -n secret | cryptsetup luksFormat --type luks1 -q volume -
 * @see LUKS1 On-Disk Format Specification, version 1.2.3, 3 and 6
 * @see cryptsetup lib/luks1/luks.h: struct luks_phdr
 */
class Luks {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;
  readonly version: Uint8Array;
  /**
   * As the kernel calls it, aes for example.
   * Called `cipherName` in the original.
   */
  readonly cipherName: string;
  /**
   * The chaining mode and how the initial vectors are made, xts-plain64 for example.
   * Called `cipherMode` in the original.
   */
  readonly cipherMode: string;
  /** Called `hashSpec` in the original. */
  readonly hashSpec: string;
  /**
   * In sectors of 512 bytes; 0 where the header lies in a file of its own.
   * Called `payloadOffset` in the original.
   */
  readonly payloadSector: number;
  /** Called `keyBytes` in the original. */
  readonly lenKey: number;
  /**
   * PBKDF2 of the key of the payload.
   * Called `mkDigest` in the original.
   */
  readonly keyDigest: Uint8Array;
  /** Called `mkDigestSalt` in the original. */
  readonly keyDigestSalt: Uint8Array;
  /** Called `mkDigestIterations` in the original. */
  readonly numKeyDigestIterations: number;
  readonly uuid: string;
  /** Called `keyblock` in the original. */
  readonly keySlots: LuksKeySlot[];

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(6, 'Luks.magic');
    if (compareBytes(this.magic, Uint8Array.of(76, 85, 75, 83, 186, 190)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(76, 85, 75, 83, 186, 190), this.magic, io, 'Luks.magic', 'BAD_MAGIC');
    }
    this.version = io.take(2, 'Luks.version');
    if (compareBytes(this.version, Uint8Array.of(0, 1)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(0, 1), this.version, io, 'Luks.version', 'BAD_MAGIC');
    }
    this.cipherName = decode(terminate(io.take(32, 'Luks.cipherName'), [0], false), 'UTF-8');
    this.cipherMode = decode(terminate(io.take(32, 'Luks.cipherMode'), [0], false), 'UTF-8');
    this.hashSpec = decode(terminate(io.take(32, 'Luks.hashSpec'), [0], false), 'UTF-8');
    this.payloadSector = io.readU4be('Luks.payloadSector');
    this.lenKey = io.readU4be('Luks.lenKey');
    this.keyDigest = io.take(20, 'Luks.keyDigest');
    this.keyDigestSalt = io.take(32, 'Luks.keyDigestSalt');
    this.numKeyDigestIterations = io.readU4be('Luks.numKeyDigestIterations');
    this.uuid = decode(terminate(io.take(40, 'Luks.uuid'), [0], false), 'UTF-8');
    this.keySlots = [];
    for (let i = 0, n = io.count(8, 48, 'Luks.keySlots'); i < n; i++) {
      this.keySlots.push(new LuksKeySlot(io));
    }
  }
}

/** Called `keyslot` in the original. */
class LuksKeySlot {
  readonly _io: SafeStream;
  /** Called `active` in the original. */
  readonly state: number;
  /** Called `passwordIterations` in the original. */
  readonly numIterations: number;
  /** Called `passwordSalt` in the original. */
  readonly salt: Uint8Array;
  /**
   * In sectors of 512 bytes from the start of the header.
   * Called `keyMaterialOffset` in the original.
   */
  readonly materialSector: number;
  /** Called `stripes` in the original. */
  readonly numStripes: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.state = io.readU4be('LuksKeySlot.state');
    this.numIterations = io.readU4be('LuksKeySlot.numIterations');
    this.salt = io.take(32, 'LuksKeySlot.salt');
    this.materialSector = io.readU4be('LuksKeySlot.materialSector');
    this.numStripes = io.readU4be('LuksKeySlot.numStripes');
  }
}
