meta:
  id: atari
  title: Atari AHDI partition table
  license: CC0-1.0
  encoding: ASCII
  endian: be
  -virt-df:
    kind: partitions
    understood: layout
    probe:
      - {at: 0x1c7, magic: GEM}
      - {at: 0x1c7, magic: BGM}
      - {at: 0x1c7, magic: LNX}
      - {at: 0x1c7, magic: RAW}
      - {at: 0x1c7, magic: SWP}
      - {at: 0x1c7, magic: XGM}
      - {at: 0x1c7, magic: MIX}
      - {at: 0x1c7, magic: UNX}
      - {at: 0x1c7, magic: F32}
      - {at: 0x1c7, magic: NBD}
      - {at: 0x1c7, magic: NBR}
      - {at: 0x1c7, magic: MAC}
      - {at: 0x1d3, magic: GEM}
      - {at: 0x1d3, magic: BGM}
      - {at: 0x1d3, magic: LNX}
      - {at: 0x1df, magic: GEM}
      - {at: 0x1df, magic: BGM}
      - {at: 0x1df, magic: LNX}
      - {at: 0x1eb, magic: GEM}
      - {at: 0x1eb, magic: BGM}
      - {at: 0x1eb, magic: LNX}
doc: |
  The first sector of a disk with four partitions, and of ICD's drivers with
  eight more. One of the type XGM is the frame of a chain of further sectors of
  the same layout: each has a partition, with a start relative to the sector, and
  the next sector of the chain, with a start relative to the frame. Nothing marks
  such a sector but the types of its partitions.
doc-ref: 'Linux block/partitions/atari.c, atari.h: struct rootsector'
seq:
  - id: boot_code
    size: 342
  - id: icd_partitions
    -orig-id: icdpart
    type: partition
    repeat: expr
    repeat-expr: 8
  - id: unused
    size: 12
  - id: num_sectors
    -orig-id: hd_siz
    type: u4
  - id: partitions
    -orig-id: part
    type: partition
    repeat: expr
    repeat-expr: 4
types:
  partition:
    seq:
      - id: flags
        -orig-id: flg
        type: u1
        doc: Bit 0 is set in an entry that is in use.
      - id: type
        -orig-id: id
        size: 3
      - id: first_sector
        -orig-id: st
        type: u4
      - id: num_sectors
        -orig-id: siz
        type: u4
