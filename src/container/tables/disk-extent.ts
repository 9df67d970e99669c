// What an image's tables say of a stretch of the guest's disk.

/** A stretch of the guest's disk whose bytes lie together. */
export type DiskExtent = PlainExtent | DataExtent | CompressedExtent | MissingExtent;

/** `zero`: the image states zeros. `backing`: the bytes of the image behind this one, or zeros if there is none. */
export interface PlainExtent {
  readonly kind: 'zero' | 'backing';
  /** Offset on the guest's disk. */
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

export interface DataExtent {
  readonly kind: 'data';
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  /** Where its first byte is in the file that holds the data. */
  readonly hostOffsetBytes: number;
}

/** A part, or all, of one compressed block. */
export interface CompressedExtent {
  readonly kind: 'compressed';
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  /** Where the stream begins. */
  readonly hostOffsetBytes: number;
  /** The most bytes that the stream has. */
  readonly hostLengthBytes: number;
  /** Offset on the guest's disk of the first byte of the block. */
  readonly blockOffsetBytes: number;
  /** How many bytes the stream decompresses to. */
  readonly blockBytes: number;
}

/** Bytes that the image's tables put behind the end of its file: the file is cut. */
export interface MissingExtent {
  readonly kind: 'missing';
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  /** Where its first byte would be, or the table that leads to it. */
  readonly hostOffsetBytes: number;
  readonly fileBytes: number;
}
