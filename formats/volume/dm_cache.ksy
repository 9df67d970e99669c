meta:
  id: dm_cache
  title: Cache of the device mapper, its metadata
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: volume
    understood: layout
doc: |
  The superblock in the first block of 4096 bytes of a cache's metadata. Which block
  of the origin each block of the cache holds is an array, whose blocks a tree finds.
doc-ref:
  - 'Linux drivers/md/dm-cache-metadata.c: struct cache_disk_superblock, pack_value'
  - 'Linux drivers/md/persistent-data/dm-array.c: struct array_block'
seq:
  - id: checksum
    -orig-id: csum
    type: u4
  - id: flags
    -orig-id: flags
    type: u4
  - id: block
    -orig-id: blocknr
    type: u8
  - id: uuid
    -orig-id: uuid
    size: 16
  - id: magic
    -orig-id: magic
    contents: [0x03, 0xc4, 0x18, 0, 0, 0, 0, 0]
  - id: version
    -orig-id: version
    type: u4
  - id: policy
    -orig-id: policy_name
    size: 16
  - id: policy_hint_size
    -orig-id: policy_hint_size
    type: u4
  - id: metadata_space
    -orig-id: metadata_space_map_root
    size: 128
  - id: mapping_root
    -orig-id: mapping_root
    type: u8
  - id: hint_root
    -orig-id: hint_root
    type: u8
  - id: discards
    -orig-id: discard_root, discard_block_size, discard_nr_blocks
    size: 24
  - id: num_data_block_sectors
    -orig-id: data_block_size
    type: u4
  - id: num_metadata_block_sectors
    -orig-id: metadata_block_size
    type: u4
  - id: num_cache_blocks
    -orig-id: cache_blocks
    type: u4
  - id: compatible
    -orig-id: compat_flags
    type: u4
  - id: read_compatible
    -orig-id: compat_ro_flags
    type: u4
  - id: incompatible
    -orig-id: incompat_flags
    type: u4
types:
  array_block:
    -export: structure
    doc: The head of a block of an array; its values come behind it.
    seq:
      - id: checksum
        -orig-id: csum
        type: u4
      - id: max_entries
        -orig-id: max_entries
        type: u4
      - id: num_entries
        -orig-id: nr_entries
        type: u4
      - id: value_size
        -orig-id: value_size
        type: u4
      - id: block
        -orig-id: blocknr
        type: u8
  mapping:
    -export: records
    doc: Of a block of the cache the origin's, times 65536, and flags.
    seq:
      - id: packed
        type: u8
        doc: Bit 0, the block holds something; bit 1, the origin lacks it.
