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
  RecordCursor,
  records,
  type Records,
  SafeStream,
  terminate,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestIso9660 = Guest<Iso9660>;

/** `iso9660` from its bytes. @throws FormatError when they are none. */
export function parseIso9660(bytes: Uint8Array): GuestIso9660 {
  return guest(new Iso9660(new SafeStream(bytes)));
}

export type GuestIso9660Descriptor = Guest<Iso9660Descriptor>;

/** `descriptor` from its bytes. @throws FormatError when they are none. */
export function parseIso9660Descriptor(bytes: Uint8Array): GuestIso9660Descriptor {
  return guest(new Iso9660Descriptor(new SafeStream(bytes)));
}

export type GuestIso9660Timestamp = Guest<Iso9660Timestamp>;

/** `timestamp` from its bytes. @throws FormatError when they are none. */
export function parseIso9660Timestamp(bytes: Uint8Array): GuestIso9660Timestamp {
  return guest(new Iso9660Timestamp(new SafeStream(bytes)));
}

export type GuestIso9660BootRecord = Guest<Iso9660BootRecord>;

/** `boot_record` from its bytes. @throws FormatError when they are none. */
export function parseIso9660BootRecord(bytes: Uint8Array): GuestIso9660BootRecord {
  return guest(new Iso9660BootRecord(new SafeStream(bytes)));
}

export type GuestIso9660BootEntry = Guest<Iso9660BootEntryRecord>;

/** A table of `boot_entry`: 32 bytes each, `strideBytes` apart. */
export function iso9660BootEntryRecords(
  bytes: Uint8Array,
  strideBytes: number = 32,
): Records<GuestIso9660BootEntry> {
  return records(new Iso9660BootEntryRecord(bytes, 'le'), 32, strideBytes, 'Iso9660BootEntry');
}

export type GuestIso9660DirectoryRecord = Guest<Iso9660DirectoryRecordRecord>;

/** A table of `directory_record`: 33 bytes each, `strideBytes` apart. */
export function iso9660DirectoryRecordRecords(
  bytes: Uint8Array,
  strideBytes: number = 33,
): Records<GuestIso9660DirectoryRecord> {
  return records(new Iso9660DirectoryRecordRecord(bytes, 'le'), 33, strideBytes, 'Iso9660DirectoryRecord');
}

export type GuestIso9660ShortTime = Guest<Iso9660ShortTimeRecord>;

/** A table of `short_time`: 7 bytes each, `strideBytes` apart. */
export function iso9660ShortTimeRecords(
  bytes: Uint8Array,
  strideBytes: number = 7,
): Records<GuestIso9660ShortTime> {
  return records(new Iso9660ShortTimeRecord(bytes, 'le'), 7, strideBytes, 'Iso9660ShortTime');
}

export type GuestIso9660Field = Guest<Iso9660FieldRecord>;

/** A table of `field`: 4 bytes each, `strideBytes` apart. */
export function iso9660FieldRecords(
  bytes: Uint8Array,
  strideBytes: number = 4,
): Records<GuestIso9660Field> {
  return records(new Iso9660FieldRecord(bytes, 'le'), 4, strideBytes, 'Iso9660Field');
}

export type GuestIso9660SharingField = Guest<Iso9660SharingFieldRecord>;

/** A table of `sharing_field`: 7 bytes each, `strideBytes` apart. */
export function iso9660SharingFieldRecords(
  bytes: Uint8Array,
  strideBytes: number = 7,
): Records<GuestIso9660SharingField> {
  return records(new Iso9660SharingFieldRecord(bytes, 'le'), 7, strideBytes, 'Iso9660SharingField');
}

export type GuestIso9660ContinuationField = Guest<Iso9660ContinuationFieldRecord>;

/** A table of `continuation_field`: 28 bytes each, `strideBytes` apart. */
export function iso9660ContinuationFieldRecords(
  bytes: Uint8Array,
  strideBytes: number = 28,
): Records<GuestIso9660ContinuationField> {
  return records(new Iso9660ContinuationFieldRecord(bytes, 'le'), 28, strideBytes, 'Iso9660ContinuationField');
}

export type GuestIso9660PosixField = Guest<Iso9660PosixFieldRecord>;

/** A table of `posix_field`: 36 bytes each, `strideBytes` apart. */
export function iso9660PosixFieldRecords(
  bytes: Uint8Array,
  strideBytes: number = 36,
): Records<GuestIso9660PosixField> {
  return records(new Iso9660PosixFieldRecord(bytes, 'le'), 36, strideBytes, 'Iso9660PosixField');
}

export type GuestIso9660FlagsField = Guest<Iso9660FlagsFieldRecord>;

/** A table of `flags_field`: 5 bytes each, `strideBytes` apart. */
export function iso9660FlagsFieldRecords(
  bytes: Uint8Array,
  strideBytes: number = 5,
): Records<GuestIso9660FlagsField> {
  return records(new Iso9660FlagsFieldRecord(bytes, 'le'), 5, strideBytes, 'Iso9660FlagsField');
}

export type GuestIso9660LinkPart = Guest<Iso9660LinkPartRecord>;

/** A table of `link_part`: 2 bytes each, `strideBytes` apart. */
export function iso9660LinkPartRecords(
  bytes: Uint8Array,
  strideBytes: number = 2,
): Records<GuestIso9660LinkPart> {
  return records(new Iso9660LinkPartRecord(bytes, 'le'), 2, strideBytes, 'Iso9660LinkPart');
}

export type GuestIso9660ChildField = Guest<Iso9660ChildFieldRecord>;

/** A table of `child_field`: 12 bytes each, `strideBytes` apart. */
export function iso9660ChildFieldRecords(
  bytes: Uint8Array,
  strideBytes: number = 12,
): Records<GuestIso9660ChildField> {
  return records(new Iso9660ChildFieldRecord(bytes, 'le'), 12, strideBytes, 'Iso9660ChildField');
}

export type GuestIso9660CompressedField = Guest<Iso9660CompressedFieldRecord>;

/** A table of `compressed_field`: 16 bytes each, `strideBytes` apart. */
export function iso9660CompressedFieldRecords(
  bytes: Uint8Array,
  strideBytes: number = 16,
): Records<GuestIso9660CompressedField> {
  return records(new Iso9660CompressedFieldRecord(bytes, 'le'), 16, strideBytes, 'Iso9660CompressedField');
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
 * @see ECMA-119 sections 8 and 9
 * @see System Use Sharing Protocol 1.12; Rock Ridge Interchange Protocol 1.12
 * @see El Torito Bootable CD-ROM Format Specification 1.0
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

/**
 * Any descriptor; the fields have their meaning in the primary one, and in a
 * supplementary one, whose text is in another alphabet.
 */
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
  /** Which alphabet a supplementary descriptor is in; unused in the primary one. */
  readonly escapeSequences: Uint8Array;
  readonly volumeSetSize: number;
  /** Called `volume_sequence_number` in the original. */
  readonly volumeNumber: number;
  /** Called `logical_block_size` in the original. */
  readonly lenBlock: number;
  readonly lenBlockBe: number;
  /** Called `path_table_size` in the original. */
  readonly lenPathTable: number;
  readonly lenPathTableBe: number;
  /**
   * Its first block, as of those that follow; 0 where there is none.
   * Called `type_l_path_table` in the original.
   */
  readonly pathTable: number;
  /** Called `opt_type_l_path_table` in the original. */
  readonly optionalPathTable: number;
  /** Called `type_m_path_table` in the original. */
  readonly pathTableBe: number;
  /** Called `opt_type_m_path_table` in the original. */
  readonly optionalPathTableBe: number;
  /** Called `root_directory_record` in the original. */
  readonly root: Iso9660DirectoryRecord;
  readonly rootName: Uint8Array;
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
    this.escapeSequences = io.take(32, 'Iso9660Descriptor.escapeSequences');
    this.volumeSetSize = io.readU4le('Iso9660Descriptor.volumeSetSize');
    this.volumeNumber = io.readU4le('Iso9660Descriptor.volumeNumber');
    this.lenBlock = io.readU2le('Iso9660Descriptor.lenBlock');
    this.lenBlockBe = io.readU2be('Iso9660Descriptor.lenBlockBe');
    this.lenPathTable = io.readU4le('Iso9660Descriptor.lenPathTable');
    this.lenPathTableBe = io.readU4be('Iso9660Descriptor.lenPathTableBe');
    this.pathTable = io.readU4le('Iso9660Descriptor.pathTable');
    this.optionalPathTable = io.readU4le('Iso9660Descriptor.optionalPathTable');
    this.pathTableBe = io.readU4be('Iso9660Descriptor.pathTableBe');
    this.optionalPathTableBe = io.readU4be('Iso9660Descriptor.optionalPathTableBe');
    this.root = new Iso9660DirectoryRecord(io);
    this.rootName = io.take(1, 'Iso9660Descriptor.rootName');
    this.reserved4 = io.take(623, 'Iso9660Descriptor.reserved4');
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

/** The descriptor of El Torito: where the catalog of boot images is. */
class Iso9660BootRecord {
  readonly _io: SafeStream;
  readonly type: number;
  readonly magic: Uint8Array;
  readonly version: number;
  /** Called `boot_system_identifier` in the original. */
  readonly systemId: string;
  readonly reserved: Uint8Array;
  readonly catalogBlock: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.type = io.readU1('Iso9660BootRecord.type');
    this.magic = io.take(5, 'Iso9660BootRecord.magic');
    if (compareBytes(this.magic, Uint8Array.of(67, 68, 48, 48, 49)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(67, 68, 48, 48, 49), this.magic, io, 'Iso9660BootRecord.magic', 'BAD_MAGIC');
    }
    this.version = io.readU1('Iso9660BootRecord.version');
    this.systemId = decode(terminate(io.take(32, 'Iso9660BootRecord.systemId'), [0], false), 'UTF-8');
    this.reserved = io.take(32, 'Iso9660BootRecord.reserved');
    this.catalogBlock = io.readU4le('Iso9660BootRecord.catalogBlock');
  }
}

/** An entry of the boot catalog. */
class Iso9660BootEntryRecord extends RecordCursor {
  /**
   * 1 for the first one, 0x88 and 0 of an image that boots or not, 0x90 and 0x91
   * (the last) of a section, 0x44 of what continues an image's entry.
   * Called `header_indicator` in the original.
   */
  get indicator(): number {
    return this._view.getUint8(this._offset);
  }

  get platform(): number {
    return this._view.getUint8(this._offset + 1);
  }

  /** Of a section. */
  get numEntries(): number {
    return this._view.getUint16(this._offset + 2, true);
  }

  get reserved(): Uint8Array {
    return this._take(4, 2);
  }

  /**
   * Of 512 bytes.
   * Called `sector_count` in the original.
   */
  get numSectors(): number {
    return this._view.getUint16(this._offset + 6, true);
  }

  /** Called `load_rba` in the original. */
  get block(): number {
    return this._view.getUint32(this._offset + 8, true);
  }

  get selection(): Uint8Array {
    return this._take(12, 20);
  }
}

/** A file, before its name, padding to an even length, and what extensions say of it. */
class Iso9660DirectoryRecord {
  readonly _io: SafeStream;
  /**
   * 0 where no more records begin in this sector.
   * Called `length` in the original.
   */
  readonly lenRecord: number;
  /**
   * Blocks of an extended attribute record, which come before the content.
   * Called `ext_attr_length` in the original.
   */
  readonly lenAttributes: number;
  /** Called `extent` in the original. */
  readonly block: number;
  readonly blockBe: number;
  /** Called `size` in the original. */
  readonly lenContent: number;
  readonly lenContentBe: number;
  /** Called `date` in the original. */
  readonly recorded: Iso9660ShortTime;
  /**
   * 1 hidden, 2 a directory, 4 associated, 0x80 the next record goes on with
   * the file.
   */
  readonly flags: number;
  /** Called `file_unit_size` in the original. */
  readonly lenUnit: number;
  /** Called `interleave` in the original. */
  readonly lenGap: number;
  /** Called `volume_sequence_number` in the original. */
  readonly volumeNumber: Uint8Array;
  /** Called `name_len` in the original. */
  readonly lenName: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.lenRecord = io.readU1('Iso9660DirectoryRecord.lenRecord');
    this.lenAttributes = io.readU1('Iso9660DirectoryRecord.lenAttributes');
    this.block = io.readU4le('Iso9660DirectoryRecord.block');
    this.blockBe = io.readU4be('Iso9660DirectoryRecord.blockBe');
    this.lenContent = io.readU4le('Iso9660DirectoryRecord.lenContent');
    this.lenContentBe = io.readU4be('Iso9660DirectoryRecord.lenContentBe');
    this.recorded = new Iso9660ShortTime(io);
    this.flags = io.readU1('Iso9660DirectoryRecord.flags');
    this.lenUnit = io.readU1('Iso9660DirectoryRecord.lenUnit');
    this.lenGap = io.readU1('Iso9660DirectoryRecord.lenGap');
    this.volumeNumber = io.take(4, 'Iso9660DirectoryRecord.volumeNumber');
    this.lenName = io.readU1('Iso9660DirectoryRecord.lenName');
  }
}

/** A file, before its name, padding to an even length, and what extensions say of it. */
class Iso9660DirectoryRecordRecord extends RecordCursor {
  /**
   * 0 where no more records begin in this sector.
   * Called `length` in the original.
   */
  get lenRecord(): number {
    return this._view.getUint8(this._offset);
  }

  /**
   * Blocks of an extended attribute record, which come before the content.
   * Called `ext_attr_length` in the original.
   */
  get lenAttributes(): number {
    return this._view.getUint8(this._offset + 1);
  }

  /** Called `extent` in the original. */
  get block(): number {
    return this._view.getUint32(this._offset + 2, true);
  }

  get blockBe(): number {
    return this._view.getUint32(this._offset + 6);
  }

  /** Called `size` in the original. */
  get lenContent(): number {
    return this._view.getUint32(this._offset + 10, true);
  }

  get lenContentBe(): number {
    return this._view.getUint32(this._offset + 14);
  }

  /** Called `date` in the original. */
  get recorded(): Iso9660ShortTimeRecord {
    return new Iso9660ShortTimeRecord(this._bytes, this._order, this._offset + 18);
  }

  /**
   * 1 hidden, 2 a directory, 4 associated, 0x80 the next record goes on with
   * the file.
   */
  get flags(): number {
    return this._view.getUint8(this._offset + 25);
  }

  /** Called `file_unit_size` in the original. */
  get lenUnit(): number {
    return this._view.getUint8(this._offset + 26);
  }

  /** Called `interleave` in the original. */
  get lenGap(): number {
    return this._view.getUint8(this._offset + 27);
  }

  /** Called `volume_sequence_number` in the original. */
  get volumeNumber(): Uint8Array {
    return this._take(28, 4);
  }

  /** Called `name_len` in the original. */
  get lenName(): number {
    return this._view.getUint8(this._offset + 32);
  }
}

class Iso9660ShortTime {
  readonly _io: SafeStream;
  /** Since 1900. */
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** Quarters of an hour east of Greenwich. */
  readonly timezone: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.year = io.readU1('Iso9660ShortTime.year');
    this.month = io.readU1('Iso9660ShortTime.month');
    this.day = io.readU1('Iso9660ShortTime.day');
    this.hour = io.readU1('Iso9660ShortTime.hour');
    this.minute = io.readU1('Iso9660ShortTime.minute');
    this.second = io.readU1('Iso9660ShortTime.second');
    this.timezone = io.readS1('Iso9660ShortTime.timezone');
  }
}

class Iso9660ShortTimeRecord extends RecordCursor {
  /** Since 1900. */
  get year(): number {
    return this._view.getUint8(this._offset);
  }

  get month(): number {
    return this._view.getUint8(this._offset + 1);
  }

  get day(): number {
    return this._view.getUint8(this._offset + 2);
  }

  get hour(): number {
    return this._view.getUint8(this._offset + 3);
  }

  get minute(): number {
    return this._view.getUint8(this._offset + 4);
  }

  get second(): number {
    return this._view.getUint8(this._offset + 5);
  }

  /** Quarters of an hour east of Greenwich. */
  get timezone(): number {
    return this._view.getInt8(this._offset + 6);
  }
}

/** How all that extensions say of a file begins (SUSP). */
class Iso9660FieldRecord extends RecordCursor {
  /** Two letters. */
  get signature(): number {
    return this._view.getUint16(this._offset);
  }

  get lenField(): number {
    return this._view.getUint8(this._offset + 2);
  }

  get version(): number {
    return this._view.getUint8(this._offset + 3);
  }
}

/** SP, which the root directory begins with. */
class Iso9660SharingFieldRecord extends RecordCursor {
  get head(): Iso9660FieldRecord {
    return new Iso9660FieldRecord(this._bytes, this._order, this._offset + 0);
  }

  /** 0xbeef. */
  get check(): number {
    return this._view.getUint16(this._offset + 4);
  }

  /** Of what comes before the fields of all other records. */
  get lenSkipped(): number {
    return this._view.getUint8(this._offset + 6);
  }
}

/** CE, where more fields of the same file are. */
class Iso9660ContinuationFieldRecord extends RecordCursor {
  get head(): Iso9660FieldRecord {
    return new Iso9660FieldRecord(this._bytes, this._order, this._offset + 0);
  }

  get block(): number {
    return this._view.getUint32(this._offset + 4, true);
  }

  get blockBe(): number {
    return this._view.getUint32(this._offset + 8);
  }

  get offset(): number {
    return this._view.getUint32(this._offset + 12, true);
  }

  get offsetBe(): number {
    return this._view.getUint32(this._offset + 16);
  }

  get lenArea(): number {
    return this._view.getUint32(this._offset + 20, true);
  }

  get lenAreaBe(): number {
    return this._view.getUint32(this._offset + 24);
  }
}

/** PX, what stat(2) shows. */
class Iso9660PosixFieldRecord extends RecordCursor {
  get head(): Iso9660FieldRecord {
    return new Iso9660FieldRecord(this._bytes, this._order, this._offset + 0);
  }

  get mode(): number {
    return this._view.getUint32(this._offset + 4, true);
  }

  get modeBe(): number {
    return this._view.getUint32(this._offset + 8);
  }

  get numLinks(): number {
    return this._view.getUint32(this._offset + 12, true);
  }

  get numLinksBe(): number {
    return this._view.getUint32(this._offset + 16);
  }

  get owner(): number {
    return this._view.getUint32(this._offset + 20, true);
  }

  get ownerBe(): number {
    return this._view.getUint32(this._offset + 24);
  }

  get group(): number {
    return this._view.getUint32(this._offset + 28, true);
  }

  get groupBe(): number {
    return this._view.getUint32(this._offset + 32);
  }
}

/** NM, SL and TF before a part of a name, of a link's target, or times. */
class Iso9660FlagsFieldRecord extends RecordCursor {
  get head(): Iso9660FieldRecord {
    return new Iso9660FieldRecord(this._bytes, this._order, this._offset + 0);
  }

  get flags(): number {
    return this._view.getUint8(this._offset + 4);
  }
}

/** A component of a link's target, before its text. */
class Iso9660LinkPartRecord extends RecordCursor {
  /**
   * 1 the next one goes on with this name, 2 the directory itself, 4 the one
   * above, 8 the root.
   */
  get flags(): number {
    return this._view.getUint8(this._offset);
  }

  get lenText(): number {
    return this._view.getUint8(this._offset + 1);
  }
}

/** CL, a directory that was moved to another place because it lies too deep. */
class Iso9660ChildFieldRecord extends RecordCursor {
  get head(): Iso9660FieldRecord {
    return new Iso9660FieldRecord(this._bytes, this._order, this._offset + 0);
  }

  get block(): number {
    return this._view.getUint32(this._offset + 4, true);
  }

  get blockBe(): number {
    return this._view.getUint32(this._offset + 8);
  }
}

/** ZF, content that zisofs compressed. */
class Iso9660CompressedFieldRecord extends RecordCursor {
  get head(): Iso9660FieldRecord {
    return new Iso9660FieldRecord(this._bytes, this._order, this._offset + 0);
  }

  get algorithm(): number {
    return this._view.getUint16(this._offset + 4);
  }

  get lenHead(): number {
    return this._view.getUint8(this._offset + 6);
  }

  get logBlock(): number {
    return this._view.getUint8(this._offset + 7);
  }

  get lenFile(): number {
    return this._view.getUint32(this._offset + 8, true);
  }

  get lenFileBe(): number {
    return this._view.getUint32(this._offset + 12);
  }
}
