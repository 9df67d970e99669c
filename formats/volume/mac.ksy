meta:
  id: mac
  title: Apple partition map
  license: CC0-1.0
  encoding: ASCII
  endian: be
  -virt-df:
    kind: partitions
    understood: layout
    probe:
      - {all: [{at: 0, magic: ER}, {at: 0x200, magic: PM}]}
      - {all: [{at: 0, magic: ER}, {at: 0x400, magic: PM}]}
      - {all: [{at: 0, magic: ER}, {at: 0x800, magic: PM}]}
doc: |
  A descriptor in block 0 of a disk says how large blocks are; from block 1 on
  each has one partition, and the first of them how many there are.
doc-ref:
  - 'Inside Macintosh: Devices, chapter 3'
  - 'Linux block/partitions/mac.h: struct mac_driver_desc, struct mac_partition'
seq:
  - id: magic
    -orig-id: signature
    contents: ER
  - id: len_block
    -orig-id: block_size
    type: u2
  - id: num_blocks
    -orig-id: block_count
    type: u4
types:
  partition:
    -export: structure
    seq:
      - id: magic
        -orig-id: signature
        contents: PM
      - id: reserved1
        -orig-id: res1
        type: u2
      - id: num_partitions
        -orig-id: map_count
        type: u4
      - id: first_block
        -orig-id: start_block
        type: u4
      - id: num_blocks
        -orig-id: block_count
        type: u4
      - id: label
        -orig-id: name
        size: 32
        type: strz
      - id: type
        size: 32
        type: strz
