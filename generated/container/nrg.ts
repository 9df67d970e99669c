// Generated from formats/container/nrg.ksy by `npm run generate`. Do not edit: change the specification.
import {
  decode,
  guest,
  type Guest,
  RecordCursor,
  records,
  type Records,
  SafeStream,
} from '../../src/kaitai/index.js';

export type GuestNrg = Guest<Nrg>;

/** `nrg` from its bytes. @throws FormatError when they are none. */
export function parseNrg(bytes: Uint8Array): GuestNrg {
  return guest(new Nrg(new SafeStream(bytes)));
}

export type GuestNrgChunk = Guest<NrgChunk>;

/** `chunk` from its bytes. @throws FormatError when they are none. */
export function parseNrgChunk(bytes: Uint8Array): GuestNrgChunk {
  return guest(new NrgChunk(new SafeStream(bytes)));
}

export type GuestNrgDiscTrack = Guest<NrgDiscTrackRecord>;

/** A table of `disc_track`: 30 bytes each, `strideBytes` apart. */
export function nrgDiscTrackRecords(
  bytes: Uint8Array,
  strideBytes: number = 30,
): Records<GuestNrgDiscTrack> {
  return records(new NrgDiscTrackRecord(bytes, 'le'), 30, strideBytes, 'NrgDiscTrack');
}

export type GuestNrgDiscTrack64 = Guest<NrgDiscTrack64Record>;

/** A table of `disc_track64`: 42 bytes each, `strideBytes` apart. */
export function nrgDiscTrack64Records(
  bytes: Uint8Array,
  strideBytes: number = 42,
): Records<GuestNrgDiscTrack64> {
  return records(new NrgDiscTrack64Record(bytes, 'le'), 42, strideBytes, 'NrgDiscTrack64');
}

export type GuestNrgTrack = Guest<NrgTrackRecord>;

/** A table of `track`: 20 bytes each, `strideBytes` apart. */
export function nrgTrackRecords(
  bytes: Uint8Array,
  strideBytes: number = 20,
): Records<GuestNrgTrack> {
  return records(new NrgTrackRecord(bytes, 'le'), 20, strideBytes, 'NrgTrack');
}

export type GuestNrgTrack64 = Guest<NrgTrack64Record>;

/** A table of `track64`: 32 bytes each, `strideBytes` apart. */
export function nrgTrack64Records(
  bytes: Uint8Array,
  strideBytes: number = 32,
): Records<GuestNrgTrack64> {
  return records(new NrgTrack64Record(bytes, 'le'), 32, strideBytes, 'NrgTrack64');
}

/**
 * The sectors of the tracks, and behind them chunks that say where each track
 * is. The last bytes of the file say where the first chunk is: 12 bytes in the
 * second version, which has offsets of 64 bits, and 8 in the first.
 *
 * ### Making a test image
 *
 *     nero (the program is not sold any more)
 * @see https://en.wikipedia.org/wiki/NRG_(file_format)
 * @see libcdio lib/driver/image/nrg.h
 */
class Nrg {
  readonly _io: SafeStream;
  /** "NER5" in the second version. */
  readonly signature5: Uint8Array;
  /** The upper half of the offset, or "NERO" in the first version. */
  readonly highOrSignature: number;
  readonly ofsChunks: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.signature5 = io.take(4, 'Nrg.signature5');
    this.highOrSignature = io.readU4be('Nrg.highOrSignature');
    this.ofsChunks = io.readU4be('Nrg.ofsChunks');
  }
}

/** The head of a chunk; its content follows. */
class NrgChunk {
  readonly _io: SafeStream;
  readonly kind: string;
  readonly lenContent: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.kind = decode(io.take(4, 'NrgChunk.kind'), 'ASCII');
    this.lenContent = io.readU4be('NrgChunk.lenContent');
  }
}

/**
 * A track of DAOI, which describes a disc that was written at once. 22 bytes
 * stand before the first one: catalog number, first and last track.
 */
class NrgDiscTrackRecord extends RecordCursor {
  get isrc(): Uint8Array {
    return this._take(0, 12);
  }

  get lenSector(): number {
    return this._view.getUint16(this._offset + 12);
  }

  get mode(): number {
    return this._view.getUint8(this._offset + 14);
  }

  get unknown(): Uint8Array {
    return this._take(15, 3);
  }

  get ofsGap(): number {
    return this._view.getUint32(this._offset + 18);
  }

  get ofsTrack(): number {
    return this._view.getUint32(this._offset + 22);
  }

  get ofsEnd(): number {
    return this._view.getUint32(this._offset + 26);
  }
}

/** A track of DAOX. */
class NrgDiscTrack64Record extends RecordCursor {
  get isrc(): Uint8Array {
    return this._take(0, 12);
  }

  get lenSector(): number {
    return this._view.getUint16(this._offset + 12);
  }

  get mode(): number {
    return this._view.getUint8(this._offset + 14);
  }

  get unknown(): Uint8Array {
    return this._take(15, 3);
  }

  get ofsGap(): bigint {
    return this._view.getBigUint64(this._offset + 18);
  }

  get ofsTrack(): bigint {
    return this._view.getBigUint64(this._offset + 26);
  }

  get ofsEnd(): bigint {
    return this._view.getBigUint64(this._offset + 34);
  }
}

/** A track of ETNF, which has those of a disc that was written track by track. */
class NrgTrackRecord extends RecordCursor {
  get ofsTrack(): number {
    return this._view.getUint32(this._offset);
  }

  get lenTrack(): number {
    return this._view.getUint32(this._offset + 4);
  }

  get mode(): number {
    return this._view.getUint32(this._offset + 8);
  }

  /** On the disc. */
  get firstSector(): number {
    return this._view.getUint32(this._offset + 12);
  }

  get unknown(): number {
    return this._view.getUint32(this._offset + 16);
  }
}

/** A track of ETN2. */
class NrgTrack64Record extends RecordCursor {
  get ofsTrack(): bigint {
    return this._view.getBigUint64(this._offset);
  }

  get lenTrack(): bigint {
    return this._view.getBigUint64(this._offset + 8);
  }

  get mode(): number {
    return this._view.getUint32(this._offset + 16);
  }

  get firstSector(): number {
    return this._view.getUint32(this._offset + 20);
  }

  get unknown(): bigint {
    return this._view.getBigUint64(this._offset + 24);
  }
}
