// Generated from formats/volume/lvm2.ksy by `npm run generate`. Do not edit: change the specification.
import {
  big,
  type ByteOrder,
  compareBytes,
  decode,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
  ValidationGreaterThanError,
  ValidationLessThanError,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestLvm2 = Guest<Lvm2>;

/** `lvm2` from its bytes. @throws FormatError when they are none. */
export function parseLvm2(bytes: Uint8Array): GuestLvm2 {
  return guest(new Lvm2(new SafeStream(bytes)));
}

export type GuestLvm2MetadataArea = Guest<Lvm2MetadataArea>;

/** `metadata_area` from its bytes. @throws FormatError when they are none. */
export function parseLvm2MetadataArea(bytes: Uint8Array): GuestLvm2MetadataArea {
  return guest(new Lvm2MetadataArea(new SafeStream(bytes)));
}

export type GuestLvm2Metadata = Guest<Lvm2Metadata>;

/** `metadata` from its bytes. @throws FormatError when they are none. */
export function parseLvm2Metadata(bytes: Uint8Array): GuestLvm2Metadata {
  return guest(new Lvm2Metadata(new SafeStream(bytes)));
}

export type GuestLvm2RaidMetadata = Guest<Lvm2RaidMetadata>;

/** `raid_metadata` from its bytes. @throws FormatError when they are none. */
export function parseLvm2RaidMetadata(bytes: Uint8Array): GuestLvm2RaidMetadata {
  return guest(new Lvm2RaidMetadata(new SafeStream(bytes)));
}

/** Where the fields of `lvm2` lie in it. */
export const Lvm2Fields = {
  magic: { at: 0, sizeBytes: 8 },
  sector: { at: 8, type: 'u8le' },
  crc: { at: 16, type: 'u4le' },
  ofsPvHeader: { at: 20, type: 'u4le' },
  type: { at: 24, sizeBytes: 8 },
} as const;

/** Where the fields of `pv_header` lie in it. */
export const Lvm2PvHeaderFields = {
  uuid: { at: 0, sizeBytes: 32 },
  lenDevice: { at: 32, type: 'u8le' },
  dataAreas: { at: 40 },
} as const;

/** Where the fields of `area` lie in it. */
export const Lvm2AreaFields = {
  offset: { at: 0, type: 'u8le' },
  size: { at: 8, type: 'u8le' },
} as const;

/** Where the fields of `extension` lie in it. */
export const Lvm2ExtensionFields = {
  version: { at: 0, type: 'u4le' },
  flags: { at: 4, type: 'u4le' },
} as const;

/** Where the fields of `metadata_area` lie in it. */
export const Lvm2MetadataAreaFields = {
  crc: { at: 0, type: 'u4le' },
  magic: { at: 4, sizeBytes: 16 },
  version: { at: 20, type: 'u4le' },
  start: { at: 24, type: 'u8le' },
  size: { at: 32, type: 'u8le' },
  locations: { at: 40 },
} as const;

/** Where the fields of `location` lie in it. */
export const Lvm2LocationFields = {
  offset: { at: 0, type: 'u8le' },
  size: { at: 8, type: 'u8le' },
  checksum: { at: 16, type: 'u4le' },
  flags: { at: 20, type: 'u4le' },
} as const;

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new Lvm2(new SafeStream(bytes));
  return guestClaims({
    type: 'LVM2_member',
  });
}

/**
 * The label of a physical volume, in one of its first four sectors. It says where
 * the metadata areas are. The metadata of the volume group itself is text in a
 * ring behind the header of a metadata area, each time it changes at the next
 * place in the ring; it may wrap from the end of the area to just behind the
 * header.
 * @see lvm2 lib/label/label.h: struct label_header
 * @see lvm2 lib/format_text/layout.h: pv_header, mda_header, raw_locn
 * @see lvm2 lib/format_text/format-text.c: _vg_read_raw_area
 */
class Lvm2 {
  readonly _io: SafeStream;
  /** Called `id` in the original. */
  readonly magic: Uint8Array;
  /**
   * The number of the sector that this label is in.
   * Called `sector_xl` in the original.
   */
  readonly sector: bigint;
  /**
   * CRC-32 of the rest of the sector, from an initial value of 0xf597a6cf.
   * Called `crc_xl` in the original.
   */
  readonly crc: number;
  /** Called `offset_xl` in the original. */
  readonly ofsPvHeader: number;
  readonly type: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(8, 'Lvm2.magic');
    if (compareBytes(this.magic, Uint8Array.of(76, 65, 66, 69, 76, 79, 78, 69)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(76, 65, 66, 69, 76, 79, 78, 69), this.magic, io, 'Lvm2.magic', 'BAD_MAGIC');
    }
    this.sector = io.readU8le('Lvm2.sector');
    this.crc = io.readU4le('Lvm2.crc');
    this.ofsPvHeader = io.readU4le('Lvm2.ofsPvHeader');
    if (this.ofsPvHeader < 32) {
      throw new ValidationLessThanError(32, this.ofsPvHeader, io, 'Lvm2.ofsPvHeader');
    }
    if (this.ofsPvHeader > 472) {
      throw new ValidationGreaterThanError(472, this.ofsPvHeader, io, 'Lvm2.ofsPvHeader');
    }
    this.type = io.take(8, 'Lvm2.type');
    if (compareBytes(this.type, Uint8Array.of(76, 86, 77, 50, 32, 48, 48, 49)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(76, 86, 77, 50, 32, 48, 48, 49), this.type, io, 'Lvm2.type', 'BAD_MAGIC');
    }
  }

  #pvHeader: Lvm2PvHeader | undefined;
  get pvHeader(): Lvm2PvHeader {
    if (this.#pvHeader !== undefined) return this.#pvHeader;
    return (this.#pvHeader = this._io.at(this.ofsPvHeader, 'Lvm2.pvHeader', (io) => new Lvm2PvHeader(io)));
  }
}

class Lvm2PvHeader {
  readonly _io: SafeStream;
  /** Called `pv_uuid` in the original. */
  readonly uuid: string;
  /**
   * Bytes.
   * Called `device_size_xl` in the original.
   */
  readonly lenDevice: bigint;
  /**
   * The last one is all zero.
   * Called `disk_areas_xl` in the original.
   */
  readonly dataAreas: Lvm2Area[];
  /**
   * The last one is all zero.
   * Called `disk_areas_xl` in the original.
   */
  readonly metadataAreas: Lvm2Area[];
  /** Called `pv_header_extension` in the original. */
  readonly extension: Lvm2Extension | undefined;

  constructor(io: SafeStream) {
    this._io = io;
    this.uuid = decode(io.take(32, 'Lvm2PvHeader.uuid'), 'ASCII');
    this.lenDevice = io.readU8le('Lvm2PvHeader.lenDevice');
    this.dataAreas = [];
    for (;;) {
      const start = io.progress;
      const it = new Lvm2Area(io);
      this.dataAreas.push(it);
      io.step(start, 'Lvm2PvHeader.dataAreas');
      if (it.offset === 0n) break;
    }
    this.metadataAreas = [];
    for (;;) {
      const start = io.progress;
      const it = new Lvm2Area(io);
      this.metadataAreas.push(it);
      io.step(start, 'Lvm2PvHeader.metadataAreas');
      if (it.offset === 0n) break;
    }
    if (big(io.sizeBytes) - big(io.pos) >= 8n) {
      this.extension = new Lvm2Extension(io);
    }
  }
}

/** Called `disk_locn` in the original. */
class Lvm2Area {
  readonly _io: SafeStream;
  /** Bytes from the start of the device. */
  readonly offset: bigint;
  /** Bytes; 0 is the rest of the device. */
  readonly size: bigint;

  constructor(io: SafeStream) {
    this._io = io;
    this.offset = io.readU8le('Lvm2Area.offset');
    this.size = io.readU8le('Lvm2Area.size');
  }
}

/** Called `pv_header_extension` in the original. */
class Lvm2Extension {
  readonly _io: SafeStream;
  /** 0 is none, flags have a meaning from 2 on. */
  readonly version: number;
  /** Bit 0, the physical volume belongs to a volume group. */
  readonly flags: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.version = io.readU4le('Lvm2Extension.version');
    this.flags = io.readU4le('Lvm2Extension.flags');
  }
}

/** Called `mda_header` in the original. */
class Lvm2MetadataArea {
  readonly _io: SafeStream;
  /**
   * CRC-32 of the rest of the sector, from an initial value of 0xf597a6cf.
   * Called `checksum_xl` in the original.
   */
  readonly crc: number;
  readonly magic: Uint8Array;
  readonly version: number;
  /** Where this header is, in bytes from the start of the device. */
  readonly start: bigint;
  /** Bytes of the area, this header's sector included. */
  readonly size: bigint;
  /**
   * The first one is the committed metadata, the second one, if any, has
   * been prepared and not committed. The last one is all zero.
   * Called `raw_locns` in the original.
   */
  readonly locations: Lvm2Location[];

  constructor(io: SafeStream) {
    this._io = io;
    this.crc = io.readU4le('Lvm2MetadataArea.crc');
    this.magic = io.take(16, 'Lvm2MetadataArea.magic');
    if (compareBytes(this.magic, Uint8Array.of(32, 76, 86, 77, 50, 32, 120, 91, 53, 65, 37, 114, 48, 78, 42, 62)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(32, 76, 86, 77, 50, 32, 120, 91, 53, 65, 37, 114, 48, 78, 42, 62), this.magic, io, 'Lvm2MetadataArea.magic', 'BAD_MAGIC');
    }
    this.version = io.readU4le('Lvm2MetadataArea.version');
    if (this.version !== 1) {
      throw new ValidationNotEqualError(1, this.version, io, 'Lvm2MetadataArea.version');
    }
    this.start = io.readU8le('Lvm2MetadataArea.start');
    this.size = io.readU8le('Lvm2MetadataArea.size');
    this.locations = [];
    for (;;) {
      const start = io.progress;
      const it = new Lvm2Location(io);
      this.locations.push(it);
      io.step(start, 'Lvm2MetadataArea.locations');
      if (it.offset === 0n) break;
    }
  }
}

/** Called `raw_locn` in the original. */
class Lvm2Location {
  readonly _io: SafeStream;
  /** Bytes from the start of the metadata area. */
  readonly offset: bigint;
  /** Bytes of text. */
  readonly size: bigint;
  /** CRC-32 of the text, from an initial value of 0xf597a6cf. */
  readonly checksum: number;
  /** Bit 0, this area is not in use. */
  readonly flags: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.offset = io.readU8le('Lvm2Location.offset');
    this.size = io.readU8le('Lvm2Location.size');
    this.checksum = io.readU4le('Lvm2Location.checksum');
    this.flags = io.readU4le('Lvm2Location.flags');
  }
}

class Lvm2Metadata {
  readonly _io: SafeStream;
  /** One section of the group's name with the rest in it, a NUL at the end. */
  readonly text: string;

  constructor(io: SafeStream) {
    this._io = io;
    this.text = decode(io.readBytesFull('Lvm2Metadata.text'), 'ISO-8859-1');
  }
}

/** What dm-raid knows of an image of an array; it begins the volume with its metadata. */
class Lvm2RaidMetadata {
  readonly _io: SafeStream;
  /** Called `magic` in the original. */
  readonly magic: Uint8Array;
  /**
   * Bit 0, the fields from flags on are there.
   * Called `compat_features` in the original.
   */
  readonly features: number;
  /** Called `num_devices` in the original. */
  readonly numDevices: number;
  /** Called `array_position` in the original. */
  readonly position: number;
  /** Called `events` in the original. */
  readonly numEvents: bigint;
  /**
   * A bit for each of the first 64.
   * Called `failed_devices` in the original.
   */
  readonly failedDevices: bigint;
  /**
   * The image was rebuilt up to here; all ones, it is whole.
   * Called `disk_recovery_offset` in the original.
   */
  readonly recoverySector: bigint;
  /**
   * The array is in step up to here; all ones, it is so everywhere.
   * Called `array_resync_offset` in the original.
   */
  readonly resyncSector: bigint;
  /** Called `level` in the original. */
  readonly level: number;
  /** Called `layout` in the original. */
  readonly layout: number;
  /** Called `stripe_sectors` in the original. */
  readonly numStripeSectors: number;
  /**
   * Bit 0, it is just being reshaped.
   * Called `flags` in the original.
   */
  readonly flags: number;
  /** From reshape_position to array_sectors. */
  readonly reshape: Uint8Array;
  /**
   * Where the image's data begin in its volume.
   * Called `data_offset` in the original.
   */
  readonly dataSector: bigint;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'Lvm2RaidMetadata.magic');
    if (compareBytes(this.magic, Uint8Array.of(68, 109, 82, 100)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(68, 109, 82, 100), this.magic, io, 'Lvm2RaidMetadata.magic', 'BAD_MAGIC');
    }
    this.features = io.readU4le('Lvm2RaidMetadata.features');
    this.numDevices = io.readU4le('Lvm2RaidMetadata.numDevices');
    this.position = io.readU4le('Lvm2RaidMetadata.position');
    this.numEvents = io.readU8le('Lvm2RaidMetadata.numEvents');
    this.failedDevices = io.readU8le('Lvm2RaidMetadata.failedDevices');
    this.recoverySector = io.readU8le('Lvm2RaidMetadata.recoverySector');
    this.resyncSector = io.readU8le('Lvm2RaidMetadata.resyncSector');
    this.level = io.readU4le('Lvm2RaidMetadata.level');
    this.layout = io.readU4le('Lvm2RaidMetadata.layout');
    this.numStripeSectors = io.readU4le('Lvm2RaidMetadata.numStripeSectors');
    this.flags = io.readU4le('Lvm2RaidMetadata.flags');
    this.reshape = io.take(32, 'Lvm2RaidMetadata.reshape');
    this.dataSector = io.readU8le('Lvm2RaidMetadata.dataSector');
  }
}
