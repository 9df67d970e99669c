meta:
  id: bcache
  title: bcache, a cache for block devices
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: volume
    understood: layout
    probe:
      - all:
          - {at: 0x1018, magic: [0xc6, 0x85, 0x73, 0xf6, 0x4e, 0x1a, 0x45, 0xca, 0x82, 0x65, 0xf5,
             0x7f, 0x48, 0xba, 0x6d, 0x81]}
          - {at: 0x1008, magic: [8, 0, 0, 0, 0, 0, 0, 0]}
    offset: 0x1000
    size: 4096
    name: bcache
doc: |
  The superblock of a cache or of what is cached, and what a cache has in its
  buckets: the ring of the journal, the nodes of the tree of keys, each a log of
  sorted sets, the generations of the buckets, and the devices that are cached.
doc-ref:
  - 'Linux drivers/md/bcache/bcache_ondisk.h: struct cache_sb_disk, struct jset, struct bset'
  - 'Linux drivers/md/bcache/bcache_ondisk.h: struct prio_set, struct uuid_entry'
  - 'util-linux libblkid/src/superblocks/bcache.c'
seq:
  - id: checksum
    -orig-id: csum
    type: u8
  - id: offset
    -orig-id: offset
    type: u8
    doc: The sector that it lies in.
  - id: version
    -orig-id: version
    type: u8
  - id: magic
    -orig-id: magic
    size: 16
  - id: uuid
    -orig-id: uuid
    size: 16
  - id: set_uuid
    -orig-id: set_uuid
    size: 16
  - id: label
    -orig-id: label
    size: 32
    type: strz
  - id: flags
    -orig-id: flags
    type: u8
    doc: Bit 0 of a cache, it has content; bits 61 and 62 of what is cached, its state.
  - id: seq_number
    -orig-id: seq
    type: u8
  - id: compatible
    -orig-id: feature_compat
    type: u8
  - id: incompatible
    -orig-id: feature_incompat
    type: u8
  - id: read_compatible
    -orig-id: feature_ro_compat
    type: u8
  - id: padding
    -orig-id: pad
    size: 40
  - id: num_buckets
    -orig-id: nbuckets
    type: u8
    doc: Of what is cached the sector at which its content begins (data_offset).
  - id: num_block_sectors
    -orig-id: block_size
    type: u2
  - id: num_bucket_sectors
    -orig-id: bucket_size
    type: u2
  - id: num_in_set
    -orig-id: nr_in_set
    type: u2
  - id: device_number
    -orig-id: nr_this_dev
    type: u2
  - id: last_mount
    -orig-id: last_mount
    type: u4
  - id: first_bucket
    -orig-id: first_bucket
    type: u2
  - id: num_journal_buckets
    -orig-id: njournal_buckets
    type: u2
    valid: {max: 256}
  - id: journal_buckets
    -orig-id: d
    type: u8
    repeat: expr
    repeat-expr: num_journal_buckets
types:
  journal_entry:
    -export: structure
    doc: The head of an entry of the journal; keys of the tree's leaves lie behind it.
    seq:
      - id: checksum
        -orig-id: csum
        type: u8
      - id: magic
        -orig-id: magic
        type: u8
      - id: seq_number
        -orig-id: seq
        type: u8
      - id: version
        -orig-id: version
        type: u4
      - id: num_words
        -orig-id: keys
        type: u4
      - id: last_seq
        -orig-id: last_seq
        type: u8
        doc: The oldest entry with keys that are not in the tree yet.
      - id: uuid_bucket
        -orig-id: uuid_bucket
        size: 64
      - id: root
        -orig-id: btree_root
        size: 64
      - id: root_level
        -orig-id: btree_level
        type: u2
      - id: padding
        -orig-id: pad
        size: 6
      - id: prio_buckets
        -orig-id: prio_bucket
        size: 64
  key_set:
    -export: structure
    doc: The head of a set of keys in a node.
    seq:
      - id: checksum
        -orig-id: csum
        type: u8
      - id: magic
        -orig-id: magic
        type: u8
      - id: seq_number
        -orig-id: seq
        type: u8
      - id: version
        -orig-id: version
        type: u4
      - id: num_words
        -orig-id: keys
        type: u4
  prio_set:
    -export: structure
    doc: The head of a bucket with the generations of buckets, three bytes for each.
    seq:
      - id: checksum
        -orig-id: csum
        type: u8
      - id: magic
        -orig-id: magic
        type: u8
      - id: seq_number
        -orig-id: seq
        type: u8
      - id: version
        -orig-id: version
        type: u4
      - id: padding
        -orig-id: pad
        type: u4
      - id: next_bucket
        -orig-id: next_bucket
        type: u8
  uuid_entry:
    -export: structure
    doc: A device that is cached, or a volume that lies in the cache alone.
    seq:
      - id: uuid
        -orig-id: uuid
        size: 16
      - id: label
        -orig-id: label
        size: 32
      - id: times
        -orig-id: first_reg, last_reg, invalidated
        size: 12
      - id: flags
        -orig-id: flags
        type: u4
        doc: Bit 0, it lies in the cache alone.
      - id: num_sectors
        -orig-id: sectors
        type: u8
  word:
    -export: records
    doc: A half of a key, or a place that it points to.
    seq:
      - id: value
        type: u8
