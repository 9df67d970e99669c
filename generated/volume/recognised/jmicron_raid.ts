// Generated from formats/volume/recognised/jmicron_raid.ksy by `npm run generate`. Do not edit: change the specification.
import {
  big,
  type ByteOrder,
  concat,
  decode,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  item,
  SafeStream,
  terminate,
  ValidationExprError,
  ValidationGreaterThanError,
} from '../../../src/kaitai/index.js';

export type GuestJmicronRaid = Guest<JmicronRaid>;

/** `jmicron_raid` from its bytes. @throws FormatError when they are none. */
export function parseJmicronRaid(bytes: Uint8Array): GuestJmicronRaid {
  return guest(new JmicronRaid(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new JmicronRaid(new SafeStream(bytes));
  return guestClaims({
    type: 'jmicron_raid_member',
    label: it.label,
    version: concat('JmicronRaid version', it.majorVersion.toString(), '.', it.minorVersion.toString()),
  });
}

/**
 * The metadata in the last sector. Its signature is short, so that its checksum
 * counts: all words, with it, add up to nothing or to one.
 * @see dmraid lib/format/ataraid/jm.h
 * @see util-linux libblkid/src/superblocks/jmicron_raid.c
 */
class JmicronRaid {
  readonly _io: SafeStream;
  /** Called `signature` in the original. */
  readonly magic: Uint8Array;
  /** Called `minor_version` in the original. */
  readonly minorVersion: number;
  /** Called `major_version` in the original. */
  readonly majorVersion: number;
  /** Called `checksum` in the original. */
  readonly checksum: number;
  readonly segment: Uint8Array;
  /** Called `name` in the original. */
  readonly label: string;
  /**
   * Level of the array.
   * Called `mode` in the original.
   */
  readonly mode: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(2, 'JmicronRaid.magic');
    this.minorVersion = io.readU1('JmicronRaid.minorVersion');
    this.majorVersion = io.readU1('JmicronRaid.majorVersion');
    this.checksum = io.readU2le('JmicronRaid.checksum');
    if ((this.total & 65535n) > 1n) {
      throw new ValidationExprError(this.checksum, io, 'JmicronRaid.checksum');
    }
    this.segment = io.take(26, 'JmicronRaid.segment');
    this.label = decode(terminate(io.take(16, 'JmicronRaid.label'), [0], false), 'ASCII');
    this.mode = io.readU1('JmicronRaid.mode');
    if (this.mode > 5) {
      throw new ValidationGreaterThanError(5, this.mode, io, 'JmicronRaid.mode');
    }
  }

  #rows: JmicronRaidRow[] | undefined;
  get rows(): JmicronRaidRow[] {
    if (this.#rows !== undefined) return this.#rows;
    return (this.#rows = this._io.at(0, 'JmicronRaid.rows', (io) => {
      const value: JmicronRaidRow[] = [];
      for (let i = 0, n = io.count(8, 16, 'JmicronRaid.rows'); i < n; i++) {
        value.push(new JmicronRaidRow(io));
      }
      return value;
    }));
  }

  #total: bigint | undefined;
  get total(): bigint {
    return (this.#total ??= item(this.rows, 0, 'JmicronRaid.total').sum + item(this.rows, 1, 'JmicronRaid.total').sum + item(this.rows, 2, 'JmicronRaid.total').sum + item(this.rows, 3, 'JmicronRaid.total').sum + item(this.rows, 4, 'JmicronRaid.total').sum + item(this.rows, 5, 'JmicronRaid.total').sum + item(this.rows, 6, 'JmicronRaid.total').sum + item(this.rows, 7, 'JmicronRaid.total').sum);
  }
}

class JmicronRaidRow {
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
    this.a = io.readU2le('JmicronRaidRow.a');
    this.b = io.readU2le('JmicronRaidRow.b');
    this.c = io.readU2le('JmicronRaidRow.c');
    this.d = io.readU2le('JmicronRaidRow.d');
    this.e = io.readU2le('JmicronRaidRow.e');
    this.f = io.readU2le('JmicronRaidRow.f');
    this.g = io.readU2le('JmicronRaidRow.g');
    this.h = io.readU2le('JmicronRaidRow.h');
  }

  #sum: bigint | undefined;
  get sum(): bigint {
    return (this.#sum ??= big(this.a) + big(this.b) + big(this.c) + big(this.d) + big(this.e) + big(this.f) + big(this.g) + big(this.h));
  }
}
