// Generated from formats/filesystem/iso9660.ksy by `npm run generate`. Do not edit: change the specification.
import {
  big,
  type ByteOrder,
  compareBytes,
  concat,
  decode,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  item,
  SafeStream,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestIso9660 = Guest<Iso9660>;

/** `iso9660` from its bytes. @throws FormatError when they are none. */
export function parseIso9660(bytes: Uint8Array): GuestIso9660 {
  return guest(new Iso9660(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new Iso9660(new SafeStream(bytes));
  return guestClaims({
    type: 'iso9660',
    isMountedCut: true,
    blockSize: it.primary.lenBlock,
    blocks: it.primary.numBlocks,
    end: it.contentSize,
    free: 0,
    available: 0,
    label: it.label,
    uuid: it.uuid,
    version: it.hasJoliet ? 'Joliet Extension' : '',
  });
}

export const Iso9660DescriptorType = {
  BOOT: 0,
  PRIMARY: 1,
  SUPPLEMENTARY: 2,
  PARTITION: 3,
  END: 255,
} as const;

/**
 * The volume descriptors begin at sector 16 of 2048 bytes, one in each sector, and
 * end with one of type 255. The primary descriptor is nearly always the first.
 *
 * Nothing is ever free on it. What blkid calls its UUID is the time of its last
 * change, or else of its making.
 * @see ECMA-119 section 8
 * @see Linux fs/isofs/inode.c: isofs_fill_super, isofs_statfs
 */
class Iso9660 {
  readonly _io: SafeStream;
  readonly descriptors: Iso9660Descriptor[];
  readonly others: Iso9660OtherDescriptor[];

  constructor(io: SafeStream) {
    this._io = io;
    this.descriptors = [];
    for (;;) {
      const start = io.progress;
      const it = new Iso9660Descriptor(io);
      this.descriptors.push(it);
      io.step(start, 'Iso9660.descriptors');
      if (it.type === Iso9660DescriptorType.PRIMARY || it.type === Iso9660DescriptorType.END) break;
    }
    this.others = [];
    for (;;) {
      const start = io.progress;
      const it = new Iso9660OtherDescriptor(io);
      this.others.push(it);
      io.step(start, 'Iso9660.others');
      if (it.isJoliet || it.type === Iso9660DescriptorType.END || io.isEof()) break;
    }
  }

  get primary(): Iso9660Descriptor {
    return item(this.descriptors, big(this.descriptors.length) - 1n, 'Iso9660.primary');
  }

  #contentSize: bigint | undefined;
  /** Each block of a disc is a whole one. */
  get contentSize(): bigint {
    return (this.#contentSize ??= big(this.primary.numBlocks) * big(this.primary.lenBlock));
  }

  get hasJoliet(): boolean {
    return item(this.others, big(this.others.length) - 1n, 'Iso9660.hasJoliet').isJoliet;
  }

  #label: string | undefined;
  get label(): string {
    return (this.#label ??= this.hasJoliet ? item(this.others, big(this.others.length) - 1n, 'Iso9660.label').volumeId : this.primary.volumeId);
  }

  get lastChange(): Iso9660Timestamp {
    return this.primary.modified.isSet ? this.primary.modified : this.primary.created;
  }

  #uuid: string | undefined;
  get uuid(): string {
    return (this.#uuid ??= !this.lastChange.isSet ? '' : concat('Iso9660.uuid', this.lastChange.year, '-', this.lastChange.month, '-', this.lastChange.day, '-', this.lastChange.hour, '-', this.lastChange.minute, '-', this.lastChange.second, '-', this.lastChange.hundredth));
  }
}

/** Any descriptor; the fields have their meaning in the primary one. */
class Iso9660Descriptor {
  readonly _io: SafeStream;
  readonly type: number;
  readonly magic: Uint8Array;
  readonly version: number;
  readonly reserved1: Uint8Array;
  readonly systemId: string;
  readonly volumeId: string;
  readonly reserved2: Uint8Array;
  /**
   * Blocks of the volume.
   * Called `volume_space_size` in the original.
   */
  readonly numBlocks: number;
  readonly numBlocksBe: number;
  readonly reserved3: Uint8Array;
  readonly volumeSetSize: number;
  /** Called `volume_sequence_number` in the original. */
  readonly volumeNumber: number;
  /** Called `logical_block_size` in the original. */
  readonly lenBlock: number;
  readonly lenBlockBe: number;
  readonly reserved4: Uint8Array;
  /** Called `creation_date` in the original. */
  readonly created: Iso9660Timestamp;
  /** Called `modification_date` in the original. */
  readonly modified: Iso9660Timestamp;
  readonly reserved5: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.type = io.readU1('Iso9660Descriptor.type');
    this.magic = io.take(5, 'Iso9660Descriptor.magic');
    if (compareBytes(this.magic, Uint8Array.of(67, 68, 48, 48, 49)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(67, 68, 48, 48, 49), this.magic, io, 'Iso9660Descriptor.magic', 'BAD_MAGIC');
    }
    this.version = io.readU1('Iso9660Descriptor.version');
    this.reserved1 = io.take(1, 'Iso9660Descriptor.reserved1');
    this.systemId = decode(io.take(32, 'Iso9660Descriptor.systemId'), 'UTF-8');
    this.volumeId = decode(io.take(32, 'Iso9660Descriptor.volumeId'), 'UTF-8');
    this.reserved2 = io.take(8, 'Iso9660Descriptor.reserved2');
    this.numBlocks = io.readU4le('Iso9660Descriptor.numBlocks');
    this.numBlocksBe = io.readU4be('Iso9660Descriptor.numBlocksBe');
    this.reserved3 = io.take(32, 'Iso9660Descriptor.reserved3');
    this.volumeSetSize = io.readU4le('Iso9660Descriptor.volumeSetSize');
    this.volumeNumber = io.readU4le('Iso9660Descriptor.volumeNumber');
    this.lenBlock = io.readU2le('Iso9660Descriptor.lenBlock');
    this.lenBlockBe = io.readU2be('Iso9660Descriptor.lenBlockBe');
    this.reserved4 = io.take(681, 'Iso9660Descriptor.reserved4');
    this.created = new Iso9660Timestamp(io);
    this.modified = new Iso9660Timestamp(io);
    this.reserved5 = io.take(1201, 'Iso9660Descriptor.reserved5');
  }
}

/** A descriptor behind the primary one; the fields are those of a supplementary one. */
class Iso9660OtherDescriptor {
  readonly _io: SafeStream;
  readonly type: number;
  readonly magic: Uint8Array;
  readonly version: number;
  readonly flags: number;
  readonly systemId: Uint8Array;
  readonly volumeId: string;
  readonly reserved1: Uint8Array;
  /** Called `escape_sequences` in the original. */
  readonly escapeSequence: string;
  readonly rest: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.type = io.readU1('Iso9660OtherDescriptor.type');
    this.magic = io.take(5, 'Iso9660OtherDescriptor.magic');
    this.version = io.readU1('Iso9660OtherDescriptor.version');
    this.flags = io.readU1('Iso9660OtherDescriptor.flags');
    this.systemId = io.take(32, 'Iso9660OtherDescriptor.systemId');
    this.volumeId = decode(io.take(32, 'Iso9660OtherDescriptor.volumeId'), 'UTF-16BE');
    this.reserved1 = io.take(16, 'Iso9660OtherDescriptor.reserved1');
    this.escapeSequence = decode(io.take(3, 'Iso9660OtherDescriptor.escapeSequence'), 'UTF-8');
    this.rest = io.take(1957, 'Iso9660OtherDescriptor.rest');
  }

  get isJoliet(): boolean {
    return this.type === Iso9660DescriptorType.SUPPLEMENTARY && (this.escapeSequence === '%/@' || this.escapeSequence === '%/C' || this.escapeSequence === '%/E');
  }
}

/** A time in digits; all zeros or blanks when it is not set. */
class Iso9660Timestamp {
  readonly _io: SafeStream;
  readonly year: string;
  readonly month: string;
  readonly day: string;
  readonly hour: string;
  readonly minute: string;
  readonly second: string;
  readonly hundredth: string;
  /** Quarters of an hour east of Greenwich. */
  readonly timezone: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.year = decode(io.take(4, 'Iso9660Timestamp.year'), 'UTF-8');
    this.month = decode(io.take(2, 'Iso9660Timestamp.month'), 'UTF-8');
    this.day = decode(io.take(2, 'Iso9660Timestamp.day'), 'UTF-8');
    this.hour = decode(io.take(2, 'Iso9660Timestamp.hour'), 'UTF-8');
    this.minute = decode(io.take(2, 'Iso9660Timestamp.minute'), 'UTF-8');
    this.second = decode(io.take(2, 'Iso9660Timestamp.second'), 'UTF-8');
    this.hundredth = decode(io.take(2, 'Iso9660Timestamp.hundredth'), 'UTF-8');
    this.timezone = io.readS1('Iso9660Timestamp.timezone');
  }

  get isSet(): boolean {
    return this.year !== '0000' && this.year !== '    ';
  }
}
