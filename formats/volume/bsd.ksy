meta:
  id: bsd
  title: Disklabel of the BSDs
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: partitions
    understood: layout
    byte-orders: [le, be]
    probe:
      - {order: le, at: 0x200, magic: [0x57, 0x45, 0x56, 0x82]}
      - {order: be, at: 0x200, magic: [0x82, 0x56, 0x45, 0x57]}
      - {order: le, at: 0x40, magic: [0x57, 0x45, 0x56, 0x82]}
      - {order: be, at: 0x40, magic: [0x82, 0x56, 0x45, 0x57]}
      - {order: le, at: 0x80, magic: [0x57, 0x45, 0x56, 0x82]}
      - {order: be, at: 0x80, magic: [0x82, 0x56, 0x45, 0x57]}
doc: |
  The label that FreeBSD, OpenBSD, NetBSD and others write into sector 1 of a
  disk, of a slice of an MBR or of a partition of a GPT; some machines have it
  in sector 0, in their own byte order. Sectors are counted from the disk's
  first one, or from the slice's. The partitions, 16 bytes each, follow.
doc-ref:
  - 'FreeBSD sys/sys/disk/bsd.h, OpenBSD sys/sys/disklabel.h, NetBSD sys/sys/disklabel.h'
  - 'Linux include/linux/msdos_partition.h: struct bsd_disklabel'
seq:
  - id: magic
    -orig-id: d_magic
    type: u4
  - id: drive
    -orig-id: d_type, d_subtype, d_typename
    size: 20
  - id: label
    -orig-id: d_packname
    size: 16
    type: strz
  - id: len_sector
    -orig-id: d_secsize
    type: u4
  - id: geometry
    size: 20
  - id: uid
    -orig-id: d_uid
    size: 8
    doc: OpenBSD's name of the disk; others have spare sectors here.
  - id: hardware
    size: 42
  - id: version
    -orig-id: d_version
    type: u2
    doc: OpenBSD's; 1 where partitions have starts and sizes of 48 bits.
  - id: spare
    size: 16
  - id: magic2
    -orig-id: d_magic2
    type: u4
  - id: checksum
    -orig-id: d_checksum
    type: u2
    doc: All words of the label and of its partitions are zero in exclusive or.
  - id: num_partitions
    -orig-id: d_npartitions
    type: u2
    valid:
      min: 1
      max: 52
  - id: boot_and_superblock
    size: 8
types:
  partition:
    -export: structure
    seq:
      - id: num_sectors
        -orig-id: p_size
        type: u4
      - id: first_sector
        -orig-id: p_offset
        type: u4
      - id: first_sector_high
        -orig-id: p_offseth
        type: u2
        doc: Of a version 1 only; the size of a fragment in others.
      - id: num_sectors_high
        -orig-id: p_sizeh
        type: u2
      - id: type
        -orig-id: p_fstype
        type: u1
        doc: 0 in an unused entry.
