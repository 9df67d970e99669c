// Generated from formats/filesystem/swap.ksy by `npm run generate`. Do not edit: change the specification.
import {
  big,
  type ByteOrder,
  decode,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
  terminate,
  ValidationExprError,
  ValidationGreaterThanError,
  ValidationLessThanError,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestSwap = Guest<Swap>;

/** `swap` from its bytes. @throws FormatError when they are none. */
export function parseSwap(bytes: Uint8Array, order: ByteOrder): GuestSwap {
  return guest(new Swap(new SafeStream(bytes, order)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, order: ByteOrder = 'le'): GuestClaims {
  const it = new Swap(new SafeStream(bytes, order));
  return guestClaims({
    type: 'swap',
    blockSize: it.lenPage,
    blocks: big(it.lastPage) - big(it.numBadPages),
    end: (big(it.lastPage) + 1n) * big(it.lenPage),
    label: it.label,
    uuid: it.uuid,
    version: it.version.toString(),
  });
}

/**
 * The header page of a Linux swap area of version 1. The page size is not written
 * down: the signature is in the last ten bytes of the first page. Numbers are in
 * the byte order of the machine that made the area.
 *
 * The size is what swapon says: all pages but the header and the bad ones.
 * @see Linux include/linux/swap.h: union swap_header
 * @see util-linux libblkid/src/superblocks/swap.c
 */
class Swap {
  readonly _io: SafeStream;
  /** TuxOnIce leaves the whole header and writes this into its room. */
  readonly firstWord: bigint;
  /**
   * Room for a disk label.
   * Called `bootbits` in the original.
   */
  readonly bootBits: Uint8Array;
  readonly version: number;
  /** Number of the last page; page 0 is the header. */
  readonly lastPage: number;
  /** Called `nr_badpages` in the original. */
  readonly numBadPages: number;
  /** Called `sws_uuid` in the original. */
  readonly uuid: Uint8Array;
  /** Called `sws_volume` in the original. */
  readonly label: string;

  constructor(io: SafeStream) {
    this._io = io;
    this.firstWord = io.readU8be('Swap.firstWord');
    if (this.firstWord === 17132540609753965836n) {
      throw new ValidationExprError(this.firstWord, io, 'Swap.firstWord');
    }
    this.bootBits = io.take(1016, 'Swap.bootBits');
    this.version = io.readU4('Swap.version');
    if (this.version !== 1) {
      throw new ValidationNotEqualError(1, this.version, io, 'Swap.version');
    }
    this.lastPage = io.readU4('Swap.lastPage');
    if (this.lastPage < 1) {
      throw new ValidationLessThanError(1, this.lastPage, io, 'Swap.lastPage');
    }
    this.numBadPages = io.readU4('Swap.numBadPages');
    if (this.numBadPages > this.lastPage) {
      throw new ValidationGreaterThanError(this.lastPage, this.numBadPages, io, 'Swap.numBadPages');
    }
    this.uuid = io.take(16, 'Swap.uuid');
    this.label = decode(terminate(io.take(16, 'Swap.label'), [0], false), 'UTF-8');
  }

  #signature4k: string | undefined;
  get signature4k(): string {
    if (this.#signature4k !== undefined) return this.#signature4k;
    return (this.#signature4k = this._io.at(4086, 'Swap.signature4k', (io) => decode(io.take(10, 'Swap.signature4k'), 'UTF-8')));
  }

  #signature8k: string | undefined;
  get signature8k(): string {
    if (this.#signature8k !== undefined) return this.#signature8k;
    return (this.#signature8k = this._io.at(8182, 'Swap.signature8k', (io) => decode(io.take(10, 'Swap.signature8k'), 'UTF-8')));
  }

  #signature16k: string | undefined;
  get signature16k(): string {
    if (this.#signature16k !== undefined) return this.#signature16k;
    return (this.#signature16k = this._io.at(16374, 'Swap.signature16k', (io) => decode(io.take(10, 'Swap.signature16k'), 'UTF-8')));
  }

  #signature32k: string | undefined;
  get signature32k(): string {
    if (this.#signature32k !== undefined) return this.#signature32k;
    return (this.#signature32k = this._io.at(32758, 'Swap.signature32k', (io) => decode(io.take(10, 'Swap.signature32k'), 'UTF-8')));
  }

  /** The probe has found the signature at the end of one of these pages. */
  get lenPage(): number {
    return this.signature4k === 'SWAPSPACE2' ? 4096 : this.signature8k === 'SWAPSPACE2' ? 8192 : this.signature16k === 'SWAPSPACE2' ? 16384 : this.signature32k === 'SWAPSPACE2' ? 32768 : 65536;
  }
}
