meta:
  id: pc98
  title: Partition table of NEC PC-98
  license: CC0-1.0
  encoding: ASCII
  endian: le
  -virt-df:
    kind: partitions
    understood: layout
    probe:
      - {all: [{at: 4, magic: IPL1}, {at: 0x1fe, magic: [0x55, 0xaa]}]}
      - {all: [{at: 4, magic: Linux 98}, {at: 0x1fe, magic: [0x55, 0xaa]}]}
      - {all: [{at: 4, magic: 'GRUB/98 '}, {at: 0x1fe, magic: [0x55, 0xaa]}]}
doc: |
  Sector 1 of a disk with 16 partitions, whose bounds are cylinders, heads and
  sectors; how many of those there are is not written down.
doc-ref: 'GNU parted libparted/labels/pc98.c'
seq:
  - id: partitions
    type: partition
    repeat: expr
    repeat-expr: 16
types:
  partition:
    seq:
      - id: boot_type
        -orig-id: mid
        type: u1
      - id: type
        -orig-id: sid
        type: u1
        doc: Bit 7 is set in an active one.
      - id: reserved
        -orig-id: dum1, dum2
        size: 2
      - id: loader
        -orig-id: ipl_sect, ipl_head, ipl_cyl
        size: 4
      - id: first
        type: place
      - id: last
        type: place
      - id: label
        -orig-id: name
        size: 16
        type: strz
  place:
    seq:
      - id: sector
        type: u1
      - id: head
        type: u1
      - id: cylinder
        type: u2
