meta:
  id: disklabel64
  title: Disklabel of DragonFly BSD with 64 bits
  license: CC0-1.0
  encoding: UTF-8
  endian: le
  -virt-df:
    kind: partitions
    understood: layout
    probe:
      - {at: 0x200, magic: [0x59, 0x4c, 0x46, 0xc4]}
doc: |
  The label of a disk, of a slice of an MBR or of a partition of a GPT. Its
  numbers are bytes from where the slice begins. The partitions follow.
doc-ref: 'DragonFly sys/sys/disklabel64.h: struct disklabel64'
seq:
  - id: reserved0
    -orig-id: d_reserved0
    size: 512
  - id: magic
    -orig-id: d_magic
    contents: [0x59, 0x4c, 0x46, 0xc4]
  - id: crc
    -orig-id: d_crc
    type: u4
    doc: CRC-32 from the magic to the last partition, with this field as zero.
  - id: align
    -orig-id: d_align
    type: u4
  - id: num_partitions
    -orig-id: d_npartitions
    type: u4
    valid:
      min: 1
      max: 16
  - id: uuid
    -orig-id: d_stor_uuid
    size: 16
  - id: total_size
    -orig-id: d_total_size
    type: u8
  - id: bounds
    -orig-id: d_bbase, d_pbase, d_pstop, d_abase
    size: 32
  - id: label
    -orig-id: d_packname
    size: 64
    type: strz
  - id: reserved
    -orig-id: d_reserved
    size: 64
types:
  partition:
    -export: records
    seq:
      - id: offset
        -orig-id: p_boffset
        type: u8
      - id: num_bytes
        -orig-id: p_bsize
        type: u8
      - id: type
        -orig-id: p_fstype
        type: u1
      - id: unused
        -orig-id: p_unused01 to p_unused07
        size: 15
      - id: type_uuid
        -orig-id: p_type_uuid
        size: 16
      - id: uuid
        -orig-id: p_stor_uuid
        size: 16
