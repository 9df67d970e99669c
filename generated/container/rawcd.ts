// Generated from formats/container/rawcd.ksy by `npm run generate`. Do not edit: change the specification.
import {
  compareBytes,
  guest,
  type Guest,
  SafeStream,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestRawcd = Guest<Rawcd>;

/** `rawcd` from its bytes. @throws FormatError when they are none. */
export function parseRawcd(bytes: Uint8Array): GuestRawcd {
  return guest(new Rawcd(new SafeStream(bytes)));
}

/**
 * What a program keeps of a disc that reads its sectors as they are, in a .bin
 * beside a .cue, or an .img beside a .ccd: 2352 bytes each, of which 2048 are
 * the sector. Before these stand a pattern, the sector's address and mode and, in
 * mode 2, what its content is; behind them codes that correct errors.
 *
 * ### Making a test image
 *
 *     cdrdao read-cd --read-raw --datafile disc.bin disc.toc
 * @see ECMA-130, section 14 (sectors of mode 0 and 1)
 * @see Linux include/uapi/linux/cdrom.h: CD_FRAMESIZE_RAW, CD_SYNC_SIZE, CD_XA_HEAD
 */
class Rawcd {
  readonly _io: SafeStream;
  readonly sync: Uint8Array;
  /** Minutes, seconds and frames as decimal digits. */
  readonly address: Uint8Array;
  readonly mode: number;
  /** In mode 2, and so are the next ones; they stand there twice. */
  readonly fileNumber: number;
  readonly channel: number;
  readonly submodeHigh: number;
  /** Whether the sector has 2324 bytes that are not corrected, of a film. */
  readonly isForm2: boolean;
  readonly submodeLow: number;
  readonly coding: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.sync = io.take(12, 'Rawcd.sync');
    if (compareBytes(this.sync, Uint8Array.of(0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0), this.sync, io, 'Rawcd.sync', 'BAD_MAGIC');
    }
    this.address = io.take(3, 'Rawcd.address');
    this.mode = io.readU1('Rawcd.mode');
    this.fileNumber = io.readU1('Rawcd.fileNumber');
    this.channel = io.readU1('Rawcd.channel');
    this.submodeHigh = io.readBitsBe(2, 'Rawcd.submodeHigh');
    this.isForm2 = io.readBitsBe(1, 'Rawcd.isForm2') !== 0;
    this.submodeLow = io.readBitsBe(5, 'Rawcd.submodeLow');
    io.alignToByte();
    this.coding = io.readU1('Rawcd.coding');
  }
}
