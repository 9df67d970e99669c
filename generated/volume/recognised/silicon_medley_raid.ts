// Generated from formats/volume/recognised/silicon_medley_raid.ksy by `npm run generate`. Do not edit: change the specification.
import {
  big,
  type ByteOrder,
  concat,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  item,
  SafeStream,
  ValidationExprError,
  ValidationGreaterThanError,
  ValidationNotEqualError,
} from '../../../src/kaitai/index.js';

export type GuestSiliconMedleyRaid = Guest<SiliconMedleyRaid>;

/** `silicon_medley_raid` from its bytes. @throws FormatError when they are none. */
export function parseSiliconMedleyRaid(bytes: Uint8Array): GuestSiliconMedleyRaid {
  return guest(new SiliconMedleyRaid(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new SiliconMedleyRaid(new SafeStream(bytes));
  return guestClaims({
    type: 'silicon_medley_raid_member',
    version: concat('SiliconMedleyRaid version', it.majorVersion.toString(), '.', it.minorVersion.toString()),
  });
}

/**
 * The metadata in the last sector. All words before the checksum, and it, add up to
 * nothing.
 * @see dmraid lib/format/ataraid/sil.h
 * @see util-linux libblkid/src/superblocks/silicon_raid.c
 */
class SiliconMedleyRaid {
  readonly _io: SafeStream;
  readonly identity: Uint8Array;
  /** Called `magic` in the original. */
  readonly magic: number;
  readonly array: Uint8Array;
  /** Called `minor_ver` in the original. */
  readonly minorVersion: number;
  /** Called `major_ver` in the original. */
  readonly majorVersion: number;
  readonly madeAt: Uint8Array;
  /** Called `raid0_stride` in the original. */
  readonly stride: number;
  readonly reserved: Uint8Array;
  /** Called `disk_number` in the original. */
  readonly diskNumber: number;
  readonly kind: Uint8Array;
  /** Called `checksum1` in the original. */
  readonly checksum: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.identity = io.take(96, 'SiliconMedleyRaid.identity');
    this.magic = io.readU4le('SiliconMedleyRaid.magic');
    if (this.magic !== 788529152) {
      throw new ValidationNotEqualError(788529152, this.magic, io, 'SiliconMedleyRaid.magic');
    }
    this.array = io.take(164, 'SiliconMedleyRaid.array');
    this.minorVersion = io.readU2le('SiliconMedleyRaid.minorVersion');
    this.majorVersion = io.readU2le('SiliconMedleyRaid.majorVersion');
    this.madeAt = io.take(6, 'SiliconMedleyRaid.madeAt');
    this.stride = io.readU2le('SiliconMedleyRaid.stride');
    this.reserved = io.take(2, 'SiliconMedleyRaid.reserved');
    this.diskNumber = io.readU1('SiliconMedleyRaid.diskNumber');
    if (this.diskNumber > 7) {
      throw new ValidationGreaterThanError(7, this.diskNumber, io, 'SiliconMedleyRaid.diskNumber');
    }
    this.kind = io.take(39, 'SiliconMedleyRaid.kind');
    this.checksum = io.readU2le('SiliconMedleyRaid.checksum');
    if ((this.total & 65535n) !== 0n) {
      throw new ValidationExprError(this.checksum, io, 'SiliconMedleyRaid.checksum');
    }
  }

  #rows: SiliconMedleyRaidRow[] | undefined;
  get rows(): SiliconMedleyRaidRow[] {
    if (this.#rows !== undefined) return this.#rows;
    return (this.#rows = this._io.at(0, 'SiliconMedleyRaid.rows', (io) => {
      const value: SiliconMedleyRaidRow[] = [];
      for (let i = 0, n = io.count(20, 16, 'SiliconMedleyRaid.rows'); i < n; i++) {
        value.push(new SiliconMedleyRaidRow(io));
      }
      return value;
    }));
  }

  #total: bigint | undefined;
  get total(): bigint {
    return (this.#total ??= item(this.rows, 0, 'SiliconMedleyRaid.total').sum + item(this.rows, 1, 'SiliconMedleyRaid.total').sum + item(this.rows, 2, 'SiliconMedleyRaid.total').sum + item(this.rows, 3, 'SiliconMedleyRaid.total').sum + item(this.rows, 4, 'SiliconMedleyRaid.total').sum + item(this.rows, 5, 'SiliconMedleyRaid.total').sum + item(this.rows, 6, 'SiliconMedleyRaid.total').sum + item(this.rows, 7, 'SiliconMedleyRaid.total').sum + item(this.rows, 8, 'SiliconMedleyRaid.total').sum + item(this.rows, 9, 'SiliconMedleyRaid.total').sum + item(this.rows, 10, 'SiliconMedleyRaid.total').sum + item(this.rows, 11, 'SiliconMedleyRaid.total').sum + item(this.rows, 12, 'SiliconMedleyRaid.total').sum + item(this.rows, 13, 'SiliconMedleyRaid.total').sum + item(this.rows, 14, 'SiliconMedleyRaid.total').sum + item(this.rows, 15, 'SiliconMedleyRaid.total').sum + item(this.rows, 16, 'SiliconMedleyRaid.total').sum + item(this.rows, 17, 'SiliconMedleyRaid.total').sum + item(this.rows, 18, 'SiliconMedleyRaid.total').sum + item(this.rows, 19, 'SiliconMedleyRaid.total').sum);
  }
}

class SiliconMedleyRaidRow {
  readonly _io: SafeStream;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly e: number;
  readonly f: number;
  readonly g: number;
  readonly h: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.a = io.readU2le('SiliconMedleyRaidRow.a');
    this.b = io.readU2le('SiliconMedleyRaidRow.b');
    this.c = io.readU2le('SiliconMedleyRaidRow.c');
    this.d = io.readU2le('SiliconMedleyRaidRow.d');
    this.e = io.readU2le('SiliconMedleyRaidRow.e');
    this.f = io.readU2le('SiliconMedleyRaidRow.f');
    this.g = io.readU2le('SiliconMedleyRaidRow.g');
    this.h = io.readU2le('SiliconMedleyRaidRow.h');
  }

  #sum: bigint | undefined;
  get sum(): bigint {
    return (this.#sum ??= big(this.a) + big(this.b) + big(this.c) + big(this.d) + big(this.e) + big(this.f) + big(this.g) + big(this.h));
  }
}
