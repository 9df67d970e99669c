meta:
  id: dm_thin
  title: Thin pool of the device mapper, its metadata
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: volume
    understood: layout
doc: |
  The superblock in the first block of 4096 bytes of the volume that holds a pool's
  metadata, and the nodes of its trees, each a block of that size. The tree of
  mappings has two levels: of a thin device by its number the root of its own tree,
  and of a block of that device the block of the pool's data that holds it.
doc-ref:
  - 'Linux drivers/md/dm-thin-metadata.c: struct thin_disk_superblock, struct disk_device_details'
  - 'Linux drivers/md/persistent-data/dm-btree-internal.h: struct node_header, struct btree_node'
  - 'Linux drivers/md/persistent-data/dm-space-map-common.h: struct disk_sm_root'
seq:
  - id: checksum
    -orig-id: csum
    type: u4
    doc: CRC-32C of the rest of the block, combined with a number by exclusive or.
  - id: flags
    -orig-id: flags
    type: u4
    doc: Bit 0, the pool needs a check before it may be written to.
  - id: block
    -orig-id: blocknr
    type: u8
  - id: uuid
    -orig-id: uuid
    size: 16
  - id: magic
    -orig-id: magic
    contents: [0xba, 0x52, 0x9c, 0x01, 0, 0, 0, 0]
  - id: version
    -orig-id: version
    type: u4
  - id: time
    -orig-id: time
    type: u4
  - id: transaction
    -orig-id: trans_id
    type: u8
  - id: held_root
    -orig-id: held_root
    type: u8
  - id: data_space
    -orig-id: data_space_map_root
    type: space
  - id: metadata_space
    -orig-id: metadata_space_map_root
    type: space
  - id: mapping_root
    -orig-id: data_mapping_root
    type: u8
  - id: details_root
    -orig-id: device_details_root
    type: u8
  - id: num_data_block_sectors
    -orig-id: data_block_size
    type: u4
  - id: num_metadata_block_sectors
    -orig-id: metadata_block_size
    type: u4
  - id: num_metadata_blocks
    -orig-id: metadata_nr_blocks
    type: u8
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
  space:
    doc: How many blocks there are, and how many of them something has.
    seq:
      - id: num_blocks
        -orig-id: nr_blocks
        type: u8
      - id: num_allocated
        -orig-id: nr_allocated
        type: u8
      - id: roots
        -orig-id: bitmap_root, ref_count_root
        size: 112
  node:
    -export: structure
    doc: The head of a node; the keys come behind it, and the values behind the room for all keys.
    seq:
      - id: checksum
        -orig-id: csum
        type: u4
      - id: flags
        -orig-id: flags
        type: u4
        doc: 1, its values are nodes; 2, it is a leaf.
      - id: block
        -orig-id: blocknr
        type: u8
      - id: num_entries
        -orig-id: nr_entries
        type: u4
      - id: max_entries
        -orig-id: max_entries
        type: u4
      - id: value_size
        -orig-id: value_size
        type: u4
      - id: padding
        -orig-id: padding
        type: u4
  details:
    -export: structure
    doc: What the pool knows of a device, in the tree of details by its number.
    seq:
      - id: num_mapped
        -orig-id: mapped_blocks
        type: u8
      - id: transaction
        -orig-id: transaction_id
        type: u8
      - id: creation_time
        -orig-id: creation_time
        type: u4
      - id: snapshotted_time
        -orig-id: snapshotted_time
        type: u4
  word:
    -export: records
    doc: A key, or a value that is a block.
    seq:
      - id: value
        type: u8
