// Generated from formats/volume/recognised/via_raid.ksy by `npm run generate`. Do not edit: change the specification.
import {
  big,
  type ByteOrder,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  item,
  SafeStream,
  shr,
  ValidationGreaterThanError,
  ValidationNotEqualError,
} from '../../../src/kaitai/index.js';

export type GuestViaRaid = Guest<ViaRaid>;

/** `via_raid` from its bytes. @throws FormatError when they are none. */
export function parseViaRaid(bytes: Uint8Array): GuestViaRaid {
  return guest(new ViaRaid(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new ViaRaid(new SafeStream(bytes));
  return guestClaims({
    type: 'via_raid_member',
    version: it.version.toString(),
  });
}

/**
 * The metadata in the last sector. Its signature is short, so that its checksum
 * counts: the sum of the bytes before it.
 * @see dmraid lib/format/ataraid/via.h
 * @see util-linux libblkid/src/superblocks/via_raid.c
 */
class ViaRaid {
  readonly _io: SafeStream;
  /** Called `signature` in the original. */
  readonly magic: number;
  /** Called `version_number` in the original. */
  readonly version: number;
  readonly array: Uint8Array;
  /** Called `checksum` in the original. */
  readonly checksum: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.readU2le('ViaRaid.magic');
    if (this.magic !== 43605) {
      throw new ValidationNotEqualError(43605, this.magic, io, 'ViaRaid.magic');
    }
    this.version = io.readU1('ViaRaid.version');
    if (this.version > 2) {
      throw new ValidationGreaterThanError(2, this.version, io, 'ViaRaid.version');
    }
    this.array = io.take(47, 'ViaRaid.array');
    this.checksum = io.readU1('ViaRaid.checksum');
    if (big(this.checksum) !== ((85n + 170n + item(this.words, 0, 'ViaRaid.checksum').sum + item(this.words, 1, 'ViaRaid.checksum').sum + item(this.words, 2, 'ViaRaid.checksum').sum + item(this.words, 3, 'ViaRaid.checksum').sum + item(this.words, 4, 'ViaRaid.checksum').sum + item(this.words, 5, 'ViaRaid.checksum').sum + item(this.words, 6, 'ViaRaid.checksum').sum + item(this.words, 7, 'ViaRaid.checksum').sum + item(this.words, 8, 'ViaRaid.checksum').sum + item(this.words, 9, 'ViaRaid.checksum').sum + item(this.words, 10, 'ViaRaid.checksum').sum + item(this.words, 11, 'ViaRaid.checksum').sum) & 255n)) {
      throw new ValidationNotEqualError((85n + 170n + item(this.words, 0, 'ViaRaid.checksum').sum + item(this.words, 1, 'ViaRaid.checksum').sum + item(this.words, 2, 'ViaRaid.checksum').sum + item(this.words, 3, 'ViaRaid.checksum').sum + item(this.words, 4, 'ViaRaid.checksum').sum + item(this.words, 5, 'ViaRaid.checksum').sum + item(this.words, 6, 'ViaRaid.checksum').sum + item(this.words, 7, 'ViaRaid.checksum').sum + item(this.words, 8, 'ViaRaid.checksum').sum + item(this.words, 9, 'ViaRaid.checksum').sum + item(this.words, 10, 'ViaRaid.checksum').sum + item(this.words, 11, 'ViaRaid.checksum').sum) & 255n, this.checksum, io, 'ViaRaid.checksum');
    }
  }

  #words: ViaRaidWord[] | undefined;
  get words(): ViaRaidWord[] {
    if (this.#words !== undefined) return this.#words;
    return (this.#words = this._io.at(2, 'ViaRaid.words', (io) => {
      const value: ViaRaidWord[] = [];
      for (let i = 0, n = io.count(12, 4, 'ViaRaid.words'); i < n; i++) {
        value.push(new ViaRaidWord(io));
      }
      return value;
    }));
  }
}

class ViaRaidWord {
  readonly _io: SafeStream;
  readonly value: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.value = io.readU4le('ViaRaidWord.value');
  }

  #sum: bigint | undefined;
  get sum(): bigint {
    return (this.#sum ??= (big(this.value) & 255n) + (shr(big(this.value), 8n, 'ViaRaidWord.sum') & 255n) + (shr(big(this.value), 16n, 'ViaRaidWord.sum') & 255n) + (shr(big(this.value), 24n, 'ViaRaidWord.sum') & 255n));
  }
}
