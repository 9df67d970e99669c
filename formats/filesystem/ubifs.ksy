meta:
  id: ubifs
  title: UBIFS, the filesystem of unsorted flash blocks
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: filesystem
    understood: detected
    probe:
      - {at: 0, magic: [0x31, 0x18, 0x10, 0x06]}
    size: 128
    name: ubifs
    uuid: uuid
    version: >-
      'w' + format.to_s + 'r' + read_only_format.to_s
doc: |
  The superblock node of a volume; it lies on UBI, so that a disk rarely has
  one.
doc-ref:
  - 'Linux fs/ubifs/ubifs-media.h: struct ubifs_sb_node'
  - 'util-linux libblkid/src/superblocks/ubifs.c'
seq:
  - id: magic
    -orig-id: magic
    type: u4
  - id: checksum
    -orig-id: crc
    type: u4
  - id: sequence_number
    -orig-id: sqnum
    type: u8
  - id: len_node
    -orig-id: len
    type: u4
  - id: type
    -orig-id: node_type
    type: u1
    valid: 6
  - id: group_type
    -orig-id: group_type
    type: u1
  - id: pad
    -orig-id: padding
    size: 2
  - id: key
    size: 4
  - id: flags
    -orig-id: flags
    type: u4
  - id: len_minimum_io
    -orig-id: min_io_size
    type: u4
  - id: len_erase_block
    -orig-id: leb_size
    type: u4
  - id: num_erase_blocks
    -orig-id: leb_cnt
    type: u4
  - id: max_erase_blocks
    -orig-id: max_leb_cnt
    type: u4
  - id: layout
    size: 32
  - id: format
    -orig-id: fmt_version
    type: u4
  - id: compression
    size: 4
  - id: reserved_pool
    size: 16
  - id: time_granularity
    -orig-id: time_gran
    type: u4
  - id: uuid
    -orig-id: uuid
    size: 16
  - id: read_only_format
    -orig-id: ro_compat_version
    type: u4
