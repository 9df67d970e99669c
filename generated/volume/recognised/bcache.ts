// Generated from formats/volume/recognised/bcache.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  decode,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
  terminate,
} from '../../../src/kaitai/index.js';

export type GuestBcache = Guest<Bcache>;

/** `bcache` from its bytes. @throws FormatError when they are none. */
export function parseBcache(bytes: Uint8Array): GuestBcache {
  return guest(new Bcache(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new Bcache(new SafeStream(bytes));
  return guestClaims({
    type: 'bcache',
    label: it.label,
    uuid: it.uuid,
    version: it.version.toString(),
  });
}

/**
 * The superblock of a cache or of what is cached.
 * @see Linux drivers/md/bcache/bcache_ondisk.h: struct cache_sb_disk
 * @see util-linux libblkid/src/superblocks/bcache.c
 */
class Bcache {
  readonly _io: SafeStream;
  /** Called `csum` in the original. */
  readonly checksum: bigint;
  /** Called `offset` in the original. */
  readonly offset: bigint;
  /** Called `version` in the original. */
  readonly version: bigint;
  /** Called `magic` in the original. */
  readonly magic: Uint8Array;
  /** Called `uuid` in the original. */
  readonly uuid: Uint8Array;
  /** Called `set_uuid` in the original. */
  readonly setUuid: Uint8Array;
  /** Called `label` in the original. */
  readonly label: string;

  constructor(io: SafeStream) {
    this._io = io;
    this.checksum = io.readU8le('Bcache.checksum');
    this.offset = io.readU8le('Bcache.offset');
    this.version = io.readU8le('Bcache.version');
    this.magic = io.take(16, 'Bcache.magic');
    this.uuid = io.take(16, 'Bcache.uuid');
    this.setUuid = io.take(16, 'Bcache.setUuid');
    this.label = decode(terminate(io.take(32, 'Bcache.label'), [0], false), 'UTF-8');
  }
}
