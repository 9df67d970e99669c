// Generated from formats/volume/recognised/drbdmanage.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  compareBytes,
  decode,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
  ValidationNotEqualError,
} from '../../../src/kaitai/index.js';

export type GuestDrbdmanage = Guest<Drbdmanage>;

/** `drbdmanage` from its bytes. @throws FormatError when they are none. */
export function parseDrbdmanage(bytes: Uint8Array): GuestDrbdmanage {
  return guest(new Drbdmanage(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new Drbdmanage(new SafeStream(bytes));
  return guestClaims({
    type: 'drbdmanage_control_volume',
    uuid: it.uuid,
    version: it.state.magic === 450599074 ? it.state.version.toString() : '',
  });
}

/**
 * The volume on which the nodes of a cluster keep what they know of their replicated
 * volumes.
 * @see util-linux libblkid/src/superblocks/drbdmanage.c
 */
class Drbdmanage {
  readonly _io: SafeStream;
  /** Called `magic` in the original. */
  readonly magic: Uint8Array;
  /**
   * In hexadecimal digits.
   * Called `uuid` in the original.
   */
  readonly uuid: string;
  /** Called `lf` in the original. */
  readonly lineEnd: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(11, 'Drbdmanage.magic');
    this.uuid = decode(io.take(32, 'Drbdmanage.uuid'), 'ASCII');
    this.lineEnd = io.take(1, 'Drbdmanage.lineEnd');
    if (compareBytes(this.lineEnd, Uint8Array.of(10)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(10), this.lineEnd, io, 'Drbdmanage.lineEnd', 'BAD_MAGIC');
    }
  }

  #state: DrbdmanageState | undefined;
  get state(): DrbdmanageState {
    if (this.#state !== undefined) return this.#state;
    return (this.#state = this._io.at(4096, 'Drbdmanage.state', (io) => new DrbdmanageState(io)));
  }
}

/** What the nodes wrote; a volume that none has written to yet has no signature here. */
class DrbdmanageState {
  readonly _io: SafeStream;
  /** Called `magic` in the original. */
  readonly magic: number;
  /** Called `version_le` in the original. */
  readonly version: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.readU4be('DrbdmanageState.magic');
    this.version = io.readU4be('DrbdmanageState.version');
  }
}
