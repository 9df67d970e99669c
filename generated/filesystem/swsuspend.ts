// Generated from formats/filesystem/swsuspend.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  decode,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
  terminate,
} from '../../src/kaitai/index.js';

export type GuestSwsuspend = Guest<Swsuspend>;

/** `swsuspend` from its bytes. @throws FormatError when they are none. */
export function parseSwsuspend(bytes: Uint8Array): GuestSwsuspend {
  return guest(new Swsuspend(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new Swsuspend(new SafeStream(bytes));
  return guestClaims({
    type: 'swsuspend',
    label: it.label,
    uuid: it.uuid,
    version: it.versionText,
  });
}

/**
 * A swap area that holds the memory of a hibernated machine. The kernel, uswsusp
 * (`ULSUSPEND`) and TuxOnIce (eight bytes at the beginning) replace the signature
 * of the swap header; its label and UUID stay. What such a machine had mounted is
 * not up to date on its disks.
 * @see Linux kernel/power/swap.c: mark_swapfiles
 * @see util-linux libblkid/src/superblocks/swap.c
 */
class Swsuspend {
  readonly _io: SafeStream;
  /** The signature of TuxOnIce, or the beginning of the room for a boot loader. */
  readonly firstWord: bigint;
  /** Called `bootbits` in the original. */
  readonly bootBits: Uint8Array;
  readonly version: Uint8Array;
  readonly lastPage: Uint8Array;
  /** Called `nr_badpages` in the original. */
  readonly numBadPages: Uint8Array;
  /** Called `sws_uuid` in the original. */
  readonly uuid: Uint8Array;
  /** Called `sws_volume` in the original. */
  readonly label: string;

  constructor(io: SafeStream) {
    this._io = io;
    this.firstWord = io.readU8be('Swsuspend.firstWord');
    this.bootBits = io.take(1016, 'Swsuspend.bootBits');
    this.version = io.take(4, 'Swsuspend.version');
    this.lastPage = io.take(4, 'Swsuspend.lastPage');
    this.numBadPages = io.take(4, 'Swsuspend.numBadPages');
    this.uuid = io.take(16, 'Swsuspend.uuid');
    this.label = decode(terminate(io.take(16, 'Swsuspend.label'), [0], false), 'UTF-8');
  }

  #mark4k: SwsuspendMark | undefined;
  get mark4k(): SwsuspendMark {
    if (this.#mark4k !== undefined) return this.#mark4k;
    return (this.#mark4k = this._io.at(4086, 'Swsuspend.mark4k', (io) => new SwsuspendMark(io)));
  }

  #mark8k: SwsuspendMark | undefined;
  get mark8k(): SwsuspendMark {
    if (this.#mark8k !== undefined) return this.#mark8k;
    return (this.#mark8k = this._io.at(8182, 'Swsuspend.mark8k', (io) => new SwsuspendMark(io)));
  }

  #mark16k: SwsuspendMark | undefined;
  get mark16k(): SwsuspendMark {
    if (this.#mark16k !== undefined) return this.#mark16k;
    return (this.#mark16k = this._io.at(16374, 'Swsuspend.mark16k', (io) => new SwsuspendMark(io)));
  }

  #mark32k: SwsuspendMark | undefined;
  get mark32k(): SwsuspendMark {
    if (this.#mark32k !== undefined) return this.#mark32k;
    return (this.#mark32k = this._io.at(32758, 'Swsuspend.mark32k', (io) => new SwsuspendMark(io)));
  }

  #mark64k: SwsuspendMark | undefined;
  get mark64k(): SwsuspendMark {
    if (this.#mark64k !== undefined) return this.#mark64k;
    return (this.#mark64k = this._io.at(65526, 'Swsuspend.mark64k', (io) => new SwsuspendMark(io)));
  }

  #versionText: string | undefined;
  get versionText(): string {
    return (this.#versionText ??= this.firstWord === 17132540609753965836n ? 'tuxonice' : this.mark4k.version !== '' ? this.mark4k.version : this.mark8k.version !== '' ? this.mark8k.version : this.mark16k.version !== '' ? this.mark16k.version : this.mark32k.version !== '' ? this.mark32k.version : this.mark64k.version);
  }
}

/** The end of a page, which may be the first one of the area. */
class SwsuspendMark {
  readonly _io: SafeStream;
  readonly text: string;

  constructor(io: SafeStream) {
    this._io = io;
    this.text = decode(io.take(9, 'SwsuspendMark.text'), 'ISO-8859-1');
  }

  #version: string | undefined;
  get version(): string {
    return (this.#version ??= this.text === 'S1SUSPEND' ? 's1suspend' : this.text === 'S2SUSPEND' ? 's2suspend' : this.text === 'ULSUSPEND' ? 'ulsuspend' : this.text === 'LINHIB000' ? 'linhib0001' : '');
  }
}
