meta:
  id: unixware
  title: UnixWare disklabel
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: partitions
    understood: layout
    probe:
      - all:
          - {at: 0x3a04, magic: [0x0d, 0x60, 0x5e, 0xca]}
          - {at: 0x3a9c, magic: [0xee, 0xde, 0x0d, 0x60]}
doc: |
  The label in sector 29 of a UnixWare partition of an MBR. Its slices count
  sectors from where the disk begins; the first of them is all of the disk.
doc-ref: 'Linux include/linux/msdos_partition.h: struct unixware_disklabel'
seq:
  - id: drive_type
    -orig-id: d_type
    type: u4
  - id: magic
    -orig-id: d_magic
    contents: [0x0d, 0x60, 0x5e, 0xca]
  - id: geometry
    size: 148
  - id: vtoc_magic
    -orig-id: v_magic
    contents: [0xee, 0xde, 0x0d, 0x60]
  - id: version
    -orig-id: v_version
    type: u4
  - id: label
    -orig-id: v_name
    size: 8
    type: strz
  - id: num_slices
    -orig-id: v_nslices
    type: u2
  - id: reserved
    -orig-id: v_unknown1, v_reserved
    size: 42
  - id: slices
    -orig-id: v_slice
    type: slice
    repeat: expr
    repeat-expr: 16
types:
  slice:
    seq:
      - id: type
        -orig-id: s_label
        type: u2
        doc: 0 in an unused entry.
      - id: flags
        -orig-id: s_flags
        type: u2
      - id: first_sector
        -orig-id: start_sect
        type: u4
      - id: num_sectors
        -orig-id: nr_sects
        type: u4
