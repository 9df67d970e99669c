meta:
  id: solaris
  title: Solaris VTOC of x86
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: partitions
    understood: layout
    probe:
      - {at: 0x20c, magic: [0xee, 0xde, 0x0d, 0x60]}
doc: |
  The table in sector 1 of a Solaris partition of an MBR, whose slices count
  sectors from where that partition begins. Its type is that of Linux swap too.
doc-ref: 'Linux include/linux/msdos_partition.h: struct solaris_x86_vtoc'
seq:
  - id: bootinfo
    -orig-id: v_bootinfo
    size: 12
  - id: magic
    -orig-id: v_sanity
    contents: [0xee, 0xde, 0x0d, 0x60]
  - id: version
    -orig-id: v_version
    type: u4
    valid: 1
  - id: label
    -orig-id: v_volume
    size: 8
    type: strz
  - id: len_sector
    -orig-id: v_sectorsz
    type: u2
  - id: num_slices
    -orig-id: v_nparts
    type: u2
    doc: More than 8 means 16, all else 8.
  - id: reserved
    -orig-id: v_reserved
    size: 40
  - id: slices
    -orig-id: v_slice
    type: slice
    repeat: expr
    repeat-expr: 16
types:
  slice:
    seq:
      - id: tag
        -orig-id: s_tag
        type: u2
      - id: flags
        -orig-id: s_flag
        type: u2
      - id: first_sector
        -orig-id: s_start
        type: u4
      - id: num_sectors
        -orig-id: s_size
        type: u4
        doc: 0 in an unused entry.
