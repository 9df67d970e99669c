meta:
  id: sgi
  title: SGI volume header
  license: CC0-1.0
  encoding: UTF-8
  endian: be
  -virt-df:
    kind: partitions
    understood: layout
    probe:
      - {at: 0, magic: [0x0b, 0xe5, 0xa9, 0x41]}
doc: The first sector of a disk of IRIX, with 16 partitions.
doc-ref: 'Linux block/partitions/sgi.c: struct sgi_disklabel'
seq:
  - id: magic
    -orig-id: magic_mushroom
    contents: [0x0b, 0xe5, 0xa9, 0x41]
  - id: boot
    -orig-id: root_part_num to _unused0
    size: 68
  - id: files
    -orig-id: volume
    size: 240
  - id: partitions
    type: partition
    repeat: expr
    repeat-expr: 16
  - id: checksum
    -orig-id: csum
    type: u4
    doc: All words of the sector add up to zero.
types:
  partition:
    seq:
      - id: num_sectors
        -orig-id: num_blocks
        type: u4
        doc: 0 in an unused entry.
      - id: first_sector
        -orig-id: first_block
        type: u4
      - id: type
        type: u4
