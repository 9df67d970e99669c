// Generated from formats/volume/recognised/bitlocker.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  decode,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
  terminate,
} from '../../../src/kaitai/index.js';

export type GuestBitlocker = Guest<Bitlocker>;

/** `bitlocker` from its bytes. @throws FormatError when they are none. */
export function parseBitlocker(bytes: Uint8Array): GuestBitlocker {
  return guest(new Bitlocker(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new Bitlocker(new SafeStream(bytes));
  return guestClaims({
    type: 'BitLocker',
    version: it.jumpOffset === 82 ? '1' : '2',
  });
}

/**
 * The boot sector of a volume of Windows Vista, of Windows 7 and later, and of
 * BitLocker To Go.
 * @see libbde documentation: BitLocker Drive Encryption (BDE) format
 * @see util-linux libblkid/src/superblocks/bitlocker.c
 */
class Bitlocker {
  readonly _io: SafeStream;
  readonly jump: Uint8Array;
  /** 0x52 is Windows Vista, whose format is version 1. */
  readonly jumpOffset: number;
  readonly noOperation: Uint8Array;
  readonly magic: string;

  constructor(io: SafeStream) {
    this._io = io;
    this.jump = io.take(1, 'Bitlocker.jump');
    this.jumpOffset = io.readU1('Bitlocker.jumpOffset');
    this.noOperation = io.take(1, 'Bitlocker.noOperation');
    this.magic = decode(terminate(io.take(8, 'Bitlocker.magic'), [0], false), 'ASCII');
  }
}
