// Generated from formats/container/qed.ksy by `npm run generate`. Do not edit: change the specification.
import {
  compareBytes,
  decode,
  guest,
  type Guest,
  SafeStream,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestQed = Guest<Qed>;

/** `qed` from its bytes. @throws FormatError when they are none. */
export function parseQed(bytes: Uint8Array): GuestQed {
  return guest(new Qed(new SafeStream(bytes)));
}

export type GuestQedFileName = Guest<QedFileName>;

/** `file_name` from its bytes. @throws FormatError when they are none. */
export function parseQedFileName(bytes: Uint8Array): GuestQedFileName {
  return guest(new QedFileName(new SafeStream(bytes)));
}

/**
 * A disk image with tables of two levels and without reference counts, which
 * qcow2 version 3 has replaced. Entries of its tables are offsets of clusters
 * in the file; 0 is a cluster that is not there, 1 one of zeros.
 *
 * ### Making a test image
 *
 *     qemu-img create -f qed disk.qed 1G
 *     qemu-io -c 'write -P 7 64k 4k' disk.qed
 * @see QEMU docs/interop/qed_spec.txt, block/qed.c, block/qed.h
 */
class Qed {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;
  /** Called `cluster_size` in the original. */
  readonly lenCluster: number;
  /**
   * Size of the L1 table and of each L2 table, in clusters.
   * Called `table_size` in the original.
   */
  readonly numTableClusters: number;
  /** Called `header_size` in the original. */
  readonly numHeaderClusters: number;
  /**
   * Bit 0: there is a backing file; bit 1: the tables may be inconsistent
   * and want a check; bit 2: the backing file is raw.
   */
  readonly features: bigint;
  /** Called `compat_features` in the original. */
  readonly compatibleFeatures: bigint;
  readonly autoclearFeatures: bigint;
  /** Called `l1_table_offset` in the original. */
  readonly ofsL1Table: bigint;
  /** Called `image_size` in the original. */
  readonly lenDisk: bigint;
  /**
   * From the file's begin; within the header's clusters.
   * Called `backing_filename_offset` in the original.
   */
  readonly ofsBackingFile: number;
  /** Called `backing_filename_size` in the original. */
  readonly lenBackingFile: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'Qed.magic');
    if (compareBytes(this.magic, Uint8Array.of(81, 69, 68, 0)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(81, 69, 68, 0), this.magic, io, 'Qed.magic', 'BAD_MAGIC');
    }
    this.lenCluster = io.readU4le('Qed.lenCluster');
    this.numTableClusters = io.readU4le('Qed.numTableClusters');
    this.numHeaderClusters = io.readU4le('Qed.numHeaderClusters');
    this.features = io.readU8le('Qed.features');
    this.compatibleFeatures = io.readU8le('Qed.compatibleFeatures');
    this.autoclearFeatures = io.readU8le('Qed.autoclearFeatures');
    this.ofsL1Table = io.readU8le('Qed.ofsL1Table');
    this.lenDisk = io.readU8le('Qed.lenDisk');
    this.ofsBackingFile = io.readU4le('Qed.ofsBackingFile');
    this.lenBackingFile = io.readU4le('Qed.lenBackingFile');
  }
}

/** A name that fills its space, without a terminator. */
class QedFileName {
  readonly _io: SafeStream;
  readonly value: string;

  constructor(io: SafeStream) {
    this._io = io;
    this.value = decode(io.readBytesFull('QedFileName.value'), 'UTF-8');
  }
}
