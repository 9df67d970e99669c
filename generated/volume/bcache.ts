// Generated from formats/volume/bcache.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  decode,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  RecordCursor,
  records,
  type Records,
  SafeStream,
  terminate,
  ValidationGreaterThanError,
} from '../../src/kaitai/index.js';

export type GuestBcache = Guest<Bcache>;

/** `bcache` from its bytes. @throws FormatError when they are none. */
export function parseBcache(bytes: Uint8Array): GuestBcache {
  return guest(new Bcache(new SafeStream(bytes)));
}

export type GuestBcacheJournalEntry = Guest<BcacheJournalEntry>;

/** `journal_entry` from its bytes. @throws FormatError when they are none. */
export function parseBcacheJournalEntry(bytes: Uint8Array): GuestBcacheJournalEntry {
  return guest(new BcacheJournalEntry(new SafeStream(bytes)));
}

export type GuestBcacheKeySet = Guest<BcacheKeySet>;

/** `key_set` from its bytes. @throws FormatError when they are none. */
export function parseBcacheKeySet(bytes: Uint8Array): GuestBcacheKeySet {
  return guest(new BcacheKeySet(new SafeStream(bytes)));
}

export type GuestBcachePrioSet = Guest<BcachePrioSet>;

/** `prio_set` from its bytes. @throws FormatError when they are none. */
export function parseBcachePrioSet(bytes: Uint8Array): GuestBcachePrioSet {
  return guest(new BcachePrioSet(new SafeStream(bytes)));
}

export type GuestBcacheUuidEntry = Guest<BcacheUuidEntry>;

/** `uuid_entry` from its bytes. @throws FormatError when they are none. */
export function parseBcacheUuidEntry(bytes: Uint8Array): GuestBcacheUuidEntry {
  return guest(new BcacheUuidEntry(new SafeStream(bytes)));
}

export type GuestBcacheWord = Guest<BcacheWordRecord>;

/** A table of `word`: 8 bytes each, `strideBytes` apart. */
export function bcacheWordRecords(
  bytes: Uint8Array,
  strideBytes: number = 8,
): Records<GuestBcacheWord> {
  return records(new BcacheWordRecord(bytes, 'le'), 8, strideBytes, 'BcacheWord');
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new Bcache(new SafeStream(bytes));
  return guestClaims({
    type: 'bcache',
  });
}

/**
 * The superblock of a cache or of what is cached, and what a cache has in its
 * buckets: the ring of the journal, the nodes of the tree of keys, each a log of
 * sorted sets, the generations of the buckets, and the devices that are cached.
 * @see Linux drivers/md/bcache/bcache_ondisk.h: struct cache_sb_disk, struct jset, struct bset
 * @see Linux drivers/md/bcache/bcache_ondisk.h: struct prio_set, struct uuid_entry
 * @see util-linux libblkid/src/superblocks/bcache.c
 */
class Bcache {
  readonly _io: SafeStream;
  /** Called `csum` in the original. */
  readonly checksum: bigint;
  /**
   * The sector that it lies in.
   * Called `offset` in the original.
   */
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
  /**
   * Bit 0 of a cache, it has content; bits 61 and 62 of what is cached, its state.
   * Called `flags` in the original.
   */
  readonly flags: bigint;
  /** Called `seq` in the original. */
  readonly seqNumber: bigint;
  /** Called `feature_compat` in the original. */
  readonly compatible: bigint;
  /** Called `feature_incompat` in the original. */
  readonly incompatible: bigint;
  /** Called `feature_ro_compat` in the original. */
  readonly readCompatible: bigint;
  /** Called `pad` in the original. */
  readonly padding: Uint8Array;
  /**
   * Of what is cached the sector at which its content begins (data_offset).
   * Called `nbuckets` in the original.
   */
  readonly numBuckets: bigint;
  /** Called `block_size` in the original. */
  readonly numBlockSectors: number;
  /** Called `bucket_size` in the original. */
  readonly numBucketSectors: number;
  /** Called `nr_in_set` in the original. */
  readonly numInSet: number;
  /** Called `nr_this_dev` in the original. */
  readonly deviceNumber: number;
  /** Called `last_mount` in the original. */
  readonly lastMount: number;
  /** Called `first_bucket` in the original. */
  readonly firstBucket: number;
  /** Called `njournal_buckets` in the original. */
  readonly numJournalBuckets: number;
  /** Called `d` in the original. */
  readonly journalBuckets: bigint[];

  constructor(io: SafeStream) {
    this._io = io;
    this.checksum = io.readU8le('Bcache.checksum');
    this.offset = io.readU8le('Bcache.offset');
    this.version = io.readU8le('Bcache.version');
    this.magic = io.take(16, 'Bcache.magic');
    this.uuid = io.take(16, 'Bcache.uuid');
    this.setUuid = io.take(16, 'Bcache.setUuid');
    this.label = decode(terminate(io.take(32, 'Bcache.label'), [0], false), 'UTF-8');
    this.flags = io.readU8le('Bcache.flags');
    this.seqNumber = io.readU8le('Bcache.seqNumber');
    this.compatible = io.readU8le('Bcache.compatible');
    this.incompatible = io.readU8le('Bcache.incompatible');
    this.readCompatible = io.readU8le('Bcache.readCompatible');
    this.padding = io.take(40, 'Bcache.padding');
    this.numBuckets = io.readU8le('Bcache.numBuckets');
    this.numBlockSectors = io.readU2le('Bcache.numBlockSectors');
    this.numBucketSectors = io.readU2le('Bcache.numBucketSectors');
    this.numInSet = io.readU2le('Bcache.numInSet');
    this.deviceNumber = io.readU2le('Bcache.deviceNumber');
    this.lastMount = io.readU4le('Bcache.lastMount');
    this.firstBucket = io.readU2le('Bcache.firstBucket');
    this.numJournalBuckets = io.readU2le('Bcache.numJournalBuckets');
    if (this.numJournalBuckets > 256) {
      throw new ValidationGreaterThanError(256, this.numJournalBuckets, io, 'Bcache.numJournalBuckets');
    }
    this.journalBuckets = [];
    for (let i = 0, n = io.count(this.numJournalBuckets, 8, 'Bcache.journalBuckets'); i < n; i++) {
      this.journalBuckets.push(io.readU8le('Bcache.journalBuckets'));
    }
  }
}

/** The head of an entry of the journal; keys of the tree's leaves lie behind it. */
class BcacheJournalEntry {
  readonly _io: SafeStream;
  /** Called `csum` in the original. */
  readonly checksum: bigint;
  /** Called `magic` in the original. */
  readonly magic: bigint;
  /** Called `seq` in the original. */
  readonly seqNumber: bigint;
  /** Called `version` in the original. */
  readonly version: number;
  /** Called `keys` in the original. */
  readonly numWords: number;
  /**
   * The oldest entry with keys that are not in the tree yet.
   * Called `last_seq` in the original.
   */
  readonly lastSeq: bigint;
  /** Called `uuid_bucket` in the original. */
  readonly uuidBucket: Uint8Array;
  /** Called `btree_root` in the original. */
  readonly root: Uint8Array;
  /** Called `btree_level` in the original. */
  readonly rootLevel: number;
  /** Called `pad` in the original. */
  readonly padding: Uint8Array;
  /** Called `prio_bucket` in the original. */
  readonly prioBuckets: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.checksum = io.readU8le('BcacheJournalEntry.checksum');
    this.magic = io.readU8le('BcacheJournalEntry.magic');
    this.seqNumber = io.readU8le('BcacheJournalEntry.seqNumber');
    this.version = io.readU4le('BcacheJournalEntry.version');
    this.numWords = io.readU4le('BcacheJournalEntry.numWords');
    this.lastSeq = io.readU8le('BcacheJournalEntry.lastSeq');
    this.uuidBucket = io.take(64, 'BcacheJournalEntry.uuidBucket');
    this.root = io.take(64, 'BcacheJournalEntry.root');
    this.rootLevel = io.readU2le('BcacheJournalEntry.rootLevel');
    this.padding = io.take(6, 'BcacheJournalEntry.padding');
    this.prioBuckets = io.take(64, 'BcacheJournalEntry.prioBuckets');
  }
}

/** The head of a set of keys in a node. */
class BcacheKeySet {
  readonly _io: SafeStream;
  /** Called `csum` in the original. */
  readonly checksum: bigint;
  /** Called `magic` in the original. */
  readonly magic: bigint;
  /** Called `seq` in the original. */
  readonly seqNumber: bigint;
  /** Called `version` in the original. */
  readonly version: number;
  /** Called `keys` in the original. */
  readonly numWords: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.checksum = io.readU8le('BcacheKeySet.checksum');
    this.magic = io.readU8le('BcacheKeySet.magic');
    this.seqNumber = io.readU8le('BcacheKeySet.seqNumber');
    this.version = io.readU4le('BcacheKeySet.version');
    this.numWords = io.readU4le('BcacheKeySet.numWords');
  }
}

/** The head of a bucket with the generations of buckets, three bytes for each. */
class BcachePrioSet {
  readonly _io: SafeStream;
  /** Called `csum` in the original. */
  readonly checksum: bigint;
  /** Called `magic` in the original. */
  readonly magic: bigint;
  /** Called `seq` in the original. */
  readonly seqNumber: bigint;
  /** Called `version` in the original. */
  readonly version: number;
  /** Called `pad` in the original. */
  readonly padding: number;
  /** Called `next_bucket` in the original. */
  readonly nextBucket: bigint;

  constructor(io: SafeStream) {
    this._io = io;
    this.checksum = io.readU8le('BcachePrioSet.checksum');
    this.magic = io.readU8le('BcachePrioSet.magic');
    this.seqNumber = io.readU8le('BcachePrioSet.seqNumber');
    this.version = io.readU4le('BcachePrioSet.version');
    this.padding = io.readU4le('BcachePrioSet.padding');
    this.nextBucket = io.readU8le('BcachePrioSet.nextBucket');
  }
}

/** A device that is cached, or a volume that lies in the cache alone. */
class BcacheUuidEntry {
  readonly _io: SafeStream;
  /** Called `uuid` in the original. */
  readonly uuid: Uint8Array;
  /** Called `label` in the original. */
  readonly label: Uint8Array;
  /** Called `first_reg, last_reg, invalidated` in the original. */
  readonly times: Uint8Array;
  /**
   * Bit 0, it lies in the cache alone.
   * Called `flags` in the original.
   */
  readonly flags: number;
  /** Called `sectors` in the original. */
  readonly numSectors: bigint;

  constructor(io: SafeStream) {
    this._io = io;
    this.uuid = io.take(16, 'BcacheUuidEntry.uuid');
    this.label = io.take(32, 'BcacheUuidEntry.label');
    this.times = io.take(12, 'BcacheUuidEntry.times');
    this.flags = io.readU4le('BcacheUuidEntry.flags');
    this.numSectors = io.readU8le('BcacheUuidEntry.numSectors');
  }
}

/** A half of a key, or a place that it points to. */
class BcacheWordRecord extends RecordCursor {
  get value(): bigint {
    return this._view.getBigUint64(this._offset, true);
  }
}
