meta:
  id: jfs
  title: JFS, the journaled filesystem of IBM
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: filesystem
    understood: detected
    probe:
      - {at: 0x8000, magic: JFS1}
    offset: 0x8000
    size: 200
    name: jfs
    label: label
    uuid: uuid
    version: version.to_s
doc: |
  The primary superblock of an aggregate. How many blocks are free stands in the
  block allocation map.
doc-ref:
  - 'Linux fs/jfs/jfs_superblock.h: struct jfs_superblock'
  - 'util-linux libblkid/src/superblocks/jfs.c'
seq:
  - id: magic
    -orig-id: s_magic
    contents: JFS1
  - id: version
    -orig-id: s_version
    type: u4
    valid:
      min: 1
      max: 2
  - id: num_hardware_blocks
    -orig-id: s_size
    type: u8
  - id: len_block
    -orig-id: s_bsize
    type: u4
  - id: log2_len_block
    -orig-id: s_l2bsize
    type: u2
  - id: log2_blocks
    -orig-id: s_l2bfactor
    type: u2
  - id: len_hardware_block
    -orig-id: s_pbsize
    type: u4
  - id: log2_hardware_block
    -orig-id: s_l2pbsize
    type: u2
  - id: pad
    -orig-id: pad
    type: u2
  - id: maps_and_log
    size: 104
  - id: uuid
    -orig-id: s_uuid
    size: 16
  - id: label
    -orig-id: s_label
    size: 16
    type: strz
  - id: log_uuid
    -orig-id: s_loguuid
    size: 16
