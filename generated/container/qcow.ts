// Generated from formats/container/qcow.ksy by `npm run generate`. Do not edit: change the specification.
import {
  compareBytes,
  decode,
  guest,
  type Guest,
  SafeStream,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestQcow = Guest<Qcow>;

/** `qcow` from its bytes. @throws FormatError when they are none. */
export function parseQcow(bytes: Uint8Array): GuestQcow {
  return guest(new Qcow(new SafeStream(bytes)));
}

export type GuestQcowFileName = Guest<QcowFileName>;

/** `file_name` from its bytes. @throws FormatError when they are none. */
export function parseQcowFileName(bytes: Uint8Array): GuestQcowFileName {
  return guest(new QcowFileName(new SafeStream(bytes)));
}

export const QcowCryptMethod = {
  NONE: 0,
  AES: 1,
} as const;

/**
 * The predecessor of qcow2, without reference counts, snapshots and
 * extensions. An L1 table points to L2 tables, whose entries say where each
 * cluster of the disk is.
 *
 * ### Making a test image
 *
 *     qemu-img create -f qcow disk.qcow 1G
 *     qemu-io -c 'write -P 7 64k 4k' disk.qcow
 * @see QEMU block/qcow.c
 */
class Qcow {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;
  /** 2 and 3 are qcow2, whose header goes on otherwise. */
  readonly version: number;
  /**
   * Where the name of the backing file is in this file; 0 if there is none.
   * Called `backing_file_offset` in the original.
   */
  readonly ofsBackingFile: bigint;
  /** Called `backing_file_size` in the original. */
  readonly lenBackingFile: number;
  /** Called `mtime` in the original. */
  readonly modifiedSeconds: number;
  /** Called `size` in the original. */
  readonly lenDisk: bigint;
  /** A cluster has two to the power of this bytes. */
  readonly clusterBits: number;
  /** An L2 table has two to the power of this entries. */
  readonly l2Bits: number;
  readonly padding: number;
  readonly cryptMethod: number;
  /** Called `l1_table_offset` in the original. */
  readonly ofsL1Table: bigint;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'Qcow.magic');
    if (compareBytes(this.magic, Uint8Array.of(81, 70, 73, 251)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(81, 70, 73, 251), this.magic, io, 'Qcow.magic', 'BAD_MAGIC');
    }
    this.version = io.readU4be('Qcow.version');
    this.ofsBackingFile = io.readU8be('Qcow.ofsBackingFile');
    this.lenBackingFile = io.readU4be('Qcow.lenBackingFile');
    this.modifiedSeconds = io.readU4be('Qcow.modifiedSeconds');
    this.lenDisk = io.readU8be('Qcow.lenDisk');
    this.clusterBits = io.readU1('Qcow.clusterBits');
    this.l2Bits = io.readU1('Qcow.l2Bits');
    this.padding = io.readU2be('Qcow.padding');
    this.cryptMethod = io.readU4be('Qcow.cryptMethod');
    this.ofsL1Table = io.readU8be('Qcow.ofsL1Table');
  }
}

/** A name that fills its space, without a terminator. */
class QcowFileName {
  readonly _io: SafeStream;
  readonly value: string;

  constructor(io: SafeStream) {
    this._io = io;
    this.value = decode(io.readBytesFull('QcowFileName.value'), 'UTF-8');
  }
}
