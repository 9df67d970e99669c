// Generated from formats/container/vbk.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  decode,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
  terminate,
  ValidationGreaterThanError,
  ValidationLessThanError,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestVbk = Guest<Vbk>;

/** `vbk` from its bytes. @throws FormatError when they are none. */
export function parseVbk(bytes: Uint8Array): GuestVbk {
  return guest(new Vbk(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new Vbk(new SafeStream(bytes));
  return guestClaims({
    type: 'vbk',
  });
}

/**
 * Blocks of files that were backed up, each stored once, and two slots with trees
 * of pages that say where they are.
 * @see dissect.hypervisor dissect/hypervisor/backup/c_vbk.py: struct StorageHeader
 */
class Vbk {
  readonly _io: SafeStream;
  /** Called `FormatVersion` in the original. */
  readonly version: number;
  /** Called `Initialized` in the original. */
  readonly isInitialized: number;
  /** Called `DigestTypeLength` in the original. */
  readonly lenDigestName: number;
  /** Called `DigestType` in the original. */
  readonly digestName: string;
  /** Called `SnapshotSlotFormat` in the original. */
  readonly slotFormat: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.version = io.readU4le('Vbk.version');
    if (this.version < 1) {
      throw new ValidationLessThanError(1, this.version, io, 'Vbk.version');
    }
    if (this.version > 255) {
      throw new ValidationGreaterThanError(255, this.version, io, 'Vbk.version');
    }
    this.isInitialized = io.readU4le('Vbk.isInitialized');
    if (this.isInitialized !== 1) {
      throw new ValidationNotEqualError(1, this.isInitialized, io, 'Vbk.isInitialized');
    }
    this.lenDigestName = io.readU4le('Vbk.lenDigestName');
    if (this.lenDigestName < 3) {
      throw new ValidationLessThanError(3, this.lenDigestName, io, 'Vbk.lenDigestName');
    }
    if (this.lenDigestName > 250) {
      throw new ValidationGreaterThanError(250, this.lenDigestName, io, 'Vbk.lenDigestName');
    }
    this.digestName = decode(terminate(io.take(251, 'Vbk.digestName'), [0], false), 'ASCII');
    this.slotFormat = io.readU4le('Vbk.slotFormat');
    if (this.slotFormat > 255) {
      throw new ValidationGreaterThanError(255, this.slotFormat, io, 'Vbk.slotFormat');
    }
  }
}
