// Generated from formats/filesystem/xfs_log.ksy by `npm run generate`. Do not edit: change the specification.
import {
  badMagic,
  type ByteOrder,
  compareBytes,
  defineFormat,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  invalid,
  SafeStream,
  type Spec,
} from '../../src/kaitai/index.js';

/** What is known of the format without reading one. */
export const spec: Spec = defineFormat({
  name: 'xfs_log',
  title: 'Log of an XFS filesystem on a device of its own',
  layer: 'filesystem',
  kind: 'other',
  understood: 'layout',
  license: 'CC0-1.0',
  probes: [
    {
      all: [{ at: 0, magic: [254, 237, 186, 190] }, { at: 8, magic: [0, 0, 0, 1] }],
    },
    {
      all: [{ at: 0, magic: [254, 237, 186, 190] }, { at: 8, magic: [0, 0, 0, 2] }],
    },
  ],
  window: { offsetBytes: 0, sizeBytes: 512 },
});

export type GuestXfsLog = Guest<XfsLog>;

/** `xfs_log` from its bytes. @throws FormatError when they are none. */
export function parseXfsLog(bytes: Uint8Array): GuestXfsLog {
  return guest(new XfsLog(new SafeStream(bytes)));
}

/** What the format says of itself; nothing of it is to be believed. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new XfsLog(new SafeStream(bytes));
  return guestClaims({
    type: 'xfs_external_log',
    uuid: it.uuid,
  });
}

/**
 * The first record of the log. The log is a ring without a head of its own: if a
 * record runs around its end, the first block holds the rest of that record, and
 * the log is not recognised.
 * @see Linux fs/xfs/libxfs/xfs_log_format.h: struct xlog_rec_header
 */
class XfsLog {
  readonly _io: SafeStream;
  /** Called `h_magicno` in the original. */
  readonly magic: Uint8Array;
  /** Called `h_cycle` in the original. */
  readonly cycle: number;
  /** Called `h_version` in the original. */
  readonly version: number;
  /** Called `h_len` in the original. */
  readonly lenData: number;
  /** Called `h_lsn` in the original. */
  readonly lsn: bigint;
  /** Called `h_tail_lsn` in the original. */
  readonly tailLsn: bigint;
  /** Called `h_crc` in the original. */
  readonly checksum: number;
  /** Called `h_prev_block` in the original. */
  readonly previousBlock: number;
  /** Called `h_num_logops` in the original. */
  readonly numOperations: number;
  /** Called `h_cycle_data` in the original. */
  readonly firstWords: Uint8Array;
  /** Called `h_fmt` in the original. */
  readonly format: number;
  /**
   * Of the filesystem that the log belongs to.
   * Called `h_fs_uuid` in the original.
   */
  readonly uuid: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'XfsLog.magic');
    if (compareBytes(this.magic, Uint8Array.of(254, 237, 186, 190)) !== 0) {
      throw badMagic('XfsLog.magic', this.magic, io);
    }
    this.cycle = io.readU4be('XfsLog.cycle');
    this.version = io.readU4be('XfsLog.version');
    if (this.version < 1) {
      throw invalid('XfsLog.version', this.version, 'is less than 1', io);
    }
    if (this.version > 2) {
      throw invalid('XfsLog.version', this.version, 'is greater than 2', io);
    }
    this.lenData = io.readU4be('XfsLog.lenData');
    this.lsn = io.readU8be('XfsLog.lsn');
    this.tailLsn = io.readU8be('XfsLog.tailLsn');
    this.checksum = io.readU4le('XfsLog.checksum');
    this.previousBlock = io.readU4be('XfsLog.previousBlock');
    this.numOperations = io.readU4be('XfsLog.numOperations');
    this.firstWords = io.take(256, 'XfsLog.firstWords');
    this.format = io.readU4be('XfsLog.format');
    if (this.format > 3) {
      throw invalid('XfsLog.format', this.format, 'is greater than 3', io);
    }
    this.uuid = io.take(16, 'XfsLog.uuid');
  }
}
