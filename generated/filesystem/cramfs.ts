// Generated from formats/filesystem/cramfs.ksy by `npm run generate`. Do not edit: change the specification.
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
  terminate,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestCramfs = Guest<Cramfs>;

/** `cramfs` from its bytes. @throws FormatError when they are none. */
export function parseCramfs(bytes: Uint8Array, order: ByteOrder): GuestCramfs {
  return guest(new Cramfs(new SafeStream(bytes, order)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, order: ByteOrder = 'le'): GuestClaims {
  const it = new Cramfs(new SafeStream(bytes, order));
  return guestClaims({
    type: 'cramfs',
    isCompressed: true,
    isMountedCut: true,
    blockSize: 4096,
    blocks: it.superblock.hasTotals ? it.superblock.numBlocks : 0,
    end: it.superblock.hasTotals ? it.superblock.lenImage : 0,
    free: 0,
    available: 0,
    inodes: it.superblock.hasTotals ? it.superblock.numFiles : 0,
    inodesFree: 0,
    label: it.superblock.name,
    version: it.superblock.hasTotals ? '2' : '1',
  });
}

/**
 * The superblock of a compressed read-only filesystem. It lies at byte 0, or at 512
 * behind a boot sector. A kernel mounts only its own byte order, and counts what the
 * files hold uncompressed, in pages of its own, mostly of 4096 bytes. The oldest
 * version has no totals.
 * @see Linux include/uapi/linux/cramfs_fs.h: struct cramfs_super
 * @see Linux fs/cramfs/inode.c: cramfs_read_super, cramfs_statfs
 */
class Cramfs {
  readonly _io: SafeStream;
  readonly firstWord: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.firstWord = io.readU4('Cramfs.firstWord');
  }

  #superblock: CramfsSuperblock | undefined;
  get superblock(): CramfsSuperblock {
    if (this.#superblock !== undefined) return this.#superblock;
    return (this.#superblock = this._io.at(this.firstWord === 684539205 ? 0 : 512, 'Cramfs.superblock', (io) => new CramfsSuperblock(io)));
  }
}

class CramfsSuperblock {
  readonly _io: SafeStream;
  readonly magic: number;
  /** Called `size` in the original. */
  readonly lenImage: number;
  readonly flags: number;
  readonly future: number;
  readonly signature: Uint8Array;
  /** Called `fsid.crc` in the original. */
  readonly checksum: number;
  /** Called `fsid.edition` in the original. */
  readonly edition: number;
  /** Called `fsid.blocks` in the original. */
  readonly numBlocks: number;
  /** Called `fsid.files` in the original. */
  readonly numFiles: number;
  readonly name: string;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.readU4('CramfsSuperblock.magic');
    if (this.magic !== 684539205) {
      throw new ValidationNotEqualError(684539205, this.magic, io, 'CramfsSuperblock.magic');
    }
    this.lenImage = io.readU4('CramfsSuperblock.lenImage');
    this.flags = io.readU4('CramfsSuperblock.flags');
    this.future = io.readU4('CramfsSuperblock.future');
    this.signature = io.take(16, 'CramfsSuperblock.signature');
    if (compareBytes(this.signature, Uint8Array.of(67, 111, 109, 112, 114, 101, 115, 115, 101, 100, 32, 82, 79, 77, 70, 83)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(67, 111, 109, 112, 114, 101, 115, 115, 101, 100, 32, 82, 79, 77, 70, 83), this.signature, io, 'CramfsSuperblock.signature', 'BAD_MAGIC');
    }
    this.checksum = io.readU4('CramfsSuperblock.checksum');
    this.edition = io.readU4('CramfsSuperblock.edition');
    this.numBlocks = io.readU4('CramfsSuperblock.numBlocks');
    this.numFiles = io.readU4('CramfsSuperblock.numFiles');
    this.name = decode(terminate(io.take(16, 'CramfsSuperblock.name'), [0], false), 'UTF-8');
  }

  /** CRAMFS_FLAG_FSID_VERSION_2 */
  get hasTotals(): boolean {
    return (big(this.flags) & 1n) !== 0n;
  }
}
